package payment_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// amounts are compared by value: they have no exported fields.
var amounts = cmp.Comparer(func(a, b money.Amount) bool { return a.Cmp(b) == 0 })

func terms() payment.Terms {
	return payment.Terms{
		ID: "665f1c2ab7e4d93a5c0f1a2b", Company: "c", Ordinal: 7, PSP: "GIGADAT", Type: "PAYOUT", Variant: "ETO",
		Session: "s", PSPTransactionID: "p", UserID: "u", Email: "e", BrandID: "b",
		Amount: money.MustParse("100.10"), Currency: "CAD", MerchantReference: "r", Request: json.RawMessage("{\n  \"baseamount\": 100.10\n}"), // kept as it came
	}
}

func open(t rapid.TB) (payment.Payment, payment.Event) {
	t.Helper()
	return payment.Open(terms(), noon)
}

// machine drives one payment: model is what ought to be, live what is, events what was written.
type machine struct {
	live   payment.Payment
	model  payment.Payment
	events []payment.Event
	now    time.Time
}

func (m *machine) move(t *rapid.T) {
	to := rapid.SampledFrom(append(statuses(), "", "unheard of")).Draw(t, "to")
	move := adminapi.Move{
		Status:  string(to),
		Raw:     rapid.SampledFrom([]string{"", "success", "STATUS_FAILED"}).Draw(t, "raw"),
		Message: rapid.String().Draw(t, "message"),
		By:      rapid.SampledFrom([]string{"provider", "shopper", "admin", "clock", "scenario"}).Draw(t, "by"),
	}
	m.now = m.now.Add(time.Second)
	legal := m.model.Status.May(to)
	event, err := m.live.Move(move, m.now)
	if legal {
		if err != nil {
			t.Fatalf("%s to %s: %v", m.model.Status, move.Status, err)
		}
		m.model.Status, m.model.Raw, m.model.Message, m.model.Updated = to, move.Raw, move.Message, m.now
		m.events = append(m.events, event)
		return
	}
	var illegal *payment.IllegalMove
	if !errors.As(err, &illegal) {
		t.Fatalf("%s to %s: got %v, want an *IllegalMove", m.model.Status, move.Status, err)
	}
	want := payment.IllegalMove{Payment: m.model.ID, From: m.model.Status, To: to}
	if diff := cmp.Diff(want, *illegal); diff != "" {
		t.Fatal(diff)
	}
}

func (m *machine) answered(t *rapid.T) {
	answer := adminapi.Answer{Status: rapid.SampledFrom([]int{200, 400, 500}).Draw(t, "status"), Body: json.RawMessage("{ \"isSuccess\" : true }")}
	m.events = append(m.events, m.live.Answered(answer, m.now))
	m.model.Answer = &answer
}

// foreign adds an event of another room, which a payment passes over.
func (m *machine) foreign(*rapid.T) {
	m.events = append(m.events, payment.Event{Kind: "other.room", At: m.now, Data: json.RawMessage(`[]`)})
}

func (m *machine) check(t *rapid.T) {
	if diff := cmp.Diff(m.model, m.live, amounts); diff != "" {
		t.Fatalf("the live payment (- want, + got):\n%s", diff)
	}
	folded, err := payment.Fold(m.events)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.live, *folded, amounts); diff != "" {
		t.Fatalf("the fold (- live, + fold):\n%s", diff)
	}
}

// Whatever is asked of a payment: legal moves happen, illegal ones change nothing, and its events tell all of it.
func TestPaymentIsTheFoldOfItsEvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, opened := open(t)
		m := &machine{live: p, model: p, events: []payment.Event{opened}, now: noon}
		t.Repeat(map[string]func(*rapid.T){"move": m.move, "answered": m.answered, "foreign": m.foreign, "": m.check})
	})
}

func TestOpen(t *testing.T) {
	t.Parallel()
	p, event := open(t)
	want := payment.Payment{Terms: terms(), Status: payment.Created, Created: noon, Updated: noon}
	if diff := cmp.Diff(want, p, amounts); diff != "" {
		t.Error(diff)
	}
	const data = `{"id":"665f1c2ab7e4d93a5c0f1a2b","company":"c","ordinal":7,"psp":"GIGADAT","type":"PAYOUT","variant":"ETO",` +
		`"session":"s","pspTransactionId":"p","userId":"u","email":"e","brandId":"b","amount":100.1,"currency":"CAD",` +
		`"merchantReference":"r","request":` + "{\n  \"baseamount\": 100.10\n}}"
	if event.Kind != payment.KindOpened || !event.At.Equal(noon) || string(event.Data) != data {
		t.Errorf("the event is %s at %s: %s", event.Kind, event.At, event.Data)
	}
}

// A payment may be opened without the request's text, and answered without a body.
func TestTextsMayBeAbsent(t *testing.T) {
	t.Parallel()
	bare := payment.Terms{ID: "665f1c2ab7e4d93a5c0f1a2b"}
	p, opened := payment.Open(bare, noon)
	folded, err := payment.Fold([]payment.Event{opened, p.Answered(adminapi.Answer{Status: 504}, noon)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, *folded, amounts); diff != "" {
		t.Error(diff)
	}
}

func TestFoldRefuses(t *testing.T) {
	t.Parallel()
	_, opened := open(t)
	event := func(kind payment.Kind, data string) payment.Event {
		return payment.Event{Kind: kind, At: noon, Data: json.RawMessage(data)}
	}
	tests := []struct {
		name   string
		events []payment.Event
		want   string
	}{
		{"nothing", nil, "no payment.opened among 0 events"},
		{"not opened", []payment.Event{event("other", `{}`)}, "no payment.opened among 1 events"},
		{"answered only", []payment.Event{event(payment.KindAnswered, `{"status":200,"body":{}}`)}, "no payment.opened among 1 events"},
		{"moved before it was opened", []payment.Event{event(payment.KindMoved, `{"status":"pending"}`)},
			"event 1, payment.moved: payment  is  and can't become pending: legal are []"},
		{"illegal move", []payment.Event{opened, event(payment.KindMoved, `{"status":"settled"}`)},
			"event 2, payment.moved: payment 665f1c2ab7e4d93a5c0f1a2b is created and can't become settled: " +
				"legal are [pending awaiting_approval approved declined failed]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := payment.Fold(test.events)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if p != nil {
				t.Errorf("a failed fold must hand out nothing, got %+v", p)
			}
		})
	}
	for _, kind := range []payment.Kind{payment.KindOpened, payment.KindMoved, payment.KindAnswered} {
		if _, err := payment.Fold([]payment.Event{opened, event(kind, `{`)}); err == nil {
			t.Errorf("broken data of %s was passed over", kind)
		}
	}
}
