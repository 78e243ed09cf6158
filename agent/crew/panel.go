package crew

import (
	"net/http"
	"time"

	"ark"
	"ark/agent"
)

// Button is a button of the panel page.
type Button struct {
	agent.Meaning
	Name  agent.Button
	Title ark.Text // of its announcement, as the library has it now; empty: the van does not hold it
	Class ark.Class
}

// Panel is the simulated panel as the pages use it: each answers false where
// there is no such button. They never wait.
type Panel interface {
	Press(agent.Button) bool  // a short press
	Hold(agent.Button) bool   // a long press
	Switch(agent.Button) bool // down if it is up, and up if it is down
	Down(agent.Button) bool   // down until Up, or until nobody says so again for 2 s
	Up(agent.Button) bool
}

// panelPage is the panel: the same buttons and lamps as the real one, what the
// loudspeaker does, and what is wrong.
type panelPage struct {
	frame
	Plays, Stops []Button
	Talks, Tests []Button
	Louder       *Button // nil: the profile has none
	Softer       *Button
	Lamps        []agent.Light
	Sounding     []sounding
	Presses      presses
	Holding      *Button // that is being held and has not acted yet; nil: none
	Wanted       string  // id of the sound card that must be there; empty: any
	HoldMS       int64
	HoldSeconds  string
	Library      libraryView
	Load         *loadView // nil: this van carries nothing
}

// sounding is a broadcast that sounds now.
type sounding struct {
	ark.AsRun
	Language ark.Language  // that is spoken; empty: none, such as the chime
	Left     time.Duration // about how long it goes on; 0: nobody knows
}

func (c *Crew) showPanel(w http.ResponseWriter, r *http.Request) {
	f, now := c.frame("panel"), c.c.Now()
	p := panelPage{frame: f, Wanted: c.c.Card, Presses: pressesOf(f.Status.Presses), Library: libraryOf(f.Status.Library), Load: c.load(r),
		HoldMS: c.c.Long.Milliseconds(), HoldSeconds: seconds(c.c.Long)}
	for _, b := range c.c.Buttons() {
		if b.Name == f.Status.Holding {
			p.Holding = &b
		}
		switch {
		case b.Louder:
			p.Louder = &b
		case b.Softer:
			p.Softer = &b
		case b.Stop:
			p.Stops = append(p.Stops, b)
		case b.Talk:
			p.Talks = append(p.Talks, b)
		case b.Test:
			p.Tests = append(p.Tests, b)
		default:
			p.Plays = append(p.Plays, b)
		}
	}
	for _, l := range []agent.Lamp{agent.LampReady, agent.LampPlaying, agent.LampFault} {
		p.Lamps = append(p.Lamps, agent.Light{Lamp: l, On: p.Status.Lamps[l]})
	}
	for _, run := range soundingIn(f.Status) {
		p.Sounding = append(p.Sounding, soundingOf(run, now.Wall))
	}
	c.site.Page(w, r, http.StatusOK, "panel.html", p)
}

// soundingIn are the broadcasts that sound, the uppermost first.
func soundingIn(s agent.Status) []ark.AsRun {
	if len(s.Sounding) == 0 && s.Playing != nil {
		return []ark.AsRun{*s.Playing}
	}
	return s.Sounding
}

// soundingOf tells what is heard of a broadcast now, and how much is to come:
// by the recordings alone, for the record knows no gaps.
func soundingOf(run ark.AsRun, now ark.UnixMilli) sounding {
	s := sounding{AsRun: run}
	for _, rec := range run.Recordings {
		length := time.Duration(rec.Frames) * time.Second / ark.SampleRate
		switch rec.State {
		case ark.BroadcastStarted:
			s.Language = rec.Language
			s.Left += max(length-max(now.Time().Sub(rec.StartedAt.Time()), 0), 0)
			if rec.StartedAt == 0 {
				s.Left += length
			}
		case ark.BroadcastAccepted:
			s.Left += length
		}
	}
	return s
}

// libraryView is what the page says of the library.
type libraryView struct {
	ark.LibraryState
	Word   string // demo, coming, held or failed
	HaveMB string
	WantMB string
}

func libraryOf(s ark.LibraryState) libraryView {
	words := map[ark.LibraryStage]string{ark.LibraryComing: "coming", ark.LibraryHeld: "held", ark.LibraryFailed: "failed"}
	v := libraryView{LibraryState: s, Word: words[s.Stage], HaveMB: megabytes(s.Have), WantMB: megabytes(s.Want)}
	if v.Word == "" {
		v.Word = "demo"
	}
	return v
}

// soundWord is how the loudspeaker is, in one stable word: "ok", "opening",
// "silent" or why it cannot be heard.
func soundWord(s agent.SoundState) string {
	switch {
	case s.Fault != "":
		return s.Fault
	case s.Device == "":
		return "opening"
	case s.Silent:
		return "silent"
	case s.Muted:
		return ark.WhyMuted
	}
	return "ok"
}
