package console

import (
	"net/url"
	"os"
	"testing"

	"ark"
	"ark/hub"
	"ark/internal/browser"
)

// TestAccountPictures makes pictures of the pages of accounts where ARK_SHOTS
// names a folder, for people to look at.
func TestAccountPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newBench(t)
	b.as("wang", hub.Sight{Places: []ark.Place{{Street: "北街"}, {Street: "南街", Community: "公园社区"}}}, hub.RoleReader, hub.RoleReviewer)
	b.as("chen", hub.Everything, hub.RoleTechnician)
	p := b.signedIn()
	p.post("/account/tokens", "name", "每月报表", "days", "90", "role", "reader", "sight", "whole")
	for name, o := range pictureSizes {
		q := b.browse(o)
		for page, path := range map[string]string{"account": "/account", "app": "/account/app", "token": "/account/tokens", "accounts": "/accounts", "account-new": "/accounts/new",
			"account-one": "/accounts/one?name=wang", "confirm": "/confirm?next=" + url.QueryEscape("/account/app"), "password": "/password"} {
			q.Go(b.server.URL + path)
			q.Await(`document.readyState === "complete"`)
			q.Shot(page + "-" + name)
		}
		login := browser.Open(t, o)
		login.Go(b.byName() + "/login")
		login.Await(`document.querySelector("[data-key-options]:not([hidden])")`)
		login.Shot("login-" + name)
	}
}
