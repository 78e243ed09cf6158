// Package firmwareconfig is what a technician puts on a device: the
// configuration of a van's agent and of a hub, and the profiles that say
// which wire is which button. Files are TOML; a key that is not known is an
// error that names it and its line.
package firmwareconfig

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"ark"
)

// Agent is a van's configuration, agent.toml. Relative paths are relative to
// the file.
type Agent struct {
	Van        ark.VanID `toml:"van"`
	Hub        string    `toml:"hub"`         // host:port of the hub's end point
	ServerName string    `toml:"server_name"` // in the hub's certificate; empty: the host of hub
	CA         string    `toml:"ca"`
	Cert       string    `toml:"cert"`
	Key        string    `toml:"key"`
	TimeKey    string    `toml:"time_key"` // public key of the hub's word of time, base64
	Born       time.Time `toml:"born"`     // when this was made: the van's clock never shows less
	Data       string    `toml:"data"`     // directory of the database and the announcement library
	Listen     string    `toml:"listen"`   // address of the crew's page
	Profile    string    `toml:"profile"`  // file of the wiring
	Zone       string    `toml:"zone"`     // in which the crew's page shows times; empty: Asia/Shanghai
	Sound      Sound     `toml:"sound"`
}

// Sound is how the loudspeaker is driven.
type Sound struct {
	BufferMS int  `toml:"buffer_ms"` // of the device, 10 to 500; 0: 20
	Silent   bool `toml:"silent"`    // never open a device
}

// Hub is a hub's configuration, hub.toml.
type Hub struct {
	MQTT        string `toml:"mqtt"`         // address for vans
	Console     string `toml:"console"`      // address for staff
	ConsoleCert string `toml:"console_cert"` // certificate and key of the console; both empty: plain HTTP, for a proxy on the same machine
	ConsoleKey  string `toml:"console_key"`
	Data        string `toml:"data"` // directory of the database
	CA          string `toml:"ca"`   // the authority's folder
	Zone        string `toml:"zone"` // of the office, such as Asia/Shanghai

	// MetricsToken is what a scraper of /metrics must show; empty: only
	// programs on the hub's machine may read them.
	MetricsToken string `toml:"metrics_token"`
}

// Profile says which line of the GPIO chip is which button or lamp, and what
// a button means.
type Profile struct {
	Chip        string   `toml:"chip"`          // label of the GPIO chip; empty: the one that has all lines
	LongPressMS int      `toml:"long_press_ms"` // 0: 1,000
	Buttons     []Button `toml:"button"`
	Lamps       []Lamp   `toml:"lamp"`
}

// Button is one button and what it does.
type Button struct {
	Name         string             `toml:"name"`
	Line         string             `toml:"line"` // such as GPIO17; empty: only on the panel page
	ActiveHigh   bool               `toml:"active_high"`
	Announcement ark.AnnouncementID `toml:"announcement"`
	Stop         bool               `toml:"stop"`
}

// Lamp is one lamp: ready, playing or fault.
type Lamp struct {
	Name      string `toml:"name"`
	Line      string `toml:"line"`
	ActiveLow bool   `toml:"active_low"`
}

//go:embed profiles/*.toml
var profiles embed.FS

// Profiles lists the names of the profiles that come along.
func Profiles() (names []string) {
	files, _ := fs.Glob(profiles, "profiles/*.toml") // the pattern is fixed
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".toml"))
	}
	return names
}

// ProfileText is the text of a profile that comes along.
func ProfileText(name string) ([]byte, error) {
	data, err := profiles.ReadFile("profiles/" + name + ".toml")
	if err != nil {
		return nil, fmt.Errorf("profile %q: there are %s", name, strings.Join(Profiles(), ", "))
	}
	return data, nil
}

// Error is trouble with a configuration file, said so that a technician can
// mend it.
type Error struct {
	File string
	Line int    // 0: not one line's trouble
	Key  string // empty: not one key's trouble
	Zh   string
	En   string
}

func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key != "" {
		return fmt.Sprintf("%s: %s: %s / %s", place, e.Key, e.Zh, e.En)
	}
	return fmt.Sprintf("%s: %s / %s", place, e.Zh, e.En)
}

// load reads a TOML file strictly.
func load(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if len(data) > 1<<20 {
		return &Error{File: path, Zh: "文件太大，不是配置文件", En: "too large for a configuration"}
	}
	d := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields()
	err = d.Decode(into)
	var strict *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		line, _ := strict.Errors[0].Position()
		return &Error{path, line, strings.Join(strict.Errors[0].Key(), "."), "没有这个配置项，请检查拼写", "no such key: check the spelling"}
	case errors.As(err, &decode):
		line, _ := decode.Position()
		return &Error{path, line, strings.Join(decode.Key(), "."), "看不懂这一行：" + decode.Error(), "cannot be read: " + decode.Error()}
	case err != nil:
		return &Error{File: path, Zh: "看不懂这个文件：" + err.Error(), En: "cannot be read: " + err.Error()}
	}
	return nil
}

