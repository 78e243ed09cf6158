// Which door comes next. Pure: visits and households in, households out.

const number = (room) => parseInt(String(room ?? "").replace(/\D/g, ""), 10);

// nextDoors orders the households of the last visit's stairwell by how likely they are next: not visited today, first
// in the direction in which the last two visits went, nearest first. visits are the newest first.
export function nextDoors(visits, homes) {
  const here = visits[0]?.where;
  if (!here?.room) return [];
  const same = (p) => p && (p.compound ?? "") === (here.compound ?? "") && (p.building ?? "") === (here.building ?? "") && (p.unit ?? "") === (here.unit ?? "");
  const before = visits.slice(1).find((v) => same(v.where) && v.where.room)?.where;
  const from = number(here.room), down = before && number(before.room) > from;
  const done = new Set(visits.map((v) => v.household).filter(Boolean));
  const ahead = (home) => { const by = number(home.place.room) - from; return down ? -by : by; };
  return homes
    .filter((home) => same(home.place) && !done.has(home.id) && !home.moved_out && !isNaN(number(home.place.room)))
    .sort((a, b) => rank(ahead(a)) - rank(ahead(b)));
}

// rank puts the doors ahead first, nearest first, and then those that were passed.
const rank = (by) => by >= 0 ? by : 1e6 - by;
