package main

import (
	"cmp"
	"crypto/tls"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ark/internal/testca"
)

const (
	officeName     = "hub.test" // in the certificate of the console
	officeStaff    = "admin"
	officeAccounts = 10 // beside it: an account has 20 live pages at most
	officePassword = "a long password of the bench"
)

// consoleHub is the hub's program on a database, as an office runs it: its
// console over TLS.
type consoleHub struct {
	t       *bench
	dir     string // its configuration and authority
	process *os.Process
	vans    string // where they connect
	pages   string // the console's address
	ca      *testca.CA
	staff   *http.Client // somebody who is signed in
	db      *sql.DB      // the database under the hub
}

// startConsoleHub starts a hub on a data folder, and on a PostgreSQL if
// database says which. It comes back when the hub has nothing more to do.
func startConsoleHub(t *bench, data, database string) *consoleHub {
	dir, err := filepath.Abs(t.TempDir())
	t.check(err)
	data, err = filepath.Abs(data)
	t.check(err)
	h := &consoleHub{t: t, dir: dir, vans: freePort(t), pages: freePort(t), ca: testca.New(t)}
	cert, key := filepath.Join(dir, "console.pem"), filepath.Join(dir, "console-key.pem")
	testca.Write(t, cert, key, h.ca.Page(t, officeName, time.Now().Add(-time.Hour), time.Now().AddDate(0, 1, 0)))
	program(t, "arkctl", "--dir", filepath.Join(dir, "ca"), "ca", "init", "--name", "127.0.0.1")
	config := filepath.Join(dir, "hub.toml")
	t.check(os.WriteFile(config, fmt.Appendf(nil, "mqtt = %q\nconsole = %q\nblobs = %q\nconsole_cert = %q\nconsole_key = %q\ndata = %q\ndatabase = %q\nca = \"ca\"\nzone = \"Asia/Shanghai\"\n",
		h.vans, h.pages, freePort(t), cert, key, data, database), 0o644))
	for n := range officeAccounts + 1 {
		passwd := exec.Command(built("ark-hub"), "passwd", accountOf(n), "--stdin", "--config", config)
		passwd.Stdin = strings.NewReader(officePassword + "\n")
		if out, err := passwd.CombinedOutput(); err != nil {
			t.Fatalf("ark-hub passwd: %v: %s", err, out)
		}
	}
	log, err := os.Create(filepath.Join(dir, "hub.log"))
	t.check(err)
	t.Cleanup(func() { log.Close() })
	hub := exec.Command(built("ark-hub"), "run", "--config", config)
	hub.Stderr = log
	start(t, hub)
	h.process = hub.Process
	h.rest(log.Name())
	h.staff = h.signedIn(officeStaff)
	h.db = bareAt(t, cmp.Or(database, filepath.Join(data, "hub.db")))
	return h
}

// accountOf is the name of the nth account.
func accountOf(n int) string {
	if n == 0 {
		return officeStaff
	}
	return fmt.Sprint("staff-", n)
}

// change makes all that was kept of lists old, as a change of a visit does:
// what is measured is what the first asks who comes after one.
func (h *consoleHub) change() {
	_, err := h.db.Exec("UPDATE counters SET n = n + 1 WHERE name = 'visits'")
	h.t.check(err)
}

// rest waits until the hub runs and has done what it does after its start,
// such as to look through the database for damage.
func (h *consoleHub) rest(log string) {
	const still = 3 // looks in a row at which it hardly worked
	for deadline, quiet := time.Now().Add(5*time.Minute), 0; quiet < still; {
		if time.Now().After(deadline) {
			h.t.Fatalf("the hub does not come to rest, see %s", log)
		}
		before := spent(h.t, h.process.Pid)
		time.Sleep(500 * time.Millisecond)
		if quiet++; spent(h.t, h.process.Pid)-before > 20*time.Millisecond || !said(log, "the hub runs") {
			quiet = 0
		}
	}
}

// browser is a client that trusts the console and finds it by its name. It
// keeps what a browser keeps.
func (h *consoleHub) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	h.t.check(err)
	dial := &net.Dialer{}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.ca.Pool, ServerName: officeName}, ForceAttemptHTTP2: true, DialContext: dial.DialContext}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (h *consoleHub) address(path string) string { return "https://" + h.pages + path }

// signedIn is the browser of an account that is signed in.
func (h *consoleHub) signedIn(name string) *http.Client {
	b := h.browser()
	res, err := b.PostForm(h.address("/login"), url.Values{"name": {name}, "password": {officePassword}})
	h.t.check(err)
	defer res.Body.Close()
	if to := res.Header.Get("Location"); to != "/" {
		h.t.Fatalf("%s signs in: %s, to %q", name, res.Status, to)
	}
	return b
}

// get asks for a page as who is signed in, and answers how long it took until
// it was whole.
func (h *consoleHub) get(path string) (body []byte, took time.Duration) {
	began := time.Now()
	res, err := h.staff.Get(h.address(path))
	h.t.check(err)
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	took = time.Since(began)
	h.t.check(err)
	if res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s, to %q: %.300s", path, res.Status, res.Header.Get("Location"), body)
	}
	return body, took
}

// stop ends the hub in order.
func (h *consoleHub) stop() {
	h.process.Signal(os.Interrupt)
	h.process.Wait()
}
