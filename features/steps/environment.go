package steps

import (
	"net/http"
	"sync"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
)

// Environment is what scenarios are given: the target as far as it can be reached. It is shared by all scenarios of a run
// and never changes.
type Environment struct {
	Contract *openapi.Contract
	BaseURL  string       // of the Cashier API
	Client   *http.Client // throttled where the target is the vendor's
	Control  *Control     // of the simulator; nil for any other target
	Fixed    *Company     // the one company of all scenarios; nil = one is made for each
	Mail     Mailboxes    // nil = webhooks can't be received
	Masker   *Masker
	// Check refuses a body before it is sent, as one with a card number that could be live; nil = everything may be sent.
	Check func(body []byte) error
	// Patience is how long a webhook is waited for in real time; a target with a control API has a clock to move instead.
	Patience time.Duration
	// Quiet is how long nothing must come in real time before it counts as nothing at all.
	Quiet time.Duration
	Now   func() time.Time
	// Say tells whoever watches what is waited for; nil = nobody watches.
	Say func(text string)

	examples sync.Once // reads the fixtures, when they are first asked for
	requests []fixtures.Request
	unread   error
}

// fixtures are the valid requests that are written by hand.
func (e *Environment) fixtures() ([]fixtures.Request, error) {
	e.examples.Do(func() { e.requests, e.unread = fixtures.Requests() })
	return e.requests, e.unread
}

// Company is whom a scenario calls for.
type Company struct {
	ID        string // of the control API; "" elsewhere
	Name      string
	APIKey    string // "" when only a token is known
	SecretKey string
	Token     string         // the company JWT
	User      map[string]any // claims of x-user-token
	Mail      *Mailbox       // where its webhooks arrive; nil = nowhere
	Shared    bool           // whether other scenarios use the company too, so that webhooks must be told apart
}
