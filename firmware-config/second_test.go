package firmwareconfig

import (
	"errors"
	"testing"
)

// A rule that nobody understands is no rule: it is named, not left out.
func TestRulesOfTheConsole(t *testing.T) {
	h, err := LoadHub(hubFile(t, "console_hsts = \"off\"\nsecond_factor = \"all\"\n"))
	if err != nil || h.ConsoleHSTS != "off" || h.SecondFactor != SecondAll {
		t.Errorf("got %+v, %v", h, err)
	}
	for line, key := range map[string]string{`console_hsts = "true"`: "console_hsts", `second_factor = "admins"`: "second_factor"} {
		_, err := LoadHub(hubFile(t, line+"\n"))
		if e := new(Error); !errors.As(err, &e) || e.Key != key {
			t.Errorf("%s: %v", line, err)
		}
	}
}
