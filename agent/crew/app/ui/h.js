// Builds the screens' elements. What people typed becomes text nodes, never markup, so a name that looks like a
// script is shown as it was written.

// h makes an element: props that begin with "on" are listeners, true sets a bare attribute, null and false set none.
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (name === "value") e.value = value;
    else if (name === "checked") e.checked = value;
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  add(e, children);
  return e;
}

function add(e, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    e.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// fill gives an element new children.
export function fill(e, ...children) {
  e.replaceChildren();
  add(e, children);
  return e;
}

// Drawings of 24 by 24, stroked. They stand beside words and are hidden from a screen reader.
const drawings = {
  phone: "M7 2h10v20H7zM10.5 18.5h3",
  van: "M2 17V7h12v10M14 10h4l4 4v3h-3M2 17h3m4 0h6M7 19.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M17 19.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4",
  hub: "M4 21V4h10v17M14 9h6v12M2 21h20M8 8h2M8 12h2M8 16h2M17 13v.1M17 17v.1",
  check: "M4 13l5 5L20 6",
  back: "M9 6L3 12l6 6M3 12h12a6 6 0 0 1 6 6v1",
  cross: "M5 5l14 14M19 5L5 19",
  again: "M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5",
  away: "M5 12h14M13 6l6 6-6 6",
  door: "M5 21V3h14v18M3 21h18M15 12v1.5",
  stop: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20M5 5l14 14",
  find: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M15.5 15.5L21 21",
  plus: "M12 4v16M4 12h16",
  pen: "M4 20l1-5L16 4l4 4L9 19z",
  camera: "M3 7h5l2-3h4l2 3h5v13H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  mic: "M12 2a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V5a3 3 0 0 1 3-3M5 11a7 7 0 0 0 14 0M12 18v4",
  sign: "M3 17c3-8 6-12 7-9s-4 9-1 9 4-5 6-5-1 5 1 5 3-2 5-2M3 21h18",
  here: "M12 22c5-6 7-9 7-13a7 7 0 0 0-14 0c0 4 2 7 7 13M12 11.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5",
  list: "M8 6h13M8 12h13M8 18h13M3 6h.1M3 12h.1M3 18h.1",
  more: "M5 12h.1M12 12h.1M19 12h.1",
  home: "M3 11l9-8 9 8M5 9.500V21h14V9.500M10 21v-6h4v6",
  warn: "M12 3l10 18H2zM12 10v5M12 18v.1",
  lock: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
  person: "M12 12a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9M4 21c0-4 3-6 8-6s8 2 8 6",
  trash: "M4 6h16M9 6V3h6v3M6 6l1 15h10l1-15",
  save: "M12 3v12M7 10l5 5 5-5M4 20h16",
};

const svg = "http://www.w3.org/2000/svg";

export function icon(name) {
  const e = document.createElementNS(svg, "svg"), path = document.createElementNS(svg, "path");
  e.setAttribute("viewBox", "0 0 24 24");
  e.setAttribute("class", "icon");
  e.setAttribute("aria-hidden", "true");
  path.setAttribute("d", drawings[name]);
  e.append(path);
  return e;
}

// button is what a finger presses; kind adds classes.
export function button(kind, act, ...children) {
  return h("button", { type: "button", class: "btn " + kind, onclick: act }, ...children);
}

// announce says to a screen reader what changed.
export function announce(words) {
  const said = document.getElementById("said");
  said.textContent = said.textContent === words ? words + " " : words;
}

// focus moves the reader to an element, and the element into sight.
export function focus(e, block = "nearest") {
  if (!e) return;
  if (!e.matches("a, button, input, textarea, select, [tabindex]")) e.setAttribute("tabindex", "-1");
  e.focus({ preventScroll: true });
  e.scrollIntoView({ block });
}
