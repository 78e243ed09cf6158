// Households: find one by name, pinyin, initials or room.
import { page } from "./frame.js";
import { fill, h, icon } from "./h.js";
import { locate } from "./geo.js";
import { homeLine } from "./place.js";
import { t } from "./say.js";

let asked = ""; // what was looked for last, for whoever comes back from a household

export async function homes(ark, at) {
  const list = h("ul", { class: "homes" }), found = h("p", { class: "soft", role: "status" });
  let turn = 0, timer, near;
  const look = async () => {
    const mine = ++turn, all = await ark.search(asked, near);
    if (mine !== turn) return;
    fill(list, all.slice(0, 50).map((home) => h("li", {}, h("a", { class: "home", href: "#/home/" + home.id, "data-home": home.id },
      homeLine(home, home.metres >= 0 && near ? t("place.metres", home.metres) : null)))));
    fill(found, all.length ? t("place.found", Math.min(50, all.length)) : asked ? t("homes.none") : t(ark.state.online ? "homes.empty" : "trouble.away"));
  };
  const input = h("input", { id: "find", type: "search", autocomplete: "off", maxlength: "100", placeholder: t("place.hint"), value: asked,
    oninput: (e) => { asked = e.target.value.trim(); clearTimeout(timer); timer = setTimeout(look, 80); } });
  fill(at, page(t("homes.title"), {},
    h("label", { for: "find", class: "large" }, t("homes.find")), h("div", { class: "search" }, icon("find"), input), found, list,
    h("p", {}, h("a", { class: "btn second wide", href: "#/home/new" }, icon("plus"), t("home.new")))));
  await look();
  locate({ ask: false }).then((geo) => { near = geo; look(); }, () => {});
  let { online } = ark.state;
  return {
    changed() { // the van is there again, or gone
      if (ark.state.online === online) return;
      online = ark.state.online;
      look();
    },
    leave() { turn++; clearTimeout(timer); },
  };
}
