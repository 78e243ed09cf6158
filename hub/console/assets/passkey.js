// Passkeys (WebAuthn): a part of the page that names where its options come
// from and where the answer goes is shown where the browser can do it.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// decode makes of the options in JSON what the browser takes.
function decode(options) {
  const list = (all) => (all || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = list(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = list(options.allowCredentials);
  return made;
}

// encode makes JSON of what the browser answers.
function encode(key) {
  const said = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[part]) said[part] = text(key.response[part]);
  }
  if (key.response.getTransports) said.transports = key.response.getTransports();
  return JSON.stringify({
    id: key.id, rawId: text(key.rawId), type: key.type, response: said,
    authenticatorAttachment: key.authenticatorAttachment || undefined, clientExtensionResults: key.getClientExtensionResults(),
  });
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error, { cause: "hub" });
  return said;
}

function finish(part) {
  const to = new URL(part.dataset.keyFinish, location.href);
  if (part.dataset.keyNext) to.searchParams.set("next", part.dataset.keyNext);
  const name = document.getElementById("keyname");
  if (name) to.searchParams.set("name", name.value);
  return to;
}

async function use(part) {
  const trouble = part.querySelector("[data-key-trouble]");
  const button = part.querySelector("button");
  trouble.hidden = true;
  button.disabled = true;
  try {
    const publicKey = decode(await post(part.dataset.keyOptions));
    const key = "keyMake" in part.dataset ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
    const { to } = await post(finish(part), encode(key));
    location.assign(to);
  } catch (e) {
    // What the hub says, it says in the reader's language; else somebody pressed "cancel", or there was no key.
    trouble.textContent = e.cause === "hub" ? e.message : trouble.dataset.keyTrouble;
    trouble.hidden = false;
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-key-options]")) {
    part.hidden = false;
    part.querySelector("button").addEventListener("click", () => use(part));
  }
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
