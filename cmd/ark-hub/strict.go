package main

import (
	"bytes"
	"crypto/tls"
	"fmt"

	"ark/firmware-config"
	"ark/hub"
)

// strictTransport tells whether browsers are to come back by TLS alone: as
// hub.toml says, else where the console's certificate is an authority's. One of
// its own would lock people out for a year when it ends.
func strictTransport(c firmwareconfig.Hub) (bool, error) {
	if c.ConsoleHSTS != "" || c.ConsoleCert == "" {
		return c.ConsoleHSTS == "on", nil
	}
	pair, err := tls.LoadX509KeyPair(c.ConsoleCert, c.ConsoleKey)
	if err != nil {
		return false, fmt.Errorf("read the console's certificate: %w", err)
	}
	return !bytes.Equal(pair.Leaf.RawIssuer, pair.Leaf.RawSubject), nil
}

// needsSecond is whose accounts must have a second factor, as hub.toml says.
func needsSecond(rule string) func(hub.Account) bool {
	return func(a hub.Account) bool {
		return rule == firmwareconfig.SecondAll || rule == firmwareconfig.SecondAdministrators && a.Staff("").Is(hub.RoleAdministrator)
	}
}
