package console

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ark/hub"
	"ark/internal/qr"
)

// accountRoutes are those of one's own account, and for administrators of all.
func (c *Console) accountRoutes() []route {
	return []route{
		{"GET /password", hub.RoleReader, c.proven(c.showPassword)},
		{"POST /password", hub.RoleReader, c.proven(c.changePassword)},
		{"GET /confirm", hub.RoleReader, c.showConfirm},
		{"POST /confirm", hub.RoleReader, c.confirm},
		{"POST /confirm/key/options", hub.RoleReader, c.askOwnKey},
		{"POST /confirm/key", hub.RoleReader, c.confirmKey},
		{"GET /account", hub.RoleReader, c.showAccount},
		{"POST /account/sessions", hub.RoleReader, c.endOwnSessions},
		{"GET /account/app", hub.RoleReader, c.proven(c.showApp)},
		{"POST /account/app", hub.RoleReader, c.proven(c.setApp)},
		{"POST /account/app/off", hub.RoleReader, c.proven(c.unsetApp)},
		{"POST /account/codes", hub.RoleReader, c.proven(c.newCodes)},
		{"GET /account/keys", hub.RoleReader, c.proven(c.showNewKey)},
		{"POST /account/keys/options", hub.RoleReader, c.proven(c.offerKey)},
		{"POST /account/keys", hub.RoleReader, c.proven(c.addKey)},
		{"POST /account/keys/remove", hub.RoleReader, c.proven(c.removeKey)},
		{"GET /account/tokens", hub.RoleReader, c.proven(c.showNewToken)},
		{"POST /account/tokens", hub.RoleReader, c.proven(c.makeToken)},
		{"POST /account/tokens/end", hub.RoleReader, c.proven(c.endToken)},
		{"GET /accounts", hub.RoleAdministrator, c.showAccounts},
		{"GET /accounts/new", hub.RoleAdministrator, c.proven(c.showNewAccount)},
		{"POST /accounts/new", hub.RoleAdministrator, c.proven(c.makeAccount)},
		{"GET /accounts/one", hub.RoleAdministrator, c.proven(c.showOne)},
		{"POST /accounts/one", hub.RoleAdministrator, c.proven(c.setOne)},
		{"POST /accounts/password", hub.RoleAdministrator, c.proven(c.handPassword)},
		{"POST /accounts/reset", hub.RoleAdministrator, c.proven(c.resetOne)},
		{"POST /accounts/sessions", hub.RoleAdministrator, c.proven(c.endSessionsOf)},
		{"POST /accounts/tokens", hub.RoleAdministrator, c.proven(c.endTokenOf)},
	}
}

// accountPage is one's own account.
type accountPage struct {
	frame
	Account  hub.Account
	Keys     []hub.Passkey
	Sessions []hub.Session
	Own      string // ID of this session
	Tokens   []hub.Token
	Trouble  string   // key of what to do now
	Codes    []string // recovery codes that were just made
	Hinder   string   // key of why there can be no passkeys here
	Lacks    bool     // it must have a second factor, and has none yet
}

func (c *Console) showAccount(w http.ResponseWriter, r *http.Request) {
	c.accountPage(w, r, http.StatusOK, accountPage{})
}

