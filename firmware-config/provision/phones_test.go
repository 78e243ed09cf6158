package provision

import (
	"context"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	firmwareconfig "ark/firmware-config"
	"ark/internal/skip"
)

func TestACardForPhones(t *testing.T) {
	dir := write(t, phoned())
	a, err := firmwareconfig.LoadAgent(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{a.Name, a.HTTPS, a.HTTP, a.PagesCA, a.PagesCert, a.PagesKey, a.PublicCert, a.PublicKey, a.Listen}
	want := []string{"van-7.ark.internal", ":443", ":80", filepath.Join(dir, "pages-ca.pem"), filepath.Join(dir, "pages.pem"), filepath.Join(dir, "pages-key.pem"), "", "", "127.0.0.1:8080"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	v := phoned()
	v.PagesCAPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("root")})
	if sheet := read(t, write(t, v), "phones.html"); !strings.Contains(sheet, "<code>4813494D</code> <code>137E1631</code>") { // printf root | sha256sum
		t.Errorf("no fingerprint in\n%s", sheet)
	}
	for name, words := range map[string][]string{
		"README.txt":        {"https://van-7.ark.internal ", "http://van-7.ark.internal ", "ark-van-7", "k7pq-2m9x-abcd-efgh"},
		"ark.nmconnection":  {"\nssid=ark-van-7\n", "\npsk=k7pq-2m9x-abcd-efgh\n", "\naddress1=10.77.77.1/24\n"},
		"ark-agent.service": {"LoadCredential=pages-key.pem:/etc/ark/pages-key.pem\n", "AmbientCapabilities=CAP_NET_BIND_SERVICE\n"},
		"phones.html":       {"ark-van-7", "http://van-7.ark.internal/join", "https://van-7.ark.internal/", "<svg"},
	} {
		for _, word := range words {
			if text := read(t, dir, name); !strings.Contains(text, word) {
				t.Errorf("%s: no %q in\n%s", name, word, text)
			}
		}
	}
	if dir := write(t, van()); strings.Contains(read(t, dir, "ark-agent.service"), "CAP_NET") {
		t.Error("a van without a name may open ports that it does not need")
	}
}

// systemd and a real name server judge their files, and phones find the van.
func TestTheNameServerKnowsTheVan(t *testing.T) {
	skip.WithoutRoot(t)
	skip.WithoutTools(t, "dnsmasq", "systemd-analyze")
	dir := write(t, phoned())
	unit := filepath.Join(t.TempDir(), "ark-dns.service")
	if err := os.WriteFile(unit, []byte(read(t, dir, "ark-dns.service")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "ark-dns.service") {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
	find := resolver(t, read(t, dir, "dnsmasq.conf"))
	for _, name := range append([]string{"van-7.ark.internal"}, firmwareconfig.Probes...) {
		if got := find(name); got != Address {
			t.Errorf("%s is at %q", name, got)
		}
	}
	for name, want := range map[string]string{"dns.msftncsi.com": "131.107.255.255", "van-8.ark.internal": "", "example.com": "", "www.google.com": "", "sub.captive.apple.com": ""} {
		if got := find(name); got != want {
			t.Errorf("%s is at %q, want %q", name, got, want)
		}
	}
}

// resolver runs dnsmasq as the van does, on the loopback interface.
func resolver(t *testing.T, conf string) (find func(name string) string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	for _, line := range []string{"interface=wlan0\n", "except-interface=lo\n", "bind-dynamic\n"} {
		if !strings.Contains(conf, line) {
			t.Fatalf("no %q", line)
		}
		conf = strings.Replace(conf, line, "", 1)
	}
	conf = strings.Replace(conf, "/var/lib/ark-dns/leases", filepath.Join(dir, "leases"), 1) + "interface=lo\nbind-interfaces\nuser=root\n"
	path := filepath.Join(dir, "dnsmasq.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(at)
	server := exec.Command("dnsmasq", "--keep-in-foreground", "--conf-file="+path, "--port="+port)
	var said strings.Builder
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("dnsmasq: %s", said.String())
		}
	})
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", at)
	}}
	find = func(name string) string {
		found, err := r.LookupHost(t.Context(), name+".")
		if err != nil {
			return ""
		}
		return strings.Join(found, " ")
	}
	for deadline := time.Now().Add(20 * time.Second); find("van-7.ark.internal") == "" && time.Now().Before(deadline); {
	}
	return find
}

// The script puts what phones need in place, and a renewal after it, onto this
// van's card alone.
func TestInstallForPhones(t *testing.T) {
	skip.WithoutRoot(t)
	root := system(t)
	run := func(dir string, args ...string) (string, error) {
		out, err := exec.Command("sh", append([]string{filepath.Join(dir, "install.sh")}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := run(write(t, phoned()), "/bin/true", root); err != nil || !strings.Contains(out, "van-7 is installed") || !strings.Contains(out, "dnsmasq-base") {
		t.Fatalf("install: %v\n%s", err, out)
	}
	for name, mode := range map[string]os.FileMode{"etc/ark/pages-key.pem": 0o600, "etc/ark/pages.pem": 0o644, "etc/ark/pages-ca.pem": 0o644, "etc/ark/dnsmasq.conf": 0o644,
		"etc/NetworkManager/system-connections/ark.nmconnection": 0o600, "etc/systemd/system/ark-dns.service": 0o644} {
		if st, err := os.Stat(filepath.Join(root, name)); err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, st, err, mode)
		}
	}
	v := phoned()
	v.PagesCertPEM = []byte("renewed")
	renewal := filepath.Join(t.TempDir(), "renewal")
	if err := WriteRenewal(renewal, v); err != nil {
		t.Fatal(err)
	}
	if out, err := run(renewal, root); err != nil || read(t, root, "etc/ark/pages.pem") != "renewed" {
		t.Errorf("renew: %v\n%s", err, out)
	}
	v.ID = "van-8"
	other := filepath.Join(t.TempDir(), "other")
	if err := WriteRenewal(other, v); err != nil {
		t.Fatal(err)
	}
	if out, err := run(other, root); err == nil || !strings.Contains(out, "not a card of van-8") {
		t.Errorf("another van's renewal: %v\n%s", err, out)
	}
}
