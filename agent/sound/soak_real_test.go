package sound

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/skip"
)

// Some minutes at the pace of a real sound server, whose troubles come one
// after the other: each is told and healed, and processes, files and memory
// are at the end what they were at the beginning.
func TestSoakOnASoundServer(t *testing.T) {
	word := os.Getenv("ARK_SOAK_REAL")
	if word == "" {
		t.Skip("minutes long: make soak-sound")
	}
	length, err := time.ParseDuration(word)
	if err != nil {
		t.Fatal(err)
	}
	skip.WithoutTools(t, "pulseaudio", "parec", "pactl")
	server := startPulse(t)
	l, prog, _ := library(t, 1500*time.Millisecond, 1200*time.Millisecond)
	p := start(t, Config{Library: l, Command: server.speaker(t), Listener: server.listener("null.monitor"), proc: t.TempDir()})
	awaitDevice(t, p, false)
	var early held
	rounds, stutters, began := 0, 0, time.Now()
	for ; time.Since(began) < length || rounds < 3; rounds++ {
		prog.Broadcast = ark.ID{7, byte(rounds >> 8), byte(rounds)}
		p.Play(agent.Play{Program: prog})
		if _, ended := all(t, p); slices.ContainsFunc(ended, func(e agent.SegmentEnded) bool { return e.Why != "" }) {
			t.Logf("round %d was not heard whole: %+v", rounds, ended)
			stutters++
			awaitDevice(t, p, false)
		}
		tr := troubles[rounds%len(troubles)]
		if rounds%2 == 0 {
			p.Play(agent.Play{Program: prog})
			next[agent.SegmentStarted](t, p)
		}
		tr.do(server, t)
		awaitDevice(t, p, true)
		tr.undo(server, t)
		awaitDevice(t, p, false)
		if rounds == 2 {
			early = hold()
		}
	}
	late := hold()
	t.Logf("%d rounds in %v, %d of them with a stall that nobody made; %v, at the end %v", rounds, time.Since(began).Round(time.Second), stutters, early, late)
	if stutters > 1+rounds/10 { // a busy machine
		t.Error("too often it was not heard whole")
	}
	if late.files > early.files+16 || late.children > early.children || late.resident > early.resident+16<<20 {
		t.Error("it grew")
	}
}

// held is what this process holds.
type held struct {
	files, children int
	resident        int64 // bytes
}

func (h held) String() string {
	return fmt.Sprintf("%d files, %d children, %d MB resident", h.files, h.children, h.resident>>20)
}

func hold() (h held) {
	files, _ := filepath.Glob("/proc/self/fd/*") // fixed patterns
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // a thread that has just ended
		for _, word := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil && syscall.Kill(pid, 0) == nil {
				h.children++
			}
		}
	}
	text, _ := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(text)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		h.resident = pages * int64(os.Getpagesize())
	}
	h.files = len(files)
	return h
}
