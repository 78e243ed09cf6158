// The map of visits: clusters for the part on screen, the operator's outline beneath, and beside it a list of what is shown.
// The part on screen stands in the address, so that the view can be kept, sent on and gone back to.
const L = window.L, box = document.getElementById("map"), d = box?.dataset, failed = document.getElementById("mapfailed");
const STATES = ["new", "returned", "approved", "rejected"], FEW = 12, AGAIN = 3000;
let map, layer, asking = null, drawn = new Map(), first = true, retry = 0;

function begin() {
  box.replaceChildren();
  map = L.map(box, { minZoom: 3, maxZoom: 19, zoomControl: false, maxBounds: [[-85, -180], [85, 180]], worldCopyJump: false });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: d.in, zoomOutTitle: d.out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (d.tiles) L.tileLayer(d.tiles, { maxZoom: 19, attribution: plain(d.from) }).addTo(map);
  if (d.outline) outline();
  layer = L.layerGroup().addTo(map);
  map.on("moveend", look);
  const [south, west, north, east] = d.box.split(",").map(Number);
  map.fitBounds([[south, west], [north, east]], { animate: false });
  document.querySelector('[data-fresh="here"]').addEventListener("fresh", () => draw());
}

// plain makes text fit for where Leaflet takes HTML.
function plain(text) {
  const e = document.createElement("span");
  e.textContent = text;
  return e.innerHTML;
}

async function outline() {
  try {
    const answer = await fetch(d.outline);
    if (!answer.ok) return;
    L.geoJSON(await answer.json(), {
      style: { className: "outline" },
      onEachFeature: (f, l) => { if (f.properties.name) l.bindTooltip(plain(f.properties.name), { sticky: true }); },
    }).addTo(map).bringToBack();
  } catch { /* the map does without */ }
}

// shown is the part on screen as addresses say it: south, west, north, east.
function shown() {
  const b = map.getBounds(), n = (x, most) => Math.max(-most, Math.min(most, x)).toFixed(6);
  return [n(b.getSouth(), 85), n(b.getWest(), 180), n(b.getNorth(), 85), n(b.getEast(), 180)].join(",");
}

function look() {
  if (!first) {
    history.replaceState(history.state, "", `${d.at}&box=${shown()}`);
    for (const e of document.querySelectorAll('input[name="box"]')) e.value = shown();
    list();
  }
  first = false;
  draw();
}

// draw asks for the clusters on screen and shows them. What was asked for before and has not come is not wanted any more.
async function draw() {
  asking?.abort();
  clearTimeout(retry);
  const mine = asking = new AbortController();
  try {
    const answer = await fetch(`${d.clusters}&box=${shown()}&zoom=${map.getZoom()}`, { signal: mine.signal });
    if (answer.redirected || answer.status === 401) { location.reload(); return; }
    if (!answer.ok) throw new Error(answer.status);
    show((await answer.json()).clusters);
    failed.hidden = true;
  } catch {
    if (mine.signal.aborted) return;
    failed.hidden = false;
    retry = setTimeout(draw, AGAIN);
  }
}

function show(clusters) {
  const next = new Map();
  for (const c of clusters) {
    const key = JSON.stringify(c);
    next.set(key, drawn.get(key) ?? marker(c));
  }
  for (const [key, m] of drawn) if (!next.has(key)) layer.removeLayer(m);
  for (const [key, m] of next) if (!drawn.has(key)) layer.addLayer(m);
  drawn = next;
  box.dataset.drawn = clusters.length;
}

// words say of a cluster how many visits it has in which state.
function words(c) {
  return `${d.words.replace("%d", c.n)} · ${STATES.filter((s) => c.states[s]).map((s) => `${d[s]} ${c.states[s]}`).join(" · ")}`;
}

// marker is a sign for one visit, and for several a number in a ring that shows their states.
function marker(c) {
  const e = document.createElement("div"), state = STATES.find((s) => c.states[s] * 2 > c.n) ?? "";
  if (c.n === 1) {
    e.className = `dot s-${state}`;
    e.textContent = d[state].split(" ")[0];
  } else {
    e.className = "cluster";
    const n = document.createElement("span");
    n.textContent = c.n > 9999 ? `${Math.round(c.n / 1000)}k` : c.n;
    e.append(n);
    e.style.background = ring(c);
  }
  const size = c.n === 1 ? 26 : Math.round(34 + 5 * Math.log10(c.n) ** 1.6);
  const m = L.marker([c.lat, c.lon], { icon: L.divIcon({ html: e, className: "spot", iconSize: [size, size] }), title: words(c), keyboard: true, riseOnHover: true });
  m.on("add", () => m.getElement().setAttribute("aria-label", words(c)));
  m.on("click keypress", (k) => { if (k.type === "click" || k.originalEvent.key === "Enter") open(c); });
  return m;
}

function ring(c) {
  const colours = getComputedStyle(box);
  let from = 0;
  const parts = STATES.filter((s) => c.states[s]).map((s) => {
    const to = from + c.states[s] / c.n * 360, part = `${colours.getPropertyValue(`--s-${s}`)} ${from}deg ${to}deg`;
    from = to;
    return part;
  });
  return `conic-gradient(${parts.join(",")})`;
}

// open leads to the one visit, closer to several, and to a list of those that are few or cannot be told apart.
function open(c) {
  if (c.visit) { location.assign(`/visits/${c.visit}`); return; }
  if (map.getZoom() < 18 && c.n > FEW) { map.setView([c.lat, c.lon], Math.min(map.getZoom() + 2, 19)); return; }
  const half = 40 * 360 / 256 / 2 ** map.getZoom();
  const around = [c.lat - half, c.lon - half, c.lat + half, c.lon + half].map((x) => x.toFixed(6)).join(",");
  location.assign(`/${d.at.slice(d.at.indexOf("?"))}&box=${around}`);
}

// list brings the list beside the map to what is on screen.
let listing = null;
async function list() {
  listing?.abort();
  const mine = listing = new AbortController();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "Ark-Fresh": "1" }, signal: mine.signal });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('[data-fresh="here"]');
    if (next) document.querySelector('[data-fresh="here"]').replaceChildren(...next.childNodes);
  } catch { /* console.js tries again and says what is wrong */ }
}

if (box && L) begin();
