package postgres

import (
	"errors"
	"maps"
	"testing"
)

// A server that would lose or change what it is given is not used.
func TestUnfitServers(t *testing.T) {
	good := map[string]string{"server_version_num": "150018", "server_encoding": "UTF8", "fsync": "on", "full_page_writes": "on",
		"synchronous_commit": "on", "standard_conforming_strings": "on", "transaction_read_only": "off"}
	if err := fit(good); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"server_version_num": "140011", "server_encoding": "SQL_ASCII", "fsync": "off", "full_page_writes": "off",
		"synchronous_commit": "off", "standard_conforming_strings": "off", "transaction_read_only": "on"} {
		bad := maps.Clone(good)
		bad[name] = value
		if err := fit(bad); !errors.Is(err, ErrUnfit) {
			t.Errorf("%s = %s: %v", name, value, err)
		}
		delete(bad, name)
		if err := fit(bad); !errors.Is(err, ErrUnfit) && name != "synchronous_commit" {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
