package firmwareconfig

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
		if (b.Announcement == "") == !b.Stop {
			return p, w.bad("button", i, "name", b.Name, "按钮要么播一条广播稿，要么停止", "a button has either an announcement or stop = true")
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
	return p, nil
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
