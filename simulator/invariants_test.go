package simulator

import (
	simcompany "mozartosim/simulator/company"
	"mozartosim/simulator/payments"

	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// journalOf makes a mix of 200 payments over all providers and ready scenarios, with an inbox that is not always well, and
// returns all that the journal keeps of them.
func journalOf(t *testing.T, seed uint64) string {
	t.Helper()
	r := network(t)
	company := r.testSimulator.company("mix", func(c *backoffice.Company) {
		r.secured(c)
		c.Seed = seed
	})
	must(t, r.runtimes.Get(company.ID).Scenarios().Put(r.scripted(t,
		`{"name": "now-and-then", "match": {"psp": "CLEO"}, "chance": 0.5, "answer": {"error": "PSP_TIMEOUT"}}`)))
	for i, v := range mix(r.testSimulator, r.ready(t)) {
		if i%10 == 0 {
			r.runtimes.Get(company.ID).Inbox.Set([]simcompany.Reply{
				{Status: 500, Times: 2}, {HangUp: true}, {Status: 202, Delay: time.Second}, {Delay: time.Minute}, {Status: 302},
			})
		}
		r.visit(t, company, v)
	}
	r.runtimes.Get(company.ID).Inbox.Set([]simcompany.Reply{{Status: 503, Times: 200}})
	r.finish(t, company)
	return r.everything(t, company.ID)
}

// mix is one call for every scenario, and others that name none, 200 at least, three seconds apart.
func mix(h *testSimulator, library []*scenario.Scenario) []visitor {
	operations := h.contract.Operations()
	var all []visitor
	for i := range max(200, len(library)+len(operations)) {
		v := visitor{after: time.Duration(i) * 3 * time.Second, op: operations[i%len(operations)]}
		if i < len(library) {
			v.op, v.scenario = operation(h, library[i].Match), library[i].Name
		}
		all = append(all, v)
	}
	return all
}

// everything is every entry of a company's every stream, and what is due.
func (h *testSimulator) everything(t *testing.T, company string) string {
	t.Helper()
	var out strings.Builder
	for _, id := range h.streams(t, company) {
		entries, err := h.journal.Entries(t.Context(), company, id)
		must(t, err)
		for _, e := range entries {
			fmt.Fprintf(&out, "%s %d %s %s %s\n", id, e.Seq, e.At.Format(time.RFC3339Nano), e.Kind, e.Data)
		}
	}
	due, err := h.journal.Jobs(t.Context(), company, journal.JobQuery{})
	must(t, err)
	for _, d := range due {
		fmt.Fprintf(&out, "due %s %s %s\n", d.ID, d.At.Format(time.RFC3339Nano), d.Data)
	}
	return out.String()
}

// Same seed, same calls, manual clock: the same journal to the byte, webhooks and attempts included.
func TestSameSeedSameJournal(t *testing.T) {
	t.Parallel()
	one, two, other := journalOf(t, 7), journalOf(t, 7), journalOf(t, 8)
	if one != two {
		a, b := strings.Split(one, "\n"), strings.Split(two, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d of %d and %d differs:\n%s\n%s", i+1, len(a), len(b), a[i], b[i])
			}
		}
		t.Fatalf("%d lines and %d", len(a), len(b))
	}
	if one == other {
		t.Error("another seed makes the same journal: nothing is drawn")
	}
	for _, kind := range []string{
		string(payment.KindOpened), string(payment.KindDeliveryAttempted), `"state":"retrying"`, "connection closed before an answer",
		"timeout after 10s", `"state":"exhausted"`, "PSP_TIMEOUT",
	} {
		if n := strings.Count(one, kind); n < 3 {
			t.Errorf("%s is there %d times only", kind, n)
		}
	}
}

// merchant is a company whose Payone webhooks go to a handler.
func (r *running) merchant(t *testing.T, name string, handler http.HandlerFunc) *backoffice.Company {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return r.testSimulator.company(name, r.configure("PAYONE", map[string]any{"webhookUrl": server.URL}))
}

// merchantListener tells when the first byte of an answer is written.
type merchantListener struct {
	net.Listener
	writes func()
}

func (l merchantListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return writer{conn, sync.OnceFunc(l.writes)}, err
}

type writer struct {
	net.Conn
	writes func()
}

func (w writer) Write(p []byte) (int, error) {
	w.writes()
	return w.Conn.Write(p)
}

