package console

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"ark"
)

// Bounds of a file of households.
const (
	maxImport     = 8 << 20 // bytes
	maxImportRows = 20_000
)

// The columns of a file: what each may be called, in any order. One of them
// may hold the whole door.
var importColumns = map[string][]string{
	"street":    {"街道", "street"},
	"community": {"社区", "村", "community"},
	"grid":      {"网格", "grid"},
	"compound":  {"小区", "院落", "compound"},
	"building":  {"幢", "栋", "楼", "楼栋", "building"},
	"unit":      {"单元", "unit"},
	"room":      {"室", "房号", "房间", "room"},
	"door":      {"门牌", "地址", "住址", "address", "door"},
	"name":      {"姓名", "成员", "name"},
	"born":      {"出生年", "出生", "出生年份", "born", "year of birth"},
	"phone":     {"电话", "手机", "联系电话", "phone"},
	"remark":    {"成员备注", "情况", "about"},
	"house":     {"住户电话", "家庭电话", "座机", "household phone"},
	"note":      {"备注", "住户备注", "note"},
	"novisit":   {"不上门", "不上门原因", "do not visit"},
}

// importFault is what is wrong with a line of a file.
type importFault struct {
	Line int
	Key  string // of a text
	What string // as it stands in the file
}

// importRow is a line: a door, and somebody who lives there.
type importRow struct {
	Line      int
	Household ark.Household // without an ID, with one member or none
}

// errImport says why a file cannot be read at all: a key of texts.
type errImport string

func (e errImport) Error() string { return string(e) }

// readImport reads a file of households, in UTF-8 or as a Chinese Excel
// writes it, in GB 18030. Lines that are not in order are told of and left
// out.
func readImport(data []byte) (rows []importRow, faults []importFault, err error) {
	text, err := decodeImport(data)
	if err != nil {
		return nil, nil, err
	}
	head, _, _ := strings.Cut(text, "\n")
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.LazyQuotes = -1, true, true
	in.Comma = separator(head)
	first, err := in.Read()
	if err != nil {
		return nil, nil, errImport("import.empty")
	}
	columns := columnsOf(first)
	if columns["door"] < 0 && columns["room"] < 0 && columns["building"] < 0 {
		return nil, nil, errImport("import.noDoor")
	}
	for len(rows)+len(faults) < maxImportRows {
		fields, err := in.Read()
		line, _ := in.FieldPos(0)
		switch {
		case errors.Is(err, io.EOF):
			return rows, faults, nil
		case err != nil:
			return nil, nil, errImport("import.broken")
		case strings.TrimSpace(strings.Join(fields, "")) == "":
			continue
		}
		h, fault := importLine(func(name string) string {
			if i := columns[name]; i >= 0 && i < len(fields) {
				return strings.TrimSpace(fields[i])
			}
			return ""
		})
		if fault.Key != "" {
			fault.Line = line
			faults = append(faults, fault)
			continue
		}
		rows = append(rows, importRow{line, h})
	}
	return nil, nil, errImport("import.long")
}

// separator is what stands between the fields of a first line.
func separator(head string) rune {
	for _, mark := range []rune{',', '\t', ';', '，'} {
		if strings.ContainsRune(head, mark) {
			return mark
		}
	}
	return ','
}

// decodeImport is a file as text.
func decodeImport(data []byte) (string, error) {
	if utf8.Valid(data) {
		return strings.TrimPrefix(string(data), "\ufeff"), nil
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return "", errImport("import.encoding")
	}
	return string(decoded), nil
}

func columnsOf(first []string) map[string]int {
	columns := map[string]int{}
	for name, words := range importColumns {
		columns[name] = slices.IndexFunc(first, func(s string) bool { return slices.Contains(words, strings.ToLower(strings.TrimSpace(s))) })
	}
	return columns
}

// importLine makes of a line the household that it tells of.
func importLine(at func(name string) string) (h ark.Household, fault importFault) {
	p := ark.ParsePlace(at("door"))
	for _, part := range []struct {
		own  *string
		name string
		ends []string // one of these ends it; the first is put there
	}{
		{&p.Street, "street", []string{"街道", "镇", "乡"}}, {&p.Community, "community", []string{"社区", "村", "居委会"}}, {&p.Grid, "grid", nil},
		{&p.Compound, "compound", nil}, {&p.Building, "building", nil}, {&p.Unit, "unit", nil}, {&p.Room, "room", nil},
	} {
		if s := at(part.name); s != "" {
			*part.own = ended(s, part.ends)
		}
	}
	for _, number := range []*string{&p.Building, &p.Unit, &p.Room} {
		*number = strings.ToUpper(ark.DoorPart(*number))
	}
	h = ark.Household{Place: p, Phone: at("house"), Note: at("note"), NoVisit: at("novisit")}
	switch {
	case p.Key() == "":
		return h, importFault{Key: "importfault.door", What: at("door")}
	case p.Compound == "" && p.Community == "":
		return h, importFault{Key: "importfault.compound", What: p.String()}
	case p.Check() != nil:
		return h, importFault{Key: "importfault.long", What: p.String()}
	}
	if veiledName(at("name") + at("phone") + at("house") + at("remark") + at("note") + at("novisit")) {
		return h, importFault{Key: "importfault.masked", What: p.String()}
	}
	if name := at("name"); name != "" {
		m := ark.Member{Name: name, Phone: at("phone"), Note: at("remark")}
		if born := at("born"); born != "" {
			n, err := strconv.Atoi(born[:min(4, len(born))]) // of a date the year
			if err != nil || n < 1850 || n > 2200 {
				return h, importFault{Key: "importfault.born", What: born}
			}
			m.Born = n
		}
		h.Members = []ark.Member{m}
	} else if h.Phone == "" {
		h.Phone = at("phone")
	}
	checked := h
	checked.ID = ark.NewID(1, [10]byte{}) // it gets one later
	if checked.Check() != nil {
		return h, importFault{Key: "importfault.long", What: p.String()}
	}
	return h, fault
}

// ended gives a Chinese name of a street or community the word that it lacks.
func ended(s string, ends []string) string {
	if len(ends) == 0 || s[0] < 0x80 || slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(s, e) }) {
		return s
	}
	return s + ends[0]
}
