package firmwareconfig

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"ark"
)

// source is a configuration file's text, to say where a mistake is.
type source struct{ path, text string }

// load reads a TOML file strictly.
func load(path string, into any) (source, error) {
	data, err := os.ReadFile(path)
	s := source{path, string(data)}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, &Error{File: path, Zh: "没有这个文件", En: "there is no such file"}
	case errors.Is(err, fs.ErrPermission):
		return s, &Error{File: path, Zh: "没有权限读这个文件", En: "this user may not read the file"}
	case err != nil:
		return s, &Error{File: path, Zh: "读不出来：" + err.Error(), En: "cannot be read: " + err.Error()}
	case len(data) > 1<<20:
		return s, &Error{File: path, Zh: "文件太大，不是配置文件", En: "too large for a configuration"}
	}
	err = toml.NewDecoder(strings.NewReader(s.text)).DisallowUnknownFields().Decode(into)
	var strict *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		line, _ := strict.Errors[0].Position()
		return s, &Error{path, line, strings.Join(strict.Errors[0].Key(), "."), "没有这个配置项，请检查拼写", "no such key: check the spelling"}
	case errors.As(err, &decode):
		line, _ := decode.Position()
		return s, &Error{path, line, strings.Join(decode.Key(), "."), "看不懂这一行：" + decode.Error(), "cannot be read: " + decode.Error()}
	case err != nil:
		return s, &Error{File: path, Zh: "看不懂这个文件：" + err.Error(), En: "cannot be read: " + err.Error()}
	}
	return s, nil
}

// bad is a mistake in the value of a key of the top or of one table.
func (s source) bad(key, zh, en string) error {
	table, name, found := strings.Cut(key, ".")
	if !found {
		table, name = "", key
	}
	return &Error{s.path, s.line(table, 0, name), key, zh, en}
}

var header = regexp.MustCompile(`^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]`)

// line is where a key stands in the nth table of a name ("": before the
// first); where the table stands, if the key is not in it; 0 if it is not
// there at all. It is for people: a file that is written strangely may lead
// it astray.
func (s source) line(table string, nth int, key string) (at int) {
	in, seen := table == "", -1
	for i, text := range strings.Split(s.text, "\n") {
		if m := header.FindStringSubmatch(text); m != nil {
			if m[1] == table {
				seen++
			}
			if in = m[1] == table && seen == nth; in {
				at = i + 1
			}
			continue
		}
		name, _, assigned := strings.Cut(text, "=")
		if in && assigned && strings.TrimSpace(name) == key {
			return i + 1
		}
	}
	return at
}

// CardID is ALSA's short id of a card (sound/core/init.c).
var CardID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,15}$`)

// deviceName is the name of an ALSA device.
var deviceName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:=,-]{0,99}$`)

// LoadAgent reads and checks agent.toml.
func LoadAgent(path string) (Agent, error) {
	var a Agent
	s, err := load(path, &a)
	if err != nil {
		return a, err
	}
	host, _, err := net.SplitHostPort(a.Hub)
	if err != nil || host == "" {
		return a, s.bad("hub", "要写成 主机:端口，例如 hub.example:8883", "want host:port, such as hub.example:8883")
	}
	if a.ServerName == "" {
		a.ServerName = host
	}
	if a.Blobs == "" {
		a.Blobs = net.JoinHostPort(host, blobsPort)
	}
	if a.Listen == "" {
		a.Listen = ":8080"
	}
	if a.Zone == "" {
		a.Zone = "Asia/Shanghai"
	}
	if a.AttachmentsKeepDays == 0 {
		a.AttachmentsKeepDays = 7
	}
	if a.Sound.BufferMS == 0 {
		a.Sound.BufferMS = 20
	}
	if err := a.check(s); err != nil {
		return a, err
	}
	all := []place{{"ca", &a.CA}, {"cert", &a.Cert}, {"key", &a.Key}, {"data", &a.Data}, {"profile", &a.Profile}}
	if a.Name != "" {
		all = append(all, place{"pages_ca", &a.PagesCA}, place{"pages_cert", &a.PagesCert}, place{"pages_key", &a.PagesKey})
	}
	if a.PublicCert != "" {
		all = append(all, place{"public_cert", &a.PublicCert}, place{"public_key", &a.PublicKey})
	}
	return a, s.paths(all)
}

