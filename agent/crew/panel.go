package crew

import (
	"net/http"
	"slices"
	"time"

	"ark"
	"ark/agent"
)

// panelPage is the simulated panel: the same buttons and lamps as the real
// one, and what the loudspeaker does.
type panelPage struct {
	frame
	Buttons []Button
	Lamps   []agent.Light
	Now     ark.Language // the language that sounds; empty: none
	Median  time.Duration
	Slowest time.Duration
	Pressed int
}

func (c *Crew) showPanel(w http.ResponseWriter, r *http.Request) {
	p := panelPage{frame: c.frame("panel"), Buttons: c.c.Buttons}
	_, latencies := c.c.Status()
	if n := len(latencies); n > 0 {
		slices.Sort(latencies)
		p.Median, p.Slowest, p.Pressed = latencies[n/2], latencies[n-1], n
	}
	for _, l := range []agent.Lamp{agent.LampReady, agent.LampPlaying, agent.LampFault} {
		p.Lamps = append(p.Lamps, agent.Light{Lamp: l, On: p.Status.Lamps[l]})
	}
	if run := p.Status.Playing; run != nil {
		for _, rec := range run.Recordings {
			if rec.State == ark.BroadcastStarted {
				p.Now = rec.Language
			}
		}
	}
	c.site.Page(w, r, http.StatusOK, "panel.html", p)
}

func (c *Crew) press(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	button := agent.Button(r.PostFormValue("button"))
	stop := slices.ContainsFunc(c.c.Buttons, func(b Button) bool { return b.Name == button && b.Stop })
	if from, ok := phone(r); ok && !stop && !c.rush.takes(from, c.c.Now().Mono) {
		http.Error(w, c.site.Text(r, "panel.rush"), http.StatusTooManyRequests)
		return
	}
	if !c.c.Press(button) {
		c.lost(w, r)
		return
	}
	http.Redirect(w, r, "/panel", http.StatusSeeOther)
}
