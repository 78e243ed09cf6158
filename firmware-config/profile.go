package firmwareconfig

import (
	"math"

	"ark"
)

// Profile is one kind of van: which line of the GPIO chip is which button or
// lamp, what a button means, and how loud the loudspeaker is.
type Profile struct {
	Chip        string    `toml:"chip"`          // label of the GPIO chip; empty: the one that has all lines
	LongPressMS int       `toml:"long_press_ms"` // 0: 1,000; at least that where a button must be held
	QuietHours  []string  `toml:"quiet_hours"`   // such as "22:00-06:00", until the hub says otherwise; left out: that; empty: none
	Buttons     []Button  `toml:"button"`
	Lamps       []Lamp    `toml:"lamp"`
	Volume      Volume    `toml:"volume"`
	Amplifier   Amplifier `toml:"amplifier"`
}

// Button is one button and the one thing that it does.
type Button struct {
	Name         string             `toml:"name"`
	Line         string             `toml:"line"` // such as GPIO17; empty: only on the panel page
	ActiveHigh   bool               `toml:"active_high"`
	Hold         bool               `toml:"hold"`  // acts only after long_press_ms: for what must not happen by mistake, such as an emergency
	Again        string             `toml:"again"` // pressed while its own announcement plays: ignore (or empty), restart, stop
	Announcement ark.AnnouncementID `toml:"announcement"`
	Stop         bool               `toml:"stop"`
	Louder       bool               `toml:"louder"`
	Softer       bool               `toml:"softer"`
	Test         bool               `toml:"test"` // a self-test
	Talk         bool               `toml:"talk"` // the microphone, while it is held
}

// Lamp is one lamp: ready, playing or fault.
type Lamp struct {
	Name      string `toml:"name"`
	Line      string `toml:"line"`
	ActiveLow bool   `toml:"active_low"`
}

// Volume is the van's scale in dB: dB(A) at 3 m in front of the loudspeaker.
type Volume struct {
	FullDB     float64  `toml:"full_db"`    // the most the van can; 0: not known
	Calibrated ark.Date `toml:"calibrated"` // when FullDB was measured; empty: it is a guess
	LeastDB    float64  `toml:"least_db"`   // the softest that the crew can set; 0: 40 dB below FullDB
	StepDB     float64  `toml:"step_db"`    // of one press; 0: 3
	FirstDB    float64  `toml:"first_db"`   // until the crew has set one; 0: FullDB
}

// Amplifier is what is known of the amplifier.
type Amplifier struct {
	LeadMS int `toml:"lead_ms"` // of silence before a broadcast, for one that sleeps; 0 to 1,000
}

// Level is a figure of the profile on the van's scale.
func Level(db float64) ark.Level { return ark.Level(math.Round(10 * db)) }

// assumedFullDB is the scale where nobody measured it.
const assumedFullDB = 100

// LoadProfile reads and checks a profile.
func LoadProfile(path string) (Profile, error) {
	var p Profile
	s, err := load(path, &p)
	if err != nil {
		return p, err
	}
	if p.LongPressMS < 0 || p.LongPressMS > 10_000 {
		return p, s.bad("long_press_ms", "要在 0 到 10000 之间", "want 0 to 10,000")
	}
	if p.LongPressMS == 0 {
		p.LongPressMS = 1000
	}
	w := wiring{s, map[string]bool{}, map[string]bool{}}
	for i, b := range p.Buttons {
		if err := w.check("button", i, b.Name, b.Line); err != nil {
			return p, err
		}
		if err := w.button(i, b, p.LongPressMS); err != nil {
			return p, err
		}
	}
	for i, l := range p.Lamps {
		if err := w.check("lamp", i, l.Name, l.Line); err != nil {
			return p, err
		}
		if l.Name != "ready" && l.Name != "playing" && l.Name != "fault" {
			return p, w.bad("lamp", i, "name", l.Name, "灯只有 ready、playing、fault", "lamps are ready, playing and fault")
		}
	}
	if p.Amplifier.LeadMS < 0 || p.Amplifier.LeadMS > 1000 {
		return p, s.bad("amplifier.lead_ms", "要在 0 到 1000 之间", "want 0 to 1,000")
	}
	if err := s.quiet(p.QuietHours); err != nil {
		return p, err
	}
	return p, p.Volume.check(s)
}

