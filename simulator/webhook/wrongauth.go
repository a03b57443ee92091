package webhook

import (
	"strings"

	"mozartosim/simulator/random"
)

// AuthKinds lists what Auth can do to an Authorization header.
func AuthKinds() []string { return []string{"wrong", "missing", "other-company"} }

// MutateAuth returns the Authorization header of a kind in place of the right one: wrong is plainly a wrong secret,
// other-company a secret that looks as the right one does, missing "". Any other kind leaves the right one be. Webhooks
// that are not secured (right is "") get a header too, with the scheme Bearer.
func MutateAuth(kind, right string, r *random.Stream) string {
	scheme, secret, found := strings.Cut(right, " ")
	switch {
	case right == "":
		scheme = "Bearer "
	case found:
		scheme += " "
	default:
		scheme, secret = "", right
	}
	switch kind {
	case "missing":
		return ""
	case "wrong":
		return scheme + "wrong-" + r.Hex(16)
	case "other-company":
		other := r.Text(max(len(secret), 16), "abcdefghijklmnopqrstuvwxyz0123456789")
		if other == secret {
			other += "0"
		}
		return scheme + other
	}
	return right
}
