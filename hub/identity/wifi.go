package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ark"
)

// WiFiPassword is the password of a van's own Wi-Fi. It is made once and kept
// in the authority's folder, so that phones that know it find the van again
// when its card is replaced. To change it, remove wifi/VAN and make a card.
func WiFiPassword(dir string, van ark.VanID) (string, error) {
	path := filepath.Join(dir, "wifi", string(van))
	data, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read Wi-Fi password: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("keep Wi-Fi password: %w", err)
	}
	password := NewPassword()
	if err := replaceFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep Wi-Fi password: %w", err)
	}
	return password, nil
}
