package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/identity"
	"ark/hub/store"
)

// done has an errand done and is what was printed.
func done(t *testing.T, config string, e errand) string {
	t.Helper()
	var out bytes.Buffer
	must(t, e.print(config, &out))
	return out.String()
}

// accounts are those of a hub that does not run.
func accounts(t *testing.T, config string) (*identity.Accounts, *store.Store) {
	t.Helper()
	c, err := firmwareconfig.LoadHub(config)
	must(t, err)
	s, err := store.Open(t.Context(), filepath.Join(c.Data, "hub.db"), random, time.Now)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return identity.NewAccounts(s, time.Now), s
}

// passwords sets two, made up and typed.
func passwords(t *testing.T, config string) (made string) {
	t.Helper()
	var out bytes.Buffer
	must(t, (&passwdCmd{Account: "admin", Config: config}).set(nil, &out))
	made = strings.Fields(out.String()[strings.LastIndex(out.String(), ": ")+2:])[0]
	out.Reset()
	must(t, (&passwdCmd{Account: "lin", Config: config, Stdin: true}).set(strings.NewReader("typed by my own hand\r\n"), &out))
	if strings.Contains(out.String(), "typed") {
		t.Errorf("a typed password is repeated: %s", out.String())
	}
	if err := (&passwdCmd{Account: "lin", Config: config, Stdin: true}).set(strings.NewReader("short"), io.Discard); err == nil {
		t.Error("a short password was taken")
	}
	done(t, config, errand{Do: "reset", Name: "lin"})
	done(t, config, errand{Do: "disable", Name: "lin"})
	if got := done(t, config, errand{Do: "list"}); got != "admin\tadministrator\nlin\tadministrator disabled\n" {
		t.Errorf("got %q", got)
	}
	if err := (errand{Do: "disable", Name: "admin"}).print(config, io.Discard); err == nil {
		t.Error("the last administrator was shut out")
	}
	done(t, config, errand{Do: "enable", Name: "lin"})
	if err := (errand{Do: "reset", Name: "nobody"}).print(config, io.Discard); err == nil {
		t.Error("nobody was reset")
	}
	return made
}

// onRecord insists that what passwords did is on record, as done at the machine
// itself, and that a password that was printed has to be changed.
func onRecord(t *testing.T, s *store.Store) {
	t.Helper()
	all, err := s.Deeds(t.Context(), hub.AuditFilter{Who: hub.OwnName}, hub.AuditPlace{}, 50)
	must(t, err)
	var got []string
	for _, e := range slices.Backward(all) {
		got = append(got, e.Detail["do"]+" "+e.Object.ID+" "+string(e.Outcome))
	}
	want := []string{"password admin allowed", "password lin allowed", "password lin allowed", "password lin failed", "reset lin allowed", "disable lin allowed",
		"disable admin allowed", "disable admin failed", "enable lin allowed", "reset nobody allowed", "reset nobody failed"}
	if !slices.Equal(got, want) {
		t.Errorf("on record %q, want %q", got, want)
	}
	for name, fresh := range map[string]bool{"admin": true, "lin": false} {
		if a, err := s.Account(t.Context(), name); err != nil || a.Fresh != fresh {
			t.Errorf("%s has to change the password: %v, %v", name, a.Fresh, err)
		}
	}
}

func TestALostPasswordIsSetAnew(t *testing.T) {
	config := newHub(t)
	made := passwords(t, config)
	a, s := accounts(t, config)
	must(t, a.Verify(t.Context(), "admin", made, "console"))
	must(t, a.Verify(t.Context(), "lin", "typed by my own hand", "console"))
	onRecord(t, s)
}

