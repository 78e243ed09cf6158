package sound

import (
	"bufio"
	"slices"
	"strconv"
	"strings"
)

// cardIDs are the ids in the text of /proc/asound/cards, whose lines begin
// like " 1 [Device         ]: USB-Audio - USB Audio Device". An id stays the
// same from boot to boot; the number before it does not.
func cardIDs(text string) (ids []string) {
	for line := range strings.Lines(text) {
		number, rest, found := strings.Cut(line, "[")
		if _, err := strconv.Atoi(strings.TrimSpace(number)); !found || err != nil {
			continue
		}
		id, _, found := strings.Cut(rest, "]:")
		if id = strings.TrimSpace(id); found && id != "" && len(id) <= 16 {
			ids = append(ids, id)
		}
	}
	return ids
}

// Controls by the names that drivers give them (ControlNames.rst of the
// kernel): all of the way to the loudspeaker goes through each of the first
// kind, and out at any of the second.
var (
	throughNames = []string{"Master", "PCM", "Digital"}
	outNames     = []string{"Headphone", "Headphones", "Speaker", "Front", "Line Out", "Lineout", "Analogue", "HDMI"}
)

// cardMuted tells from the text of "amixer scontents" that nothing can come
// out of the card.
func cardMuted(scontents string) bool {
	outs, shut := 0, 0
	for _, c := range mixerControls(scontents) {
		switch {
		case !c.playback:
		case slices.Contains(throughNames, c.name) && c.shut:
			return true
		case slices.Contains(outNames, c.name):
			outs++
			if c.shut {
				shut++
			}
		}
	}
	return outs > 0 && outs == shut
}

// control is a simple mixer control of a card.
type control struct {
	name     string
	playback bool // of what is played; else of what is recorded
	shut     bool // every channel of it is switched off or turned to nothing
}

// mixerControls reads amixer's text. Of several controls of one name only the
// first is the way to the loudspeaker.
func mixerControls(text string) (all []control) {
	seen := map[string]bool{}
	var now *control
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, found := strings.CutPrefix(line, "Simple mixer control '"); found {
			name, _, _ := strings.Cut(rest, "'")
			if now = nil; !seen[name] {
				seen[name] = true
				all = append(all, control{name: name})
				now = &all[len(all)-1]
			}
			continue
		}
		_, value, found := strings.Cut(line, ": Playback ")
		if now == nil || !found || strings.HasPrefix(line, "Limits:") {
			continue
		}
		value, _, _ = strings.Cut(value, " Capture ")
		shut := strings.Contains(value, "[off]") || silentLevel(value)
		now.shut = shut && (now.shut || !now.playback)
		now.playback = true
	}
	return all
}

// silentLevel tells from "0 [0%] [-63.50dB] [on]" that nothing is let through.
// A control that ends at a few dB below full is no way to silence.
func silentLevel(value string) bool {
	if !strings.Contains(value, "[0%]") {
		return false
	}
	_, rest, found := strings.Cut(value, "[0%] [")
	dB, _, isLevel := strings.Cut(rest, "dB]")
	if !found || !isLevel {
		return true
	}
	level, err := strconv.ParseFloat(dB, 64)
	return err != nil || level <= -30
}

// sinkMuted tells from what "pactl get-sink-mute" and "get-sink-volume" say
// that nothing can come out of the sink.
func sinkMuted(mute, volume string) bool {
	if strings.TrimSpace(mute) == "Mute: yes" {
		return true
	}
	channels, loud := 0, 0
	for s := bufio.NewScanner(strings.NewReader(volume)); s.Scan(); {
		rest, found := strings.CutPrefix(s.Text(), "Volume:")
		if !found {
			continue
		}
		for _, channel := range strings.Split(rest, ",") {
			if parts := strings.Split(channel, "/"); len(parts) > 1 {
				channels++
				if strings.TrimSpace(parts[1]) != "0%" {
					loud++
				}
			}
		}
	}
	return channels > 0 && loud == 0
}
