// What can be typed into the form that finds visits is fetched when somebody opens it: it is long, and few pages need it. Without it the
// fields take what is typed all the same.
const filters = document.getElementById("filters");
let asked = false;

async function choose() {
  if (!filters.open || asked) return;
  asked = true;
  try {
    const answer = await fetch(filters.dataset.choices, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    for (const [id, values] of Object.entries(await answer.json())) {
      document.getElementById(id).replaceChildren(...(values ?? []).map((v) => Object.assign(document.createElement("option"), { value: v })));
    }
  } catch { asked = false; } // the next time that it is opened
}

filters?.addEventListener("toggle", choose);
if (filters) choose();
