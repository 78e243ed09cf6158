package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
	"ark/agent/panel"
	"ark/agent/sound"
	firmwareconfig "ark/firmware-config"
)

// profiled is a van of a profile, with the demonstration announcements.
func profiled(t *testing.T, p firmwareconfig.Profile) *van {
	t.Helper()
	dir := t.TempDir()
	list := []ark.Announcement{{ID: "welcome", Version: 1, Title: ark.Text{Zh: "方舟到了", En: "The van is here"}},
		{ID: "emergency", Version: 1, Title: ark.Text{Zh: "演练", En: "Drill"}, Class: ark.ClassEmergencyLocal}}
	if err := sound.WriteLibrary(dir, list, nil); err != nil {
		t.Fatal(err)
	}
	l, err := sound.OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	v := &van{profile: p, announcements: l}
	var buttons []panel.SimButton
	for _, b := range p.Buttons {
		buttons = append(buttons, panel.SimButton{Button: agent.Button(b.Name), Hold: b.Hold, Talk: b.Talk})
	}
	v.sim = panel.NewSim(panel.SimConfig{Buttons: buttons})
	return v
}

var profile = firmwareconfig.Profile{LongPressMS: 1500, Buttons: []firmwareconfig.Button{{Name: "1", Announcement: "welcome", Again: "restart"},
	{Name: "2", Announcement: "gone", Again: "stop"}, {Name: "alarm", Announcement: "emergency", Hold: true}, {Name: "stop", Stop: true},
	{Name: "louder", Louder: true}, {Name: "softer", Softer: true}, {Name: "test", Test: true}, {Name: "talk", Talk: true}},
	Volume:    firmwareconfig.Volume{FullDB: 95.4, Calibrated: "2026-11-01", LeastDB: 60, StepDB: 1.5, FirstDB: 86},
	Amplifier: firmwareconfig.Amplifier{LeadMS: 350}}

// What a technician writes into the profile is what the brain goes by.
func TestRulesOfAProfile(t *testing.T) {
	r := profiled(t, profile).rules("v1")
	want := map[agent.Button]agent.Meaning{"1": {Announcement: "welcome", Again: agent.AgainRestart}, "2": {Announcement: "gone", Again: agent.AgainStop},
		"alarm": {Announcement: "emergency", Hold: true}, "stop": {Stop: true}, "louder": {Louder: true}, "softer": {Softer: true}, "test": {Test: true}, "talk": {Talk: true}}
	if diff := cmp.Diff(want, r.Buttons); diff != "" {
		t.Error(diff)
	}
	if r.Full != 954 || !r.Calibrated || r.Least != 600 || r.Step != 15 || r.First != 860 || r.Lead != 350*time.Millisecond || r.Long != 1500*time.Millisecond {
		t.Errorf("%+v", r)
	}
	if why := r.Missing(ark.Hash{1}); why != ark.WhyMissing {
		t.Errorf("a recording that is not there: %q", why)
	}
}

func TestButtonsOfThePage(t *testing.T) {
	all := profiled(t, profile).buttons()
	if len(all) != len(profile.Buttons) || all[0].Title.Zh != "方舟到了" || all[1].Title.Zh != "" || all[2].Class != ark.ClassEmergencyLocal || !all[2].Hold || !all[7].Talk {
		t.Errorf("%+v", all)
	}
}

func TestKeysAreTold(t *testing.T) {
	got := profiled(t, profile).tellKeys()
	for _, want := range []string{"1 = 方舟到了 The van is here", "2 = 2 ", "a = 演练 Drill (×2)", "s = 停止 stop", "l = 大声 louder", "o = 小声 softer", "t = 自检 self-test",
		"k = 喊话", "≤ 30 s", "3 秒内按两次"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	plain := profiled(t, firmwareconfig.Profile{Buttons: profile.Buttons[:1]}).tellKeys()
	if strings.Contains(plain, "×2") {
		t.Errorf("nothing must be held, and yet:\n%s", plain)
	}
}
