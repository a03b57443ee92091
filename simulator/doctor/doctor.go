package doctor

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/words"
)

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
}

// Running is a simulator that answers.
type Running struct {
	URL        string                         // of its admin API
	Public     string                         // URL of its Cashier API, "" when it was set and so need not be the listener's
	Clocks     map[string]adminapi.Clock      // by company
	Deliveries map[string][]adminapi.Delivery // by company, the newest first
}

// Ask completes the setup by what the simulator with this admin API answers; when none does, by the companies of the configuration.
func (s *Setup) Ask(ctx context.Context, client *adminapi.Client, adminURL string) error {
	list, err := client.Companies(ctx, adminapi.Page{}, adminapi.Revealed)
	if _, none := errors.AsType[*adminapi.UnreachableError](err); none && !errors.Is(err, adminapi.ErrCertificate) {
		s.Companies, err = simulator.Configured(s.Config)
		return err
	}
	if err != nil {
		return err
	}
	reader, err := backoffice.NewReader()
	if err != nil {
		return err
	}
	s.Running = &Running{URL: adminURL, Clocks: map[string]adminapi.Clock{}, Deliveries: map[string][]adminapi.Delivery{}}
	if public, err := client.PublicURL(ctx); err == nil && !public.Fixed {
		s.Running.Public = public.URL
	}
	for _, shown := range list.Companies {
		c, err := reader.Shown(shown)
		if err != nil {
			return err
		}
		s.Companies = append(s.Companies, c)
		if s.Running.Clocks[c.Name], err = client.Company(c.Name).Clock(ctx); err != nil {
			return err
		}
		newest, err := client.Company(c.Name).Deliveries(ctx, adminapi.DeliveryQuery{Page: adminapi.Page{Limit: 100}})
		if err != nil {
			return err
		}
		s.Running.Deliveries[c.Name] = newest.Deliveries
	}
	return nil
}

// Check makes every check, in order. It takes a few seconds at most.
func Check(ctx context.Context, s Setup) []words.Finding {
	var found []words.Finding
	for _, check := range []func(context.Context, Setup) []words.Finding{
		settings, ports, publicURL, webhooks, refusals, configurations, clocks, tokens, kept,
	} {
		found = append(found, check(ctx, s)...)
	}
	return found
}

func (s Setup) lookup() func(context.Context, string) ([]net.IPAddr, error) {
	if s.Lookup != nil {
		return s.Lookup
	}
	return net.DefaultResolver.LookupIPAddr
}

func (s Setup) slow() time.Duration { return cmp.Or(s.Slow, 2*time.Second) }
