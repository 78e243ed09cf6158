package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// assets are files by their fingerprinted address.
type assets struct {
	byName    map[string]string // name to address
	byAddress map[string][]byte
}

func readAssets(from ...fs.FS) (assets, error) {
	a := assets{map[string]string{}, map[string][]byte{}}
	for _, f := range from {
		names, err := fs.Glob(f, "assets/*")
		if err != nil {
			return a, fmt.Errorf("read assets: %w", err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(f, name)
			if err != nil {
				return a, fmt.Errorf("read assets: %w", err)
			}
			sum := sha256.Sum256(data)
			base := path.Base(name)
			address := "/assets/" + hex.EncodeToString(sum[:6]) + "/" + base
			a.byName[base], a.byAddress[address] = address, data
		}
	}
	return a, nil
}

// address is where an asset is served; a name that is none is a mistake in a
// template.
func (a assets) address(name string) (string, error) {
	if at, ok := a.byName[name]; ok {
		return at, nil
	}
	return "", errors.New("no asset " + name)
}

// ServeHTTP serves an asset under its fingerprinted address only.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, ok := a.byAddress[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if strings.HasSuffix(r.URL.Path, ".svg") {
		w.Header().Set("Content-Type", "image/svg+xml")
	}
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(data))
}
