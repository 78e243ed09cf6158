package qr

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// The drawing is well-formed, of nothing but shapes, and begins with the
// finder pattern: seven dark modules inside the quiet zone (ISO/IEC 18004).
func TestSVG(t *testing.T) {
	svg, err := SVG("https://van-1.example/#enrol=12345678", `"><script>`)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok && !strings.Contains("svg path", s.Name.Local) {
			t.Errorf("there is a <%s> in it", s.Name.Local)
		}
	}
	if !strings.HasPrefix(string(svg), `<svg xmlns="http://www.w3.org/2000/svg" `) {
		t.Error("it is no picture where it does not stand in a page")
	}
	if !strings.Contains(string(svg), `d="M4 4h7v1h-7z`) {
		t.Errorf("no finder pattern where it must be: %.300s", svg)
	}
	if _, err := SVG(strings.Repeat("x", 3000), ""); err == nil {
		t.Error("a text that no QR code holds is taken")
	}
}
