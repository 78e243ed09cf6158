package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ark"
	"ark/agent/uplink"
	"ark/internal/rig"
	"ark/internal/testca"
)

const crowdVans = 2000

// crowd is what a connected, idle van costs the hub, and what its connecting
// did. The vans are in a process of their own; here is only the hub.
func crowd(t *bench) []figure {
	dir := t.TempDir()
	office := rig.NewOffice(t)
	for n := range crowdVans {
		d := filepath.Join(dir, vanName(n))
		t.check(os.MkdirAll(d, 0o755))
		testca.Files(t, d, office.CA, office.CA.Van(t, vanName(n)))
	}
	vans := startHelper(t, "crowd", dir, office.Addr, strconv.Itoa(crowdVans))
	vans.await("ready")
	hub := office.StartHub(t, filepath.Join(dir, "hub.db"))
	before, cpu := resident(t), cpuTime(t)
	vans.say("go")
	vans.await("connected")
	cpu = cpuTime(t) - cpu
	if n := len(hub.Link.Connected()); n != crowdVans {
		t.Fatalf("%d vans connected, not %d", n, crowdVans)
	}
	after := resident(t)
	vans.end()
	hub.Stop()
	return []figure{
		figure{Name: "memory of an idle van at the hub", Value: float64(after-before) / crowdVans / 1024, Unit: "kB"}.most(32),
		figure{Name: "hub CPU of a connect", Value: millis(cpu) / crowdVans, Unit: "ms"}.most(1.5),
	}
}

// resident is what this process has in memory once its garbage is gone.
func resident(t *bench) int64 {
	runtime.GC()
	debug.FreeOSMemory()
	return residentOf(t, os.Getpid())
}

func residentOf(t *bench, pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	t.check(err)
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	t.check(err)
	return pages * int64(os.Getpagesize())
}

func cpuTime(t *bench) time.Duration {
	var u syscall.Rusage
	t.check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// runCrowd is the other process of the crowd figures: vans that connect,
// subscribe and fall silent. Arguments: the folder with a folder for each
// van's certificate, the hub's address, how many vans.
func runCrowd(args []string) error {
	dir, hub := args[0], args[1]
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	configs := make([]*tls.Config, count)
	for n := range configs {
		d := filepath.Join(dir, vanName(n))
		identity := &uplink.Identity{CAFile: filepath.Join(d, "ca.pem"), CertFile: filepath.Join(d, "cert.pem"), KeyFile: filepath.Join(d, "key.pem"),
			ServerName: "localhost"}
		if configs[n], err = identity.TLS(); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	conns, errs := make([]net.Conn, count), make([]error, count)
	var joining sync.WaitGroup
	slots := make(chan struct{}, 50) // as many at once
	for n := range count {
		slots <- struct{}{}
		joining.Go(func() {
			conns[n], errs[n] = join(ark.VanID(vanName(n)), hub, configs[n])
			<-slots
		})
	}
	joining.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	fmt.Println("connected")
	in.Scan() // the end of input
	for _, c := range conns {
		c.Close()
	}
	return nil
}

// join connects a van and subscribes to its two down channels (MQTT 3.1.1,
// 3.1 and 3.8). A whole client for each of thousands would be too much.
func join(van ark.VanID, hub string, cfg *tls.Config) (net.Conn, error) {
	conn, err := tls.Dial("tcp", hub, cfg)
	if err != nil {
		return nil, err
	}
	text := func(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }
	packet := func(kind byte, body string) string { return string([]byte{kind, byte(len(body))}) + body } // under 128 bytes
	const clean, keepAlive = "\x02", "\x00\xf0"
	connect := packet(0x10, text("MQTT")+"\x04"+clean+keepAlive+text(string(van)))
	subscribe := packet(0x82, "\x00\x01"+text(van.Topic(ark.JournalReceipt))+"\x00"+text(van.Topic(ark.Orders))+"\x00")
	if _, err := io.WriteString(conn, connect+subscribe); err != nil {
		return nil, err
	}
	var answer [4 + 6]byte // CONNACK and SUBACK
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		return nil, fmt.Errorf("van %s: %w", van, err)
	}
	if answer != [10]byte{0x20, 2, 0, 0, 0x90, 4, 0, 1, 0, 0} {
		return nil, fmt.Errorf("van %s: answered % x", van, answer)
	}
	return conn, nil
}
