package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"ark/hub"
)

// tokenMark begins every token, so that one that got into a place where it
// should not be is recognised.
const tokenMark = "ark_"

// NewToken makes a token of an account and is what a program shows; nobody
// sees it again.
func (a *Accounts) NewToken(ctx context.Context, t hub.Token) (word string, err error) {
	word = tokenMark + rand.Text() + rand.Text()
	t.ID, t.Made = rand.Text(), a.now()
	if !t.Ends.After(t.Made) || t.Ends.Sub(t.Made) > hub.MaxTokenLife || t.Name == "" || len([]rune(t.Name)) > hub.MaxDisplay {
		return "", hub.ErrInvalid
	}
	return word, a.book.AddToken(ctx, t, hashToken(word))
}

// Bearer is for whom a token asks: what it may do, and no more than its owner
// may do now. hub.ErrNotThere.
func (a *Accounts) Bearer(ctx context.Context, word, from string) (hub.Staff, error) {
	if !strings.HasPrefix(word, tokenMark) || len(word) > 100 {
		return hub.Staff{}, hub.ErrNotThere
	}
	t, err := a.book.UseToken(ctx, hashToken(word), a.now())
	if err != nil {
		return hub.Staff{}, err
	}
	owner, err := a.book.Account(ctx, t.Account)
	if err == nil && (owner.Out(a.now()) || owner.Fresh) { // somebody else knows the password
		err = hub.ErrNotThere
	}
	if err != nil {
		return hub.Staff{}, err
	}
	return owner.Staff(from).Through(t), nil
}

// hashToken needs no slow hash: nobody tries 260 bits.
func hashToken(word string) []byte {
	sum := sha256.Sum256([]byte(word))
	return sum[:]
}
