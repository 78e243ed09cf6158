package console

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
)

// blankRows is how many empty lines a list in the settings has.
const blankRows = 2

// maxPlacesForm bounds the places that a form may have.
const maxPlacesForm = 200

// settingsForm is settings as they stand in the form: what was typed.
type settingsForm struct {
	Version   string // of the settings that were shown
	Zone      string
	Rules     rulesForm
	Places    []placeForm
	After     []afterForm
	Emergency string // dB; empty: all the van can
	Music     string // dB; empty: 6
	TestDay   int
	TestAt    string
}

// rulesForm is quiet hours and caps. Prefix begins the names of its fields.
type rulesForm struct {
	Prefix string
	Quiet  []spanForm
	Caps   []capForm
}

type spanForm struct{ From, To string }

type capForm struct{ From, To, Most string }

type placeForm struct {
	Name string
	Gone bool // it is to be taken away
	rulesForm
}

// Rules is its quiet hours and caps.
func (f placeForm) Rules() rulesForm { return f.rulesForm }

type afterForm struct {
	Class ark.Class
	Then  ark.AfterCut
}

// settingsFormOf is settings as a form shows them, with empty lines.
func settingsFormOf(s ark.Settings) settingsForm {
	f := settingsForm{Version: strconv.FormatInt(s.Version, 10), Zone: s.Zone, Rules: rulesFormOf("", s.Rules), TestDay: s.TestDay, TestAt: clockOf(s.TestAt)}
	for i, p := range s.Places {
		f.Places = append(f.Places, placeForm{Name: p.Name, rulesForm: rulesFormOf(placePrefix(i), p.Neighbours)})
	}
	for _, c := range ark.Classes {
		then := ark.AfterCutDefault
		for _, r := range s.Classes {
			if r.Class == c {
				then = r.AfterCut
			}
		}
		f.After = append(f.After, afterForm{c, then})
	}
	f.Emergency, f.Music = levelText(s.Emergency), levelText(s.Music)
	return f.blank()
}

func placePrefix(i int) string { return fmt.Sprintf("p%d-", i) }

func rulesFormOf(prefix string, n ark.Neighbours) rulesForm {
	f := rulesForm{Prefix: prefix}
	for _, s := range n.Quiet {
		f.Quiet = append(f.Quiet, spanForm{clockOf(s.From), clockOf(s.To)})
	}
	for _, c := range n.Caps {
		f.Caps = append(f.Caps, capForm{clockOf(c.Span.From), clockOf(c.Span.To), levelText(c.Most)})
	}
	return f
}

// levelText is a level as a form has it; 0 is an empty field.
func levelText(l ark.Level) string {
	if l == 0 {
		return ""
	}
	return strconv.FormatFloat(l.DB(), 'f', -1, 64)
}

// blank adds the empty lines in which something new can be written.
func (f settingsForm) blank() settingsForm {
	f.Rules = f.Rules.blank()
	for i := range f.Places {
		f.Places[i].rulesForm = f.Places[i].rulesForm.blank()
	}
	f.Places = append(f.Places, placeForm{rulesForm: rulesForm{Prefix: placePrefix(len(f.Places))}.blank()})
	return f
}

func (f rulesForm) blank() rulesForm {
	f.Quiet = append(f.Quiet, make([]spanForm, blankRows)...)
	f.Caps = append(f.Caps, make([]capForm, blankRows)...)
	return f
}

// readSettingsForm reads what was posted, without empty lines.
func readSettingsForm(v url.Values) settingsForm {
	f := settingsForm{Version: v.Get("version"), Zone: strings.TrimSpace(v.Get("zone")), Rules: readRulesForm("", v),
		Emergency: strings.TrimSpace(v.Get("emergency")), Music: strings.TrimSpace(v.Get("music")), TestAt: strings.TrimSpace(v.Get("testat"))}
	f.TestDay, _ = strconv.Atoi(v.Get("testday")) // checked by settings
	for _, c := range ark.Classes {
		then, err := strconv.ParseUint(v.Get("after-"+c.String()), 10, 8)
		if err != nil {
			then = uint64(ark.AfterCutDefault)
		}
		f.After = append(f.After, afterForm{c, ark.AfterCut(then)})
	}
	for i := 0; i <= maxPlacesForm && v.Has(placePrefix(i)+"name"); i++ {
		prefix := placePrefix(i)
		p := placeForm{Name: strings.TrimSpace(v.Get(prefix + "name")), Gone: v.Get(prefix+"gone") == "yes", rulesForm: readRulesForm(prefix, v)}
		if p.Gone || p.Name == "" && len(p.Quiet)+len(p.Caps) == 0 {
			continue
		}
		p.Prefix = placePrefix(len(f.Places))
		f.Places = append(f.Places, p)
	}
	return f
}

