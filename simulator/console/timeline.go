package console

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// paymentWhole is a payment with everything that happened to it.
type paymentWhole struct {
	paymentBrief
	Session          string          `json:"session"`
	PSPTransactionID string          `json:"pspTransactionId"`
	Email            string          `json:"email"`
	Raw              string          `json:"raw"`
	Message          string          `json:"message"`
	Page             string          `json:"page"`
	PageExpires      time.Time       `json:"pageExpires"`
	Request          json.RawMessage `json:"request"`
	Plan             json.RawMessage `json:"plan"`
	Deliveries       []delivery      `json:"deliveries"`
	Events           []event         `json:"events"`
}

type event struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// delivery is a webhook's delivery.
type delivery struct {
	ID       string    `json:"id"`
	Payment  string    `json:"payment"`
	PSP      string    `json:"psp"`
	Notice   int       `json:"notification"`
	Copy     int       `json:"copy"`
	URL      string    `json:"url"`
	Body     string    `json:"body"`
	Auth     string    `json:"auth"`
	Padded   bool      `json:"padded"`
	Resend   bool      `json:"resend"`
	Due      time.Time `json:"due"`
	State    string    `json:"state"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Next     time.Time `json:"next"`
	Attempts []attempt `json:"attempts"`
}

// Open says whether another attempt is to come.
func (d delivery) Open() bool { return d.State == "pending" || d.State == "retrying" }

// attempt is one try to deliver.
type attempt struct {
	Delivery  string            `json:"delivery"`
	N         int               `json:"n"`
	Headers   map[string]string `json:"headers"`
	Status    int               `json:"status"`
	Answer    map[string]string `json:"answer"`
	Body      string            `json:"body"`
	Truncated bool              `json:"truncated"`
	TookMS    int64             `json:"tookMs"`
	Error     string            `json:"error"`
	Stage     string            `json:"stage"`
	State     string            `json:"state"`
	Next      time.Time         `json:"next"`
}

// due is work that waits for its time.
type due struct {
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Payment string          `json:"payment"`
	Data    json.RawMessage `json:"data"`
}

// Says puts the work into words.
func (d due) Says() string {
	var data struct {
		Action, By, Raw, As, Delivery, Reason string
		N                                     int
	}
	_ = json.Unmarshal(d.Data, &data) // what is not there is not told
	switch d.Kind {
	case "decision":
		return strings.TrimSpace("the " + data.By + " will " + word(data.Action) + " " + data.Reason)
	case "expiry":
		return "the session ends"
	case "notification":
		return strings.TrimSpace("the provider tells " + data.Raw + " " + data.As)
	case "attempt":
		return "a webhook is tried " + data.Delivery
	}
	return d.Kind
}

// step is an entry of a timeline.
type step struct {
	Key      string // unique on the page
	Kind     string
	At       time.Time
	Title    string
	Data     json.RawMessage
	Delivery *delivery // of the kinds delivery and attempt
	Attempt  *attempt
	Checks   []check
	Fields   map[string]string // what is told in words
}

// check is something that the call was held against.
type check struct{ Name, Says, Basis string }

type timelineView struct {
	Payment  paymentWhole
	Provider providerInfo
	Steps    []step
	Due      []due
	Next     time.Time // the payment's next work
	Deeds    []string
}

// Waits says whether the payment waits for an approval; Open whether somebody can decide it.
func (t timelineView) Waits() bool { return t.Payment.Status == "awaiting_approval" }
func (t timelineView) Open() bool {
	return t.Payment.Status == "pending" || t.Payment.Status == "declined" && t.Provider.Retries
}

// QuickDeeds are those that most people want, as far as the provider has them.
func (t timelineView) QuickDeeds() (quick []string) {
	for _, deed := range []string{"approve", "decline", "cancel", "expire"} {
		if slices.Contains(t.Deeds, deed) {
			quick = append(quick, deed)
		}
	}
	return quick
}

func timeline(v *visit) (*page, error) {
	var shown timelineView
	if err := v.get(pathOf("v1", "payments", v.in("id")), v.ofCompany(), &shown.Payment); err != nil {
		return nil, err
	}
	providers, err := v.providers()
	if err != nil {
		return nil, err
	}
	shown.Provider = find(providers, shown.Payment.PSP)
	shown.Deeds = shown.Provider.Deeds
	var list struct {
		Due []due `json:"jobs"`
	}
	query := v.ofCompany("payment", shown.Payment.ID)
	query.Del("company")
	if err := v.get(v.path("jobs"), query, &list); err != nil {
		return nil, err
	}
	if shown.Due = list.Due; len(shown.Due) > 0 {
		shown.Next = shown.Due[0].At
	}
	shown.Steps = shown.steps()
	return &page{template: "timeline", title: "Payment " + shown.Payment.ID, nav: "payments", live: shown.Payment.ID, data: shown}, nil
}

// steps tell the payment's events, and what belongs to them.
func (t *timelineView) steps() []step {
	var steps []step
	for _, e := range t.Payment.Events {
		one := step{Key: e.Kind + "-" + e.At.Format(time.RFC3339Nano), At: e.At, Data: e.Data, Fields: map[string]string{}}
		switch _, kind, _ := strings.Cut(e.Kind, "."); e.Kind {
		case "payment.opened":
			steps = append(steps, t.opened(one)...)
		case "payment.answered":
			steps = append(steps, t.answered(one)...)
		case "payment.moved", "payment.decided", "payment.notified":
			steps = append(steps, told(one, kind))
		case "delivery.opened", "delivery.attempted", "delivery.cancelled":
			steps = append(steps, t.delivered(one, kind))
		case "page.opened", "page.taken-over", "page.left":
			steps = append(steps, visited(one, kind))
		default:
			one.Kind, one.Title = kind, word(kind)
			steps = append(steps, one)
		}
	}
	for i := range steps {
		steps[i].Key = steps[i].Kind + "-" + itoa(i)
	}
	return steps
}

// opened are the call and what it passed; a payment is there only when everything has held.
func (t *timelineView) opened(at step) []step {
	call := at
	call.Kind, call.Title, call.Data = "call", "The merchant calls "+t.Provider.Name+" "+flowName(t.Payment.Type, t.Payment.Variant), t.Payment.Request
	flow := t.Provider.flow(t.Payment.Type, t.Payment.Variant)
	checks := at
	checks.Kind, checks.Title, checks.Data = "checks", "The call holds", nil
	checks.Checks = []check{
		{"identity", "the company JWT is valid; the user " + t.Payment.UserID + " is known", ""},
		{"contract", "the body holds against " + flow.Request, ""},
		{"back office", "an orchestration rule is active, and the PSP is configured", ""},
	}
	for _, r := range flow.Rules {
		checks.Checks = append(checks.Checks, check{r.Name, r.Says, r.Mark.Basis})
	}
	steps := []step{call, checks}
	if len(t.Payment.Plan) > 0 {
		plan := at
		plan.Kind, plan.Title, plan.Data = "plan", "A scenario, or a magic value, has the say", t.Payment.Plan
		var named struct{ Scenario string }
		_ = json.Unmarshal(t.Payment.Plan, &named) // a plan without a name has none
		plan.Fields["scenario"] = named.Scenario
		steps = append(steps, plan)
	}
	return steps
}

func (t *timelineView) answered(at step) []step {
	var told struct {
		Status int             `json:"status"`
		Body   json.RawMessage `json:"body"`
		Fault  string          `json:"fault"`
		Delay  int64           `json:"delayMs"`
	}
	_ = json.Unmarshal(at.Data, &told) // the API wrote it
	at.Kind, at.Title, at.Data = "answer", "The merchant is answered", told.Body
	at.Fields["status"], at.Fields["fault"] = itoa(told.Status), told.Fault
	if told.Delay > 0 {
		at.Fields["delay"] = itoa(int(told.Delay)) + " ms late, on purpose"
	}
	if t.Payment.Page == "" {
		return []step{at}
	}
	page := step{At: at.At, Kind: "page", Title: "The shopper's page waits", Fields: map[string]string{"page": t.Payment.Page}}
	if !t.Payment.PageExpires.IsZero() {
		page.Fields["expires"] = when(t.Payment.PageExpires)
	}
	return []step{at, page}
}

// told are the events that say what they mean by themselves.
func told(at step, kind string) step {
	var said struct {
		Status, TransactionStatus, Raw, Message, By, Action, Reason string
		Dropped                                                     bool
	}
	_ = json.Unmarshal(at.Data, &said) // the API wrote it
	at.Kind = kind
	switch kind {
	case "moved":
		at.Title = "It is " + word(said.Status)
	case "decided":
		at.Title = "The " + said.By + " decides: " + word(said.Action)
	case "notified":
		at.Title = "The provider tells " + said.TransactionStatus
	}
	at.Fields["raw"], at.Fields["message"], at.Fields["reason"], at.Fields["by"] = said.Raw, said.Message, said.Reason, said.By
	if said.Dropped {
		at.Fields["webhook"] = "none, on purpose"
	}
	return at
}

// visited are the shopper's steps on the hosted page.
func visited(at step, kind string) step {
	var back struct{ Result, To string }
	_ = json.Unmarshal(at.Data, &back) // only who is sent back has it
	at.Kind, at.Fields["result"], at.Fields["to"] = "visit", back.Result, back.To
	switch kind {
	case "opened":
		at.Title = "The shopper opens the page"
	case "taken-over":
		at.Title = "Somebody pays in the simulated shopper's place"
	case "left":
		at.Title = "The shopper is sent back to the merchant"
	}
	return at
}

func (t *timelineView) delivered(at step, kind string) step {
	var which struct {
		ID, Delivery string
		N            int
	}
	_ = json.Unmarshal(at.Data, &which) // the API wrote it
	id := which.ID + which.Delivery
	if i := slices.IndexFunc(t.Payment.Deliveries, func(d delivery) bool { return d.ID == id }); i >= 0 {
		at.Delivery = &t.Payment.Deliveries[i]
	}
	switch kind {
	case "opened":
		at.Kind, at.Title = "delivery", "A webhook is to be delivered"
	case "cancelled":
		at.Kind, at.Title = "cancelled", "The webhook is given up"
	case "attempted":
		at.Kind, at.Title = "attempt", "The webhook is tried"
		if at.Delivery != nil && which.N >= 1 && which.N <= len(at.Delivery.Attempts) {
			at.Attempt = &at.Delivery.Attempts[which.N-1]
		}
	}
	return at
}
