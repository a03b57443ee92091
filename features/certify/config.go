package certify

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/webhook"
)

// Config is a certify.yaml: how the merchant is reached, and what is tried on it.
type Config struct {
	Merchant  Merchant
	Flows     []Flow
	Limits    Limits
	Simulator Simulator
	Gateway   Gateway
}

// Merchant is the system under test, seen from outside.
type Merchant struct {
	Name     string
	Start    Start
	Webhook  Webhook
	Site     string // where the shopper comes back to, the siteUrl of the PSP configurations; "" = nowhere
	Probe    Probe
	Statuses Statuses
}

// Start is how a payment is started: by a call of the merchant's hook, or by somebody else within Wait.
type Start struct {
	Method   string
	URL      string // a template
	Headers  map[string]string
	Body     string        // a template
	Redirect string        // where in the answer the shopper's redirect URL stands; "" = it is not told
	Order    string        // where in the answer the merchant's own id of the order stands; "" = it has none
	Wait     time.Duration // how long to wait for the merchant to call by itself; 0 = the hook is called
}

// Webhook is where the merchant takes webhooks, the secret that it expects with them, and the header that bears it.
type Webhook struct{ URL, Secret, Authorization string }

// Probe is how an order is read: a GET of a URL, or a command.
type Probe struct {
	URL      string // a template
	Headers  map[string]string
	Command  []string // templates
	Status   string   // where in the answer the status stands
	Credited string   // where in the answer the credited amount stands
}

// Statuses are the merchant's words for an order's states.
type Statuses struct{ Credited, Pending, Failed []string }

// Flow is a provider's pay-in or pay-out that is tested.
type Flow struct {
	PSP, Type, Variant string
	Amount             money.Amount
	Currency           string
}

// Limits are times; those that the merchant is judged by are in real time.
type Limits struct {
	Call        time.Duration // for a call of the start hook, the probe or the return page
	Acknowledge time.Duration // for the answer to a webhook (documented: 10 s)
	Settle      time.Duration // how long behind an acknowledgement an order may be booked
	SlowAnswer  time.Duration // how long the cashier takes when it is slow
}

// Simulator is the simulator that the merchant calls: one in this process, or one that runs already.
type Simulator struct {
	Listen  string // in this process: where the Cashier API listens
	Config  string // in this process: companies in YAML; "" = the demo company
	URL     string // running: its Cashier API; "" = one in this process
	Admin   string // running: its admin API
	Company string // "" = the first
}

// Gateway is where the simulator's webhooks pass through on their way to the merchant.
type Gateway struct {
	Listen string
	URL    string // as the simulator reaches it; "" = http:// and the address
}

// ReadFile reads a configuration; errors name file, line and column, all of them at once.
func ReadFile(name string) (*Config, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	return Read(name, text)
}

// Read reads a configuration out of YAML, strictly. Errors are *openapi.LineError, joined.
func Read(file string, text []byte) (*Config, error) {
	y, err := openapi.DecodeYAML(file, text)
	if err != nil {
		return nil, err
	}
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	p := &problems{y: y}
	root := section{p, "", y.Fields}
	root.only("merchant", "flows", "limits", "simulator", "gateway")
	c := &Config{
		Merchant:  readMerchant(root.need("merchant")),
		Limits:    readLimits(root.object("limits")),
		Simulator: readSimulator(root.object("simulator")),
		Gateway:   readGateway(root.object("gateway")),
	}
	c.Flows = readFlows(root, contract)
	return c, p.all()
}

func readMerchant(s section) Merchant {
	s.only("name", "start", "webhook", "site", "probe", "statuses")
	m := Merchant{Name: s.text("name"), Site: strings.TrimRight(s.url("site"), "/")}
	if m.Name == "" {
		m.Name = "the merchant"
	}
	m.Start = readStart(s.need("start"))
	hook := s.object("webhook") // a merchant of providers without webhooks has none
	hook.only("url", "secret", "authorization")
	m.Webhook = Webhook{hook.url("url"), hook.text("secret"), hook.text("authorization")}
	if m.Webhook.Authorization == "" {
		m.Webhook.Authorization = webhook.DefaultTemplate
	}
	if webhook.CheckTemplate(m.Webhook.Authorization) != nil {
		hook.wrong("authorization", "must have {secret} in it, as in "+webhook.DefaultTemplate)
	}
	if n := len(m.Webhook.Secret); n > 0 && n < 8 {
		hook.wrong("secret", "must have at least 8 characters")
	}
	m.Probe = readProbe(s.need("probe"), m.Start)
	statuses := s.need("statuses")
	statuses.only("credited", "pending", "failed")
	m.Statuses = Statuses{statuses.words("credited", true), statuses.words("pending", true), statuses.words("failed", true)}
	for _, word := range m.Statuses.Credited {
		if slices.Contains(m.Statuses.Pending, word) || slices.Contains(m.Statuses.Failed, word) {
			statuses.wrong("credited", fmt.Sprintf("must not list %q, which another state has too", word))
		}
	}
	return m
}

