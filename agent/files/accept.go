package files

import (
	"context"
	"net/http"
	"os"
	"slices"
	"time"

	"ark"
	"ark/internal/uploads"
)

// Low water: what must stay free of the card, in bytes and as a share of it,
// whichever is less, before photos and then voice are refused. A signature is
// a few kB and weighs as voice. Words of a visit are never refused for it.
const (
	photoFloor, photoShare = 1 << 30, 20   // 5 %
	voiceFloor, voiceShare = 500 << 20, 40 // 2.5 %
)

// roleOf is what a media type is used for; empty: it is not taken.
func roleOf(kind string) ark.Role {
	for role, kinds := range ark.AttachmentTypes {
		if slices.Contains(kinds, kind) {
			return role
		}
	}
	return ""
}

// accept judges what a phone means to send.
func (f *Files) accept(_ context.Context, a uploads.Announced, here bool) error {
	if here {
		return nil
	}
	role := roleOf(a.Type)
	if role == "" {
		return &uploads.Refusal{Status: http.StatusUnsupportedMediaType, Word: "type"}
	}
	free, total := f.c.Disk()
	if total == 0 { // not known
		return nil
	}
	floor, word := min(voiceFloor, total/voiceShare), "low-voice"
	if role == ark.RolePhoto {
		floor, word = min(photoFloor, total/photoShare), "low-photo"
	}
	if free-a.Size < floor {
		return &uploads.Refusal{Status: http.StatusInsufficientStorage, Word: word, After: 10 * time.Minute}
	}
	return nil
}

// check judges whole content: it must be what its type says, and must not
// say where it was taken. Its hash is the phone's and its visit's, so nothing
// can be taken out of it here: the phone makes it anew.
func check(a uploads.Announced, file *os.File) error {
	kind, err := kindOf(file)
	if err != nil || kind != a.Type {
		return &uploads.Refusal{Status: http.StatusUnsupportedMediaType, Word: "not-its-type"}
	}
	p, err := lookAt(kind, file)
	switch {
	case err != nil:
		return &uploads.Refusal{Status: http.StatusUnprocessableEntity, Word: "damaged"}
	case p.located:
		return &uploads.Refusal{Status: http.StatusUnprocessableEntity, Word: "location"}
	case p.wide > mostSide || p.high > mostSide || p.wide*p.high > mostPixels:
		return &uploads.Refusal{Status: http.StatusUnprocessableEntity, Word: "dimensions"}
	}
	return nil
}

// Bounds of a picture, in pixels: more than any phone's camera makes, and no
// more than a browser of the office can show.
const (
	mostSide   = 12_000
	mostPixels = 64_000_000
)
