package console

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ark"
	"ark/internal/web"
)

// Empty lines in the form that makes a form, and the conditions that a
// question may have there.
const (
	blankChoices = 2
	blankFields  = 1
	whens        = 2
)

// formForm is a form as it stands in the form that makes it: what was typed.
type formForm struct {
	From     string // the version that was shown
	Services []choiceForm
	Needs    []choiceForm
	Fields   []fieldForm
	NoticeZh string
	NoticeEn string
	Days     string // in which crew may amend a visit
}

type choiceForm struct {
	Code, Zh, En, Pos string
	Off               bool
}

type fieldForm struct {
	Prefix, Code, Zh, En, Pos string
	Type                      ark.FieldType
	Choices                   string // one a line, Chinese | English
	Required                  bool
	When                      [whens]whenForm
}

// whenForm is a condition: of what, and the answers in words.
type whenForm struct{ Of, Any string }

// source is what a condition may ask: its code, and the texts of its answers.
type source struct {
	Code    string
	Say     ark.Text
	Key     string // of its text, where Say is empty
	Choices []ark.Choice
}

// sources are what the question i may depend on: outcome, services, needs and
// the questions before it that have answers to choose.
func sources(f ark.Form, i int) []source {
	var outcomes []ark.Choice
	for _, o := range ark.Outcomes {
		outcomes = append(outcomes, ark.Choice{Code: o.String(), Say: textOf("outcome." + o.String())})
	}
	all := []source{{Code: "outcome", Key: "visit.outcome", Choices: outcomes}, {Code: "services", Key: "visit.services", Choices: f.Services}, {Code: "needs", Key: "form.needs", Choices: f.Needs}}
	for _, field := range f.Fields[:i] {
		s := source{Code: field.Code, Say: field.Ask, Choices: field.Choices}
		if field.Type == ark.FieldYesNo {
			s.Choices = []ark.Choice{{Code: "yes", Say: textOf("form.yes")}, {Code: "no", Say: textOf("form.no")}}
		}
		if len(s.Choices) > 0 {
			all = append(all, s)
		}
	}
	return all
}

func textOf(key string) ark.Text { return ark.Text{Zh: texts[key][0], En: texts[key][1]} }

// Sources are what may be chosen for a condition of any question: those before
// it are told apart when it is kept.
func (f formForm) Sources() []source {
	form, _ := f.form(ark.Form{})
	return sources(form, len(form.Fields))
}

// formFormOf is a form as its form shows it.
func formFormOf(f ark.Form, l web.Lang) formForm {
	out := formForm{From: strconv.FormatInt(f.Version, 10), NoticeZh: f.Notice.Say.Zh, NoticeEn: f.Notice.Say.En, Days: strconv.FormatInt(f.AmendWithin()/86_400, 10)}
	out.Services, out.Needs = choicesForm(f.Services), choicesForm(f.Needs)
	for i, field := range f.Fields {
		row := fieldForm{Prefix: fieldPrefix(i), Code: field.Code, Zh: field.Ask.Zh, En: field.Ask.En, Pos: strconv.Itoa(i + 1), Type: field.Type, Required: field.Required}
		var lines []string
		for _, c := range field.Choices {
			lines = append(lines, strings.TrimSuffix(c.Say.Zh+" | "+c.Say.En, " | "))
		}
		row.Choices = strings.Join(lines, "\n")
		for n, w := range field.When[:min(whens, len(field.When))] {
			row.When[n] = whenForm{w.Of, answersText(sources(f, i), w, l)}
		}
		out.Fields = append(out.Fields, row)
	}
	return out
}

func fieldPrefix(i int) string { return fmt.Sprintf("f%d-", i) }

func choicesForm(list []ark.Choice) (rows []choiceForm) {
	for i, c := range list {
		rows = append(rows, choiceForm{Code: c.Code, Zh: c.Say.Zh, En: c.Say.En, Off: c.Off, Pos: strconv.Itoa(i + 1)})
	}
	return rows
}

