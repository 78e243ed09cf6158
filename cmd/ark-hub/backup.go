package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub/backup"
	"ark/hub/store"
	"ark/internal/process"
)

type backupCmd struct {
	Folder string `arg:"" help:"Where backups are kept: a folder of another disk. Each run adds one; photos and recordings lie there once." type:"path"`
	Config string `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
}

// Run copies what the hub keeps, also while it runs, and reads the copy back.
func (c *backupCmd) Run() error {
	ctx, stop := process.Signals()
	defer stop()
	return c.save(ctx, os.Stdout, time.Now())
}

func (c *backupCmd) save(ctx context.Context, out io.Writer, now time.Time) error {
	config, err := firmwareconfig.LoadHub(c.Config)
	if err != nil {
		return err
	}
	parts, err := keptBy(config, c.Config)
	if err != nil {
		return err
	}
	parts.Database = func(ctx context.Context, to string) error {
		b, err := store.OpenBeside(ctx, databaseOf(config))
		if err != nil {
			return err
		}
		return errors.Join(b.Backup(ctx, to), b.Close())
	}
	b, err := backup.Save(ctx, c.Folder, parts, now, nil)
	if err == nil {
		err = b.Check(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("%w：没有备份成 / nothing was backed up", err)
	}
	if err := leaveMark(config.Data, backupMark, now, 0); err != nil {
		fmt.Fprintf(out, "没有记下备份的时间，监控会以为没有备份：%v\nThe time of the backup is not written down, so that whoever watches the hub takes it for missing: %v\n", err, err)
	}
	n, bytes := b.Blobs()
	fmt.Fprintf(out, "备份好了：%s（照片和录音 %d 个，共 %.1f MB），已读回核对\nBacked up: %s (%d photos and recordings, %.1f MB), read back and checked\n",
		b.Path(), n, float64(bytes)/1e6, b.Path(), n, float64(bytes)/1e6)
	for _, name := range b.Left() {
		fmt.Fprintf(out, "没有备份（读不到，请另外保管）：%s\nNot in it (it may not be read: keep it elsewhere): %s\n", name, name)
	}
	if bad := b.Damaged(); len(bad) > 0 {
		return fmt.Errorf("中心里有 %d 个照片或录音已损坏，没有备份进去 / %d photos or recordings are damaged at the hub and not in it: %v", len(bad), len(bad), bad)
	}
	return nil
}

// databaseOf is where the hub's database is: a file, or a server's address.
func databaseOf(config firmwareconfig.Hub) string {
	if config.Database != "" {
		return config.Database
	}
	return filepath.Join(config.Data, "hub.db")
}

// keptBy is what a hub keeps beside its database: content, keys, lists and
// settings.
func keptBy(config firmwareconfig.Hub, file string) (backup.Parts, error) {
	release, _ := process.Build()
	p := backup.Parts{Blobs: filepath.Join(config.Data, "blobs"), Release: release, Files: map[string]string{"hub.toml": file}}
	for _, name := range []string{"accounts.json", headsFile} {
		if path := filepath.Join(config.Data, name); there(path) {
			p.Files[name] = path
		}
	}
	err := filepath.WalkDir(config.CA, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) {
			p.Files[inCA(config, path)] = path // it is named among what is left out
			return fs.SkipDir
		}
		if err == nil && e.Type().IsRegular() {
			p.Files[inCA(config, path)] = path
		}
		return err
	})
	if err != nil {
		return p, fmt.Errorf("list the authority's folder: %w", err)
	}
	return p, nil
}

// inCA is the name of a file of the authority in a backup.
func inCA(config firmwareconfig.Hub, path string) string {
	return "ca/" + filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(path, config.CA), string(filepath.Separator)))
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
