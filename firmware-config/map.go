package firmwareconfig

import (
	"net/url"
	"regexp"
	"strings"
)

// Map is what lies beneath the visits on the hub's map. Without tiles there is
// the outline alone, and nobody outside hears what staff look at.
type Map struct {
	Tiles     string `toml:"tiles"`      // pictures of the ground, such as https://tiles.example.org/{z}/{x}/{y}.png
	TilesFrom string `toml:"tiles_from"` // whose they are, as their licence wants it said
}

// Bounds of Map.
const (
	maxTiles     = 300 // bytes
	maxTilesFrom = 200
)

var (
	tileHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`) // it goes into the page's policy as it is
	tileWord = regexp.MustCompile(`\{[^}]*\}?|\}`)
)

// check tells what is wrong with a map, if anything.
func (m Map) check(s source) error {
	if m.Tiles == "" && m.TilesFrom == "" {
		return nil
	}
	at, err := url.Parse(m.Tiles)
	if err != nil || len(m.Tiles) > maxTiles || at.Scheme != "https" && at.Scheme != "http" || at.User != nil || at.Fragment != "" || !tileHost.MatchString(at.Host) {
		return s.bad("map.tiles", "要写成网址，例如 https://tiles.example.org/{z}/{x}/{y}.png", "want an address such as https://tiles.example.org/{z}/{x}/{y}.png")
	}
	words := map[string]int{}
	for _, w := range tileWord.FindAllString(m.Tiles, -1) {
		words[w]++
	}
	if len(words) != 3 || words["{z}"] != 1 || words["{x}"] != 1 || words["{y}"] != 1 {
		return s.bad("map.tiles", "里面要正好有 {z}、{x}、{y} 各一次，没有别的花括号（{s} 请换成一个固定的主机名）",
			"needs {z}, {x} and {y} once each and no other braces (instead of {s}, one host's name)")
	}
	if strings.TrimSpace(m.TilesFrom) == "" || len(m.TilesFrom) > maxTilesFrom || strings.ContainsFunc(m.TilesFrom, func(r rune) bool { return r < ' ' }) {
		return s.bad("map.tiles_from", "要写明底图是谁的，一行，最多 200 字节，例如 © OpenStreetMap contributors", "must say whose the tiles are, in one line of at most 200 bytes, such as © OpenStreetMap contributors")
	}
	return nil
}