func (c *Console) accountPage(w http.ResponseWriter, r *http.Request, status int, p accountPage) {
	ctx := r.Context()
	own := desk(ctx)
	var err error
	if p.Account, err = c.c.Book.Account(ctx, nameOf(r)); err == nil {
		p.Keys, err = own.OwnKeys(ctx)
	}
	if err == nil {
		p.Sessions, p.Own, err = own.OwnSessions(ctx, seatOf(c.sessions.Token(ctx)))
	}
	if err == nil {
		p.Tokens, err = own.OwnTokens(ctx)
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame, p.Hinder, p.Lacks = c.frame(r, "account"), c.keysHinder(r), c.unfactored(p.Account)
	c.site.Page(w, r, status, "account.html", p)
}

// accountDone goes back to the account: what was asked for is done, or page
// says what to do now.
func (c *Console) accountDone(w http.ResponseWriter, r *http.Request, err error, done string) {
	key, status := "", http.StatusUnprocessableEntity
	switch {
	case err == nil:
		c.say(r, c.site.Text(r, done))
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	case errors.Is(err, hub.ErrPassword):
		key = "account.tooShort"
	case errors.Is(err, hub.ErrLastAdministrator):
		key = "account.last"
	case errors.Is(err, hub.ErrNotThere):
		key = "account.gone"
	default:
		c.c.Log.Error("an account cannot be changed", "err", err)
		key, status = ours(err, "form.ours"), http.StatusServiceUnavailable
	}
	c.accountPage(w, r, status, accountPage{Trouble: key})
}

func (c *Console) endOwnSessions(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	_, err := desk(r.Context()).EndOwnSessions(r.Context(), r.PostFormValue("id"), seatOf(c.sessions.Token(r.Context())))
	c.accountDone(w, r, err, "account.ended")
}

// appPage turns codes of an app on.
type appPage struct {
	frame
	Secret  string
	Groups  string // the secret as it is typed
	Code    template.HTML
	Trouble string
}

func (c *Console) showApp(w http.ResponseWriter, r *http.Request) {
	secret, address := c.c.Accounts.NewApp(nameOf(r))
	c.appPage(w, r, http.StatusOK, secret, address, "")
}

func (c *Console) appPage(w http.ResponseWriter, r *http.Request, status int, secret, address, trouble string) {
	p := appPage{frame: c.frame(r, "account"), Secret: secret, Trouble: trouble}
	for i := 0; i < len(secret); i += 4 {
		p.Groups += secret[i:min(i+4, len(secret))] + " "
	}
	if address != "" {
		var err error
		if p.Code, err = qr.SVG(address, c.site.Text(r, "app.qr")); err != nil {
			c.unread(w, r, err)
			return
		}
	}
	c.site.Page(w, r, status, "app.html", p)
}

func (c *Console) setApp(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	secret := r.PostFormValue("secret")
	err := desk(r.Context()).SetOwnApp(r.Context(), secret, r.PostFormValue("code"))
	if errors.Is(err, hub.ErrWrongCode) {
		c.appPage(w, r, http.StatusUnprocessableEntity, secret, "", "app.wrong")
		return
	}
	if errors.Is(err, hub.ErrInvalid) { // no secret of ours
		c.showApp(w, r)
		return
	}
	if err != nil {
		c.accountDone(w, r, err, "")
		return
	}
	if accountOf(r).Codes == 0 { // whoever loses the telephone must still come in
		c.newCodes(w, r)
		return
	}
	c.accountDone(w, r, nil, "app.on")
}

func (c *Console) unsetApp(w http.ResponseWriter, r *http.Request) {
	c.accountDone(w, r, desk(r.Context()).UnsetOwnApp(r.Context()), "app.off")
}

// newCodes makes recovery codes and shows them, this once.
func (c *Console) newCodes(w http.ResponseWriter, r *http.Request) {
	codes, err := desk(r.Context()).NewOwnCodes(r.Context())
	if err != nil {
		c.accountDone(w, r, err, "")
		return
	}
	c.site.Page(w, r, http.StatusOK, "codes.html", accountPage{frame: c.frame(r, "account"), Codes: codes})
}

func (c *Console) showNewKey(w http.ResponseWriter, r *http.Request) {
	c.site.Page(w, r, http.StatusOK, "newkey.html", accountPage{frame: c.frame(r, "account"), Hinder: c.keysHinder(r)})
}

func (c *Console) offerKey(w http.ResponseWriter, r *http.Request) {
	if c.hindered(w, r) {
		return
	}
	options, word, err := c.c.Accounts.OfferKey(r.Context(), nameOf(r), c.place(r))
	c.keyOptions(w, r, options, word, err)
}

// maxKeyName is the most characters of what a passkey is called.
const maxKeyName = 30

func (c *Console) addKey(w http.ResponseWriter, r *http.Request) {
	answer, ok := c.keyAnswer(w, r)
	if !ok {
		return
	}
	called := []rune(strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(r.URL.Query().Get("name"), "\x00", ""), "")))
	if err := desk(r.Context()).AddOwnKey(r.Context(), string(called[:min(len(called), maxKeyName)]), c.held(w, r), answer, c.place(r)); err != nil {
		c.keyTrouble(w, r, err)
		return
	}
	c.say(r, c.site.Text(r, "key.added"))
	c.onwardsWith(w, "/account")
}

