package observed

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
)

// Codec reads and writes the observations files of a contract, which say what its observations can be about. It is safe for
// concurrent use.
type Codec struct {
	form  *openapi.Contract // of the file
	place map[string]int    // in the ledger, by id
	ids   []string
	kinds map[string]string // of schemas: answer, webhook, request; of rules: named (of requests), deliveries (a provider's webhooks as a whole)
	flows []string
}

// NewCodec makes the codec of a contract without observations.
func NewCodec(contract *openapi.Contract) (*Codec, error) {
	form, err := openapi.FileForm("observed")
	if err != nil {
		return nil, err
	}
	c := &Codec{form: form, place: map[string]int{}, kinds: map[string]string{"amount-decimals": "named"}}
	ledger := contract.Ledger()
	for i, e := range ledger {
		c.place[e.ID] = i
		c.ids = append(c.ids, e.ID)
	}
	for former, present := range renames(ledger) { // a file is still right where the contract has what it says
		c.place[former] = c.place[present]
	}
	for _, op := range contract.Operations() {
		c.kinds[op.Answer], c.kinds[op.Webhook], c.kinds[op.Schema], c.kinds[op.WebhookRule()] = "answer", "webhook", "request", "deliveries"
		for _, rule := range op.Rules {
			c.kinds[op.Schema+"/"+rule.Name] = "named"
		}
		for _, flow := range []string{op.PSP, op.PSP + " " + op.Type, op.PSP + " " + op.Type + " " + op.Variant} {
			if flow = strings.TrimSpace(flow); !slices.Contains(c.flows, flow) {
				c.flows = append(c.flows, flow)
			}
		}
	}
	delete(c.kinds, "") // of providers that send no webhooks
	return c, nil
}

// checker checks one file.
type checker struct {
	*Codec
	problems openapi.Problems
}

// check lists what is wrong with a file.
func (c *checker) check(f File) openapi.Problems {
	seen := map[string]bool{}
	for i := range f.Observations {
		o, at := &f.Observations[i], fmt.Sprintf("observations.%d", i)
		before := len(c.problems)
		c.observation(at, o)
		if len(c.problems) == before && seen[o.Key()] {
			c.problems.Add(at, "must not say again what another observation of %s says: one of them is wrong", o.Rule)
		}
		seen[o.Key()] = true
	}
	return c.problems
}

func (c *checker) observation(at string, o *Observation) {
	if _, known := c.place[o.Rule]; !known {
		hint := ""
		if near := openapi.Similar(o.Rule, c.ids); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, ", ") + "?"
		}
		c.problems.Add(at+".rule", "must be the id of a rule in the ledger (mozartosim contract ledger --json)%s", hint)
		return
	}
	kinds := o.kinds()
	if len(kinds) != 1 {
		c.problems.Add(at, "must say one thing: renamed, absent, added, form, constant, nullWhenEmpty, status, headers, error, request, notifications, delay, retries or authorization%s", but(kinds))
		return
	}
	if o.InsteadOf != nil && o.Constant == nil {
		c.problems.Add(at+".insteadOf", "must go with constant")
	}
	if o.Flow != "" && !slices.Contains(c.flows, o.Flow) {
		c.problems.Add(at+".flow", "must be a provider or one of its flows: %s", strings.Join(c.flows, ", "))
	}
	c.said(at, kinds[0], o)
	for i, s := range o.Seen {
		if _, err := time.Parse(time.DateOnly, s.Date); err != nil {
			c.problems.Add(fmt.Sprintf("%s.seen.%d.date", at, i), "must be a day of the calendar")
		}
	}
}

func but(kinds []string) string {
	if len(kinds) == 0 {
		return ""
	}
	return "; it says " + strings.Join(kinds, " and ")
}

