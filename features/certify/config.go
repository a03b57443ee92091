package certify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/webhook"
)

// Config is a certify.yaml: how the merchant is reached, and what is tested.
type Config struct {
	Merchant Merchant
	Flows    []Flow
	Limits   struct { // in real time
		Call        time.Duration `json:"-"` // for a call of the start hook, the probe or the return page
		Acknowledge time.Duration `json:"-"` // for the answer to a webhook (documented: 10 s)
		Settle      time.Duration `json:"-"` // how long after an acknowledgement an order may be booked
		SlowAnswer  time.Duration `json:"-"` // how long the cashier takes when it is slow
	}
	Simulator Simulator
	Gateway   struct { // what the simulator's webhooks pass on their way to the merchant
		Listen string
		URL    string // as the simulator reaches it; "" = http:// and the address
	}
}

// Merchant is the system under test, seen from outside.
type Merchant struct {
	Name    string
	Start   Start
	Webhook struct { // where it receives webhooks, the secret that it expects with them, and the header that has it
		URL, Secret, Authorization string
	}
	Site     string // the siteUrl of the PSP configurations: the shopper returns to URLs below it; "" = none
	Probe    Probe
	Statuses struct { // its words for the states of an order
		Credited, Pending, Failed Texts
	}
}

// Start is how a payment is started: by a call of the merchant's hook, or by the merchant itself within Wait.
type Start struct {
	Method   string
	URL      string // a template
	Headers  map[string]string
	Body     string        // a template
	Redirect string        // path of the shopper's redirect URL in the answer; "" = it has none
	Order    string        // path of the merchant's own id of the order in the answer; "" = it has none
	Wait     time.Duration `json:"-"` // how long to wait for the merchant to call by itself; 0 = the hook is called
}

// Probe is how an order is read: a GET of a URL, or a command.
type Probe struct {
	URL      string // a template
	Headers  map[string]string
	Command  Texts  // templates
	Status   string // path of the status in the answer
	Credited string // path of the credited amount in the answer
}

// Texts is a list of texts; in YAML a single one may stand for the list.
type Texts []string

// UnmarshalJSON reads a list, or a single text.
func (t *Texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = Texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// Flow is a provider's pay-in or pay-out that is tested.
type Flow struct {
	PSP, Type, Variant string
	Amount             money.Amount `json:"-"`
	Currency           string
}

// Simulator is the simulator that the merchant calls: one in this process, or one that runs already.
type Simulator struct {
	Listen  string // in this process: where the Cashier API listens
	Config  string // in this process: companies in YAML; "" = the demo company
	URL     string // running: its Cashier API; "" = one in this process
	Admin   string // running: its admin API
	Company string // "" = the first
}

// ReadFile reads a configuration; errors name file, line and column, all of them at once.
func ReadFile(name string) (*Config, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `mozartosim certify init` writes one to fill in", name)
	}
	if err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	return Read(name, text)
}

// Read reads a configuration from YAML, strictly. Errors are *openapi.LineError, joined.
func Read(file string, text []byte) (*Config, error) {
	form, err := openapi.FileForm("certify")
	if err != nil {
		return nil, err
	}
	return readBy(form, file, text)
}

func readBy(form *openapi.Contract, file string, text []byte) (*Config, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	y, err := openapi.DecodeYAML(file, text)
	if err != nil {
		return nil, err
	}
	y.Fields, _ = asTexts(y.Fields).(map[string]any)
	f := &configFile{YAML: y, problems: form.Problems("Config", y.Document)}
	if err := y.Into(&f.config); len(f.problems) == 0 && err != nil {
		return nil, fmt.Errorf("certify: %s: %w", file, err)
	}
	f.complete(contract)
	return &f.config, f.Located(f.problems)
}

// asTexts replaces the numbers of decoded YAML by their text.
func asTexts(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, item := range value {
			value[name] = asTexts(item)
		}
	case []any:
		for i, item := range value {
			value[i] = asTexts(item)
		}
	case json.Number:
		return string(value)
	}
	return value
}

// configFile is a file while it is read: as far as it could be decoded, and what is wrong with it.
type configFile struct {
	*openapi.YAML
	config   Config
	problems openapi.Problems
}

