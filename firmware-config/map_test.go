package firmwareconfig

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hubFile is a hub.toml with these lines at its end.
func hubFile(t *testing.T, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hub.toml")
	text := "mqtt = \":8883\"\nconsole = \":8088\"\ndata = \"data\"\nca = \"ca\"\n" + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTilesOfTheMap(t *testing.T) {
	h, err := LoadHub(hubFile(t, "[map]\ntiles = \"https://tiles.example.org:8443/a/{z}/{x}/{y}.png?key=k\"\ntiles_from = \"© OpenStreetMap contributors\"\n"))
	if err != nil || h.Map.Tiles != "https://tiles.example.org:8443/a/{z}/{x}/{y}.png?key=k" || h.Map.TilesFrom != "© OpenStreetMap contributors" {
		t.Errorf("got %+v, %v", h.Map, err)
	}
	if h, err := LoadHub(hubFile(t, "")); err != nil || h.Map != (Map{}) {
		t.Errorf("without a map: %+v, %v", h.Map, err)
	}
}

// What is mistyped or meant ill is named with its line, before anybody sees a
// grey map or a page's policy is opened.
func TestTilesThatAreRefused(t *testing.T) {
	const from = "\ntiles_from = \"© somebody\""
	for tiles, key := range map[string]string{
		`tiles = "tiles.example.org/{z}/{x}/{y}.png"` + from:                                          "map.tiles",
		`tiles = "ftp://tiles.example.org/{z}/{x}/{y}.png"` + from:                                    "map.tiles",
		`tiles = "javascript:alert(1)//{z}/{x}/{y}"` + from:                                           "map.tiles",
		`tiles = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"` + from:                              "map.tiles",
		`tiles = "https://a;script-src *.b/{z}/{x}/{y}.png"` + from:                                   "map.tiles",
		`tiles = "https://a b/{z}/{x}/{y}.png"` + from:                                                "map.tiles",
		`tiles = "https://me:word@tiles.example.org/{z}/{x}/{y}.png"` + from:                          "map.tiles",
		`tiles = "https:///{z}/{x}/{y}.png"` + from:                                                   "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}.png#{z}"` + from:                              "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}.png"` + from:                                      "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}/{Y}.png"` + from:                                  "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}{r}.png"` + from:                               "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{z}/{x}/{y}.png"` + from:                              "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}.png?` + long(300) + `"` + from:                "map.tiles",
		`tiles_from = "© somebody"`:                                                                   "map.tiles",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}.png"`:                                         "map.tiles_from",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}.png"` + "\ntiles_from = \"a\\nb\"":            "map.tiles_from",
		`tiles = "https://tiles.example.org/{z}/{x}/{y}.png"` + "\ntiles_from = \"" + long(201) + `"`: "map.tiles_from",
		`tile = "https://tiles.example.org/{z}/{x}/{y}.png"`:                                          "map.tile",
	} {
		_, err := LoadHub(hubFile(t, "[map]\n"+tiles+"\n"))
		if bad, ok := errors.AsType[*Error](err); !ok || bad.Key != key || bad.Line < 5 || bad.Zh == "" || bad.En == "" {
			t.Errorf("%s: got %v", tiles, err)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }
