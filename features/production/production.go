package production

import (
	"fmt"
	"net/url"
	"strings"
)

// Flag is the flag that lets a command call production.
const Flag = "i-know-this-is-production"

// Sandbox is the host of the vendor's Sandbox (documented).
const Sandbox = "backend.stg-app.mozarto.io"

// Is reports whether a URL counts as the vendor's production environment: backend.app.mozarto.io (documented), and every other
// host under mozarto.io but the Sandbox, because no document says what a call to them does.
func Is(u *url.URL) bool {
	host := Host(u)
	return host != Sandbox && (host == "mozarto.io" || strings.HasSuffix(host, ".mozarto.io"))
}

// Refused says that a URL is production, and that the flag for it is not set.
type Refused struct{ Host string }

func (e *Refused) Error() string {
	return fmt.Sprintf("%s counts as the vendor's production, where money is real, as every host of the vendor's does but the Sandbox: use %s, or say --%s",
		e.Host, Sandbox, Flag)
}

// Check refuses production unless it is known to be just that, and hosts that are not written in ASCII, which may stand for it.
// The error is a *Refused, or says what is wrong with the host.
func Check(u *url.URL, known bool) error {
	for _, letter := range []byte(u.Hostname()) {
		if letter >= 0x80 {
			return fmt.Errorf("the host %q must be written in ASCII", u.Hostname())
		}
	}
	if Is(u) && !known {
		return &Refused{u.Hostname()}
	}
	return nil
}
