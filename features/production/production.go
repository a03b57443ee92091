package production

import (
	"fmt"
	"net/url"
	"strings"
)

// Flag is the flag that lets a verb talk to production all the same.
const Flag = "i-know-this-is-production"

// Is says whether a URL is the vendor's production environment: backend.app.mozarto.io (documented) and everything beside it
// under app.mozarto.io. The Sandbox is under stg-app.mozarto.io.
func Is(u *url.URL) bool {
	host := strings.ToLower(strings.TrimRight(u.Hostname(), "."))
	return host == "app.mozarto.io" || strings.HasSuffix(host, ".app.mozarto.io")
}

// Refused says that a URL is production and nobody said that this is known.
type Refused struct{ Host string }

func (e *Refused) Error() string {
	return fmt.Sprintf("%s is the vendor's production, where money is real: use the Sandbox, or say --%s", e.Host, Flag)
}

// Check refuses production unless it is known to be just that, and hosts in other letters than ASCII, which may stand for it.
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
