package simulator

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal/pgtest"
	sqljournal "mozartosim/simulator/journal/sql"
)

// signs receives a value for every sign of life that a process gives.
type signs struct {
	slog.Handler
	given chan struct{}
}

func (s signs) Enabled(context.Context, slog.Level) bool { return true }

func (s signs) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "sign of life is given") {
		s.given <- struct{}{}
	}
	return nil
}

// Companies with nothing to do cost a shared database nothing: what is left are the process's signs of life.
func TestIdleCompaniesCostNoTransactions(t *testing.T) {
	t.Parallel()
	const companies, beats, atMost = 200, 3, 5 // transactions a second
	server := pgtest.For(t)
	given := make(chan struct{}, 1000)
	proxy := pgtest.NewProxy(t, server.Address())
	j, err := sqljournal.OpenDatabase(t.Context(), proxy.Through(server.URL()), sqljournal.Options{
		Beat: time.Second, Log: slog.New(signs{slog.DiscardHandler, given}),
	})
	must(t, err)
	r := run(t, func(c *Config) { c.Journal, c.DataKey, c.MaxCompanies = j, "a key", companies+1 })
	for n := range companies {
		name := fmt.Sprint("idle ", n)
		c := r.testSimulator.company(name, func(c *backoffice.Company) { c.Credentials.APIKey = name })
		r.runtimes.Get(c.ID)
	}
	await := func(n int) {
		for range n {
			<-given
		}
	}
	await(2 + len(given)) // by then all workers have looked for jobs
	before, began := proxy.Transactions(), clock.Wall()
	await(beats + len(given))
	did, took := proxy.Transactions()-before, clock.Wall().Sub(began)
	if allowed := int(atMost * took.Seconds()); did > allowed {
		t.Errorf("%d transactions in %v by %d idle companies, at most %d are allowed", did, took, companies, allowed)
	}
}
