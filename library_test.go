package ark_test

import (
	"bytes"
	"errors"
	"testing"

	"ark"
)

func goodAnnouncement() ark.Announcement {
	return ark.Announcement{ID: "welcome", Version: 1, Title: ark.Text{Zh: "欢迎", En: "Welcome"}, Recordings: []ark.Recording{
		{Language: "cmn-Hans-CN", Content: ark.Hash{1}, Frames: 1}, {Language: "wuu-CN-x-hangzhou", Content: ark.Hash{2}, Frames: ark.MaxRecordingFrames}}}
}

func TestLimitsOfAnAnnouncement(t *testing.T) {
	if err := goodAnnouncement().Check(); err != nil {
		t.Fatal(err)
	}
	music := goodAnnouncement()
	music.Class, music.Repeats = ark.ClassMusic, ark.RepeatForever
	if err := music.Check(); err != nil {
		t.Errorf("music that goes round: %v", err)
	}
	rows := map[string]func(*ark.Announcement){
		"an id with a slash":         func(a *ark.Announcement) { a.ID = "a/b" },
		"no version":                 func(a *ark.Announcement) { a.Version = 0 },
		"no title":                   func(a *ark.Announcement) { a.Title.Zh = "" },
		"a title of 61 characters":   func(a *ark.Announcement) { a.Title.En = string(bytes.Repeat([]byte("x"), ark.MaxTitle+1)) },
		"speech for ever":            func(a *ark.Announcement) { a.Repeats = ark.RepeatForever },
		"21 repeats":                 func(a *ark.Announcement) { a.Repeats = ark.MaxRepeats + 1 },
		"a rest of an hour":          func(a *ark.Announcement) { a.RestMillis = 3600_000 },
		"a gap before it began":      func(a *ark.Announcement) { a.GapMillis = -1 },
		"a day long":                 func(a *ark.Announcement) { a.MaxSeconds = ark.MaxSecondsMost + 1 },
		"an unknown class":           func(a *ark.Announcement) { a.Class = 5 },
		"over before it is valid":    func(a *ark.Announcement) { a.ValidFrom, a.ValidUntil = 2, 1 },
		"no moment valid":            func(a *ark.Announcement) { a.ValidFrom, a.ValidUntil = 2, 2 },
		"the same language twice":    func(a *ark.Announcement) { a.Recordings[1].Language = "cmn-Hans-CN" },
		"a language that is none":    func(a *ark.Announcement) { a.Recordings[1].Language = "x y" },
		"an empty recording":         func(a *ark.Announcement) { a.Recordings[0].Frames = 0 },
		"a recording of eleven mins": func(a *ark.Announcement) { a.Recordings[0].Frames = ark.MaxRecordingFrames + 1 },
		"a file of a gigabyte":       func(a *ark.Announcement) { a.Recordings[0].Size = 1 << 30 },
		"nine languages":             func(a *ark.Announcement) { a.Recordings = make([]ark.Recording, ark.MaxLanguages+1) },
	}
	for name, spoil := range rows {
		a := goodAnnouncement()
		if spoil(&a); a.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestDatesAndLengthOfAnAnnouncement(t *testing.T) {
	a := goodAnnouncement()
	a.ValidFrom, a.ValidUntil = 10, 20
	for at, want := range map[ark.UnixMilli]bool{9: false, 10: true, 19: true, 20: false} {
		if a.Valid(at) != want {
			t.Errorf("at %d: valid %v", at, !want)
		}
	}
	a.GapMillis, a.Recordings[0].Frames, a.Recordings[1].Frames = 500, ark.SampleRate, ark.SampleRate/2
	if got := a.Length().Milliseconds(); got != 2000 {
		t.Errorf("one round is %d ms, want 2000", got)
	}
	if got := (ark.Announcement{GapMillis: 500}).Length(); got != 0 {
		t.Errorf("nothing is %v long", got)
	}
}

func TestManifests(t *testing.T) {
	m := ark.Manifest{Version: 3, Languages: []ark.Language{"cmn-Hans-CN", "en"}, Announcements: []ark.Announcement{goodAnnouncement()}}
	one, err := ark.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := ark.EncodeManifest(m)
	got, err := ark.DecodeManifest(one)
	if err != nil || !bytes.Equal(one, two) || got.Announcements[0].ID != "welcome" || got.Version != 3 {
		t.Errorf("%+v, %v; the same bytes: %v", got, err, bytes.Equal(one, two))
	}
	twice := m
	twice.Announcements = append(twice.Announcements, goodAnnouncement())
	if _, err := ark.EncodeManifest(twice); err == nil {
		t.Error("an announcement that stands twice is taken")
	}
	for name, bad := range map[string][]byte{"nothing": {}, "half of it": one[:len(one)/2], "more than it": append(bytes.Clone(one), 0), "text": []byte("manifest")} {
		if _, err := ark.DecodeManifest(bad); !errors.Is(err, ark.ErrGarbage) {
			t.Errorf("%s: %v, want ErrGarbage", name, err)
		}
	}
	if _, err := ark.DecodeManifest(make([]byte, ark.MaxManifest+1)); !errors.Is(err, ark.ErrTooBig) {
		t.Errorf("a manifest of more than a megabyte: %v", err)
	}
}

func TestLimitsOfLibraries(t *testing.T) {
	for _, l := range []ark.Library{{}, {Version: 1}, {Version: 1, Size: ark.MaxManifest + 1}, {Version: -1, Size: 1}} {
		if l.Check() == nil {
			t.Errorf("%+v: taken", l)
		}
	}
	for _, s := range []ark.LibraryState{{}, {Stage: 4}, {Stage: 1, Version: -1}, {Stage: 1, Missing: make([]ark.Hash, ark.MaxMissing+1)}, {Stage: 1, Why: "\xff"}} {
		if s.Check() == nil {
			t.Errorf("%+v: taken", s)
		}
	}
	if err := (ark.LibraryState{Stage: ark.LibraryHeld, Missing: make([]ark.Hash, ark.MaxMissing)}).Check(); err != nil {
		t.Error(err)
	}
}
