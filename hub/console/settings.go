package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"ark"
	"ark/hub"
)

// maxSettings bounds the bytes of the form of settings: places may be many.
const maxSettings = 512 << 10

// settingsPage is what holds for all vans, or for one.
type settingsPage struct {
	frame
	Van     ark.VanID // empty: for all
	Own     bool      // the van has its own
	By      string    // who changed them last; empty: nobody yet
	Form    settingsForm
	Bad     troubles
	Trouble string // key of what is wrong with all of it
	Vans    []vanSettings
	Afters  []ark.AfterCut
	Place   string // where the van stands by its crew's word
}

// vanSettings says whether a van has its own.
type vanSettings struct {
	ID  ark.VanID
	Own bool
	By  string
}

// settingsOf is the van that an address names. False: it was answered.
func (c *Console) settingsOf(w http.ResponseWriter, r *http.Request) (hub.Van, []hub.Van, bool) {
	vans, err := desk(r.Context()).Vans(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return hub.Van{}, nil, false
	}
	name := r.PathValue("van")
	if name == "" {
		return hub.Van{}, vans, true
	}
	i := slices.IndexFunc(vans, func(v hub.Van) bool { return string(v.ID) == name })
	if i < 0 {
		c.lost(w, r)
		return hub.Van{}, nil, false
	}
	return vans[i], vans, true
}

func (c *Console) showSettings(w http.ResponseWriter, r *http.Request) {
	c.settingsPage(w, r, http.StatusOK, settingsPage{})
}

// settingsPage shows the form of p, or where it is empty what holds.
func (c *Console) settingsPage(w http.ResponseWriter, r *http.Request, status int, p settingsPage) {
	van, vans, ok := c.settingsOf(w, r)
	if !ok {
		return
	}
	u, err := c.rules(r.Context(), vans)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	rule := u.Of(van.ID)
	p.frame, p.Van, p.Own, p.By = c.frame(r, "settings"), van.ID, rule.Own, rule.Settings.By
	if p.Form.Zone == "" && len(p.Bad) == 0 {
		p.Form = settingsFormOf(rule.Settings)
	}
	if van.Health != nil {
		p.Place = van.Health.Place
	}
	for _, v := range vans {
		p.Vans = append(p.Vans, vanSettings{v.ID, u.Of(v.ID).Own, u.Of(v.ID).Settings.By})
	}
	p.Afters = []ark.AfterCut{ark.AfterCutDrop, ark.AfterCutRestart, ark.AfterCutResume}
	c.site.Page(w, r, status, "settings.html", p)
}

// setSettings keeps what was posted, for all vans or for one.
func (c *Console) setSettings(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSettings)
	van, _, ok := c.settingsOf(w, r)
	if !ok {
		return
	}
	if r.PostFormValue("zone"); r.PostForm.Get("same") == "yes" && van.ID != "" {
		c.settingsKept(w, r, van.ID, true, settingsPage{}, desk(r.Context()).SetSettings(r.Context(), van.ID, nil))
		return
	}
	f := readSettingsForm(r.PostForm)
	s, bad := f.settings()
	p := settingsPage{Form: f.blank(), Bad: bad}
	if len(bad) > 0 {
		c.settingsPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	c.settingsKept(w, r, van.ID, false, p, c.changeSettings(r, van.ID, s, f.Version))
}

// changeSettings keeps settings where those that the form showed still hold;
// else hub.ErrStale.
func (c *Console) changeSettings(r *http.Request, van ark.VanID, s ark.Settings, shown string) error {
	c.planning.Lock()
	defer c.planning.Unlock()
	now, _, err := desk(r.Context()).Settings(r.Context(), van)
	if err != nil {
		return err
	}
	if strconv.FormatInt(now.Version, 10) != shown {
		return hub.ErrStale
	}
	return desk(r.Context()).SetSettings(r.Context(), van, &s)
}

// settingsKept answers after a change; same: a van's own were taken away.
func (c *Console) settingsKept(w http.ResponseWriter, r *http.Request, van ark.VanID, same bool, p settingsPage, err error) {
	switch {
	case errors.Is(err, hub.ErrStale):
		p.Trouble = "set.stale"
		c.settingsPage(w, r, http.StatusConflict, p)
		return
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "set.full"
		c.settingsPage(w, r, http.StatusUnprocessableEntity, p)
		return
	case refused(err):
		c.unread(w, r, err)
		return
	case err != nil:
		c.c.Log.Error("settings cannot be kept", "err", err)
		p.Trouble = ours(err, "plan.ours")
		c.settingsPage(w, r, http.StatusServiceUnavailable, p)
		return
	}
	to, said := "/settings", c.site.Text(r, "set.kept")
	if van != "" {
		key := "set.keptFor"
		if same {
			key = "set.same"
		}
		to, said = "/settings/"+string(van), fmt.Sprintf(c.site.Text(r, key), van)
	}
	c.say(r, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
}
