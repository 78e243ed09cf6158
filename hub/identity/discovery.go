package identity

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// awayFor is how long nobody asks again where the organisation's sign-in could
// not be reached: whoever comes meanwhile hears so at once.
const awayFor = 10 * time.Second

// discovery is what the organisation's sign-in says of itself, asked for by one
// of those who come, while the others wait for the answer.
type discovery struct {
	mu      sync.Mutex
	found   *oidc.Provider // nil: it was not reached yet
	failed  error          // why, until away
	away    time.Time
	looking chan struct{} // is closed when somebody who asks has an answer; nil: nobody does
}

func (o *Organisation) find(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	p, err := o.discover(ctx)
	if err != nil {
		return nil, oauth2.Config{}, fmt.Errorf("%w: %w", errOrganisation, err)
	}
	return p, oauth2.Config{ClientID: o.c.ClientID, ClientSecret: o.c.Secret, RedirectURL: o.c.Redirect,
		Endpoint: p.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}, nil
}

func (o *Organisation) discover(ctx context.Context) (*oidc.Provider, error) {
	d := &o.provider
	d.mu.Lock()
	for d.found == nil && d.looking != nil {
		other := d.looking
		d.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		d.mu.Lock()
	}
	if d.found != nil || o.accounts.now().Before(d.away) {
		defer d.mu.Unlock()
		return d.found, d.failed
	}
	mine := make(chan struct{})
	d.looking = mine
	d.mu.Unlock()
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.client), o.c.Issuer) // it lives on, for the keys that it fetches
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.found, d.failed, d.looking = p, err, nil; err != nil {
		d.found, d.away = nil, o.accounts.now().Add(awayFor)
	}
	close(mine)
	return d.found, d.failed
}
