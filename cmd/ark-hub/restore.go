package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/backup"
	"ark/hub/store"
	"ark/internal/process"
)

type restoreCmd struct {
	Backup string `arg:"" help:"The folder of one backup, such as /backup/20261126T093000Z." type:"path"`
	Config string `help:"hub.toml, which says where things go." default:"/etc/ark/hub.toml" type:"path"`
	Even   bool   `name:"even-if-damaged" help:"Put the database back although its record of who did what, or a journal, is not as it was written."`
}

// Run puts a backup back, while the hub does not run. The vans then send what
// it lacks.
func (c *restoreCmd) Run() error {
	ctx, stop := process.Signals()
	defer stop()
	return c.restore(ctx, os.Stdout, time.Now())
}

func (c *restoreCmd) restore(ctx context.Context, out io.Writer, now time.Time) error {
	config, err := firmwareconfig.LoadHub(c.Config)
	if err != nil {
		return err
	}
	b, err := backup.Open(c.Backup)
	if err != nil {
		return fmt.Errorf("%w：这里没有备份 / there is no backup", err)
	}
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	var r store.Restored
	place := backup.Place{Blobs: filepath.Join(config.Data, "blobs"), Files: placesOf(b, config), Database: func(ctx context.Context, from string) error {
		r, err = store.Restore(ctx, from, databaseOf(config), store.RestoreOptions{Even: c.Even, Made: b.Made(), Now: now, Random: random})
		return err
	}}
	kept, err := b.Restore(ctx, place, nil)
	sayFaults(out, r.Audit, r.Journals)
	if errors.Is(err, hub.ErrDamaged) {
		return fmt.Errorf("%w：没有恢复；确实要用它就加 --even-if-damaged / not restored; --even-if-damaged takes it all the same", err)
	}
	if err != nil {
		return fmt.Errorf("%w：没有恢复 / not restored", err)
	}
	setHeadsAside(out, config, now)
	at := b.Made().Local().Format(time.DateTime)
	fmt.Fprintf(out, "已恢复 %s 的备份。现在启动中心，之后的记录由车补送。\nRestored the backup of %s. Start the hub now; the vans send what came after.\n", at, at)
	if r.Aside != "" {
		fmt.Fprintf(out, "原来的数据库留在 %s\nThe database that was there is %s\n", r.Aside, r.Aside)
	}
	if len(kept) > 0 {
		fmt.Fprintf(out, "这些文件已有，没有覆盖：%s\nThese were there and stayed: %s\n", strings.Join(kept, "、"), strings.Join(kept, ", "))
	}
	fmt.Fprintln(out, "所有人都要重新登录；备份之后停用的账号、令牌请再停用一次。\nAll are signed out; disable again the accounts and tokens that were disabled since.")
	return nil
}

// placesOf is where the files of a backup go.
func placesOf(b *backup.Backup, config firmwareconfig.Hub) map[string]string {
	places := map[string]string{}
	for _, name := range b.Files() {
		if below, ok := strings.CutPrefix(name, "ca/"); ok {
			places[name] = filepath.Join(config.CA, filepath.FromSlash(below))
		} else if name == "accounts.json" {
			places[name] = filepath.Join(config.Data, name)
		}
	}
	return places
}
