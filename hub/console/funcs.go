package console

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// late is when it is worth saying that a record came long after it was made.
const late = 10 * time.Minute

// funcs are what templates need beyond texts.
func (c *Console) funcs(l web.Lang) template.FuncMap {
	m := c.officeFuncs(l)
	maps.Copy(m, template.FuncMap{
		"at":      func(t time.Time) string { return c.at(l, t) },
		"date":    c.date,
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"wall":    func(at ark.Stamp) time.Time { return at.Wall.Time() },
		"milli":   func(m ark.UnixMilli) time.Time { return m.Time() },
		"late": func(v hub.Visit) bool {
			return v.Doubtful(v.At) || v.Received.Sub(v.MadeAt(v.At).Time()) > late
		},
		"made":    func(v hub.Visit) time.Time { return v.MadeAt(v.At).Time() },
		"review":  func(s ark.ReviewState) string { return texts.In(l, "review."+s.String()) },
		"mood":    reviewTone,
		"mine":    func(name string) string { return visitsAt("assigned", name, "state", "new") },
		"mark":    stateMark,
		"results": func() []ark.Outcome { return ark.Outcomes },
		"yesno":   func(name, value string) option { return option{value, name} },
		"say":     func(t ark.Text) string { return l.Of(t.Zh, t.En) },
		"masked":  veiled, "maskedname": veiledName,
		"outcome": func(o ark.Outcome) string { return texts.Known(l, "outcome.", o.String()) },
		"tongue":  func(tag ark.Language) string { return texts.Known(l, "tongue.", string(tag)) },
		"why":     func(word string) string { return texts.Known(l, "why.", word) },
		"sound":   func(word string) string { return soundWords(l, word) },
		"panel":   func(word string) string { return texts.Known(l, "panel.", word) },
		"frames":  seconds,
		"millis":  func(d time.Duration) int64 { return d.Milliseconds() },
		"minutes": func(d time.Duration) int { return int(d.Minutes()) },
		"gigas":   gigas,
		"scarce":  scarce,
		"megas":   megas,
		"celsius": celsius,
		"hot":     func(tenths int) bool { return tenths >= ark.Hot },
		"kilos":   func(n int64) string { return fmt.Sprintf("%.0f", float64(max(n, 0)+500)/1e3) },
		"tone":    tone,
		"short":   short,
		"browser": browserOf,
		"lapsed":  func(a hub.Account) bool { return a.Lapsed(c.c.Now()) },
		"keyid":   func(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) },

		"tokendays": func() []int { return tokenDays },

		"begun": func(b hub.Begun) string { return c.begun(l, b) },
		"every": func() string { return everyVan },
	})
	maps.Copy(m, c.funcsOfLibrary())
	maps.Copy(m, crewFuncs(l))
	maps.Copy(m, c.auditFuncs(l))
	return m
}

// at is a time as people in the office read it.
func (c *Console) at(l web.Lang, t time.Time) string {
	t, now := t.In(c.c.Zone), c.c.Now().In(c.c.Zone)
	key := "time.year"
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		key = "time.today"
	case t.Year() == now.Year():
		key = "time.day"
	}
	return t.Format(texts.In(l, key))
}

// date is a day of any year, as calendars and arkctl write it.
func (c *Console) date(t time.Time) string { return t.In(c.c.Zone).Format(time.DateOnly) }

// tone is the colour of a state.
func tone(s ark.BroadcastState) string {
	switch s {
	case ark.BroadcastFinished:
		return "ok"
	case ark.BroadcastCut, ark.BroadcastExpired:
		return "warn"
	case ark.BroadcastFailed:
		return "bad"
	}
	return ""
}

// gigas are bytes as people read them.
func gigas(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e9) }

// scarce tells whether a card has so little room that somebody must look.
func scarce(n int64) bool { return n < 500e6 }
