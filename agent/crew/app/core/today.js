// The day at a glance, put together from what the van says and what only this phone has yet. Pure.

const words = { met: "met", "no-answer": "no_answer", refused: "refused", moved: "moved" };

// today is {day, visits, buildings, stats, from}. van may be null; visits are Visits.list of the day.
export function today(day, van, visits) {
  const known = new Set((van?.visits || []).map((v) => v.id));
  const own = visits.filter((v) => !known.has(v.id) && !v.withdrawn && v.visit);
  const all = [...visits, ...(van?.visits || []).filter((v) => !visits.some((o) => o.id === v.id))];
  const buildings = structuredClone(van?.buildings || []);
  const stats = { doors: 0, met: 0, no_answer: 0, refused: 0, moved: 0, again: 0, ...van?.stats, services: { ...van?.stats?.services }, needs: { ...van?.stats?.needs } };
  for (const { visit } of own) {
    count(stats, visit);
    if (visit.where?.room) enter(buildings, visit);
  }
  return { day, visits: all, buildings, stats, from: van ? "van" : "phone" };
}

function count(stats, visit) {
  stats.doors++;
  if (words[visit.outcome]) stats[words[visit.outcome]]++;
  if (visit.return) stats.again++;
  for (const s of visit.services || []) stats.services[s] = (stats.services[s] || 0) + 1;
  for (const n of visit.needs || []) stats.needs[n.category] = (stats.needs[n.category] || 0) + 1;
}

// enter writes a visit into its building's grid. Floors are as the van has them; a room of a floor that it does not show
// gets one by the digits before the last two, as rooms are numbered.
function enter(buildings, visit) {
  const { compound = "", building = "", unit = "", room } = visit.where;
  const same = (p) => p && (p.compound || "") === compound && (p.building || "") === building && (!p.unit || p.unit === unit);
  let b = buildings.find((b) => same(b.place));
  if (!b) {
    b = { name: compound + (building && building + "幢"), place: { compound, building }, floors: [] };
    buildings.push(b);
  }
  const state = visit.return ? "again" : visit.outcome;
  for (const f of b.floors) {
    const there = f.rooms.find((r) => r.room === room && (!r.unit || r.unit === unit));
    if (there) { there.state = state; return; }
  }
  const digits = /^(\d{1,2})\d\d$/.exec(room);
  const floor = digits ? Number(digits[1]) : 0;
  let f = b.floors.find((f) => Number(f.floor) === floor);
  if (!f) {
    f = { floor, rooms: [] };
    b.floors.push(f);
    b.floors.sort((x, y) => y.floor - x.floor);
  }
  f.rooms.push({ room, state, household: visit.household });
}