// complete adds what the schema can't describe: durations, amounts and defaults, and the rules for several fields.
func (f *configFile) complete(contract *openapi.Contract) {
	m := &f.config.Merchant
	m.Name, m.Site = cmp.Or(m.Name, "the merchant"), strings.TrimRight(m.Site, "/")
	m.Webhook.Authorization = cmp.Or(m.Webhook.Authorization, webhook.DefaultTemplate)
	if webhook.CheckTemplate(m.Webhook.Authorization) != nil {
		f.problems.Add("merchant.webhook.authorization", "must have {secret} in it, as in %s", webhook.DefaultTemplate)
	}
	f.completeStart(&m.Start)
	f.checkProbe(m.Probe)
	for _, word := range m.Statuses.Credited {
		if slices.Contains(m.Statuses.Pending, word) || slices.Contains(m.Statuses.Failed, word) {
			f.problems.Add("merchant.statuses.credited", "must not list %q, which another state has too", word)
		}
	}
	f.completeFlows(contract)
	limits := &f.config.Limits
	limits.Call, limits.Acknowledge = f.duration("limits.call", 30*time.Second), f.duration("limits.acknowledge", 10*time.Second)
	limits.Settle, limits.SlowAnswer = f.duration("limits.settle", 2*time.Second), f.duration("limits.slowAnswer", 3*time.Second)
	sim, gateway := &f.config.Simulator, &f.config.Gateway
	switch {
	case sim.URL == "" && sim.Admin == "" && sim.Listen == "":
		sim.Listen = "127.0.0.1:8080"
	case (sim.URL == "") != (sim.Admin == ""):
		f.problems.Add("simulator", "must have both url and admin for a simulator that runs already")
	case sim.URL != "" && (sim.Listen != "" || sim.Config != ""):
		f.problems.Add("simulator", "must have either url and admin, or listen and config")
	}
	sim.URL, sim.Admin = strings.TrimRight(sim.URL, "/"), strings.TrimRight(sim.Admin, "/")
	gateway.Listen, gateway.URL = cmp.Or(gateway.Listen, "127.0.0.1:0"), strings.TrimRight(gateway.URL, "/")
}

// longest is the longest time that a configuration may have.
const longest = time.Hour

// duration reads the duration at a path.
func (f *configFile) duration(path string, otherwise time.Duration) time.Duration {
	text, ok := pick(f.Fields, path)
	if !ok || text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longest {
		f.problems.Add(path, "must be a duration of at most 1h, such as 500ms or 10s")
	}
	return d
}

// checkTemplate checks the names in braces of a template.
func (f *configFile) checkTemplate(path, template string) {
	for _, found := range regexp.MustCompile(`\{[A-Za-z]+\}`).FindAllString(template, -1) {
		if !slices.Contains(placeholders(), strings.Trim(found, "{}")) {
			f.problems.Add(path, "must not use %s: known are {%s}%s", found, strings.Join(placeholders(), "}, {"), openapi.DidYouMean(found, placeholders()))
		}
	}
}

func (f *configFile) completeStart(s *Start) {
	const path = "merchant.start"
	f.checkTemplate(path+".url", s.URL)
	f.checkTemplate(path+".body", s.Body)
	s.Method, s.Wait = cmp.Or(strings.ToUpper(s.Method), "POST"), f.duration(path+".wait", 0)
	switch {
	case s.Wait == 0 && s.URL == "":
		f.problems.Add(path, "must have url, the hook that starts a payment, or wait, how long to wait for the merchant to call by itself")
	case s.Wait != 0 && (s.URL != "" || s.Body != "" || s.Order != "" || s.Redirect != ""):
		f.problems.Add(path+".wait", "must stand alone: with it no hook is called")
	}
}

func (f *configFile) checkProbe(p Probe) {
	const path = "merchant.probe"
	command := strings.Join(p.Command, " ")
	f.checkTemplate(path+".url", p.URL)
	f.checkTemplate(path+".command", command)
	switch {
	case (p.URL == "") == (len(p.Command) == 0):
		f.problems.Add(path, "must have either url or command")
	case p.URL != "" && (p.Status == "" || p.Credited == ""):
		f.problems.Add(path, "must have status and credited: where in the JSON answer they stand, such as order.status")
	case (p.Status == "") != (p.Credited == ""):
		f.problems.Add(path, "must have both status and credited when the command prints JSON, and neither when it prints two words")
	}
	if f.config.Merchant.Start.Order == "" && strings.Contains(p.URL+command, "{order}") {
		f.problems.Add(path, "must not use {order} unless start.order says where the hook's answer has it")
	}
}

func (f *configFile) completeFlows(contract *openapi.Contract) {
	flows := f.config.Flows
	for i := range flows {
		flow, path := &flows[i], fmt.Sprintf("flows.%d", i)
		flow.Type = cmp.Or(flow.Type, "PAYIN")
		amount, given := pick(f.Fields, path+".amount")
		var err error
		if flow.Amount, err = money.Parse(amount, 2); given && (err != nil || !flow.Amount.Positive()) {
			f.problems.Add(path+".amount", `must be an amount above zero with at most two decimals, such as "25.00"`)
		}
		switch op, ok := contract.Operation(flow.PSP, flow.Type, flow.Variant); {
		case flow.PSP == "": // it is missing
		case !slices.Contains(contract.PSPs(), flow.PSP):
			known := contract.PSPs()
			f.problems.Add(path+".psp", "must be one of: %s%s", strings.Join(known, ", "), openapi.DidYouMean(flow.PSP, known))
		case !ok:
			f.problems.Add(path+".type", "must be a flow that %s has", flow.PSP)
		default:
			flow.Variant = op.Variant
		}
		if slices.ContainsFunc(flows[:i], func(other Flow) bool {
			return other.PSP == flow.PSP && other.Type == flow.Type && other.Variant == flow.Variant
		}) {
			f.problems.Add(path, "must not list the same flow twice")
		}
	}
}
