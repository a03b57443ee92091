package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
)

// section is an object of a scenario's document. A field of the wrong type counts as absent: the contract names the problem.
type section struct {
	problems *openapi.Problems
	path     string // dotted, with a dot at its end
	fields   map[string]any
}

// section returns the object under name; its fields are nil when there is none.
func (s section) section(name string) section {
	fields, _ := s.fields[name].(map[string]any)
	return section{s.problems, s.path + name + ".", fields}
}

func (s section) has(name string) bool { return s.fields[name] != nil }

func (s section) text(name string) string {
	text, _ := s.fields[name].(string)
	return text
}

func (s section) flag(name string) bool {
	flag, _ := s.fields[name].(bool)
	return flag
}

func (s section) list(name string) []any {
	list, _ := s.fields[name].([]any)
	return list
}

func (s section) float(name string) float64 { return toFloat(s.fields[name]) }

func (s section) int(name string) int { return int(toFloat(s.fields[name])) }

// toFloat reads a number; one that is far beyond what the contract allows is 0.
func toFloat(value any) float64 {
	number, _ := value.(json.Number)
	if f, err := strconv.ParseFloat(string(number), 64); err == nil && f > -1<<40 && f < 1<<40 {
		return f
	}
	return 0
}

// fixed reads a duration that can't be drawn; absent is 0.
func (s section) fixed(name string) time.Duration { return s.parse(name, s.fields[name]) }

func (s section) parse(name string, value any) time.Duration {
	text, ok := value.(string)
	if !ok {
		return 0
	}
	d, err := ParseDuration(text)
	if err != nil {
		s.problems.Add(s.path+name, "%s", err)
	}
	return d
}

// duration reads a duration that may be drawn; absent is 0.
func (s section) duration(name string) Duration {
	drawn := s.section(name)
	if drawn.fields == nil {
		return Fixed(s.fixed(name))
	}
	bounds, uniform := drawn.fields["uniform"].([]any)
	lognormal := drawn.section("lognormal")
	switch {
	case uniform && lognormal.fields != nil, len(drawn.fields) == 0:
		s.problems.Add(s.path+name, "must have either uniform: [low, high] or lognormal: {median, p99}")
	case uniform && len(bounds) == 2:
		return drawn.uniform(bounds[0], bounds[1])
	case lognormal.fields != nil:
		return lognormal.lognormal()
	}
	return Duration{}
}

func (s section) uniform(from, to any) Duration {
	low, high := s.parse("uniform.0", from), s.parse("uniform.1", to)
	if low > high {
		s.problems.Add(s.path+"uniform", "must have its lower bound first: [%s, %s]", FormatDuration(high), FormatDuration(low))
	}
	if low == high {
		return Fixed(low)
	}
	return Duration{Low: low, High: high}
}

func (s section) lognormal() Duration {
	median, p99 := s.fixed("median"), s.fixed("p99")
	switch {
	case !s.has("median") || !s.has("p99"):
	case median == 0:
		s.problems.Add(s.path+"median", "must be longer than 0s")
	case p99 <= median:
		s.problems.Add(s.path+"p99", "must be longer than the median, %s", FormatDuration(median))
	}
	return Duration{Median: median, P99: p99}
}

// build makes a Scenario of the document's root.
func build(s section) *Scenario {
	sc := &Scenario{
		Name: s.text("name"), Description: s.text("description"),
		Match: buildMatch(s.section("match")), Times: s.int("times"), Chance: s.float("chance"),
		Answer: buildAnswer(s.section("answer")), Webhooks: buildWebhooks(s.section("webhooks")),
	}
	if shopper := s.section("shopper"); shopper.fields != nil {
		sc.Shopper = &Shopper{ShopperAction(shopper.text("action")), shopper.text("reason"), shopper.duration("after")}
	}
	if s.has("then") {
		sc.Then = []Notification{}
	}
	for i, entry := range s.list("then") {
		fields, _ := entry.(map[string]any)
		n := section{s.problems, fmt.Sprintf("then.%d.", i), fields}
		sc.Then = append(sc.Then, Notification{n.duration("after"), n.text("status"), n.text("raw"), n.text("message"), nil})
		if own := n.section("webhook"); own.fields != nil {
			how := buildWebhook(own)
			sc.Then[i].Webhook = &how
		}
	}
	if outage := s.section("outage"); outage.fields != nil {
		sc.Outage = &Outage{PSP: outage.text("psp"), Kind: OutageKind(outage.text("kind")), For: outage.fixed("for"), Delay: outage.fixed("delay")}
		if sc.Outage.PSP == "" {
			sc.Outage.PSP = sc.Match.PSP
		}
	}
	return sc
}

func buildMatch(s section) Match {
	m := Match{PSP: s.text("psp"), Type: s.text("type"), Nth: s.int("nth"), Named: s.flag("named")}
	if !s.has("when") {
		return m
	}
	when, err := condition.Compile(s.text("when"))
	var wrong *condition.Error
	if errors.As(err, &wrong) {
		*s.problems = append(*s.problems, wrong.At(s.path+"when"))
		return m
	}
	m.When = when
	return m
}

func buildAnswer(s section) Answer {
	a := Answer{
		Delay: s.duration("delay"), Error: s.text("error"), Voucher: s.text("voucher"), Reason: s.text("reason"),
		Fault: Fault(s.text("fault")), Rate: s.int("rate"),
	}
	if a.Fault == Slow && a.Rate == 0 {
		a.Rate = DefaultRate
	}
	http := s.section("http")
	if http.fields == nil {
		return a
	}
	a.HTTP = &HTTP{Status: http.int("status"), Body: http.text("body")}
	headers := http.section("headers")
	for name := range headers.fields {
		if a.HTTP.Headers == nil {
			a.HTTP.Headers = map[string]string{}
		}
		a.HTTP.Headers[name] = headers.text(name)
	}
	return a
}

func buildWebhooks(s section) Webhooks {
	w := Webhooks{Webhook: buildWebhook(s), Order: Order(s.text("order")), Delay: s.duration("delay")}
	if w.Order == "as-written" {
		w.Order = AsWritten
	}
	for _, entry := range s.list("drop") {
		w.Drop = append(w.Drop, int(toFloat(entry)))
	}
	return w
}

func buildWebhook(s section) Webhook {
	w := Webhook{Copies: s.int("copies"), Spaced: s.duration("spaced"), Auth: s.text("auth"), Body: s.text("body")}
	for i, entry := range s.list("copies") {
		fields, _ := entry.(map[string]any)
		c := section{s.problems, fmt.Sprintf("%scopies.%d.", s.path, i), fields}
		w.Each = append(w.Each, Copy{c.duration("after"), c.text("auth"), c.text("body")})
	}
	switch {
	case s.has("spaced") && w.Each != nil:
		s.problems.Add(s.path+"spaced", "must not be set beside a list of copies: each of them has its own after")
	case s.has("spaced") && w.Copies < 2:
		s.problems.Add(s.path+"spaced", "must not be set without copies: 2 or more")
	}
	return w
}