// button checks what a button does.
func (w wiring) button(nth int, b Button, longMS int) error {
	does := 0
	for _, one := range []bool{b.Announcement != "", b.Stop, b.Louder, b.Softer, b.Test, b.Talk} {
		if one {
			does++
		}
	}
	switch {
	case does != 1:
		return w.bad("button", nth, "name", b.Name, "每个按钮只做一件事：announcement、stop、louder、softer、test、talk 里写一个",
			"a button does one thing: one of announcement, stop, louder, softer, test and talk")
	case b.Announcement == "" && b.Again != "":
		return w.bad("button", nth, "again", "again", "只用在播广播稿（announcement）的按钮上", "is only for a button with an announcement")
	case b.Again != "" && b.Again != "ignore" && b.Again != "restart" && b.Again != "stop":
		return w.bad("button", nth, "again", "again", "只有 ignore（不理）、restart（从头再播）、stop（停下）", "want ignore, restart or stop")
	case b.Hold && b.Announcement == "" && !b.Test:
		return w.bad("button", nth, "hold", "hold", "只用在播广播稿或自检的按钮上；停止和音量要一按就灵", "is only for an announcement or a test: stop and volume act at once")
	case b.Hold && longMS < 1000:
		return w.bad("button", nth, "hold", "hold", "要按住的按钮至少要按 1 秒：把 long_press_ms 改成 1000 或更大", "a button that must be held takes at least 1 s: let long_press_ms be 1000 or more")
	}
	return nil
}

// check tells what is wrong with the scale, if anything.
func (v Volume) check(s source) error {
	full := v.FullDB
	if full == 0 {
		full = assumedFullDB
	}
	within := func(db, least, most float64) bool { return db == 0 || db >= least && db <= most } // false for NaN
	_, err := ark.ParseDate(string(v.Calibrated))
	switch {
	case !within(v.FullDB, 60, 130):
		return s.bad("volume.full_db", "要在 60 到 130 之间（3 米处的 dB(A)）", "want 60 to 130, in dB(A) at 3 m")
	case v.Calibrated != "" && err != nil:
		return s.bad("volume.calibrated", "要写测量的日期，例如 2026-11-01；没测过就留空", "want the day of the measurement, such as 2026-11-01; empty when nobody measured")
	case v.Calibrated != "" && v.FullDB == 0:
		return s.bad("volume.calibrated", "测过就要写 full_db", "goes together with full_db")
	case !within(v.LeastDB, 20, full):
		return s.bad("volume.least_db", "要在 20 和 full_db 之间", "want 20 up to full_db")
	case !within(v.StepDB, 0.5, 12):
		return s.bad("volume.step_db", "要在 0.5 到 12 之间", "want 0.5 to 12")
	case !within(v.FirstDB, max(v.LeastDB, 20), full):
		return s.bad("volume.first_db", "要在 least_db 和 full_db 之间", "want least_db up to full_db")
	}
	return nil
}

// wiring is what was used so far.
type wiring struct {
	source
	names, lines map[string]bool
}

func (w wiring) check(table string, nth int, name, line string) error {
	switch {
	case name == "":
		return w.bad(table, nth, "name", "name", "按钮或灯没有名字", "a button or lamp without a name")
	case w.names[name]:
		return w.bad(table, nth, "name", name, "名字重复", "this name stands twice")
	case line != "" && w.lines[line]:
		return w.bad(table, nth, "line", name, line+" 已被占用", line+" is taken already")
	}
	w.names[name], w.lines[line] = true, true
	return nil
}

func (w wiring) bad(table string, nth int, key, name, zh, en string) error {
	return &Error{w.path, w.line(table, nth, key), name, zh, en}
}
