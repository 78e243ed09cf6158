package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/backup"
	"ark/hub/blobs"
	"ark/hub/store"
	"ark/internal/process"
)

type checkCmd struct {
	Config string   `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
	Head   []string `help:"Heads of the record of who did what that were written down, as SEQ:HASH."`
}

// Run reads all that the hub keeps, also while it runs, and says what is not
// as it was written.
func (c *checkCmd) Run() error {
	ctx, stop := process.Signals()
	defer stop()
	return c.check(ctx, os.Stdout)
}

var errUnsound = errors.New("有不对的地方，见上 / not all is well: see above")

func (c *checkCmd) check(ctx context.Context, out io.Writer) error {
	config, err := firmwareconfig.LoadHub(c.Config)
	if err != nil {
		return err
	}
	heads, err := readHeads(filepath.Join(config.Data, headsFile))
	if err != nil {
		return err
	}
	for _, text := range c.Head {
		h, err := parseHead(text)
		if err != nil {
			return err
		}
		heads = append(heads, h)
	}
	b, err := store.OpenBeside(ctx, databaseOf(config))
	if err != nil {
		return err
	}
	defer b.Close()
	sound := true
	for _, part := range []func() (bool, error){
		func() (bool, error) { return checkDatabase(ctx, out, b, heads, config.Data) },
		func() (bool, error) { return checkContent(ctx, out, b, filepath.Join(config.Data, "blobs")) },
	} {
		well, err := part()
		if err != nil {
			return err
		}
		sound = sound && well
	}
	if !sound {
		return errUnsound
	}
	fmt.Fprintln(out, "全部完好 / all is well")
	return nil
}

func checkDatabase(ctx context.Context, out io.Writer, b *store.Beside, heads []hub.AuditHead, data string) (bool, error) {
	if err := b.Check(ctx); err != nil {
		return false, fmt.Errorf("%w：数据库文件损坏，请恢复备份 / the database's file is damaged: restore a backup", err)
	}
	fmt.Fprintln(out, "数据库文件：读完，完好 / the database's file: read, whole")
	journals, err := b.CheckJournals(ctx, nil)
	if err != nil {
		return false, err
	}
	left, err := b.LeftOut(ctx, hub.MaxJournalFaults)
	if err != nil {
		return false, err
	}
	audit, err := b.CheckAudit(ctx, heads, nil)
	if err != nil {
		return false, err
	}
	if err := markAudit(data, audit, time.Now()); err != nil {
		fmt.Fprintf(out, "没有记下核对的时间：%v / the time of this check is not written down: %v\n", err, err)
	}
	fmt.Fprintf(out, "操作记录：%d 条，与 %d 个另存的摘要核对 / who did what: %d entries, held against %d heads kept elsewhere\n", audit.Head.Seq, audit.Heads, audit.Head.Seq, audit.Heads)
	fmt.Fprintf(out, "  摘要 / head: %d:%v\n", audit.Head.Seq, audit.Head.Hash)
	sayFaults(out, audit, journals)
	for _, id := range left {
		fmt.Fprintf(out, "✗ 走访 %v 在列表和搜索里找不到：内容读不出或太大，原因在日志里；重启中心会再试 / visit %v is in no list and no search: what it says cannot be read or is too much, the log says why; a start of the hub tries again\n", id, id)
	}
	return len(journals)+len(audit.Faults)+len(left) == 0, nil
}

// sayFaults says what is wrong with the record and the journals.
func sayFaults(out io.Writer, audit hub.AuditCheck, journals []hub.JournalFault) {
	words := map[hub.AuditWrong]string{hub.AuditChanged: "被改过 / changed", hub.AuditMoved: "不是原来的位置 / moved",
		hub.AuditMissing: "被删 / removed", hub.AuditRewritten: "整条链被重写过 / the chain was written anew"}
	for _, f := range audit.Faults {
		which := fmt.Sprint(f.Seq)
		if f.To > f.Seq {
			which = fmt.Sprintf("%d–%d", f.Seq, f.To)
		}
		fmt.Fprintf(out, "✗ 操作记录第 %s 条：%s (entry %s of who did what)\n", which, words[f.What], which)
	}
	for _, f := range journals {
		word := "被改过 / changed"
		if f.Missing {
			word = "不见了 / missing"
		}
		fmt.Fprintf(out, "✗ %s 的记录第 %d 条（卡 %v）：%s (entry %d of van %s)\n", f.Van, f.Seq, f.Incarnation, word, f.Seq, f.Van)
	}
}

func checkContent(ctx context.Context, out io.Writer, b *store.Beside, folder string) (bool, error) {
	bad, n, err := backup.Content(ctx, folder, nil)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "照片和录音：%d 个，逐个核对 / photos and recordings: %d, each held against its name\n", n, n)
	for _, h := range bad {
		fmt.Fprintf(out, "✗ %v 已损坏，可从备份恢复 / is damaged: restore puts it back\n", h)
	}
	d := blobs.Look(folder)
	missing := 0
	err = b.EachContent(ctx, func(h ark.Hash) error {
		f, err := d.Open(h)
		if err == nil {
			return f.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		missing++
		fmt.Fprintf(out, "✗ %v 应该有，但不在 / should be here and is not\n", h)
		return nil
	})
	return len(bad) == 0 && missing == 0, err
}