// A webhook leaves after the answer, and with before-answer it is there before the answer's first byte.
func TestBeforeAnswer(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "answer, webhook", "webhook-before-answer": "webhook, answer"} {
		t.Run("scenario "+name, func(t *testing.T) {
			t.Parallel()
			config := Default()
			config.PublicAddr, config.AdminAddr, config.ShopperAfter = "127.0.0.1:0", "", time.Nanosecond
			s, err := New(config)
			must(t, err)
			order := make(chan string, 2)
			s.public = merchantListener{s.public, func() { order <- "answer" }}
			r := serve(t, s)
			company := r.merchant(t, "merchant", func(http.ResponseWriter, *http.Request) { order <- "webhook" })
			header := r.testSimulator.header(company)
			header.Set(api.ScenarioHeader, name)
			post(t, r.address, r.body, header)
			if got := <-order + ", " + <-order; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A handler that hangs, with all the deliveries its company may have at once, holds up no other company's.
func TestHangingHandlerHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	r := run(t, func(c *Config) { c.ShopperAfter, c.WebhookTimeout = time.Millisecond, 2*time.Second })
	hanging, arrived, release := make(chan bool, 100), make(chan bool, 100), make(chan bool)
	dead := r.merchant(t, "dead", func(http.ResponseWriter, *http.Request) {
		hanging <- true
		<-release
	})
	alive := r.merchant(t, "alive", func(http.ResponseWriter, *http.Request) { arrived <- true })
	t.Cleanup(func() { close(release) })
	for range 50 {
		post(t, r.address, r.body, r.testSimulator.header(dead))
	}
	<-hanging
	for range 20 {
		post(t, r.address, r.body, r.testSimulator.header(alive))
		<-arrived
	}
}

// lastLook is a journal that remembers, when it is closed, what became of a company's webhooks.
type lastLook struct {
	journal.Journal
	h                  *testSimulator
	company            string
	delivered, waiting int
}

func (l *lastLook) Close() error {
	for _, id := range l.h.streams(l.h.t, l.company) {
		p, _, err := l.h.payments.Read(context.Background(), l.company, id)
		must(l.h.t, err)
		if p.Deliveries[0].State == payment.DeliveryDelivered {
			l.delivered++
		}
	}
	due, err := l.Jobs(context.Background(), l.company, journal.JobQuery{})
	must(l.h.t, err)
	l.waiting = len(slices.DeleteFunc(due, func(d journal.Job) bool { return d.Kind != string(payments.Attempt) }))
	return l.Journal.Close()
}

// Stop waits for the deliveries in flight, keeps what came of them, and leaves all others due.
func TestStop(t *testing.T) {
	t.Parallel()
	const calls, inFlight = 50, 32
	config := Default()
	config.PublicAddr, config.AdminAddr, config.ShopperAfter = "127.0.0.1:0", "", time.Millisecond
	last := &lastLook{Journal: journal.NewMemory(0)}
	config.Journal, config.DataKey = last, "a key"
	s, err := New(config)
	must(t, err)
	r := &running{testSimulator: &testSimulator{t: t, Simulator: s}, address: s.public.Addr().String()}
	inside, release := make(chan bool, calls), make(chan bool)
	company := r.merchant(t, "slow", func(http.ResponseWriter, *http.Request) {
		inside <- true
		<-release
	})
	last.h, last.company = r.testSimulator, company.ID
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	body, _ := s.contract.Example("PayonePayInRequest")
	for range calls {
		post(t, r.address, string(body), r.testSimulator.header(company))
	}
	for range inFlight {
		<-inside
	}
	r.untilOpened(t, company, calls)
	stop()
	s.scheduler.Pool.Close() // as Run does a moment later: nothing that waits may begin when the first ones are done
	close(release)
	must(t, <-done)
	if last.delivered != inFlight || last.waiting != calls-inFlight {
		t.Errorf("%d were delivered and %d are due, want %d and %d", last.delivered, last.waiting, inFlight, calls-inFlight)
	}
}

// untilOpened returns when so many webhooks are to be delivered; the journal tells of every change.
func (h *testSimulator) untilOpened(t *testing.T, c *backoffice.Company, n int) {
	t.Helper()
	for {
		changed, opened := h.journal.Changed(c.ID), 0
		for _, id := range h.streams(t, c.ID) {
			opened += len(h.read(t, c, id).Deliveries)
		}
		if opened >= n {
			return
		}
		<-changed
	}
}
