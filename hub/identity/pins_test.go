package identity

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"ark"
	"ark/hub"
)

func TestHashPIN(t *testing.T) {
	first, err := HashPIN("4071")
	if err != nil {
		t.Fatal(err)
	}
	second, err := HashPIN("4071")
	if err != nil || first == second {
		t.Errorf("the same PIN twice: %v, %v", first == second, err)
	}
	crew := ark.Crew{Version: 1, Members: []ark.CrewMember{{ID: ark.NewID(1, [10]byte{}), Name: "李敏", Verifier: first}}}
	if err := crew.Check(); err != nil {
		t.Errorf("a van would not take it: %v", err)
	}
	// As a van verifies it.
	part := strings.Split(first, "$")
	if len(part) != 6 || part[3] != "m=19456,t=2,p=1" {
		t.Fatalf("%v", part)
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte("4071"), salt, 2, 19456, 1, 32)); got != part[5] {
		t.Errorf("%s, want %s", got, part[5])
	}
	for _, pin := range []string{"", "407", "407140714", "40a1", "４０７１", "0000", "1234", "8765", "99999999", "-123"} {
		if _, err := HashPIN(pin); !errors.Is(err, hub.ErrPIN) {
			t.Errorf("%q: %v", pin, err)
		}
	}
	for _, pin := range []string{"1357", "1233", "0001", "12340"} {
		if _, err := HashPIN(pin); err != nil {
			t.Errorf("%q: %v", pin, err)
		}
	}
}