// answersText is the answers of a condition in words.
func answersText(all []source, w ark.When, l web.Lang) string {
	var words []string
	for _, code := range w.Any {
		word := code
		for _, s := range all {
			for _, c := range s.Choices {
				if s.Code == w.Of && c.Code == code {
					word = l.Of(c.Say.Zh, c.Say.En)
				}
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, l.Of("、", ", "))
}

// blank adds empty lines.
func (f formForm) blank() formForm {
	f.Services = append(slices.Clone(f.Services), make([]choiceForm, blankChoices)...)
	f.Needs = append(slices.Clone(f.Needs), make([]choiceForm, blankChoices)...)
	f.Fields = slices.Clone(f.Fields)
	for range blankFields {
		f.Fields = append(f.Fields, fieldForm{Prefix: fieldPrefix(len(f.Fields)), Type: ark.FieldYesNo})
	}
	return f
}

// readFormForm reads what was posted, without empty lines.
func readFormForm(v url.Values) formForm {
	f := formForm{From: v.Get("from"), NoticeZh: joined(v.Get("notice-zh")), NoticeEn: joined(v.Get("notice-en")), Days: strings.TrimSpace(v.Get("days")),
		Services: readChoices("service", v), Needs: readChoices("need", v)}
	for i := 0; i <= ark.MaxFields && v.Has(fieldPrefix(i)+"zh"); i++ {
		at := func(name string) string { return strings.TrimSpace(v.Get(fieldPrefix(i) + name)) }
		row := fieldForm{Code: at("code"), Zh: at("zh"), En: at("en"), Pos: at("pos"), Choices: joined(at("choices")), Required: at("required") == "yes"}
		if row.Zh == "" && row.En == "" && row.Choices == "" {
			continue
		}
		if n, err := strconv.ParseUint(at("type"), 10, 8); err == nil {
			row.Type = ark.FieldType(n)
		}
		for n := range row.When {
			row.When[n] = whenForm{at(fmt.Sprintf("of%d", n)), at(fmt.Sprintf("any%d", n))}
		}
		f.Fields = append(f.Fields, row)
	}
	sortByPos(f.Fields, func(r fieldForm) string { return r.Pos })
	for i := range f.Fields {
		f.Fields[i].Prefix = fieldPrefix(i)
	}
	return f
}

// joined is text of several lines as Go has them.
func joined(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func readChoices(name string, v url.Values) (rows []choiceForm) {
	at := func(part string, i int) string {
		if all := v[name+"-"+part]; i < len(all) {
			return strings.TrimSpace(all[i])
		}
		return ""
	}
	for i := range v[name+"-zh"] {
		row := choiceForm{Code: at("code", i), Zh: at("zh", i), En: at("en", i), Pos: at("pos", i), Off: slices.Contains(v[name+"-off"], strconv.Itoa(i))}
		if row.Zh != "" || row.En != "" {
			rows = append(rows, row)
		}
	}
	sortByPos(rows, func(r choiceForm) string { return r.Pos })
	return rows
}

// sortByPos puts lines where their numbers say; those without one come last.
func sortByPos[T any](rows []T, pos func(T) string) {
	place := func(r T) float64 {
		if n, err := strconv.ParseFloat(pos(r), 64); err == nil {
			return n
		}
		return 1e9
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		switch x, y := place(a), place(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// form makes a form of what was typed, or says by field what is wrong. The
// version of the notice goes on where its words are not those of now.
func (f formForm) form(now ark.Form) (out ark.Form, bad troubles) {
	bad = troubles{}
	out.Services = f.choices("service", f.Services, bad)
	out.Needs = f.choices("need", f.Needs, bad)
	taken := map[string]bool{"outcome": true, "services": true, "needs": true}
	for _, row := range f.Fields {
		taken[row.Code] = true
	}
	for _, row := range f.Fields {
		field := ark.Field{Code: row.Code, Ask: ark.Text{Zh: row.Zh, En: row.En}, Type: row.Type, Required: row.Required}
		if field.Code == "" {
			field.Code = freeCode("q", taken)
		}
		if !fitsAsk(row.Zh, row.En) {
			bad[row.Prefix+"zh"] = "form.noAsk"
		}
		if field.Choices = row.choices(now); row.Type == ark.FieldOne || row.Type == ark.FieldMany {
			if len(field.Choices) < 2 {
				bad[row.Prefix+"choices"] = "form.noChoices"
			}
		} else {
			field.Choices = nil
		}
		field.When = row.whens(sources(out, len(out.Fields)), bad)
		out.Fields = append(out.Fields, field)
	}
	out.Notice = ark.Notice{Version: now.Notice.Version, Say: ark.Text{Zh: f.NoticeZh, En: f.NoticeEn}}
	if f.NoticeZh == "" || utf8.RuneCountInString(f.NoticeZh) > ark.MaxNotice || utf8.RuneCountInString(f.NoticeEn) > ark.MaxNotice {
		bad["notice"] = "form.noNotice"
	}
	if out.Notice.Say != now.Notice.Say {
		out.Notice.Version++
	}
	days, err := strconv.ParseInt(f.Days, 10, 64)
	if err != nil || days < 1 || days > 365 {
		bad["days"] = "form.badDays"
	}
	out.Amend = days * 86_400
	return out, bad
}

func fitsAsk(zh, en string) bool {
	return zh != "" && utf8.RuneCountInString(zh) <= ark.MaxAsk && utf8.RuneCountInString(en) <= ark.MaxAsk
}

// freeCode is a code that nothing has.
func freeCode(prefix string, taken map[string]bool) string {
	for n := 1; ; n++ {
		if code := prefix + strconv.Itoa(n); !taken[code] {
			taken[code] = true
			return code
		}
	}
}

func (f formForm) choices(name string, rows []choiceForm, bad troubles) (list []ark.Choice) {
	taken := map[string]bool{}
	for _, row := range rows {
		taken[row.Code] = true
	}
	for _, row := range rows {
		if row.Code == "" {
			row.Code = freeCode(name[:1], taken)
		}
		if !fitsAsk(row.Zh, row.En) {
			bad[name] = "form.noText"
		}
		list = append(list, ark.Choice{Code: row.Code, Say: ark.Text{Zh: row.Zh, En: row.En}, Off: row.Off})
	}
	if len(list) > ark.MaxChoices {
		bad[name] = "form.many"
	}
	return list
}

// choices reads the answers to choose from, one a line. One that is called as
// one of now keeps its code.
func (row fieldForm) choices(now ark.Form) (list []ark.Choice) {
	var old []ark.Choice
	for _, field := range now.Fields {
		if field.Code == row.Code {
			old = field.Choices
		}
	}
	taken := map[string]bool{}
	for _, c := range old {
		taken[c.Code] = true
	}
	for line := range strings.SplitSeq(row.Choices, "\n") {
		zh, en, _ := strings.Cut(strings.ReplaceAll(line, "｜", "|"), "|")
		c := ark.Choice{Say: ark.Text{Zh: strings.TrimSpace(zh), En: strings.TrimSpace(en)}}
		if c.Say.Zh == "" {
			continue
		}
		if i := slices.IndexFunc(old, func(o ark.Choice) bool { return o.Say.Zh == c.Say.Zh }); i >= 0 {
			c.Code = old[i].Code
		} else {
			c.Code = freeCode("c", taken)
		}
		list = append(list, c)
	}
	return list
}

// whens reads the conditions: answers in words, with commas between.
func (row fieldForm) whens(all []source, bad troubles) (list []ark.When) {
	for n, w := range row.When {
		if w.Of == "" {
			continue
		}
		field := fmt.Sprintf("%sany%d", row.Prefix, n)
		i := slices.IndexFunc(all, func(s source) bool { return s.Code == w.Of })
		if i < 0 {
			bad[field] = "form.later"
			continue
		}
		var any []string
		for word := range strings.FieldsFuncSeq(w.Any, func(r rune) bool { return strings.ContainsRune("、，,;；/", r) }) {
			word = strings.TrimSpace(word)
			at := slices.IndexFunc(all[i].Choices, func(c ark.Choice) bool {
				return word == c.Code || word == c.Say.Zh || c.Say.En != "" && strings.EqualFold(word, c.Say.En)
			})
			switch {
			case word == "":
			case at < 0:
				bad[field] = "form.noAnswer"
			case !slices.Contains(any, all[i].Choices[at].Code):
				any = append(any, all[i].Choices[at].Code)
			}
		}
		if len(any) == 0 && bad[field] == "" {
			bad[field] = "form.noAnswer"
		}
		list = append(list, ark.When{Of: w.Of, Any: any})
	}
	return list
}
