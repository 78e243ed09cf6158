package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"ark/agent"
	"ark/agent/panel"
	firmwareconfig "ark/firmware-config"
)

// serveKeys lets the keys of a terminal press buttons; restore gives the
// terminal back. Nobody waits for the reader: a read from a terminal cannot be
// interrupted.
func (v *van) serveKeys(ctx context.Context) (restore func()) {
	restore, ok := panel.Terminal(os.Stdin)
	if !ok {
		return func() {}
	}
	fmt.Println(v.tellKeys())
	go v.sim.Keys(ctx, os.Stdin)
	return restore
}

// tellKeys says which key does what.
func (v *van) tellKeys() string {
	line := "  按键 keys:"
	held := false
	for _, k := range v.sim.KeyList() {
		i := slices.IndexFunc(v.profile.Buttons, func(b firmwareconfig.Button) bool { return agent.Button(b.Name) == k.Button })
		b := v.profile.Buttons[i]
		line += fmt.Sprintf("  %c = %s", k.Rune, v.does(b))
		if b.Hold {
			line += " (×2)"
			held = true
		}
	}
	line += "  Ctrl-C = 退出 quit"
	if held {
		line += fmt.Sprintf("\n  (×2)：%[1]v 秒内按两次才算，等于按住按钮 / press twice within %[1]v s, as if the button were held", panel.SureWithin.Seconds())
	}
	return line
}

// does is what a button does, in few words.
func (v *van) does(b firmwareconfig.Button) string {
	switch {
	case b.Stop:
		return "停止 stop"
	case b.Louder:
		return "大声 louder"
	case b.Softer:
		return "小声 softer"
	case b.Test:
		return "自检 self-test"
	case b.Talk:
		return fmt.Sprintf("喊话，再按结束 talk, again to end (≤ %v s)", panel.TalkFor.Seconds())
	}
	if a, _ := v.announcements.Find(b.Announcement); a.Title.Zh != "" {
		return a.Title.Zh + " " + a.Title.En
	}
	return b.Name
}
