package doctor

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

// Level says how bad a finding is.
type Level string

// The levels, from good to bad.
const (
	Fine    Level = "ok"
	Unclear Level = "unclear" // it could not be checked
	Warning Level = "warning" // it works, but probably not as meant
	Problem Level = "problem" // it won't work
)

// Finding is the result of a check.
type Finding struct {
	Check       string `json:"check"`
	Level       Level  `json:"level"`
	Description string `json:"description"`
	Fix         string `json:"fix,omitempty"`
}

// Setup is what is checked: a configuration of the simulator, its environment, and the simulator that runs, if one does.
type Setup struct {
	Config       simulator.Config
	Environment  []string // NAME=value
	Flags        []string // the names that serve knows
	CompanyToken string   // a JWT to check; "" = none
	UserToken    string
	Running      *Running // nil = no simulator answers
	Companies    []*backoffice.Company
	Contained    bool // this is a container
	Slow         time.Duration

	Lookup func(ctx context.Context, host string) ([]net.IPAddr, error)
	Client *http.Client // for webhook URLs and public pages
	Wall   func() time.Time
	Data   func(ctx context.Context) (description string, err error) // checks the data; nil = there is none
}

// Running is a simulator that answers.
type Running struct {
	URL        string                         // of its admin API
	Public     string                         // URL of its Cashier API, "" when it was set and so need not be the listener's
	Clocks     map[string]adminapi.Clock      // by company
	Deliveries map[string][]adminapi.Delivery // by company, the newest first
}

// Check makes every check, in order. It takes a few seconds at most.
func Check(ctx context.Context, s Setup) []Finding {
	var found []Finding
	for _, check := range []func(context.Context, Setup) []Finding{
		settings, ports, publicURL, webhooks, refusals, configurations, clocks, tokens, data,
	} {
		found = append(found, check(ctx, s)...)
	}
	return found
}

// Worst returns the worst level among findings.
func Worst(found []Finding) Level {
	order := []Level{Fine, Unclear, Warning, Problem}
	worst := Fine
	for _, f := range found {
		if slices.Index(order, f.Level) > slices.Index(order, worst) {
			worst = f.Level
		}
	}
	return worst
}

func (s Setup) lookup() func(context.Context, string) ([]net.IPAddr, error) {
	if s.Lookup != nil {
		return s.Lookup
	}
	return net.DefaultResolver.LookupIPAddr
}

func (s Setup) slow() time.Duration { return cmp.Or(s.Slow, 2*time.Second) }

func fine(check, description string) Finding {
	return Finding{Check: check, Level: Fine, Description: description}
}
