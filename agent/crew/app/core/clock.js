// The phone's clock, which may be wrong and may be set while the app runs.

const SESSION = Math.random().toString(36).slice(2); // this life of this page
const YEAR = 366 * 24 * 3600 * 1000;
export const DOUBT = 2 * 60 * 1000; // ms between phone and van from which times are doubtful, as on the van

// moment is now, so that elapsed can tell later how long ago it was.
export const moment = () => ({ made: Date.now(), session: SESSION, mono: Math.round(performance.now()) });

// elapsed is how many ms ago a moment was. Where the clock was set meanwhile and shows nonsense (before the moment, or more
// than a year after it), the page's own stop-watch says; where that has ended too, nobody knows and it is 0.
export function elapsed(m, now = Date.now(), mono = performance.now(), session = SESSION) {
  const ms = now - m.made;
  if (ms >= 0 && ms < YEAR) return Math.round(ms);
  return m.session === session && mono >= m.mono ? Math.round(mono - m.mono) : 0;
}
