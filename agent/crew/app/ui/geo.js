// Where the phone is, when the person wants it known.
import { announce, button, fill, h, icon } from "./h.js";
import { t } from "./say.js";
import { fold } from "./needs.js";

const unit = 1e7; // ark.Geo counts degrees in units of 1e-7

// locate finds the phone as {lat, lon, acc}, lat and lon in units of 1e-7 degrees, acc in metres. With ask false it
// never lets the browser ask a person: it answers only where that was allowed before.
export async function locate({ ask }) {
  if (!navigator.geolocation) throw new Error("no location");
  if (!ask) {
    const may = await navigator.permissions?.query({ name: "geolocation" });
    if (may?.state !== "granted") throw new Error("not allowed yet");
  }
  const p = await new Promise((done, fail) => navigator.geolocation.getCurrentPosition(done, fail, { enableHighAccuracy: true, maximumAge: 30_000, timeout: 20_000 }));
  return { lat: Math.round(p.coords.latitude * unit), lon: Math.round(p.coords.longitude * unit), acc: Math.max(1, Math.round(p.coords.accuracy)) };
}

export function geoPart(it) {
  const { visit } = it;
  const at = h("div", { role: "status" });
  const part = fold("geo", "here", t("visit.geo"), [at, button("second wide", async () => {
    fill(at, h("p", {}, t("geo.looking")));
    try {
      visit.geo = await locate({ ask: true });
      it.changed("geo");
      announce(t("geo.there", visit.geo.acc));
    } catch {
      fill(at, h("p", { class: "notice warn" }, icon("warn"), t("geo.none")));
      return;
    }
    draw();
  }, icon("here"), t("geo.take"))], () => visit.geo ? t("geo.about", visit.geo.acc) : "");
  const draw = () => {
    fill(at, visit.geo ? [h("p", {}, icon("here"), t("geo.there", visit.geo.acc)), button("second", () => {
      delete visit.geo;
      it.changed("geo");
      draw();
    }, icon("trash"), t("geo.remove"))] : null);
    part.tell();
  };
  draw();
  return part.element;
}
