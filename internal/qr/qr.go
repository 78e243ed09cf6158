// Package qr draws QR codes for the van's pages. It is the one door to the
// encoder.
package qr

import (
	"bytes"
	"fmt"
	"image"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white edge that a reader needs, in modules (ISO/IEC 18004, 9.1).
const quiet = 4

// SVG is a text as a QR code: an <svg> element in black on white, with nothing
// in it but numbers of ours, so that it may stand in a page. Level M mends
// 15 % of damage. A text of more than 2,331 bytes is an error.
func SVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("encode QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges" aria-hidden="true">`+
		`<rect width="%[1]d" height="%[1]d" fill="#fff"/><path fill="#000" d="`, size+2*quiet)
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(code, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}

func dark(code image.Image, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}
