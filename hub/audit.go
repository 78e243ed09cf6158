package hub

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Verb is what somebody did.
type Verb string

// The verbs.
const (
	VerbView    Verb = "view"     // looked at one thing
	VerbSearch  Verb = "search"   // looked for things, or read a list with the names of people
	VerbReveal  Verb = "reveal"   // was shown what is masked
	VerbPlay    Verb = "play"     // heard or saw a photo, a recording
	VerbExport  Verb = "export"   // took many away
	VerbChange  Verb = "change"   // made, changed or removed something
	VerbOrder   Verb = "order"    // had vans do something
	VerbSignIn  Verb = "sign-in"  // came in, or tried to
	VerbSignOut Verb = "sign-out" // left, or was made to
)

// Verbs lists them in the order in which people see them.
var Verbs = []Verb{VerbView, VerbSearch, VerbReveal, VerbPlay, VerbExport, VerbChange, VerbOrder, VerbSignIn, VerbSignOut}

// Reads tells whether a deed changes nothing and takes nothing away, so that
// doing it again at once is the same deed.
func (v Verb) Reads() bool { return v == VerbView || v == VerbSearch || v == VerbPlay }

// Outcome is what became of a deed.
type Outcome string

// The outcomes. A deed is put on record as allowed before it is done; one that
// then comes to nothing has a second entry, which says failed.
const (
	OutcomeAllowed Outcome = "allowed"
	OutcomeRefused Outcome = "refused" // the roles do not include it, or it was no right password
	OutcomeFailed  Outcome = "failed"  // it was allowed, and nothing came of it
)

// Kinds of objects. The id of an object is its own: of a household its
// ark.ID, of a van its name; empty: all of that kind, such as of a list.
const (
	ObjectVisit        = "visit"
	ObjectHousehold    = "household"
	ObjectVan          = "van"
	ObjectBroadcast    = "broadcast"
	ObjectOrder        = "order"
	ObjectAnnouncement = "announcement"
	ObjectPlan         = "plan"
	ObjectSettings     = "settings"
	ObjectArea         = "area"
	ObjectCrew         = "crew"
	ObjectPhone        = "phone"
	ObjectForm         = "form"
	ObjectFile         = "file" // a photo, a recording: by its SHA-256
	ObjectAccount      = "account"
	ObjectSession      = "session"
	ObjectToken        = "token"
	ObjectPage         = "page"  // a page as such, where it was refused: its route
	ObjectAudit        = "audit" // this record itself
	ObjectSavedView    = "saved-view"
)

// Object is what something was done to.
type Object struct{ Kind, ID string }

// Deed is something that somebody did at the hub, or was refused.
type Deed struct {
	At      time.Time
	Who     string // name of the account; of a sign-in that was refused: the name that was typed
	Token   string // name of the token, where a program acted; empty: the person
	From    string // address that asked
	Verb    Verb
	Object  Object
	Detail  map[string]string // such as the filter of a search, by stable words; at most MaxDetail
	Outcome Outcome
}

// Bounds of a deed.
const (
	MaxDetail   = 24  // things in Detail
	MaxDeedText = 400 // bytes of each text
)

// MoreDetail is the key that says how much of Detail is left out.
const MoreDetail = "~more"

// Plain is the deed as it can be kept, whatever was typed into it: each text is
// valid UTF-8 without NUL and not too long, and there are not too many. Of what
// is cut off, the length and the SHA-256 of the whole are kept, so that nobody
// hides behind a long text what they meant.
func (d Deed) Plain() Deed {
	d.Who, d.Token, d.From = plainText(d.Who), plainText(d.Token), plainText(d.From)
	d.Verb, d.Outcome = Verb(plainText(string(d.Verb))), Outcome(plainText(string(d.Outcome)))
	d.Object = Object{plainText(d.Object.Kind), plainText(d.Object.ID)}
	keys, detail := slices.Sorted(maps.Keys(d.Detail)), map[string]string{}
	if len(keys) > MaxDetail {
		detail[MoreDetail] = leftOut(d.Detail, keys[MaxDetail-1:])
		keys = keys[:MaxDetail-1]
	}
	for _, key := range keys {
		detail[plainText(key)] = plainText(d.Detail[key])
	}
	d.Detail = detail
	return d
}

// leftOut says of details how many they are, and their digest.
func leftOut(detail map[string]string, keys []string) string {
	h := sha256.New()
	for _, key := range keys {
		fmt.Fprintf(h, "%q=%q\n", key, detail[key])
	}
	return fmt.Sprintf("%d, sha256 %x", len(keys), h.Sum(nil))
}

func plainText(whole string) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(whole, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= MaxDeedText {
		return s
	}
	more := fmt.Sprintf("… (%d bytes, sha256 %x)", len(whole), sha256.Sum256([]byte(whole)))
	cut := MaxDeedText - len(more)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + more
}

// Audit is the record of who did what.
type Audit interface {
	// Note puts a deed on record, as Plain has it, durably: it is there before
	// Note returns. Whoever does or shows something notes it first, and does
	// not do it if that fails.
	Note(ctx context.Context, d Deed) error
}
