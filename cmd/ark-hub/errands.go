package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/identity"
	"ark/hub/store"
)

// errand is what a command at the hub's own computer wants done with accounts.
// Whoever may write the hub's data may ask for it.
type errand struct {
	Do       string // password, list, reset, disable or enable
	Name     string
	Password string
	Handed   bool // the password was printed: it must be changed when it is first used
}

// answer is what became of one.
type answer struct {
	Said  string
	Error string
}

// stewardBook is what a steward needs of the store.
type stewardBook interface {
	identity.Book
	hub.SessionBook
	hub.Audit
}

// steward does errands.
type steward struct {
	accounts *identity.Accounts
	book     stewardBook
}

// do does an errand, once it is on record: of whoever sat at this machine no
// account is known. A list is nothing for the record, as in the console.
func (s steward) do(ctx context.Context, e errand) (string, error) {
	if e.Do == "list" {
		return s.list(ctx)
	}
	d := hub.Deed{At: time.Now(), Who: hub.OwnName, Verb: hub.VerbChange, Object: hub.Object{Kind: hub.ObjectAccount, ID: e.Name}, Detail: map[string]string{"do": e.Do}, Outcome: hub.OutcomeAllowed}
	if err := s.book.Note(ctx, d); err != nil {
		return "", fmt.Errorf("put on record: %w", err)
	}
	said, err := s.change(ctx, e)
	if err != nil {
		d.Outcome = hub.OutcomeFailed
		err = errors.Join(err, s.book.Note(context.WithoutCancel(ctx), d))
	}
	return said, err
}

func (s steward) change(ctx context.Context, e errand) (string, error) {
	switch e.Do {
	case "password":
		if err := s.accounts.Rescue(ctx, e.Name, e.Password, e.Handed); errors.Is(err, hub.ErrPassword) {
			return "", fmt.Errorf("%w：密码要 15 个字符以上，不能太常见 / 15 characters or more, and none that everybody would try", err)
		} else if err != nil {
			return "", err
		}
		return "", nil
	case "reset":
		return fmt.Sprintf("账号 %s 的第二步验证、通行密钥、恢复码和令牌已清除 / the second factors, passkeys, recovery codes and tokens of %s are gone\n", e.Name, e.Name), s.book.ResetProofs(ctx, e.Name)
	case "disable", "enable":
		a, err := s.book.Account(ctx, e.Name)
		if err != nil {
			return "", err
		}
		a.Disabled = e.Do == "disable"
		said := map[bool]string{true: "账号 %s 已停用 / %s is disabled\n", false: "账号 %s 已启用 / %s is enabled\n"}[a.Disabled]
		return fmt.Sprintf(said, e.Name, e.Name), s.book.SetAccount(ctx, a)
	}
	return "", fmt.Errorf("no such errand: %q", e.Do)
}

func (s steward) list(ctx context.Context) (string, error) {
	all, err := s.book.Accounts(ctx)
	var b strings.Builder
	for _, a := range all {
		state := ""
		for _, w := range []struct {
			is   bool
			word string
		}{{a.Disabled, "disabled"}, {a.Lapsed(time.Now()), "lapsed"}, {!a.HasPassword, "no-password"}, {a.TOTP, "totp"}, {a.Passkeys > 0, "passkey"}, {a.Subject != "", "oidc"}} {
			if w.is {
				state += " " + w.word
			}
		}
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		fmt.Fprintf(&b, "%s\t%s%s\n", a.Name, strings.Join(roles, ","), state)
	}
	return b.String(), err
}

// counterName is the socket in the data folder at which a hub that runs takes
// errands: on SQLite no second process can open its database.
const counterName = "errands.sock"

// takeErrands is the hub's side of the socket.
func takeErrands(s steward) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e errand
		if err := json.NewDecoder(io.LimitReader(r.Body, 16<<10)).Decode(&e); err != nil {
			http.Error(w, "no errand", http.StatusBadRequest)
			return
		}
		said, err := s.do(r.Context(), e)
		a := answer{Said: said}
		if err != nil {
			a = answer{Error: err.Error()}
		}
		json.NewEncoder(w).Encode(a) // an error means that nobody listens any more
	})
}

// listenForErrands opens the socket, for the hub's own user alone.
func listenForErrands(data string) (net.Listener, error) {
	path := filepath.Join(data, counterName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // a hub that was killed leaves it
		return nil, fmt.Errorf("take errands: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("take errands: %w", err)
	}
	return l, nil
}

// run has an errand done: by the hub that runs, else in its database.
func (e errand) run(ctx context.Context, c firmwareconfig.Hub) (string, error) {
	said, asked, err := e.ask(ctx, c.Data)
	if asked {
		return said, err
	}
	s, err := store.Open(ctx, databaseOf(c), random, time.Now)
	if err != nil {
		return "", err
	}
	defer s.Close()
	accounts := identity.NewAccounts(s, time.Now)
	if _, err := accounts.Adopt(ctx, c.Data); err != nil {
		return "", err
	}
	return steward{accounts, s}.do(ctx, e)
}

// ask asks the hub that runs; asked is false where none does.
func (e errand) ask(ctx context.Context, data string) (said string, asked bool, err error) {
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(data, counterName))
	}}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(e)
	if err != nil {
		return "", true, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://hub/", strings.NewReader(string(body)))
	if err != nil {
		return "", true, err
	}
	res, err := client.Do(r)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", true, fmt.Errorf("ask the hub that runs: %w", err)
	}
	defer res.Body.Close()
	var a answer
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&a); err != nil {
		return "", true, fmt.Errorf("ask the hub that runs: %w", err)
	}
	if a.Error != "" {
		return "", true, errors.New(a.Error)
	}
	return a.Said, true, nil
}

// asOwner makes root the owner of the data folder, for the rest of this
// process: what root's command writes, the hub's own user must read.
func asOwner(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := st.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	if err := syscall.Setgroups([]int{int(owner.Gid)}); err != nil {
		return err
	}
	if err := syscall.Setgid(int(owner.Gid)); err != nil {
		return err
	}
	return syscall.Setuid(int(owner.Uid))
}
