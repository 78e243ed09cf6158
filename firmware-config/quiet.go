package firmwareconfig

import (
	"fmt"
	"regexp"
	"strconv"

	"ark"
)

// Settings hold on the van until the hub says otherwise: the usual ones, with
// the profile's quiet hours.
func (p Profile) Settings(zone string) ark.Settings {
	s := ark.DefaultSettings()
	if zone != "" {
		s.Zone = zone
	}
	if p.QuietHours == nil {
		return s
	}
	s.Rules.Quiet = nil
	for _, text := range p.QuietHours {
		if span, err := parseSpan(text); err == nil { // LoadProfile has checked it
			s.Rules.Quiet = append(s.Rules.Quiet, span)
		}
	}
	return s
}

var spanForm = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)

// parseSpan reads a time of day such as 22:00-06:00.
func parseSpan(text string) (ark.Span, error) {
	m := spanForm.FindStringSubmatch(text)
	if m == nil {
		return ark.Span{}, fmt.Errorf("time of day %q: want such as 22:00-06:00", text)
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits, by the form
	}
	return ark.Span{From: 60*n[0] + n[1], To: 60*n[2] + n[3]}, nil
}

// quiet checks the quiet hours.
func (s source) quiet(hours []string) error {
	for _, text := range hours {
		if _, err := parseSpan(text); err != nil {
			return s.bad("quiet_hours", "要写成 [\"22:00-06:00\"]；没有安静时段就写 []", "want such as [\"22:00-06:00\"]; [] where there are none")
		}
	}
	return nil
}
