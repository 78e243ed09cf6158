// Package demo is the demonstration announcements that come along, one of
// each class, so that a van has something to say before the office has made
// its own. They are spoken by a synthesiser, and the music is calculated;
// scripts/demo-recordings makes them. This is the one door to the FLAC decoder.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/mewkiz/flac"

	"ark"
)

//go:embed recordings/*.flac
var recordings embed.FS

// levels is how loud each recording was measured to be, a line each.
//
//go:embed levels.tsv
var levels string

// languages are spoken in this order. Cantonese stands in for the dialect of
// the place.
var languages = []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"}

// music has no words: "zxx" is BCP 47's tag for that.
var music = []ark.Language{"zxx"}

// List is the announcements without their recordings: what there is to order.
func List() []ark.Announcement {
	spoken := func(id ark.AnnouncementID, class ark.Class, zh, en string) ark.Announcement {
		return ark.Announcement{ID: id, Version: 1, Title: ark.Text{Zh: zh, En: en}, Class: class, Chime: true, GapMillis: 400}
	}
	return []ark.Announcement{
		spoken("welcome", ark.ClassRoutine, "方舟到了", "The van is here"),
		spoken("services", ark.ClassScheduled, "今日便民服务", "Services today"),
		spoken("water", ark.ClassRoutine, "停水通知", "Water will be off"),
		spoken("emergency", ark.ClassEmergencyLocal, "紧急避险演练", "Emergency drill"),
		{ID: "music", Version: 1, Title: ark.Text{Zh: "背景音乐", En: "Background music"}, Class: ark.ClassMusic, Repeats: ark.RepeatForever},
	}
}

func languagesOf(a ark.Announcement) []ark.Language {
	if a.Class == ark.ClassMusic {
		return music
	}
	return languages
}

// Announcements makes the announcements, and their recordings as files under
// their hashes. wav makes a file of samples (48 kHz, mono).
func Announcements(wav func([]int16) []byte) (list []ark.Announcement, files map[ark.Hash][]byte, err error) {
	files = map[ark.Hash][]byte{}
	for _, a := range List() {
		for _, l := range languagesOf(a) {
			name := fmt.Sprintf("%s.%s", a.ID, l)
			samples, err := decode("recordings/" + name + ".flac")
			if err != nil {
				return nil, nil, fmt.Errorf("demonstration announcement %s in %s: %w", a.ID, l, err)
			}
			file := wav(samples)
			h := ark.HashOf(file)
			files[h] = file
			loud, peak, err := level(name)
			if err != nil {
				return nil, nil, err
			}
			a.Recordings = append(a.Recordings, ark.Recording{Language: l, Content: h, Frames: int64(len(samples)), Size: int64(len(file)),
				Loudness: loud, Peak: peak, Machine: a.Class != ark.ClassMusic})
		}
		list = append(list, a)
	}
	return list, files, nil
}

// level is a recording's loudness and true peak, in hundredths of LUFS and
// dBTP.
func level(name string) (loud, peak int, err error) {
	for line := range strings.Lines(levels) {
		var of string
		var l, p float64
		if n, _ := fmt.Sscan(line, &of, &l, &p); n == 3 && of == name {
			return int(math.Round(100 * l)), int(math.Round(100 * p)), nil
		}
	}
	return 0, 0, fmt.Errorf("demonstration recording %s: levels.tsv does not have it", name)
}

func decode(name string) ([]int16, error) {
	data, err := recordings.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := flac.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if s.Info.SampleRate != ark.SampleRate || s.Info.NChannels != 1 || s.Info.BitsPerSample != 16 {
		return nil, fmt.Errorf("not 48 kHz mono 16 bit: %d Hz, %d channels, %d bit", s.Info.SampleRate, s.Info.NChannels, s.Info.BitsPerSample)
	}
	out := make([]int16, 0, s.Info.NSamples)
	for {
		f, err := s.ParseNext()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for _, v := range f.Subframes[0].Samples {
			out = append(out, int16(v))
		}
	}
}
