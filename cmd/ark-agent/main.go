// Command ark-agent is the program in each van: it plays announcements from
// real buttons, keeps visits on the card, and carries both journals to and
// from the hub.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"
	_ "time/tzdata" // a Pi may have none

	"github.com/alecthomas/kong"

	"ark/agent"
	"ark/agent/sound"
	firmwareconfig "ark/firmware-config"
	"ark/internal/process"
)

type cli struct {
	Run     runCmd     `cmd:"" help:"Run the van."`
	Speaker speakerCmd `cmd:"" help:"The loudspeaker process; the agent starts it itself."`
}

type runCmd struct {
	Config string `help:"agent.toml of this van." default:"/etc/ark/agent.toml" type:"path"`
	Log    string `help:"How log lines look: text or json." enum:"text,json" default:"text"`
}

func (c *runCmd) Run() error {
	config, err := firmwareconfig.LoadAgent(c.Config)
	if err != nil {
		return err
	}
	profile, err := firmwareconfig.LoadProfile(config.Profile)
	if err != nil {
		return err
	}
	ctx, stop := process.Signals()
	defer stop()
	v, err := newVan(ctx, config, profile, process.Logger(os.Stderr, c.Log))
	if errors.Is(err, agent.ErrInUse) {
		return fmt.Errorf("%s 的数据库正被另一个 ark-agent 使用；请先停掉它 / another ark-agent uses the database in %s: stop it first", config.Data, config.Data)
	}
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // opening used more than running does, most of all on a new card
	return v.run(ctx)
}

type speakerCmd struct {
	Buffer time.Duration `help:"Buffer of the device." default:"20ms"`
}

func (c *speakerCmd) Run() error { return sound.Speak(os.Stdin, os.Stdout, c.Buffer) }

func main() {
	ctx := kong.Parse(&cli{}, kong.Name("ark-agent"), kong.Description("Service Ark, the van's program."), kong.UsageOnError())
	ctx.FatalIfErrorf(ctx.Run())
}
