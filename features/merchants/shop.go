package merchants

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
)

// Correct makes a shop without mistakes.
func Correct(config Config) http.Handler { return Naive(config, Mistakes{}) }

// Naive makes a shop that makes the given mistakes and no others.
func Naive(config Config, mistakes Mistakes) http.Handler {
	s := &shop{Config: config, Mistakes: mistakes, orders: newOrderStore()}
	if s.Hold == nil {
		s.Hold = func(d time.Duration) { _, _ = clock.New().Hold(context.Background(), d) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", s.start)
	mux.HandleFunc("POST /webhook", s.webhook)
	mux.HandleFunc("GET /payment/{result}", s.returns)
	mux.HandleFunc("GET /orders/{reference}", s.probe)
	return mux
}

// shop does what the vendor asks of merchants, but for its mistakes.
type shop struct {
	Config
	Mistakes
	orders *orderStore
	mailed atomic.Bool
}

// start stores the order before the call, so that a webhook that comes before the answer finds it, and holds no lock during the
// call. If the call fails the order stays pending: the payment may have been made.
func (s *shop) start(w http.ResponseWriter, r *http.Request) {
	o, ok := readOrder(w, r)
	if !ok {
		return
	}
	if !s.StoresAfterCall {
		s.orders.open(o)
	}
	answer, err := s.pay(r.Context(), o)
	failed := err != nil || answer.status != http.StatusOK
	if s.StoresAfterCall && !failed {
		s.orders.open(o)
	}
	if err == nil {
		err = s.orders.answered(o.Reference, answer.doc.Text("data.transactionId"))
	}
	if err == nil {
		err = s.applyAnswer(o, answer)
	}
	switch {
	case failed && s.GivesUpOnError:
		_ = s.orders.change(o.Reference, func(o *order) error { o.Status, o.closed = statusFailed, true; return nil })
		fallthrough
	case failed, err != nil:
		write(w, http.StatusBadGateway, map[string]string{"status": "we could not reach the provider; nothing was booked"})
		return
	}
	page := map[string]any{"redirectUrl": answer.redirect}
	if s.WrongRedirect {
		page["redirectUrl"] = answer.doc.Text("data.url")
	}
	if s.HandsTokensOn {
		page["cashier"] = answer.doc.Fields["data"]
	}
	write(w, http.StatusOK, page)
}

// applyAnswer changes an order by an answer that is final: no webhook will follow.
func (s *shop) applyAnswer(o order, answer reply) error {
	final := answer.final(o.PSP)
	return s.orders.change(o.Reference, func(o *order) error {
		switch {
		case s.CreditsOnAnswer && answer.status == http.StatusOK, final && answer.status == http.StatusOK && answer.word() == "Approved":
			if o.Status != statusPaid { // once, however often it is called
				return o.credit(o.Amount)
			}
		case final && o.Status == statusPending && (answer.word() == "Declined" || answer.status == http.StatusBadRequest):
			o.Status = statusFailed
		}
		return nil
	})
}

// returns shows a page and changes nothing: a return proves nothing.
func (s *shop) returns(w http.ResponseWriter, r *http.Request) {
	transaction, result := r.URL.Query().Get("transactionId"), r.PathValue("result")
	s.orders.each(func(o *order) {
		switch {
		case !slices.Contains(o.Transactions, transaction):
		case result == "success" && s.CreditsOnReturn && o.Status != statusPaid:
			_ = o.credit(o.Amount)
		case result == "failure" && s.FailsOnReturn && o.Status == statusPending:
			o.Status, o.closed = statusFailed, true
		}
	})
	write(w, http.StatusOK, map[string]string{"status": "we are checking your payment"})
}

// probe shows an order: {"status": "paid", "credited": "25.00"}.
func (s *shop) probe(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orders.read(r.PathValue("reference"))
	if !ok {
		write(w, http.StatusNotFound, map[string]string{"error": errNoOrder.Error()})
		return
	}
	write(w, http.StatusOK, map[string]string{"status": o.Status, "credited": o.Credited.Fixed(2)})
}

// readOrder reads the order of a request to start, or answers why it can't.
func readOrder(w http.ResponseWriter, r *http.Request) (order, bool) {
	var in struct{ PSP, Type, Variant, Amount, Currency, Reference string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in)
	amount, bad := money.Parse(in.Amount, 2)
	if err != nil || bad != nil || in.Reference == "" {
		write(w, http.StatusBadRequest, map[string]string{"error": "psp, type, amount, currency and reference are needed"})
		return order{}, false
	}
	return order{Reference: in.Reference, PSP: in.PSP, Type: in.Type, Variant: in.Variant, Amount: amount, Currency: in.Currency}, true
}

// write answers with JSON.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}