// A log is read by others: what is started without a terminal tells no
// password, and makes no account that everybody knows.
func TestNoPasswordInTheLog(t *testing.T) {
	c, err := firmwareconfig.LoadHub(newHub(t))
	must(t, err)
	var said, log bytes.Buffer
	o, err := openOffice(t.Context(), c, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	defer o.close()
	must(t, o.firstAccount(t.Context(), &said, false))
	if none, err := o.accounts.Empty(t.Context()); !none || err != nil || said.Len() > 0 || !strings.Contains(log.String(), "ark-hub passwd") {
		t.Errorf("no account: %v, %v; said %q, logged %q", none, err, said.String(), log.String())
	}
	must(t, o.firstAccount(t.Context(), &said, true))
	if a, err := o.store.Account(t.Context(), "admin"); err != nil || !a.Fresh || !strings.Contains(said.String(), "只显示这一次") {
		t.Errorf("at a terminal: %+v, %v, said %q", a, err, said.String())
	}
}

// While the hub runs, it does what the commands ask; a hub that was killed
// leaves nothing that stands in the way.
func TestALostPasswordIsSetWhileTheHubRuns(t *testing.T) {
	config := newHub(t)
	c, err := firmwareconfig.LoadHub(config)
	must(t, err)
	must(t, os.MkdirAll(c.Data, 0o700))
	must(t, os.WriteFile(filepath.Join(c.Data, counterName), nil, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o, err := openOffice(ctx, c, slog.New(slog.DiscardHandler))
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- o.run(ctx) }()
	st, err := os.Stat(filepath.Join(c.Data, counterName))
	must(t, err)
	if st.Mode()&0o077 != 0 {
		t.Errorf("everybody may ask for errands: %v", st.Mode())
	}
	made := passwords(t, config)
	must(t, o.accounts.Verify(t.Context(), "admin", made, "console"))
	onRecord(t, o.store)
	cancel()
	must(t, <-ended)
	a, _ := accounts(t, config)
	must(t, a.Verify(t.Context(), "admin", made, "console"))
}

// A hub of an earlier release had its accounts in a file.
func TestEarlierAccountsAreTakenOver(t *testing.T) {
	config := newHub(t)
	c, err := firmwareconfig.LoadHub(config)
	must(t, err)
	must(t, os.MkdirAll(c.Data, 0o700))
	file := `{"林老师": {"salt": "9c6mmGn1LyPc3bpfqLUTnw==", "hash": "+t3ay9rfAr3i2pv9VH4Hm58JjzukrfJK+KrBBs5gmLg=", "time": 1, "memory": 64, "threads": 1}}`
	must(t, os.WriteFile(filepath.Join(c.Data, "accounts.json"), []byte(file), 0o600))
	o, err := openOffice(t.Context(), c, slog.New(slog.DiscardHandler))
	must(t, err)
	defer o.close()
	var said bytes.Buffer
	must(t, o.firstAccount(t.Context(), &said, true))
	if said.Len() > 0 {
		t.Errorf("there are accounts, and one more is made: %s", said.String())
	}
	must(t, o.accounts.Verify(t.Context(), "林老师", "a good password", "console"))
	if a, err := o.store.Account(t.Context(), "林老师"); err != nil || !a.Staff("").Is("administrator") || !a.Sight.Whole {
		t.Errorf("got %+v, %v", a, err)
	}
	kept, err := os.ReadFile(filepath.Join(c.Data, "accounts.json.imported"))
	if err != nil || string(kept) != file {
		t.Errorf("the file is not kept aside: %q, %v", kept, err)
	}
	if n, err := o.accounts.Adopt(t.Context(), c.Data); n != 0 || err != nil {
		t.Errorf("taken over twice: %d, %v", n, err)
	}
}

// hub.toml names the organisation's sign-in, and what its groups give.
func TestTheOrganisationsSignIn(t *testing.T) {
	o := &office{}
	if got, err := o.organisation(); got != nil || err != nil {
		t.Errorf("nobody named one: %v, %v", got, err)
	}
	config := newHub(t)
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString("console_address = \"https://hub.example.org\"\n[oidc]\nname = \"街道统一登录\"\nissuer = \"https://id.example.org\"\nclient_id = \"hub\"\nclaim = \"groups\"\n" +
		"[[oidc.grant]]\nvalue = \"north\"\nroles = [\"reader\"]\nplaces = [\"北街\", \"南街/公园\"]\n")
	must(t, err)
	must(t, f.Close())
	o.config, err = firmwareconfig.LoadHub(config)
	must(t, err)
	if got, err := o.organisation(); err != nil || got.Name() != "街道统一登录" {
		t.Errorf("got %v, %v", got, err)
	}
	text, err := os.ReadFile(config)
	must(t, err)
	must(t, os.WriteFile(config, bytes.Replace(text, []byte("https://id."), []byte("http://id."), 1), 0o600))
	if _, err := firmwareconfig.LoadHub(config); err == nil {
		t.Error("the organisation's sign-in is asked without TLS")
	}
	o.config.OIDC.Grants[0].Places = nil
	if _, err := o.organisation(); err == nil {
		t.Error("a group without places is let see everything")
	}
}
