package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/hub"
)

// headsFile is where the heads of the record of who did what are written down
// outside of the database: whoever can change the one need not be able to
// change the other.
const headsFile = "audit-heads.txt"

// Heads are written down so often, and at the start and the end, if there is
// anything new; a file holds many years of them.
const (
	headsEvery = time.Hour
	maxHeads   = 16 << 20 // bytes that are read
)

// keepHeads writes heads down until ctx ends. They also go to the log, which
// may be kept on another machine.
func keepHeads(ctx context.Context, log hub.AuditLog, path string, every time.Duration, to *slog.Logger) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := int64(-1)
	for {
		h, err := log.AuditHead(context.WithoutCancel(ctx))
		if err == nil && h.Seq != last {
			if err = addHead(path, h); err == nil {
				last = h.Seq
				to.Info("the record of who did what stands at", "entry", h.Seq, "hash", h.Hash.String())
			}
		}
		if err != nil {
			to.Error("the head of the record of who did what is not written down", "err", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		select {
		case <-ctx.Done(): // once more, for what came last
		case <-tick.C:
		}
	}
}

// addHead writes a head in a line of its own, whatever the power left of the
// one before it.
func addHead(path string, h hub.AuditHead) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%d:%v %s\n", h.Seq, h.Hash, h.At.UTC().Format(time.RFC3339))
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		var end [1]byte
		if _, err := f.ReadAt(end[:], st.Size()-1); err == nil && end[0] != '\n' {
			line = tornLine + line
		}
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Sync(), f.Close())
}

// tornLine ends a line that the power cut: it is no head, and nobody need
// wonder what it says.
const tornLine = " torn\n"

// readHeads reads what addHead wrote. A line that the power cut is no head.
func readHeads(path string) (all []hub.AuditHead, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReader(io.LimitReader(f, maxHeads))
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(line, tornLine) {
			continue
		}
		head, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		h, err := parseHead(head)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, h)
	}
}

func parseHead(text string) (h hub.AuditHead, err error) {
	seq, hash, ok := strings.Cut(text, ":")
	if h.Seq, err = strconv.ParseInt(seq, 10, 64); err != nil || !ok || h.Seq < 0 {
		return h, fmt.Errorf("%q is no head: one is SEQ:HASH", text)
	}
	var sum ark.Hash
	if err := sum.UnmarshalText([]byte(hash)); err != nil {
		return h, fmt.Errorf("%q is no head: one is SEQ:HASH", text)
	}
	h.Hash = sum
	return h, nil
}

// setHeadsAside lets a restored record begin anew: it is shorter than the heads
// know, and that says nothing against it.
func setHeadsAside(out io.Writer, config firmwareconfig.Hub, now time.Time) {
	path := filepath.Join(config.Data, headsFile)
	aside := path + ".before-" + now.UTC().Format("20060102T150405Z")
	switch err := os.Rename(path, aside); {
	case err == nil:
		fmt.Fprintf(out, "原来的操作记录摘要留在 %s\nThe heads of the record that was there are in %s\n", aside, aside)
	case !errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(out, "操作记录摘要没有移开：%v\nThe heads of the record were not set aside: %v\n", err, err)
	}
}