// LoadAgent reads and checks agent.toml.
func LoadAgent(path string) (Agent, error) {
	var a Agent
	if err := load(path, &a); err != nil {
		return a, err
	}
	bad := func(key, zh, en string) (Agent, error) { return a, &Error{path, 0, key, zh, en} }
	if _, err := ark.ParseVanID(string(a.Van)); err != nil {
		return bad("van", "车号只能用 1 到 32 个小写字母、数字和连字符", "a van's id is 1 to 32 of a-z, 0-9 and -")
	}
	host, _, err := net.SplitHostPort(a.Hub)
	if err != nil {
		return bad("hub", "要写成 主机:端口，例如 hub.example:8883", "want host:port, such as hub.example:8883")
	}
	if a.ServerName == "" {
		a.ServerName = host
	}
	if a.Listen == "" {
		a.Listen = ":8080"
	}
	if a.Zone == "" {
		a.Zone = "Asia/Shanghai"
	}
	if _, err := time.LoadLocation(a.Zone); err != nil {
		return bad("zone", "没有这个时区，例如 Asia/Shanghai", "no such time zone; such as Asia/Shanghai")
	}
	if a.Sound.BufferMS == 0 {
		a.Sound.BufferMS = 20
	}
	if a.Sound.BufferMS < 10 || a.Sound.BufferMS > 500 {
		return bad("sound.buffer_ms", "要在 10 到 500 之间", "want 10 to 500")
	}
	for key, p := range map[string]*string{"ca": &a.CA, "cert": &a.Cert, "key": &a.Key, "data": &a.Data, "profile": &a.Profile} {
		if *p == "" {
			return bad(key, "缺少这一项", "is missing")
		}
		*p = beside(path, *p)
	}
	return a, nil
}

// LoadHub reads and checks hub.toml.
func LoadHub(path string) (Hub, error) {
	var h Hub
	if err := load(path, &h); err != nil {
		return h, err
	}
	bad := func(key, zh, en string) (Hub, error) { return h, &Error{path, 0, key, zh, en} }
	for key, p := range map[string]*string{"mqtt": &h.MQTT, "console": &h.Console} {
		if _, _, err := net.SplitHostPort(*p); err != nil {
			return bad(key, "要写成 地址:端口，例如 :8883", "want address:port, such as :8883")
		}
	}
	if h.Zone == "" {
		h.Zone = "Asia/Shanghai"
	}
	if _, err := time.LoadLocation(h.Zone); err != nil {
		return bad("zone", "没有这个时区，例如 Asia/Shanghai", "no such time zone; such as Asia/Shanghai")
	}
	for key, p := range map[string]*string{"data": &h.Data, "ca": &h.CA} {
		if *p == "" {
			return bad(key, "缺少这一项", "is missing")
		}
		*p = beside(path, *p)
	}
	if n := len(h.MetricsToken); n > 0 && n < 16 {
		return bad("metrics_token", "太短，至少 16 个字符", "is too short: at least 16 characters")
	}
	if (h.ConsoleCert == "") != (h.ConsoleKey == "") {
		return bad("console_cert", "证书和私钥（console_key）要一起写", "goes together with console_key")
	}
	if h.ConsoleCert != "" {
		h.ConsoleCert, h.ConsoleKey = beside(path, h.ConsoleCert), beside(path, h.ConsoleKey)
	}
	return h, nil
}

func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// LoadProfile reads and checks a profile.
func LoadProfile(path string) (Profile, error) {
	var p Profile
	if err := load(path, &p); err != nil {
		return p, err
	}
	names, lines := map[string]bool{}, map[string]bool{}
	check := func(name, line string) error {
		switch {
		case name == "":
			return &Error{File: path, Key: "name", Zh: "按钮或灯没有名字", En: "a button or lamp without a name"}
		case names[name]:
			return &Error{File: path, Key: name, Zh: "名字重复", En: "this name stands twice"}
		case line != "" && lines[line]:
			return &Error{File: path, Key: name, Zh: line + " 已被占用", En: line + " is taken already"}
		}
		names[name], lines[line] = true, true
		return nil
	}
	for _, b := range p.Buttons {
		if err := check(b.Name, b.Line); err != nil {
			return p, err
		}
		if (b.Announcement == "") == !b.Stop {
			return p, &Error{File: path, Key: b.Name, Zh: "按钮要么播一条广播稿，要么停止", En: "a button has either an announcement or stop = true"}
		}
	}
	for _, l := range p.Lamps {
		if err := check(l.Name, l.Line); err != nil {
			return p, err
		}
		if l.Name != "ready" && l.Name != "playing" && l.Name != "fault" {
			return p, &Error{File: path, Key: l.Name, Zh: "灯只有 ready、playing、fault", En: "lamps are ready, playing and fault"}
		}
	}
	if p.LongPressMS == 0 {
		p.LongPressMS = 1000
	}
	return p, nil
}
