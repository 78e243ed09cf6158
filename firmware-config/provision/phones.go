package provision

import (
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"

	firmwareconfig "ark/firmware-config"
)

// Address is the van's on its own Wi-Fi, the same for all vans: a phone that
// goes from one to another never holds a stale one.
const Address = "10.77.77.1"

// Address is the van's on its own Wi-Fi.
func (v Van) Address() string { return Address }

// Network is the first three numbers of Address.
func (v Van) Network() string { return Address[:strings.LastIndex(Address, ".")] }

// Probes are the names by which phones find out what a Wi-Fi is worth.
func (v Van) Probes() []string { return firmwareconfig.Probes }

// HTTPSPort and HTTPPort are the ports of the pages as an address in a browser
// has them.
func (v Van) HTTPSPort() string { return portOf(v.HTTPS, "443") }

// HTTPPort is documented at HTTPSPort.
func (v Van) HTTPPort() string { return portOf(v.HTTP, "80") }

func portOf(address, usual string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == usual {
		return ""
	}
	return ":" + port
}

// WiFiCode is what a phone reads from the QR code of the Wi-Fi (as ZXing
// defined it); nothing of it needs escaping, see wifiName.
func (v Van) WiFiCode() string { return "WIFI:T:WPA;S:" + v.WiFi + ";P:" + v.WiFiPassword + ";;" }

// AppAddress is what phones open; JoinAddress what they open first.
func (v Van) AppAddress() string { return "https://" + v.Name + v.HTTPSPort() + "/" }

// JoinAddress is documented at AppAddress.
func (v Van) JoinAddress() string { return "http://" + v.Name + v.HTTPPort() + "/join" }

// PagesPrint is the SHA-256 of the certificate that phones install, in groups
// that can be compared with what a phone says of it. Whoever can change the
// certificate on its way can change the van's page as well, but not paper.
func (v Van) PagesPrint() (groups []string) {
	block, _ := pem.Decode(v.PagesCAPEM)
	if block == nil {
		return nil
	}
	sum := sha256.Sum256(block.Bytes)
	for i := 0; i < len(sum); i += 4 {
		groups = append(groups, fmt.Sprintf("%X", sum[i:i+4]))
	}
	return groups
}

// WriteRenewal renders a folder with a new certificate for a van's pages and
// what puts it onto the card. The folder must not exist.
func WriteRenewal(dir string, v Van) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", dir, ErrExists)
	}
	files := v.pages()
	if err := v.renderAll(files, "templates/renew/*"); err != nil {
		return err
	}
	return appear(dir, files, func(string) error { return nil })
}

// What goes into the files of NetworkManager as it is.
var (
	wifiName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)
	wifiPassword = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{7,62}$`)
	country      = regexp.MustCompile(`^[A-Z]{2}$`)
)

// pages are the files by which a van serves phones.
func (v Van) pages() map[string][]byte {
	return map[string][]byte{"pages-ca.pem": v.PagesCAPEM, "pages.pem": v.PagesCertPEM, "pages-key.pem": v.PagesKeyPEM}
}