func (a Agent) check(s source) error {
	if _, err := ark.ParseVanID(string(a.Van)); err != nil {
		return s.bad("van", "车号只能用 1 到 32 个小写字母、数字和连字符", "a van's id is 1 to 32 of a-z, 0-9 and -")
	}
	if key, err := base64.StdEncoding.DecodeString(a.TimeKey); err != nil || len(key) != ed25519.PublicKeySize {
		return s.bad("time_key", "不是 32 字节的 base64 公钥；它由 arkctl 写入，请勿改动", "not the base64 of a 32-byte public key; arkctl wrote it, leave it as it was")
	}
	if host, _, err := net.SplitHostPort(a.Blobs); err != nil || host == "" {
		return s.bad("blobs", "要写成 主机:端口，例如 hub.example:8884", "want host:port, such as hub.example:8884")
	}
	if a.BlobsRate < 0 {
		return s.bad("blobs_rate", "不能小于 0（0 表示不限）", "is less than 0 (0: no bound)")
	}
	if a.AttachmentsMBPerDay < 0 {
		return s.bad("attachments_mb_per_day", "不能小于 0（0 表示不限）", "is less than 0 (0: no bound)")
	}
	if a.AttachmentsKeepDays < 1 || a.AttachmentsKeepDays > 366 {
		return s.bad("attachments_keep_days", "要在 1 到 366 天之间", "want 1 to 366 days")
	}
	if _, _, err := net.SplitHostPort(a.Listen); err != nil {
		return s.bad("listen", "要写成 地址:端口，例如 :8080", "want address:port, such as :8080")
	}
	if err := a.checkDoor(s); err != nil {
		return err
	}
	if a.Sound.BufferMS < 10 || a.Sound.BufferMS > 500 {
		return s.bad("sound.buffer_ms", "要在 10 到 500 之间", "want 10 to 500")
	}
	if a.Sound.Card != "" && !CardID.MatchString(a.Sound.Card) {
		return s.bad("sound.card", "要写声卡的短名字（aplay -l 里方括号前面的那个），例如 Headphones", "want the card's short name as aplay -l shows it, such as Headphones")
	}
	for key, device := range map[string]string{"sound.input": a.Sound.Input, "sound.listen": a.Sound.Listen} {
		if device != "" && !deviceName.MatchString(device) {
			return s.bad(key, "要写 ALSA 设备名，例如 plughw:CARD=Device", "want the name of an ALSA device, such as plughw:CARD=Device")
		}
	}
	return s.zone(a.Zone)
}

// VanName is a DNS name as certificates and addresses have it, in lower case.
var VanName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// checkDoor checks the addresses under which phones reach the van.
func (a Agent) checkDoor(s source) error {
	if a.Name != "" && (!VanName.MatchString(a.Name) || len(a.Name) > 253) {
		return s.bad("name", "要写小写的域名，例如 van-07.ark.internal", "want a DNS name in lower case, such as van-07.ark.internal")
	}
	for _, at := range []struct{ key, value, like string }{{"https", a.HTTPS, ":443"}, {"http", a.HTTP, ":80"}} {
		if at.value == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(at.value); err != nil {
			return s.bad(at.key, "要写成 地址:端口，例如 "+at.like, "want address:port, such as "+at.like)
		}
		if a.Name == "" {
			return s.bad(at.key, "还要写 name（这辆车的域名）", "needs name too, the van's DNS name")
		}
	}
	if (a.PublicCert == "") != (a.PublicKey == "") {
		return s.bad("public_cert", "和 public_key 要一起写", "goes together with public_key")
	}
	return nil
}

