package doctor

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
)

// Level says how bad a finding is.
type Level string

// The levels, from good to bad.
const (
	Fine    Level = "ok"
	Unclear Level = "unclear" // it could not be looked at
	Warning Level = "warning" // it works, and probably not as meant
	Problem Level = "problem" // it won't work
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	Says  string `json:"description"`
	Mend  string `json:"mend,omitempty"` // what to do about it
}

// Patient is what is looked at.
type Patient struct {
	Config       simulator.Config
	Environment  []string // NAME=value
	Flags        []string // the names that serve knows
	CompanyToken string   // a JWT to look at; "" = none
	UserToken    string
	Running      *Running // nil = no simulator answers
	Companies    []*backoffice.Company
	Contained    bool // this is a container
	Slow         time.Duration

	Lookup func(ctx context.Context, host string) ([]net.IPAddr, error)
	Client *http.Client // for looking at webhook URLs and public pages
	Wall   func() time.Time
	Data   func(ctx context.Context) (says string, err error) // looks at the data; nil = there is none
}

// Running is a simulator that answers.
type Running struct {
	URL     string
	Version string
	Clocks  []Clock
}

// Clock is a company's clock on a running simulator.
type Clock struct {
	Company string
	Mode    string
	Now     time.Time
	Next    time.Time // when the next work is due; zero = nothing is
	Waiting int
}

// Examine makes every check, in order. It takes a few seconds at most.
func Examine(ctx context.Context, p Patient) []Finding {
	var found []Finding
	for _, check := range []func(context.Context, Patient) []Finding{
		settings, ports, publicURL, webhooks, configurations, clocks, tokens, data,
	} {
		found = append(found, check(ctx, p)...)
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

// byMachine says what is usual where p leaves it out.
func (p Patient) lookup() func(context.Context, string) ([]net.IPAddr, error) {
	if p.Lookup != nil {
		return p.Lookup
	}
	return net.DefaultResolver.LookupIPAddr
}

func (p Patient) slow() time.Duration { return cmp.Or(p.Slow, 2*time.Second) }

func fine(check, says string) Finding { return Finding{Check: check, Level: Fine, Says: says} }
