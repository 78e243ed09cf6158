package rig

import (
	"testing"

	"ark/hub/identity"
)

// StartHubOf starts a hub that goes by an authority's folder, as arkctl makes
// it, at an address.
func StartHubOf(t testing.TB, ca, addr, path string) *Hub {
	t.Helper()
	cfg, err := identity.HubTLS(ca)
	if err != nil {
		t.Fatal(err)
	}
	timeKey, err := identity.TimeKey(ca)
	if err != nil {
		t.Fatal(err)
	}
	devices, err := identity.OpenDevices(ca)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, path, addr, cfg, timeKey, devices)
}