func readRulesForm(prefix string, v url.Values) rulesForm {
	f := rulesForm{Prefix: prefix}
	at := func(name string, i int) string {
		if all := v[prefix+name]; i < len(all) {
			return strings.TrimSpace(all[i])
		}
		return ""
	}
	for i := range v[prefix+"quiet-from"] {
		if s := (spanForm{at("quiet-from", i), at("quiet-to", i)}); s != (spanForm{}) {
			f.Quiet = append(f.Quiet, s)
		}
	}
	for i := range v[prefix+"cap-from"] {
		if c := (capForm{at("cap-from", i), at("cap-to", i), at("cap-most", i)}); c != (capForm{}) {
			f.Caps = append(f.Caps, c)
		}
	}
	return f
}

// settings makes settings of a form, or says by field what is wrong.
func (f settingsForm) settings() (s ark.Settings, bad troubles) {
	bad = troubles{}
	if _, err := time.LoadLocation(f.Zone); err != nil || f.Zone == "" || f.Zone == "Local" || len(f.Zone) > 64 {
		bad["zone"] = "set.noZone"
	}
	s = ark.Settings{Zone: f.Zone, Rules: f.Rules.neighbours(bad), TestDay: f.TestDay}
	for _, p := range f.Places {
		if p.Name == "" || len([]rune(p.Name)) > ark.MaxPlace || strings.ContainsRune(p.Name, 0) || !utf8.ValidString(p.Name) {
			bad[p.Prefix+"name"] = "set.noPlace"
		}
		if slices.ContainsFunc(s.Places, func(o ark.PlaceRules) bool { return o.Name == p.Name }) {
			bad[p.Prefix+"name"] = "set.twoPlaces"
		}
		s.Places = append(s.Places, ark.PlaceRules{Name: p.Name, Neighbours: p.neighbours(bad)})
	}
	for _, a := range f.After {
		if a.Then > ark.AfterCutResume {
			bad["after"] = "set.noAfter"
		} else if a.Then != ark.AfterCutDefault {
			s.Classes = append(s.Classes, ark.ClassRule{Class: a.Class, AfterCut: a.Then})
		}
	}
	s.Emergency = readLevel(f.Emergency, 20, 130, "emergency", "set.badLevel", bad)
	s.Music = readLevel(f.Music, 0, 60, "music", "set.badMusic", bad)
	seconds, ok := readClock(f.TestAt)
	if s.TestAt = seconds / 60; !ok && f.TestDay != 0 {
		bad["testat"] = "set.noTestAt"
	}
	if f.TestDay < 0 || f.TestDay > 7 {
		bad["testday"] = "set.noTestDay"
	}
	return s, bad
}

// neighbours are the quiet hours and caps; what is wrong goes under the names
// of the fields.
func (f rulesForm) neighbours(bad troubles) (n ark.Neighbours) {
	for _, q := range f.Quiet {
		n.Quiet = append(n.Quiet, readSpan(q.From, q.To, f.Prefix+"quiet", bad))
	}
	for _, c := range f.Caps {
		most := readLevel(c.Most, 20, 130, f.Prefix+"cap", "set.badCap", bad)
		if c.Most == "" {
			bad[f.Prefix+"cap"] = "set.badCap"
		}
		n.Caps = append(n.Caps, ark.Cap{Span: readSpan(c.From, c.To, f.Prefix+"cap", bad), Most: most})
	}
	if len(n.Quiet) > 24 {
		bad[f.Prefix+"quiet"] = "set.manySpans"
	}
	if len(n.Caps) > 24 {
		bad[f.Prefix+"cap"] = "set.manySpans"
	}
	return n
}

func readSpan(from, to, field string, bad troubles) ark.Span {
	a, ok := readClock(from)
	b, also := readClock(to)
	if !ok || !also {
		bad[field] = "set.badSpan"
	}
	return ark.Span{From: a / 60, To: b / 60}
}

// readLevel reads dB with one decimal; an empty field is 0.
func readLevel(s string, least, most float64, field, key string, bad troubles) ark.Level {
	if s == "" {
		return 0
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "dB"), 64)
	if err != nil || !(v >= least && v <= most) {
		bad[field] = key
		return 0
	}
	return ark.Level(math.Round(v * 10))
}
