package steps

import (
	"net/http"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// Environment is what feature scenarios are given: the target as far as it can be reached. All scenarios of a run share it, and
// it never changes.
type Environment struct {
	Contract *openapi.Contract
	BaseURL  string                                   // of the Cashier API
	Client   *http.Client                             // throttled where the target is the vendor's
	Admin    func(http.RoundTripper) *adminapi.Client // makes a client of the simulator's admin API; nil for any other target
	Fixed    *Company                                 // the one company of all scenarios; nil = one is made for each
	Receiver *receiver.Receiver                       // nil = webhooks can't be received
	Masker   *evidence.Masker
	// Check refuses a body before it is sent, as one with a card number that could be live; nil = everything may be sent.
	Check func(body []byte) error
	// Patience is how long a webhook is waited for in real time; a target with an admin API has a clock to move instead.
	Patience time.Duration
	// Quiet is how long no webhook must arrive in real time to count as none.
	Quiet time.Duration
	Now   func() time.Time
	// Say reports what the scenario waits for; nil = it is not reported.
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

// Company is one that feature scenarios call for.
type Company struct {
	ID        string // in the admin API; "" elsewhere
	Name      string
	APIKey    string // "" when only a token is known
	SecretKey string
	Token     string            // the company JWT
	User      map[string]any    // claims of x-user-token
	Mailbox   *receiver.Mailbox // where its webhooks arrive; nil = nowhere
	Shared    bool              // whether other scenarios use the company too, so that webhooks must be told apart
}

func (c *Company) secrets() []string { return []string{c.APIKey, c.SecretKey, c.Token} }
