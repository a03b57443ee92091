package steps

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// happening is one thing that happened while the clock was moved.
type happening struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Payment string    `json:"payment"`
	Says    string    `json:"description"`
}

func isAttempt(h happening) bool { return h.Kind == "attempt" }

// advance moves the company's clock and notes when each webhook came.
func (w *World) advance(how map[string]any) ([]happening, error) {
	c, err := w.us()
	if err != nil {
		return nil, err
	}
	var moved struct {
		Now      time.Time   `json:"now"`
		Happened []happening `json:"jobs"`
	}
	before, _ := w.arrived(c)
	if err := w.control(http.MethodPost, "/v1/companies/"+c.ID+"/clock/advance", nil, how, &moved); err != nil {
		return nil, err
	}
	w.now = moved.Now
	for len(w.moments) < len(before) { // those that came by themselves, before an answer
		w.moments = append(w.moments, time.Time{})
	}
	all, _ := w.arrived(c)
	for _, h := range moved.Happened {
		if isAttempt(h) && len(w.moments) < len(all) {
			w.moments = append(w.moments, h.At)
		}
	}
	return moved.Happened, nil
}

func timePasses(w *World, a Args) error {
	_, err := w.advance(map[string]any{"by": a.Values[0]})
	return err
}

func everythingHappens(w *World, _ Args) error {
	_, err := w.advance(map[string]any{"until": "idle"})
	return err
}

// paymentID names the payment that the steps talk about: that of the newest answer, or the newest one at all when the
// answer was lost.
func (w *World) paymentID() (string, error) {
	for i := len(w.answers) - 1; i >= 0; i-- {
		for _, name := range []string{"data.transactionId", "transactionId", "data.reference_no"} {
			if id := w.answers[i].doc.Text(name); id != "" {
				return id, nil
			}
		}
	}
	all, err := w.payments(w.acting)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", failed(nil, "expected a payment, but the company has none")
	}
	return all[0].ID, nil
}

// summary is a payment as the control API lists it.
type summary struct {
	ID                string `json:"id"`
	PSP               string `json:"psp"`
	Status            string `json:"status"`
	TransactionStatus string `json:"transactionStatus"`
}

func (w *World) payments(c *Company) ([]summary, error) {
	if c == nil {
		var err error
		if c, err = w.us(); err != nil {
			return nil, err
		}
	}
	var list struct {
		Payments []summary `json:"payments"`
	}
	err := w.control(http.MethodGet, "/v1/companies/"+c.ID+"/payments", nil, nil, &list)
	return list.Payments, err
}

// onPayment posts a deed about the payment.
func (w *World) onPayment(deed string, in any) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	if w.env.Control == nil {
		return &NotRun{"needs the simulator's control API"}
	}
	id, err := w.paymentID()
	if err != nil {
		return err
	}
	return w.control(http.MethodPost, "/v1/payments/"+url.PathEscape(id)+"/"+deed, of(c), in, nil)
}

func (w *World) decide(does, reason string) error {
	in := map[string]any{"action": does}
	if reason != "" {
		in["reason"] = reason
	}
	return w.onPayment("decide", in)
}

func shopperApproves(w *World, _ Args) error    { return w.decide("approve", "") }
func shopperDeclined(w *World, _ Args) error    { return w.decide("decline", "") }
func shopperDeclinedFor(w *World, a Args) error { return w.decide("decline", a.Values[0]) }
func shopperCancels(w *World, _ Args) error     { return w.decide("cancel", "") }
func shopperUnderpays(w *World, _ Args) error   { return w.decide("underpay", "") }
func shopperFailsStepUp(w *World, _ Args) error { return w.decide("challenge-fail", "") }
func pageExpires(w *World, _ Args) error        { return w.decide("expire", "") }
func backOfficeApproves(w *World, _ Args) error { return w.onPayment("approve", nil) }
func backOfficeRejects(w *World, _ Args) error  { return w.onPayment("reject", nil) }
func backOfficeRejectsFor(w *World, a Args) error {
	return w.onPayment("reject", map[string]any{"reason": a.Values[0]})
}