func (s source) zone(name string) error {
	if _, err := time.LoadLocation(name); err != nil {
		return s.bad("zone", "没有这个时区，例如 Asia/Shanghai", "no such time zone; such as Asia/Shanghai")
	}
	return nil
}

// place is a key that holds a path.
type place struct {
	key  string
	path *string
}

// paths makes paths absolute; all must be there.
func (s source) paths(all []place) error {
	for _, p := range all {
		if *p.path == "" {
			return s.bad(p.key, "缺少这一项", "is missing")
		}
		*p.path = beside(s.path, *p.path)
	}
	return nil
}

// blobsPort is where vans fetch recordings, unless it is said.
const blobsPort = "8884"

// LoadHub reads and checks hub.toml.
func LoadHub(path string) (Hub, error) {
	var h Hub
	s, err := load(path, &h)
	if err != nil {
		return h, err
	}
	if host, _, err := net.SplitHostPort(h.MQTT); err == nil && h.Blobs == "" {
		h.Blobs = net.JoinHostPort(host, blobsPort)
	}
	for _, p := range []place{{"mqtt", &h.MQTT}, {"blobs", &h.Blobs}, {"console", &h.Console}} {
		if _, _, err := net.SplitHostPort(*p.path); err != nil {
			return h, s.bad(p.key, "要写成 地址:端口，例如 :8883", "want address:port, such as :8883")
		}
	}
	if h.Zone == "" {
		h.Zone = "Asia/Shanghai"
	}
	if err := s.zone(h.Zone); err != nil {
		return h, err
	}
	if d := h.Database; d != "" && !strings.HasPrefix(d, "postgres://") && !strings.HasPrefix(d, "postgresql://") {
		return h, s.bad("database", "要写成 postgres://用户@主机/库名，或不写", "want postgres://user@host/name, or leave it out")
	}
	if n := len(h.MetricsToken); n > 0 && n < 16 {
		return h, s.bad("metrics_token", "太短，至少 16 个字符", "is too short: at least 16 characters")
	}
	if h.ConsoleHSTS != "" && h.ConsoleHSTS != "on" && h.ConsoleHSTS != "off" {
		return h, s.bad("console_hsts", "要写 \"on\" 或 \"off\"，或不写", "want \"on\" or \"off\", or leave it out")
	}
	if h.SecondFactor != "" && h.SecondFactor != SecondAdministrators && h.SecondFactor != SecondAll {
		return h, s.bad("second_factor", "要写 \"administrators\" 或 \"all\"，或不写", "want \"administrators\" or \"all\", or leave it out")
	}
	if (h.ConsoleCert == "") != (h.ConsoleKey == "") {
		return h, s.bad("console_cert", "证书和私钥（console_key）要一起写", "goes together with console_key")
	}
	if at, err := url.Parse(h.ConsoleAddress); h.ConsoleAddress != "" && (err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || strings.Trim(at.Path, "/") != "") {
		return h, s.bad("console_address", "要写成网址，例如 https://hub.example.org", "want an address such as https://hub.example.org")
	}
	if h.OIDC.Issuer != "" && (h.OIDC.ClientID == "" || h.ConsoleAddress == "") {
		return h, s.bad("oidc", "还要写 client_id，以及上面的 console_address", "needs client_id, and console_address above")
	}
	if at, err := url.Parse(h.OIDC.Issuer); h.OIDC.Issuer != "" && (err != nil || at.Host == "" || at.Scheme != "https" && !(at.Scheme == "http" && loopback(at.Hostname()))) {
		return h, s.bad("oidc.issuer", "要用 https 网址", "want an address with https: who can change what comes from there can sign in as anybody")
	}
	if err := h.Map.check(s); err != nil {
		return h, err
	}
	all := []place{{"data", &h.Data}, {"ca", &h.CA}}
	if h.ConsoleCert != "" {
		all = append(all, place{"console_cert", &h.ConsoleCert}, place{"console_key", &h.ConsoleKey})
	}
	return h, s.paths(all)
}

func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// loopback tells a name of this machine.
func loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}