// templates are the names that stand for something in a URL, a body or a command.
func templates() []string {
	return []string{"psp", "type", "variant", "amount", "currency", "reference", "order", "transactionId"}
}

func readStart(s section) Start {
	s.only("url", "method", "headers", "body", "redirect", "order", "wait")
	start := Start{
		Method: strings.ToUpper(s.text("method")), URL: s.template("url"), Headers: s.pairs("headers"), Body: s.template("body"),
		Redirect: s.text("redirect"), Order: s.text("order"), Wait: s.span("wait", 0),
	}
	switch {
	case start.Wait == 0 && start.URL == "":
		s.wrong("", "must have url, the hook that starts a payment, or wait, how long to wait for the merchant to call by itself")
	case start.Wait != 0 && (start.URL != "" || start.Body != "" || start.Order != "" || start.Redirect != ""):
		s.wrong("wait", "must stand alone: with it no hook is called")
	case start.Wait == 0:
		s.httpURL("url", start.URL)
	}
	if start.Method == "" {
		start.Method = "POST"
	}
	if !slices.Contains([]string{"GET", "POST", "PUT"}, start.Method) {
		s.wrong("method", "must be one of: GET, POST, PUT")
	}
	return start
}

func readProbe(s section, start Start) Probe {
	s.only("url", "headers", "command", "status", "credited")
	p := Probe{
		URL: s.template("url"), Headers: s.pairs("headers"), Command: s.words("command", false),
		Status: s.text("status"), Credited: s.text("credited"),
	}
	for _, word := range p.Command {
		s.known("command", word)
	}
	switch {
	case (p.URL == "") == (len(p.Command) == 0):
		s.wrong("", "must have either url or command")
	case p.URL != "":
		s.httpURL("url", p.URL)
		if p.Status == "" || p.Credited == "" {
			s.wrong("", "must have status and credited: where in the JSON answer they stand, such as order.status")
		}
	case (p.Status == "") != (p.Credited == ""):
		s.wrong("", "must have both status and credited when the command prints JSON, and neither when it prints two words")
	}
	if start.Order == "" && strings.Contains(p.URL+strings.Join(p.Command, " "), "{order}") {
		s.wrong("", "must not use {order} unless start.order says where the hook's answer has it")
	}
	return p
}

func readLimits(s section) Limits {
	s.only("call", "acknowledge", "settle", "slowAnswer")
	return Limits{
		Call:        s.span("call", 30*time.Second),
		Acknowledge: s.span("acknowledge", 10*time.Second),
		Settle:      s.span("settle", 2*time.Second),
		SlowAnswer:  s.span("slowAnswer", 3*time.Second),
	}
}

func readSimulator(s section) Simulator {
	s.only("listen", "config", "url", "admin", "company")
	sim := Simulator{s.text("listen"), s.text("config"), strings.TrimRight(s.url("url"), "/"), strings.TrimRight(s.url("admin"), "/"), s.text("company")}
	switch {
	case sim.URL == "" && sim.Admin == "" && sim.Listen == "":
		sim.Listen = "127.0.0.1:8080"
	case (sim.URL == "") != (sim.Admin == ""):
		s.wrong("", "must have both url and admin for a simulator that runs already")
	case sim.URL != "" && (sim.Listen != "" || sim.Config != ""):
		s.wrong("", "must have either url and admin, or listen and config")
	}
	return sim
}

func readGateway(s section) Gateway {
	s.only("listen", "url")
	g := Gateway{s.text("listen"), strings.TrimRight(s.url("url"), "/")}
	if g.Listen == "" {
		g.Listen = "127.0.0.1:0"
	}
	return g
}

func readFlows(root section, contract *openapi.Contract) []Flow {
	var flows []Flow
	for _, s := range root.list("flows") {
		s.only("psp", "type", "variant", "amount", "currency")
		f := Flow{PSP: s.text("psp"), Type: s.text("type"), Variant: s.text("variant"), Currency: s.text("currency")}
		if f.Type == "" {
			f.Type = "PAYIN"
		}
		var err error
		if f.Amount, err = money.Parse(s.text("amount"), 2); err != nil || !f.Amount.Positive() {
			s.wrong("amount", `must be an amount above zero with at most two decimals, such as "25.00"`)
		}
		switch op, ok := contract.Operation(f.PSP, f.Type, f.Variant); {
		case !slices.Contains(contract.PSPs(), f.PSP):
			s.wrong("psp", "must be one of: "+strings.Join(contract.PSPs(), ", "))
		case !ok:
			s.wrong("type", fmt.Sprintf("must be a flow that %s has", f.PSP))
		default:
			f.Variant = op.Variant
		}
		if f.Currency == "" {
			s.wrong("", "must have currency, such as CAD")
		}
		if slices.ContainsFunc(flows, func(other Flow) bool {
			return other.PSP == f.PSP && other.Type == f.Type && other.Variant == f.Variant
		}) {
			s.wrong("", "must not list the same flow twice")
		}
		flows = append(flows, f)
	}
	return flows
}

// webURL says what is wrong with a URL whose templates have been filled in; "" when nothing is.
func webURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Sprintf("%q must be an http or https URL", text)
	}
	return ""
}
