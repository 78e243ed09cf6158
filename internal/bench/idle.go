package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	idleFor = 60 * time.Second
	settle  = 10 * time.Second // start-up, the device, the first health record
)

// idle is what the van's program costs while nothing happens: the real one,
// on a card made by arkctl, connected to a real hub, its loudspeaker process
// at a sound server.
func idle(t *bench) []figure {
	p := startPulse(t)
	dir, err := filepath.Abs(t.TempDir())
	t.check(err)
	vans, blobs, pages := freePort(t), freePort(t), freePort(t)
	program(t, "arkctl", "--dir", filepath.Join(dir, "ca"), "ca", "init", "--name", "127.0.0.1")
	program(t, "arkctl", "--dir", filepath.Join(dir, "ca"), "van", "add", "van-1", "--hub", vans, "--blobs", blobs, "--listen", freePort(t), "--profile", "desk",
		"--data", filepath.Join(dir, "data"), "--out", filepath.Join(dir, "van"))
	t.check(os.WriteFile(filepath.Join(dir, "hub.toml"), fmt.Appendf(nil, "mqtt = %q\nconsole = %q\nblobs = %q\ndata = \"hub\"\nca = \"ca\"\n", vans, pages, blobs), 0o644))
	start(t, exec.Command(built("ark-hub"), "run", "--config", filepath.Join(dir, "hub.toml")))
	agent := p.tool(built("ark-agent"), "run", "--config", filepath.Join(dir, "van", "agent.toml"))
	log, err := os.Create(filepath.Join(dir, "agent.log"))
	t.check(err)
	agent.Stderr = log
	start(t, agent)
	child := 0
	for deadline := time.Now().Add(20 * time.Second); child == 0 || !said(log.Name(), "connected to the hub"); {
		if time.Now().After(deadline) {
			t.Fatal("the agent does not connect, or has no loudspeaker process")
		}
		time.Sleep(100 * time.Millisecond)
		child = childOf(agent.Process.Pid)
	}
	time.Sleep(settle)
	before, itsBefore := spent(t, agent.Process.Pid), spent(t, child)
	time.Sleep(idleFor)
	share := 100 * (spent(t, agent.Process.Pid) - before).Seconds() / idleFor.Seconds()
	its := 100 * (spent(t, child) - itsBefore).Seconds() / idleFor.Seconds()
	if childOf(agent.Process.Pid) != child {
		t.Fatal("the loudspeaker process did not live through the measurement")
	}
	const mega = 1 << 20
	one, other := float64(residentOf(t, agent.Process.Pid))/mega, float64(residentOf(t, child))/mega
	return []figure{
		figure{Name: "agent idle, resident with its child", Value: one + other, Unit: "MB"}.most(40),
		{Name: "  of it the loudspeaker process", Value: other, Unit: "MB"},
		{Name: "  of the two, each page counted once", Value: (proportionalOf(t, agent.Process.Pid) + proportionalOf(t, child)) / mega, Unit: "MB"},
		figure{Name: "agent idle, share of a core with its child", Value: share + its, Unit: "%"}.most(2),
		{Name: "  of it the loudspeaker process", Value: its, Unit: "%"},
	}
}

// proportionalOf is what a process takes of the machine's memory, in bytes: a
// page that n processes share counts as 1/n of one (proc_pid_smaps(5), Pss).
func proportionalOf(t *bench, pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	t.check(err)
	_, rest, _ := strings.Cut(string(text), "\nPss:")
	kilo, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	t.check(err)
	return kilo * 1024
}

func built(name string) string { return filepath.Join("build", name) }

func program(t *bench, name string, args ...string) {
	if out, err := exec.Command(built(name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

func freePort(t *bench) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	t.check(err)
	defer l.Close()
	return l.Addr().String()
}

func said(file, words string) bool {
	text, err := os.ReadFile(file)
	return err == nil && strings.Contains(string(text), words)
}

// childOf is a process's child, or 0.
func childOf(pid int) int {
	own, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // a fixed pattern
	for _, file := range tasks {
		text, _ := os.ReadFile(file) // a thread that has just ended
		for _, word := range strings.Fields(string(text)) {
			n, _ := strconv.Atoi(word)
			if exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", n)); exe != "" && exe == own {
				return n
			}
		}
	}
	return 0
}

// spent is the processor time that a process has used (proc(5), stat: utime
// and stime in hundredths of a second).
func spent(t *bench, pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	t.check(err)
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
	fields := strings.Fields(rest)
	var ticks time.Duration
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		t.check(err)
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}
