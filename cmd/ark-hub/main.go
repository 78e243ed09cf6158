// Command ark-hub is the office's program: where vans connect, where their
// journals are kept, and where staff read them.
package main

import (
	"errors"
	"fmt"
	"os"
	_ "time/tzdata" // a small machine may have none

	"github.com/alecthomas/kong"

	firmwareconfig "ark/firmware-config"
	"ark/internal/process"
)

type cli struct {
	Run     runCmd     `cmd:"" help:"Run the hub."`
	Passwd  passwdCmd  `cmd:"" help:"Set the password of a staff account, or make an administrator's account. Also while the hub runs: the account is then signed out everywhere."`
	Account accountCmd `cmd:"" help:"List staff accounts, reset second factors, disable and enable. Also while the hub runs."`
	Backup  backupCmd  `cmd:"" help:"Copy all that the hub keeps into a folder, also while it runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup back, while the hub does not run. The vans send again what it lacks."`
	Move    moveCmd    `cmd:"" name:"move-store" help:"Copy the database from SQLite to PostgreSQL or back, while the hub does not run."`
	Check   checkCmd   `cmd:"" help:"Read all that the hub keeps, also while it runs, and say what is not as it was written."`
}

type runCmd struct {
	Config string `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
	Log    string `help:"How log lines look: text or json." enum:"text,json" default:"json"`
}

func (c *runCmd) Run() error {
	config, err := firmwareconfig.LoadHub(c.Config)
	if err != nil {
		return err
	}
	ctx, stop := process.Signals()
	defer stop()
	o, err := openOffice(ctx, config, process.Logger(os.Stderr, c.Log))
	if errors.Is(err, process.ErrPortTaken) {
		return fmt.Errorf("%w：端口已被占用，请停掉占用它的程序，或在 %s 里换一个 / stop the program that has it, or choose another in %s", err, c.Config, c.Config)
	}
	if err != nil {
		return err
	}
	if err := o.firstAccount(ctx, os.Stdout, process.Terminal(os.Stdout)); err != nil {
		return err
	}
	return o.run(ctx)
}

func main() {
	ctx := kong.Parse(&cli{}, kong.Name("ark-hub"), kong.Description("Service Ark, the office's program."), kong.UsageOnError())
	ctx.FatalIfErrorf(ctx.Run())
}
