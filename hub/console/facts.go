package console

import (
	"fmt"
	"strconv"
	"time"

	"ark"
	"ark/internal/web"
)

// fact is one thing that an announcement or a visit says, for a reader.
type fact struct {
	Label string // in words
	Value string
	same  string // what is equal when the fact is
}

// difference is a fact in which two of them differ.
type difference struct {
	Label, Their, Mine string
}

// facts are all that an announcement says.
func (c *Console) facts(l web.Lang, a ark.Announcement) []fact {
	t := func(key string) string { return texts.In(l, key) }
	plain := func(label, value string) fact { return fact{label, value, value} }
	chime, dates := t("edit.no"), func(at ark.UnixMilli, none string) string {
		if at == 0 {
			return none
		}
		return c.at(l, at.Time())
	}
	if a.Chime {
		chime = t("edit.yes")
	}
	times, most := strconv.Itoa(a.Repeats+1), "–"
	if a.Repeats == ark.RepeatForever {
		times = t("edit.forever")
	}
	if a.MaxSeconds > 0 {
		most = decimal(float64(a.MaxSeconds)/60) + " " + t("edit.minutes")
	}
	seconds := func(millis int) string { return decimal(float64(millis)/1000) + " " + t("edit.seconds") }
	all := []fact{plain(t("edit.zh"), a.Title.Zh), plain(t("edit.en"), a.Title.En), plain(t("edit.class"), t("class."+a.Class.String())),
		plain(t("edit.chime"), chime), plain(t("edit.gap"), seconds(a.GapMillis)), plain(t("edit.times"), times), plain(t("edit.rest"), seconds(a.RestMillis)),
		plain(t("edit.most"), most), plain(t("edit.from"), dates(a.ValidFrom, "–")), plain(t("edit.until"), dates(a.ValidUntil, "–"))}
	for _, r := range a.Recordings {
		value := clock(time.Duration(r.Frames) * time.Second / ark.SampleRate)
		if r.Machine {
			value += " · " + t("edit.machine")
		}
		all = append(all, fact{texts.Known(l, "tongue.", string(r.Language)), value, r.Content.String()})
	}
	return all
}

// compare says in what two announcements differ.
func (c *Console) compare(l web.Lang, their, mine ark.Announcement) []difference {
	return differences(c.facts(l, their), c.facts(l, mine))
}

// differences are the facts in which two lists differ, by their labels.
func differences(left, right []fact) (all []difference) {
	other := map[string]fact{}
	for _, f := range right {
		other[f.Label] = f
	}
	for _, f := range left {
		o, there := other[f.Label]
		if !there {
			o.Value = "–"
		}
		if o.same != f.same {
			all = append(all, difference{f.Label, f.Value, o.Value})
		}
		delete(other, f.Label)
	}
	for _, f := range right {
		if _, only := other[f.Label]; only {
			all = append(all, difference{f.Label, "–", f.Value})
		}
	}
	return all
}

// clock is a length as m:ss, and under ten seconds with a tenth.
func clock(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("0:%04.1f", d.Truncate(100*time.Millisecond).Seconds())
	}
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
