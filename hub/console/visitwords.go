package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitWords say what a visit says, each by the version of the form that it
// was made with.
type visitWords struct {
	c      *Console
	l      web.Lang
	forms  map[int64]ark.Form
	phones []hub.VanPhone
}

// visitWords reads the versions of the form that visits were made with.
func (c *Console) visitWords(ctx context.Context, l web.Lang, visits ...ark.Visit) (t visitWords, err error) {
	t = visitWords{c: c, l: l, forms: map[int64]ark.Form{}}
	for _, v := range visits {
		if _, known := t.forms[v.Form]; known {
			continue
		}
		f, err := desk(ctx).FormOf(ctx, v.Form)
		if errors.Is(err, hub.ErrNotThere) { // of another hub, perhaps: codes say something, too
			f, err = desk(ctx).Form(ctx)
		}
		if err != nil {
			return t, err
		}
		t.forms[v.Form] = f
	}
	return t, nil
}

func (t visitWords) t(key string) string { return texts.In(t.l, key) }

// choice is the text of a code, or the code.
func (t visitWords) choice(list []ark.Choice, code string) string {
	for _, c := range list {
		if c.Code == code {
			return t.l.Of(c.Say.Zh, c.Say.En)
		}
	}
	return code
}

func (t visitWords) join(words []string) string { return strings.Join(words, t.t("visit.comma")) }

// all is what two versions of a visit may differ in.
func (t visitWords) all(v ark.Visit) []fact {
	all := t.facts(v)
	var files []string
	for _, a := range v.Attachments {
		files = append(files, t.t("role."+string(a.Role))+" "+a.Content.String()[:6])
	}
	if len(files) > 0 {
		all = append(all, fact{t.t("visit.files"), t.join(files), t.join(files)})
	}
	return all
}

// facts are what a visit says of the door.
func (t visitWords) facts(v ark.Visit) (all []fact) {
	add := func(label, value string) {
		if value != "" {
			all = append(all, fact{label, value, value})
		}
	}
	form := t.forms[v.Form]
	add(t.t("visit.place"), v.Place)
	add(t.t("visit.where"), whereWords(v.Where))
	add(t.t("visit.outcome"), texts.Known(t.l, "outcome.", v.Outcome.String()))
	add(t.t("visit.person"), v.Person)
	add(t.t("visit.services"), t.join(t.services(v)))
	for i, n := range v.Needs {
		add(fmt.Sprintf(t.t("visit.needN"), i+1), t.need(form, n))
	}
	add(t.t("visit.need"), v.Need)
	for _, a := range v.Answers {
		label, value := t.answer(form, a)
		add(label, value)
	}
	if v.Return {
		add(t.t("visit.again"), t.t("visit.yes"))
	}
	add(t.t("visit.note"), v.Note)
	for _, consent := range v.Consent {
		add(fmt.Sprintf(t.t("visit.consent"), t.t("consent."+consent.What)), t.consent(v, consent))
	}
	if v.Geo != nil {
		add(t.t("visit.geo"), spot(*v.Geo))
	}
	return all
}

// services are the texts of what was done: in the form, or of those that all
// forms had.
func (t visitWords) services(v ark.Visit) (words []string) {
	for _, s := range v.Services {
		word := t.choice(t.forms[v.Form].Services, string(s))
		if word == string(s) {
			word = texts.Known(t.l, "service.", word)
		}
		words = append(words, word)
	}
	return words
}

func (t visitWords) need(form ark.Form, n ark.Need) string {
	words := t.choice(form.Needs, n.Category)
	if n.Urgency != 0 {
		words += " · " + t.t(fmt.Sprint("urgency.", n.Urgency))
	}
	if n.Words != "" {
		words += " · " + n.Words
	}
	return words
}

// answer is a further question and what was said to it.
func (t visitWords) answer(form ark.Form, a ark.Answer) (label, value string) {
	at := slices.IndexFunc(form.Fields, func(f ark.Field) bool { return f.Code == a.Code })
	if at < 0 {
		return a.Code, t.join(a.Values)
	}
	field := form.Fields[at]
	values := slices.Clone(a.Values)
	for i, value := range values {
		switch {
		case field.Type == ark.FieldYesNo && value == "yes":
			values[i] = t.t("visit.yes")
		case field.Type == ark.FieldYesNo && value == "no":
			values[i] = t.t("visit.no")
		default:
			values[i] = t.choice(field.Choices, value)
		}
	}
	return t.l.Of(field.Ask.Zh, field.Ask.En), t.join(values)
}

// consent says what was consented to, how and when. The phone's clock is
// corrected by what the van saw of it.
func (t visitWords) consent(v ark.Visit, c ark.Consent) string {
	words := []string{t.t("visit.consentNo")}
	if c.Given {
		words[0] = t.t("visit.consentYes")
	}
	if c.How != "" {
		words = append(words, t.t("how."+string(c.How)))
	}
	if c.Notice != 0 {
		words = append(words, fmt.Sprintf(t.t("visit.notice"), c.Notice))
	}
	if c.At != 0 {
		words = append(words, t.c.at(t.l, (c.At-ark.UnixMilli(v.Off)).Time()))
	}
	return strings.Join(words, " · ")
}

// whereWords is a place in its parts, from the whole on.
func whereWords(p ark.Place) string {
	words := slices.DeleteFunc([]string{p.Street, p.Community, p.Grid, p.String()}, func(s string) bool { return s == "" })
	return strings.Join(words, " · ")
}

// made are who wrote a visit down, when, and on which phone.
func (t visitWords) made(v hub.Visit) []fact {
	plain := func(label, value string) fact { return fact{label, value, value} }
	by := v.By
	if by == "" {
		by = "–"
	}
	if !v.Member.IsZero() {
		by += " · " + t.t("visit.pin")
	}
	all := []fact{plain(t.t("visit.by"), by), plain(t.t("visit.phone"), t.phone(v)), plain(t.t("visit.made"), t.c.at(t.l, v.MadeAt(v.At).Time()))}
	if age := time.Duration(v.Age) * time.Millisecond; age >= time.Minute {
		all = append(all, plain(t.t("visit.age"), t.span(age)))
	}
	return append(all, plain(t.t("visit.atHub"), t.c.at(t.l, v.Received)))
}

func (t visitWords) phone(v hub.Visit) string {
	if v.Phone.IsZero() {
		return "–"
	}
	for _, p := range t.phones {
		if p.Van == v.Van && p.ID == v.Phone {
			if p.Struck {
				return p.Name + " · " + t.t("visit.struck")
			}
			return p.Name
		}
	}
	return v.Phone.String()[:8]
}

// doubts are why the time of a visit may be wrong.
func (t visitWords) doubts(v hub.Visit) (why []string) {
	if !v.At.Trusted {
		why = append(why, t.t("visit.doubtVan"))
	}
	off := time.Duration(v.Off) * time.Millisecond
	switch {
	case v.Off > ark.PhoneDoubt:
		why = append(why, fmt.Sprintf(t.t("visit.doubtAhead"), t.span(off)))
	case v.Off < -ark.PhoneDoubt:
		why = append(why, fmt.Sprintf(t.t("visit.doubtBehind"), t.span(-off)))
	}
	return why
}

// span is a length of time in its largest unit.
func (t visitWords) span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf(t.t("span.days"), d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf(t.t("span.hours"), d/time.Hour)
	}
	return fmt.Sprintf(t.t("span.minutes"), max(d/time.Minute, 1))
}
