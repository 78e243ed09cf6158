package e2e

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// What `make run` starts is ready for whoever reads its terminal: the printed
// account gets in, and its password stands in no file.
func TestWhoRunsItGetsIn(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	script, err := os.ReadFile("../../scripts/run")
	must(err)
	must(os.Mkdir(filepath.Join(dir, "scripts"), 0o700))
	must(os.WriteFile(filepath.Join(dir, "scripts", "run"), script, 0o700))
	must(os.Symlink(filepath.Dir(binary(t, "ark-hub")), filepath.Join(dir, "build")))
	run := exec.Command(filepath.Join(dir, "scripts", "run"))
	run.Env = os.Environ()
	var console string
	for _, name := range []string{"ARK_CONSOLE", "ARK_CREW", "ARK_MQTT", "ARK_BLOBS"} {
		_, port, err := net.SplitHostPort(freeAddr(t))
		must(err)
		run.Env = append(run.Env, name+"="+port)
		if name == "ARK_CONSOLE" {
			console = "http://127.0.0.1:" + port
		}
	}
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said, err := run.StdoutPipe()
	must(err)
	run.Stderr = run.Stdout
	must(run.Start())
	t.Cleanup(func() {
		syscall.Kill(-run.Process.Pid, syscall.SIGINT) // as Ctrl-C does
		late := time.AfterFunc(time.Minute, func() { syscall.Kill(-run.Process.Pid, syscall.SIGKILL) })
		defer late.Stop()
		run.Wait()
	})
	printed := regexp.MustCompile(`admin\W+([A-Za-z0-9-]{12,})`)
	password, words := "", ""
	for lines := bufio.NewScanner(said); password == "" && lines.Scan(); {
		words += lines.Text() + "\n"
		if m := printed.FindStringSubmatch(lines.Text()); m != nil {
			password = m[1]
		}
	}
	if password == "" {
		t.Fatalf("no password is printed:\n%s", words)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	in, err := client.PostForm(console+"/login", url.Values{"name": {"admin"}, "password": {password}})
	must(err)
	in.Body.Close()
	if in.StatusCode != http.StatusSeeOther {
		t.Errorf("with %q: %s\n%s", password, in.Status, words)
	}
	if found, _ := exec.Command("grep", "-rlF", password, filepath.Join(dir, ".run")).Output(); len(found) > 0 {
		t.Errorf("the password stands in %s", found)
	}
}
