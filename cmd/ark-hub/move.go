package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ark/hub/store"
	"ark/internal/process"
)

type moveCmd struct {
	From string `required:"" help:"What is copied: the file hub.db, or a postgres:// address. The password is better kept in ~/.pgpass or PGPASSWORD."`
	To   string `required:"" help:"Where to: a postgres:// address of an empty database, or a file that is not there yet."`
}

// Run copies a database into another one, and reads the copy back.
func (c *moveCmd) Run() error {
	ctx, stop := process.Signals()
	defer stop()
	return c.move(ctx, os.Stdout, time.Now)
}

// sayEach is how often a long table says how far it is.
const sayEach = 5 * time.Second

func (c *moveCmd) move(ctx context.Context, out io.Writer, now func() time.Time) error {
	told, all := now(), int64(0)
	err := store.Move(ctx, c.From, c.To, func(table string, rows int64, checked bool) {
		switch {
		case checked:
			all += rows
			fmt.Fprintf(out, "✓ %s：%d\n", table, rows)
		case now().Sub(told) >= sayEach:
			fmt.Fprintf(out, "  %s：%d …\n", table, rows)
		default:
			return
		}
		told = now()
	})
	switch {
	case errors.Is(err, store.ErrNotEmpty):
		return fmt.Errorf("%w：目标里已有数据，什么也没动；请换一个空库或新文件 / nothing was changed: choose an empty database, or a file that is not there", err)
	case err != nil:
		return fmt.Errorf("%w：没有搬成，目标里什么也没留下，可以重来 / not moved; nothing was left there, and it can be begun anew", err)
	}
	fmt.Fprintf(out, "搬好了，%d 行逐表核对一致。照片和录音不在库里，不用搬。接下来：按手册改 hub.toml 的 database，再启动中心。\n"+
		"Moved: %d rows, the same in each table. Photos and recordings are not in it. Now set database in hub.toml, and start the hub.\n", all, all)
	return nil
}
