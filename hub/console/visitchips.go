package console

import (
	"slices"
	"strings"

	"ark/hub"
)

// chip is a part of a query as people read it, and the address without it.
type chip struct{ Key, Label, Value, Without string }

// chips are what a query chooses visits by.
func (o visitOptions) chips(q visitQuery) (all []chip) {
	for _, key := range q.keys() {
		value := q.Known.Get(key)
		all = append(all, chip{key, texts.In(o.l, "find."+key), o.value(key, value), q.with(key, "")})
	}
	return all
}

// value is what people call a value of a query.
func (o visitOptions) value(key, value string) string {
	t := func(key string) string { return texts.In(o.l, key) }
	switch key {
	case "place":
		parts, _ := splitPath(value)
		return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " › ")
	case "outcome":
		return t("outcome." + value)
	case "service":
		return nameOfOption(o.Services, value)
	case "need":
		if value == hub.AnyNeed {
			return t("find.anyNeed")
		}
		return nameOfOption(o.Needs, value)
	case "state":
		return t("review." + value)
	case "assigned":
		if value == hub.AssignedNobody {
			return t("find.nobody")
		}
	case "doubtful", "photo", "withdrawn":
		return t("visit." + value)
	case "box":
		return t("find.onMap")
	case "household":
		return value[:8]
	}
	return value
}

func nameOfOption(options []option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Name
		}
	}
	return value
}
