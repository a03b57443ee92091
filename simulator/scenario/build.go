package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// builder makes a Scenario of checked fields. What is of the wrong type is left out: the contract has complained already.
type builder struct{ problems []problem }

func (b *builder) complain(path, format string, args ...any) {
	b.problems = append(b.problems, problem{path: path, reason: fmt.Sprintf(format, args...)})
}

// node is an object of the document, and its dotted path with a dot behind it.
type node struct {
	builder *builder
	path    string
	fields  map[string]any
}

func (n node) has(name string) bool { return n.fields[name] != nil }

func (n node) text(name string) string {
	text, _ := n.fields[name].(string)
	return text
}

func (n node) flag(name string) bool {
	flag, _ := n.fields[name].(bool)
	return flag
}

func (n node) number(name string) float64 { return float(n.fields[name]) }

func float(value any) float64 {
	number, _ := value.(json.Number)
	f, _ := strconv.ParseFloat(string(number), 64)
	return f
}

// whole reads a number that the contract keeps far below 2^53.
func (n node) whole(name string) int {
	const most = 1 << 40
	if f := n.number(name); f > -most && f < most {
		return int(f)
	}
	return 0
}

func (n node) list(name string) []any {
	list, _ := n.fields[name].([]any)
	return list
}

// at returns the object under name; its fields are nil when there is none.
func (n node) at(name string) node {
	fields, _ := n.fields[name].(map[string]any)
	return node{n.builder, n.path + name + ".", fields}
}

func (b *builder) scenario(n node) *Scenario {
	s := &Scenario{
		Name: n.text("name"), Description: n.text("description"),
		Match: b.match(n.at("match")), Times: n.whole("times"), Chance: n.number("chance"),
		Answer: b.answer(n.at("answer")), Webhooks: b.webhooks(n.at("webhooks")),
	}
	if shopper := n.at("shopper"); shopper.fields != nil {
		s.Shopper = &Shopper{Action: ShopperAction(shopper.text("action")), Reason: shopper.text("reason"), After: shopper.duration("after")}
	}
	if n.has("then") {
		s.Then = b.notices(n)
	}
	if outage := n.at("outage"); outage.fields != nil {
		s.Outage = &Outage{
			PSP: outage.text("psp"), Kind: OutageKind(outage.text("kind")), For: outage.span("for"), Delay: outage.span("delay"),
		}
		if s.Outage.PSP == "" {
			s.Outage.PSP = s.Match.PSP
		}
	}
	return s
}

func (b *builder) match(n node) Match {
	m := Match{PSP: n.text("psp"), Type: n.text("type"), Nth: n.whole("nth"), Named: n.flag("named")}
	if !n.has("when") {
		return m
	}
	var err error
	m.When, err = NewExpression(n.text("when"))
	var wrong *ExpressionError
	if errors.As(err, &wrong) {
		m.When = nil
		b.problems = append(b.problems, problem{n.path + "when", "must be a condition: " + wrong.Reason, wrong.Line, wrong.Column})
	}
	return m
}

func (b *builder) answer(n node) Answer {
	a := Answer{
		Delay: n.duration("delay"), Error: n.text("error"), Voucher: n.text("voucher"), Reason: n.text("reason"),
		Fault: Fault(n.text("fault")), Rate: n.whole("rate"),
	}
	if a.Fault == Slow && a.Rate == 0 {
		a.Rate = DefaultRate
	}
	http := n.at("http")
	if http.fields == nil {
		return a
	}
	a.HTTP = &HTTP{Status: http.whole("status"), Body: http.text("body")}
	headers := http.at("headers")
	for name := range headers.fields {
		if a.HTTP.Headers == nil {
			a.HTTP.Headers = map[string]string{}
		}
		a.HTTP.Headers[name] = headers.text(name)
	}
	return a
}

func (b *builder) notices(n node) []Notification {
	notices := []Notification{}
	for i, entry := range n.list("then") {
		fields, _ := entry.(map[string]any)
		at := node{b, fmt.Sprintf("then.%d.", i), fields}
		notices = append(notices, Notification{
			After: at.duration("after"), Status: at.text("status"), Raw: at.text("raw"), Message: at.text("message"),
		})
	}
	return notices
}

func (b *builder) webhooks(n node) Webhooks {
	w := Webhooks{
		Copies: n.whole("copies"), Spaced: n.duration("spaced"), Order: Order(n.text("order")), Delay: n.duration("delay"),
		Auth: n.text("auth"), Body: n.text("body"),
	}
	if w.Order == "as-written" {
		w.Order = AsWritten
	}
	for _, entry := range n.list("drop") {
		w.Drop = append(w.Drop, int(float(entry)))
	}
	return w
}
