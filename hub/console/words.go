package console

import (
	"fmt"
	"time"

	"ark"
	"ark/internal/web"
)

// soundWords say how a loudspeaker is. Health tells "ok", "silent" or a Why…
// word; those of the loudspeaker have a sentence of their own that says what
// to do, the others the one that an as-run record shows.
func soundWords(l web.Lang, word string) string {
	if s := texts.Known(l, "sound.", word); s != word {
		return s
	}
	return texts.Known(l, "why.", word)
}

// trigger says what asked for a broadcast; due says of a time when it was.
func trigger(l web.Lang, t ark.Trigger, due func(time.Time) string) string {
	switch {
	case t.Test:
		return texts.In(l, "trigger.test")
	case t.Talk:
		return texts.In(l, "trigger.talk")
	case t.Button != "" && t.Line != "":
		return fmt.Sprintf(texts.In(l, "trigger.line"), t.Button, t.Line)
	case t.Button != "":
		return fmt.Sprintf(texts.In(l, "trigger.button"), t.Button)
	case !t.Schedule.IsZero() && t.Due != 0:
		return fmt.Sprintf(texts.In(l, "trigger.schedule"), due(t.Due.Time()))
	case !t.Schedule.IsZero():
		return texts.In(l, "trigger.planned")
	case t.By != "":
		return fmt.Sprintf(texts.In(l, "trigger.orderBy"), t.By)
	case !t.Order.IsZero():
		return texts.In(l, "trigger.order")
	}
	return texts.In(l, "trigger.none")
}

// heard is the key of what a listening input says.
func heard(h ark.Hearing) string {
	switch h {
	case ark.HeardYes:
		return "heard.yes"
	case ark.HeardNo:
		return "heard.no"
	}
	return "heard.unknown"
}

// seconds are frames as seconds for people: one decimal.
func seconds(frames int64) string { return fmt.Sprintf("%.1f", float64(frames)/ark.SampleRate) }

// decibels is a level as people read it.
func decibels(l ark.Level) string { return fmt.Sprintf("%.1f dB", l.DB()) }

// loudness is hundredths of LUFS as people read it; 0 was not measured.
func loudness(hundredths int) string {
	if hundredths == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f LUFS", float64(hundredths)/100)
}

// standingWords say what an order says that holds from now on.
func standingWords(l web.Lang, body any) string {
	switch b := body.(type) {
	case ark.Library:
		return fmt.Sprintf(texts.In(l, "standing.announcements"), b.Version)
	case ark.Plan:
		return fmt.Sprintf(texts.In(l, "standing.plan"), b.Version, len(b.Items))
	case ark.Settings:
		return fmt.Sprintf(texts.In(l, "standing.settings"), b.Version)
	case ark.Crew:
		return fmt.Sprintf(texts.In(l, "standing.crew"), b.Version, len(b.Members))
	case ark.Phones:
		return fmt.Sprintf(texts.In(l, "standing.phones"), b.Version, len(b.List))
	case ark.Form:
		return fmt.Sprintf(texts.In(l, "standing.form"), b.Version)
	}
	return texts.In(l, "standing.other")
}
