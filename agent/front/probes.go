package front

import (
	"net/http"
	"strings"
)

// A phone that joins a Wi-Fi asks at once whether it leads to the Internet.
// The van's does not, and yet the phone must stay on it, with the app in its
// browser. So the van answers what each maker wants to hear. The other way, a
// redirect, would open the maker's sign-in window: a browser without a store
// of its own, that forgets what is typed into it, cannot be put on the home
// screen, and takes the phone off the Wi-Fi when it is shut.
//
//   - Android asks over HTTP and over HTTPS (AOSP, NetworkMonitor). The van can
//     answer only the first, with 204: Android from 10 on then says "limited
//     connection", once, and stays if the person agrees; the join page says so.
//     A redirect would make it a portal. Huawei, Honor, Xiaomi, OPPO, vivo and
//     Samsung ask addresses of their own in the same way.
//   - iOS and macOS ask for a page that says Success, sometimes under other
//     names than captive.apple.com, always with the agent CaptiveNetworkSupport.
//     Any other answer opens the sign-in sheet; none leaves the Wi-Fi for
//     mobile data after a while (seen by others on vans and boats: a phone that
//     asks in vain every half a minute and changes over).
//   - Windows compares a text (NCSI). A redirect would open the browser, which
//     is no trap there, but again at each connection.
//   - Firefox, Edge and Chrome show a bar "sign in to the network" otherwise.
var probes = map[string]answer{
	"/hotspot-detect.html":       apple,
	"/library/test/success.html": apple,
	"/connecttest.txt":           {"text/plain", "Microsoft Connect Test"},
	"/ncsi.txt":                  {"text/plain", "Microsoft NCSI"},
	"/success.txt":               {"text/plain", "success\n"},
	"/canonical.html":            {"text/html", `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`},
	"/check_network_status.txt":  {"text/plain", "NetworkManager is online\n"},
}

// answer is what a maker compares with, to the byte.
type answer struct{ kind, body string }

var apple = answer{"text/html", "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"}

// probeOf is the answer to a question of a phone; found false: it is none. An
// empty answer is status 204.
func probeOf(r *http.Request) (a answer, found bool) {
	path := r.URL.Path
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return answer{}, false
	case strings.HasSuffix(path, "/generate_204"), strings.HasSuffix(path, "/gen_204"), strings.HasPrefix(r.Host, "connectivity-check.ubuntu.com"):
		return answer{}, true
	case strings.HasPrefix(r.UserAgent(), "CaptiveNetworkSupport"), strings.HasPrefix(r.Host, `captive.apple.com`):
		return apple, true
	}
	a, found = probes[path]
	return a, found
}

// answerProbes answers phones' questions, whatever name they ask by, and
// leaves the rest to h.
func answerProbes(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, found := probeOf(r)
		if !found {
			h.ServeHTTP(w, r)
			return
		}
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("Connection", "close") // a hundred phones ask now and then; none needs to hold a place
		if a.body == "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		head.Set("Content-Type", a.kind)
		w.Write([]byte(a.body)) // an error means that nobody listens any more
	})
}