// decisionRefused insists that the payment can't be decided (again).
func decisionRefused(w *World, _ Args) error {
	err := w.decide("approve", "")
	if err == nil {
		return failed(nil, "expected that a second decision is refused, but it was taken")
	}
	if strings.Contains(err.Error(), "409") {
		return nil
	}
	return err
}

// shopperPays is for every target: the simulated shopper does it by itself, a person is told where.
func shopperPays(w *World, _ Args) error {
	if w.env.Control != nil {
		return w.decide("approve", "")
	}
	w.say("please pay%s", w.pageHint())
	return nil
}

// shopperCancelsOnPage is the same for a shopper who doesn't pay.
func shopperCancelsOnPage(w *World, _ Args) error {
	if w.env.Control != nil {
		return w.decide("cancel", "")
	}
	w.say("please cancel%s", w.pageHint())
	return nil
}

func paymentIs(w *World, a Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	if w.env.Control == nil {
		return &NotRun{"needs the simulator's control API"}
	}
	id, err := w.paymentID()
	if err != nil {
		return err
	}
	var p summary
	if err := w.control(http.MethodGet, "/v1/payments/"+url.PathEscape(id), of(c), nil, &p); err != nil {
		return err
	}
	if want := strings.ReplaceAll(a.Values[0], " ", "_"); p.Status != want && p.TransactionStatus != a.Values[0] {
		return failed(nil, "the payment is %s (%s), expected %s", p.Status, p.TransactionStatus, a.Values[0])
	}
	return nil
}

func companyHasPayments(w *World, a Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	return w.countPayments(c, a.Int(0))
}

func (w *World) countPayments(c *Company, n int) error {
	all, err := w.payments(c)
	if err != nil {
		return err
	}
	if len(all) != n {
		return failed(nil, "the company has %s, expected %d", count(len(all), "payment"), n)
	}
	return nil
}

// resend sends the newest webhook once more.
func resend(w *World, _ Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	var list struct {
		Deliveries []struct {
			ID string `json:"id"`
		} `json:"deliveries"`
	}
	if err := w.control(http.MethodGet, "/v1/deliveries", of(c), nil, &list); err != nil {
		return err
	}
	if len(list.Deliveries) == 0 {
		return fmt.Errorf("there is no webhook to send once more")
	}
	return w.control(http.MethodPost, "/v1/deliveries/"+list.Deliveries[0].ID+"/resend", of(c), map[string]any{}, nil)
}

// Timeline is what happened to the payment that the steps talk about, in words; "" when nobody knows.
func (w *World) Timeline() string {
	if w.env.Control == nil || w.company == nil || w.company.ID == "" || len(w.answers) == 0 {
		return ""
	}
	id, err := w.paymentID()
	if err != nil {
		return ""
	}
	var p struct {
		Created time.Time `json:"created"`
		Events  []event   `json:"events"`
	}
	if w.env.Control.ask(w.ctx, http.MethodGet, "/v1/payments/"+url.PathEscape(id), of(w.company), nil, &p) != nil {
		return ""
	}
	var lines []string
	for _, e := range p.Events {
		lines = append(lines, e.words(p.Created))
	}
	return w.env.Masker.Text(strings.Join(lines, "\n"))
}

// event is one entry of a payment's stream.
type event struct {
	At   time.Time      `json:"at"`
	Kind string         `json:"kind"`
	Data map[string]any `json:"data"`
}

// words tells the event in a line, with the parts of its data that say most.
func (e event) words(since time.Time) string {
	parts := []string{fmt.Sprintf("+%s", e.At.Sub(since)), e.Kind}
	for _, name := range []string{"action", "reason", "status", "raw", "transactionStatus", "message", "by", "n", "state", "error", "fault"} {
		if value, ok := e.Data[name]; ok && value != "" && value != nil {
			parts = append(parts, name+" "+fmt.Sprint(value))
		}
	}
	return strings.Join(parts, " ")
}