func (c *Console) removeKey(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("id"))
	if err != nil {
		err = hub.ErrNotThere
	} else {
		err = desk(r.Context()).RemoveOwnKey(r.Context(), id)
	}
	c.accountDone(w, r, err, "key.removed")
}

// tokenPage makes a token of the API.
type tokenPage struct {
	frame
	Name    string
	Days    int
	Rights  rightsForm
	Trouble string
	Word    string // the token that was just made, shown this once
}

// tokenDays are for how long one may be good.
var tokenDays = []int{30, 90, 365}

func (c *Console) showNewToken(w http.ResponseWriter, r *http.Request) {
	a := accountOf(r)
	c.tokenPage(w, r, http.StatusOK, tokenPage{Days: tokenDays[1], Rights: rightsFormOf([]hub.Role{hub.RoleReader}, a.Sight)})
}

func (c *Console) tokenPage(w http.ResponseWriter, r *http.Request, status int, p tokenPage) {
	p.frame = c.frame(r, "account")
	p.Rights.May = staffOf(r)
	p.Rights.Known = c.knownPlaces(r)
	c.site.Page(w, r, status, "token.html", p)
}

func (c *Console) makeToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := tokenPage{Name: strings.TrimSpace(r.PostFormValue("name"))}
	p.Days, _ = strconv.Atoi(r.PostFormValue("days")) // what is no number is no token
	p.Rights = readRights(r)
	refuse := func(key string) {
		p.Trouble = key
		c.tokenPage(w, r, http.StatusUnprocessableEntity, p)
	}
	roles, sight, trouble := p.Rights.rights()
	if p.Name == "" {
		trouble = "token.noName"
	}
	if trouble != "" {
		refuse(trouble)
		return
	}
	word, err := desk(r.Context()).MakeOwnToken(r.Context(), hub.Token{Name: p.Name, Roles: roles, Sight: sight, Ends: c.c.Now().Add(time.Duration(p.Days) * 24 * time.Hour)})
	switch {
	case errors.Is(err, hub.ErrNotAllowed), errors.Is(err, hub.ErrOutOfSight):
		refuse("token.more")
	case errors.Is(err, hub.ErrInvalid):
		refuse("token.bad")
	case errors.Is(err, hub.ErrFull):
		refuse("token.full")
	case err != nil:
		c.c.Log.Error("a token cannot be made", "err", err)
		refuse(ours(err, "form.ours"))
	default:
		p.Word = word
		c.tokenPage(w, r, http.StatusOK, p)
	}
}

func (c *Console) endToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	c.accountDone(w, r, desk(r.Context()).RemoveOwnToken(r.Context(), r.PostFormValue("id")), "token.ended")
}

// browserOf is what people call a browser, of what it calls itself.
func browserOf(agent string) string {
	find := func(marks ...[2]string) string {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser := find([2]string{"MicroMessenger", "微信 WeChat"}, [2]string{"Edg/", "Edge"}, [2]string{"Firefox/", "Firefox"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := find([2]string{"Windows", "Windows"}, [2]string{"Android", "Android"}, [2]string{"HarmonyOS", "HarmonyOS"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Mac OS", "Mac"}, [2]string{"Linux", "Linux"})
	if browser == "" && system == "" {
		return agent
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", browser, system))
}
