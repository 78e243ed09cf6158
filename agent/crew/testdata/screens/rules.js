// The elder rules of MIIT (2021) and WCAG 2.2 where they are stricter, as far as a browser can measure them on the screen that is
// shown. window.rules(least) lists what is broken, in words; least is the smallest text in px.
const shown = (e) => e.checkVisibility({ opacityProperty: false, visibilityProperty: true }) && !e.closest(".hidden") && e.getClientRects().length > 0;
const named = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className && typeof e.className === "string" ? "." + e.className.trim().replaceAll(" ", ".") : "") +
  " “" + (e.innerText ?? "").trim().slice(0, 20) + "”";

const numbers = (colour) => { const n = colour.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
const light = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

// ground is the colour behind an element's text.
function ground(e) {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((under, colour) => over(colour, under), [255, 255, 255]);
}

function contrast(e) {
  const under = ground(e), ink = over(numbers(getComputedStyle(e).color), under);
  const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

function texts(least, broken) {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set();
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || seen.has(e) || !shown(e) || e.closest("noscript, script, .skip")) continue;
    seen.add(e);
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    if (size < least) broken.push(`${named(e)}: letters of ${size} px, want ${least}`);
    const height = style.lineHeight === "normal" ? 1.2 : parseFloat(style.lineHeight) / size;
    if (height < 1.299) broken.push(`${named(e)}: lines ${height.toFixed(2)} apart, want 1.3`);
    if (!e.closest(":disabled") && contrast(e) < 4.5) broken.push(`${named(e)}: contrast ${contrast(e).toFixed(1)}, want 4.5`);
  }
  for (const e of document.querySelectorAll("input:not([type=radio], [type=checkbox], [type=file]), textarea")) {
    if (shown(e) && parseFloat(getComputedStyle(e).fontSize) < least) broken.push(`${named(e)}: letters of ${getComputedStyle(e).fontSize}`);
  }
}

function targets(broken) {
  for (let e of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (e.matches("[type=radio], [type=checkbox], [type=file]")) e = e.closest("label") ?? e;
    if (!shown(e) || e.closest(".skip")) continue;
    const { width, height } = e.getBoundingClientRect();
    if (width < 59.5 || height < 59.5) broken.push(`${named(e)}: a target of ${Math.round(width)} by ${Math.round(height)} px, want 60 by 60`);
  }
}

// What a colour tells, a drawing or a sign and a word tell too.
function colours(broken) {
  for (const e of document.querySelectorAll(".pill, .outcome, .cell, .count, .notice.warn, .notice.bad, .notice.ok")) {
    if (!shown(e)) continue;
    const drawn = e.querySelector("svg path[d]") || e.querySelector(".icon");
    if (!drawn && !e.closest("[aria-hidden]")) broken.push(`${named(e)}: a colour without a drawing`);
    if (!e.textContent.trim() && !e.closest("[aria-hidden]")) broken.push(`${named(e)}: a colour without a word`);
  }
  for (const e of document.querySelectorAll(".tick input:checked + span")) {
    if (shown(e) && getComputedStyle(e.querySelector(".mark")).display === "none") broken.push(`${named(e)}: chosen by colour alone`);
  }
}

window.rules = (least) => {
  const broken = [];
  texts(least, broken);
  targets(broken);
  colours(broken);
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("main *, header *")].filter((e) => shown(e) && !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1);
    broken.push(`wider than the screen: ${document.documentElement.scrollWidth} of ${innerWidth} px: ${wide.slice(0, 3).map(named)}`);
  }
  if (document.querySelector("meta[http-equiv=refresh]")) broken.push("a page that goes away by itself");
  return [...new Set(broken)].slice(0, 12);
};