// said checks what an observation says, and that it is about a rule that can have it.
func (c *checker) said(at, kind string, o *Observation) {
	schema, path, _ := strings.Cut(o.Rule, ".")
	const answerOrDeliveries = "an answer, such as PayonePayInAnswer, or a provider's webhooks, such as POST payone"
	body := c.kinds[schema] == "answer" || c.kinds[schema] == "webhook"
	answer, deliveries := c.kinds[o.Rule] == "answer", c.kinds[o.Rule] == "deliveries"
	fits, must := true, ""
	switch kind {
	case "added":
		fits, must = body, "an answer or a webhook, or an object in it"
		c.added(at+".added", *o.Added)
	case "renamed", "absent", "form", "constant", "nullWhenEmpty":
		fits, must = body && path != "", "a field of an answer or a webhook"
		c.field(at, kind, o)
	case "status":
		fits, must = answer, "an answer, such as PayonePayInAnswer"
	case "headers":
		fits, must = answer || deliveries, answerOrDeliveries
		c.headers(at+".headers", o.Headers)
	case "error":
		c.err(at+".error", o.Error)
	case "request":
		fits, must = c.kinds[schema] == "request" || c.kinds[o.Rule] == "named", "a request, a field of it, or a named rule of requests"
		c.request(at+".request", o)
	case "notifications":
		fits, must = deliveries, "a provider's webhooks, such as POST payone"
	case "delay":
		fits, must = answer || deliveries, answerOrDeliveries
		c.delay(at+".delay", *o.Delay)
	case "retries":
		fits, must = deliveries || o.Rule == "webhook-retries", "webhook-retries, or a provider's webhooks, such as POST payone"
	case "authorization":
		fits, must = deliveries || o.Rule == "webhook-secret", "webhook-secret, or a provider's webhooks, such as POST payone"
	}
	if !fits {
		c.problems.Add(at+".rule", "must be %s, for what %s says", must, kind)
	}
	if o.Flow != "" && body {
		c.problems.Add(at+".flow", "must not be set: %s says it", o.Rule)
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

func (c *checker) headers(at string, headers map[string]*string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		low := strings.ToLower(name)
		own := strings.HasPrefix(low, "mozartosim-") || slices.Contains([]string{"content-length", "transfer-encoding", "connection", "authorization"}, low)
		if own || !headerName.MatchString(name) {
			c.problems.Add(at, "must not have %q: it must be a header that the target chooses, such as Content-Type", name)
		}
	}
}

func (c *checker) field(at, kind string, o *Observation) {
	switch kind {
	case "renamed":
		_, path, _ := strings.Cut(o.Rule, ".")
		if o.Renamed == path {
			c.problems.Add(at+".renamed", "must be another path than the contract's, %s", path)
		}
	case "form":
		if o.Form.err != nil {
			c.problems.Add(at+".form", "%v", o.Form.err)
		}
	case "constant":
		if string(o.Constant) == string(o.InsteadOf) {
			c.problems.Add(at+".insteadOf", "must be another value than constant")
		}
	}
}

func (c *checker) added(at string, a Added) {
	form := a.Form
	if form.IsZero() {
		return
	}
	if form.err != nil || form.Convert != "" || slices.ContainsFunc(form.Parts, func(p Part) bool { return p.Name == "value" }) {
		c.problems.Add(at+".form", "must be a template such as {hex:24}, because there is no value that it could be converted from")
		return
	}
	var example any
	if err := json.Unmarshal(a.Example, &example); err != nil {
		c.problems.Add(at+".example", "must be a value of JSON")
		return
	}
	text, isText := example.(string)
	if !isText {
		text = string(a.Example)
	}
	if pattern, err := regexp.Compile(form.Pattern()); err == nil && !pattern.MatchString(text) {
		c.problems.Add(at+".example", "must have the form %s", form)
	}
}

func (c *checker) err(at string, e *Error) {
	if e.Case != "" && !slices.Contains(Cases(), e.Case) {
		c.problems.Add(at+".case", "must be one of: %s", strings.Join(Cases(), ", "))
	}
	if e.Status == 0 && e.Message == "" && e.Problem == "" && e.Code == "" && e.Absent == nil && e.Added == nil && e.Headers == nil {
		c.problems.Add(at, "must say what is different: status, message, problem, code, absent, added or headers")
	}
	c.headers(at+".headers", e.Headers)
	for i, a := range e.Added {
		c.added(fmt.Sprintf("%s.added.%d", at, i), a)
	}
}

// Cases are the refusals that observations can be about: the contract's examples of errors that the vendor answers with.
func Cases() []string {
	return []string{
		"MissingField", "ValidationFailed", "RuleNotMatched", "PspConfigurationNotFound", "Unauthorized", "PasswordExpired", "NotFound",
		"MethodNotAllowed", "RequestTimeout", "BodyTooLarge", "UnsupportedMediaType", "Rejection", "InvalidPspCredentials", "UnknownPspError",
		"PspTimeout", "PspUnavailable", "PspRateLimited", "InternalServerError",
	}
}

func (c *checker) request(at string, o *Observation) {
	r := o.Request
	adds := r.Required != nil || r.Pattern != "" || r.Enum != nil
	switch {
	case r.Enforced == nil && !adds:
		c.problems.Add(at, "must say what is different: enforced: false, required, pattern or enum")
	case r.Enforced != nil && (adds || r.Must != ""):
		c.problems.Add(at+".enforced", "must stand alone: what is not enforced has no other form")
	case r.Must != "" && r.Pattern == "":
		c.problems.Add(at+".must", "must go with pattern")
	case c.kinds[o.Rule] == "named" && (adds || r.Field != ""):
		c.problems.Add(at, "must be {enforced: false} for the named rule %s", o.Rule)
	case c.kinds[o.Rule] == "request" && r.Field == "":
		c.problems.Add(at+".field", "must name the field that the request has besides those of the contract")
	}
	if _, err := regexp.Compile(r.Pattern); err != nil {
		c.problems.Add(at+".pattern", "must be a regular expression: %v", err)
	}
}

func (c *checker) delay(at string, d Delay) {
	median, err := time.ParseDuration(d.Median)
	p95, err95 := time.ParseDuration(d.P95)
	switch {
	case err != nil || median > maxDelay:
		c.problems.Add(at+".median", "must be at most %s", maxDelay)
	case d.P95 == "":
	case err95 != nil || p95 > maxDelay:
		c.problems.Add(at+".p95", "must be at most %s", maxDelay)
	case p95 < median || median == 0:
		c.problems.Add(at+".p95", "must not be less than the median, which must be above zero")
	}
}

// maxDelay bounds delays.
const maxDelay = 24 * time.Hour
