package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/words"
)

// healthy is a setup without a problem, apart from what change does.
func healthy(t *testing.T, change func(*Setup)) Setup {
	t.Helper()
	p := Setup{
		Config: simulator.Default(), Flags: []string{"public-addr", "shopper", "clock"},
		Companies: []*backoffice.Company{company(t, nil)},
		Client:    &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Wall:      func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) },
		Running:   &Running{URL: "http://127.0.0.1:8081"},
		Lookup: func(_ context.Context, host string) ([]net.IPAddr, error) {
			if strings.HasSuffix(host, ".nowhere") {
				return nil, errors.New("no such host")
			}
			return []net.IPAddr{{IP: net.IPv4(127, 0, 0, 1)}}, nil
		},
	}
	p.Config.PublicAddr, p.Config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	if change != nil {
		change(&p)
	}
	t.Cleanup(p.Client.CloseIdleConnections)
	return p
}

// company is the demo company with one of its PSPs changed: by name, fields or none of it (nil).
func company(t *testing.T, psps map[string]map[string]any) *backoffice.Company {
	t.Helper()
	reader, err := backoffice.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := backoffice.Demo(reader, simulator.InboxURL, "")
	if err != nil {
		t.Fatal(err)
	}
	for code, fields := range psps {
		if demo.PSPs[code], err = reader.PSP(code, openapi.Document{Fields: fields}); err != nil {
			t.Fatal(err)
		}
	}
	put, err := backoffice.NewDirectory(1).Put(demo, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return put
}

func trust(webhookURL string) map[string]map[string]any {
	return map[string]map[string]any{"TRUST": {"sitereference": "s", "webhookUrl": webhookURL}}
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	for _, f := range Check(t.Context(), healthy(t, nil)) {
		if f.Level != words.Fine {
			t.Errorf("%+v", f)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	token := func(secret string) string {
		c := company(t, nil)
		made, err := identity.CompanyToken(c.Credentials.APIKey, secret, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	broken := filepath.Join(t.TempDir(), "torn.db")
	if err := os.WriteFile(broken, []byte("it is torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change      func(*Setup)
		level       words.Level
		description string
		fix         string
	}{
		"a variable misspelt":   {func(p *Setup) { p.Environment = []string{"MOZARTOSIM_SHOPER=manual", "HOME=/"} }, words.Warning, "MOZARTOSIM_SHOPER has no effect", "did you mean MOZARTOSIM_SHOPPER?"},
		"a flag that is wrong":  {func(p *Setup) { p.Config.Shopper = "nobody" }, words.Problem, `shopper "nobody" must be one of`, "correct the flag"},
		"a flag without effect": {func(p *Setup) { p.Config.ClockFactor = 60 }, words.Warning, "--clock-factor has no effect: the clock is real", "--clock scaled"},
		"a port that is taken":  {func(p *Setup) { p.Running, p.Config.PublicAddr = nil, taken.Addr().String() }, words.Problem, "can't be used", "--public-addr"},
		"a port that another program has": {func(p *Setup) {
			p.Config.PublicAddr, p.Running.Public = taken.Addr().String(), "http://127.0.0.1:1"
		}, words.Warning, "in use, and not by the simulator that answers at http://127.0.0.1:8081: that one has http://127.0.0.1:1", "--public-addr"},
		"a port of the simulator that runs": {func(p *Setup) {
			p.Config.PublicAddr, p.Running.Public = taken.Addr().String(), "http://"+taken.Addr().String()
		}, words.Fine, "probably by the simulator", ""},
		"a handler that refuses webhooks without a secret": {func(p *Setup) {
			p.Running.Deliveries = refused("right", http.StatusUnauthorized)
		}, words.Warning, "http://shop.example/hook answered 401 to TRUST's newest webhook: it refuses the secret, and TRUST's webhooks carry no secret", "--webhook-secret"},
		"a handler with another secret": {func(p *Setup) {
			p.Running.Deliveries = refused("right", http.StatusForbidden)
			p.Companies = []*backoffice.Company{company(t, map[string]map[string]any{"TRUST": {"sitereference": "s", "isWebhookSecured": true, "webhookSecret": "hush"}})}
		}, words.Warning, "webhooks carry a secret", "WEBHOOK_SECRET"},
		"a handler that takes them again": {func(p *Setup) {
			p.Running.Deliveries = map[string][]adminapi.Delivery{"demo": append(refused("right", http.StatusOK)["demo"], refused("right", http.StatusUnauthorized)["demo"]...)}
		}, words.Fine, "", ""},
		"a handler that refuses a forged one": {func(p *Setup) { p.Running.Deliveries = refused("wrong", http.StatusUnauthorized) }, words.Fine, "", ""},
		"a public URL of no address":          {func(p *Setup) { p.Config.PublicURL = "http://0.0.0.0:8080" }, words.Problem, "no address that a browser can open", "localhost"},
		"a public URL of containers only":     {func(p *Setup) { p.Config.PublicURL = "http://mozartosim.nowhere:8080" }, words.Warning, "does not resolve here", "container"},
		"a manual clock": {func(p *Setup) {
			p.Running.Clocks = map[string]adminapi.Clock{"demo": {Mode: "manual", Now: noon.Add(-time.Hour), Next: noon.Add(-time.Minute), Waiting: 3}}
		}, words.Warning, "jobs that wait for it: 3", "clock advance --company demo"},
		"a token that is none": {func(p *Setup) { p.CompanyToken = "nonsense" }, words.Problem, "it is no JWT", "token company"},
		"a token of another company": {func(p *Setup) {
			p.CompanyToken = token("whatever")
			p.Companies = nil
		}, words.Problem, "belongs to none of the 0 companies", "token company"},
		"a token signed by another":   {func(p *Setup) { p.CompanyToken = token("another secret of some length") }, words.Problem, "names company demo and is not valid", "token company"},
		"a user token without claims": {func(p *Setup) { p.UserToken = "e30.eyJ1c2VySWQiOiJ1LTEifQ." }, words.Problem, "it lacks email, firstName, lastName, phone, countryCode", "token user"},
		"a data file that is broken": {func(p *Setup) {
			p.Running, p.Config.Data = nil, broken
		}, words.Problem, "it is not a file of the simulator", "data check"},
		"a secret that nobody sends": {func(p *Setup) {
			p.Companies = []*backoffice.Company{company(t, map[string]map[string]any{"TRUST": {"sitereference": "s", "webhookSecret": "hush"}})}
		}, words.Warning, "psps.TRUST.webhookSecret has no effect", "isWebhookSecured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := Check(t.Context(), healthy(t, c.change))
			if worst(found) != c.level {
				t.Errorf("the worst is %s, want %s: %+v", worst(found), c.level, found)
			}
			for _, f := range found {
				if f.Level == c.level && strings.Contains(f.Description, c.description) && strings.Contains(f.Fix, c.fix) {
					return
				}
			}
			t.Errorf("nobody says %q and %q: %+v", c.description, c.fix, found)
		})
	}
}

// refused is a delivery that a handler answered so.
func refused(auth string, status int) map[string][]adminapi.Delivery {
	d := adminapi.Delivery{ID: "p-1", PSP: "TRUST", URL: "http://shop.example/hook", Attempts: []adminapi.Attempt{{Status: 500}, {Status: status}}}
	if auth != "right" {
		d.Auth = auth
	}
	return map[string][]adminapi.Delivery{"demo": {d}}
}

func TestValidTokens(t *testing.T) {
	t.Parallel()
	c := company(t, nil)
	made, err := identity.CompanyToken(c.Credentials.APIKey, c.Credentials.SecretKey, clock.Wall(), time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := c.Claims("")
	if err != nil {
		t.Fatal(err)
	}
	user, err := identity.UserToken(claims, "unchecked")
	if err != nil {
		t.Fatal(err)
	}
	found := Check(t.Context(), healthy(t, func(p *Setup) {
		p.CompanyToken, p.UserToken, p.Wall = made, "Bearer "+user, clock.Wall
	}))
	if worst(found) != words.Fine {
		t.Errorf("%+v", found)
	}
}

// Webhook URLs are looked at as a webhook would meet them.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	answers := func(status int) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodHead {
				t.Errorf("the doctor sends a %s", r.Method)
			}
			if status == 302 {
				w.Header().Set("Location", "/elsewhere")
			}
			w.WriteHeader(status)
		}))
		t.Cleanup(s.Close)
		return s
	}
	secured := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secured.Close)
	gone := answers(200)
	gone.Close()
	slowly := func(p *Setup) {
		turn := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		p.Wall = func() time.Time { turn = turn.Add(3 * time.Second); return turn }
	}
	for name, c := range map[string]struct {
		url         string
		change      func(*Setup)
		level       words.Level
		description string
		fix         string
	}{
		"there":              {answers(200).URL, nil, words.Fine, "answers", ""},
		"POST only":          {answers(405).URL, nil, words.Fine, "answers", ""},
		"another path":       {answers(404).URL, nil, words.Warning, "not at that path", ""},
		"redirects":          {answers(302).URL, nil, words.Problem, "redirects to /elsewhere", ""},
		"broken":             {answers(500).URL, nil, words.Warning, "answers 500", ""},
		"slow":               {answers(200).URL, slowly, words.Warning, "took 3s to answer", ""},
		"nobody":             {gone.URL, nil, words.Problem, "no server answers", ""},
		"not trusted":        {secured.URL, nil, words.Problem, "not trusted here", ""},
		"plain, not secured": {strings.Replace(answers(200).URL, "http:", "https:", 1), nil, words.Problem, "speaks plain HTTP", ""},
		"unknown name":       {"http://shop.nowhere/hook", nil, words.Problem, "does not resolve here", ""},
		"not on the list":    {answers(200).URL, func(p *Setup) { p.Config.WebhookAllow = []string{"10.0.0.0/8"} }, words.Problem, "not allowed", ""},
		"container":          {gone.URL, func(p *Setup) { p.Contained = true }, words.Problem, "this container itself", "start your handler"},
		"in the container":   {answers(200).URL, func(p *Setup) { p.Contained = true }, words.Fine, "answers", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := Check(t.Context(), healthy(t, func(p *Setup) {
				p.Companies = []*backoffice.Company{company(t, trust(c.url))}
				if c.change != nil {
					c.change(p)
				}
			}))
			for _, f := range found {
				if strings.HasPrefix(f.Check, "webhooks") {
					if f.Level != c.level || !strings.Contains(f.Description, c.description) || (f.Fix == "") != (f.Level == words.Fine) || !strings.Contains(f.Fix, c.fix) {
						t.Errorf("found %+v", f)
					}
					return
				}
			}
			t.Errorf("nothing about webhooks: %+v", found)
		})
	}
}

// worst is the worst level among findings.
func worst(found []words.Finding) words.Level {
	order := []words.Level{words.Fine, words.Unclear, words.Warning, words.Problem}
	at := 0
	for _, f := range found {
		at = max(at, slices.Index(order, f.Level))
	}
	return order[at]
}
