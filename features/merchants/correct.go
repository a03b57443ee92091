package merchants

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
)

// Correct makes a shop without mistakes.
func Correct(config Config) http.Handler {
	c := &correct{config, newOrderStore()}
	return endpoints(c.orders, c.start, c.webhook, c.returns)
}

type correct struct {
	Config
	orders *orderStore
}

// start stores the order before the call, so that a webhook that comes before the answer finds it, and holds no lock during the
// call. If the call fails the order stays pending: the payment may have been made.
func (c *correct) start(w http.ResponseWriter, r *http.Request) {
	o, ok := readOrder(w, r)
	if !ok {
		return
	}
	c.orders.open(o)
	answer, err := c.pay(r.Context(), o)
	if err == nil {
		err = c.orders.answered(o.Reference, answer.doc.Text("data.transactionId"))
	}
	if err == nil && answer.final(o.PSP) {
		err = c.applyFinal(o, answer)
	}
	if err != nil || answer.status != http.StatusOK {
		write(w, http.StatusBadGateway, map[string]string{"status": "we could not reach the provider; nothing was booked"})
		return
	}
	write(w, http.StatusOK, map[string]string{"redirectUrl": answer.redirect})
}

// applyFinal changes an order by an answer that is final: no webhook will follow.
func (c *correct) applyFinal(o order, answer reply) error {
	return c.orders.change(o.Reference, func(o *order) error {
		switch {
		case answer.status == http.StatusOK && answer.word() == "Approved":
			return credit(o)
		case o.Status == statusPending && (answer.word() == "Declined" || answer.status == http.StatusBadRequest):
			o.Status = statusFailed
		}
		return nil
	})
}

// credit credits an order's amount, once, however often it is called.
func credit(o *order) error {
	if o.Status == statusPaid {
		return nil
	}
	return o.credit(o.Amount)
}

// returns shows a page and changes nothing: a return proves nothing.
func (c *correct) returns(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"status": "we are checking your payment"})
}

// webhook answers 200 only when the order has been changed for good, or when there is nothing to change.
func (c *correct) webhook(w http.ResponseWriter, r *http.Request) {
	if !secretFits(r, c.Secret) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	doc, err := openapi.Decode(text)
	if err != nil || doc.Text("transaction_id") == "" || doc.Text("transaction_status") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	err = c.orders.change(doc.Text("merchantReference"), func(o *order) error { return apply(o, doc) })
	switch {
	case errors.Is(err, errNoOrder), errors.Is(err, errNotOurs):
		w.WriteHeader(http.StatusNotFound)
	case err != nil:
		w.WriteHeader(http.StatusUnprocessableEntity)
	default:
		w.WriteHeader(http.StatusOK)
	}
}

var (
	errNotOurs = errors.New("the transaction is not the order's")
	errAmount  = errors.New("amount or currency are not the order's")
)

// apply changes an order by a webhook's transaction_status alone. Only a person undoes a credit.
func apply(o *order, doc openapi.Document) error {
	if !sameMoney(o, doc) {
		return errAmount
	}
	if !o.owns(doc.Text("transaction_id")) {
		return errNotOurs
	}
	switch doc.Text("transaction_status") {
	case "Approved":
		return credit(o)
	case "Declined":
		if o.Status == statusPending {
			o.Status = statusFailed
		}
	}
	return nil // Pending and unknown words change nothing
}

// sameMoney compares amounts as decimals. Payone's webhooks have no currency (documented).
func sameMoney(o *order, doc openapi.Document) bool {
	amount, err := money.Parse(doc.Text("amount"), 2)
	return err == nil && amount.Cmp(o.Amount) == 0 && (!doc.Has("currency") || doc.Text("currency") == o.Currency)
}

// secretFits compares in constant time.
func secretFits(r *http.Request, secret string) bool {
	return secret == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+secret)) == 1
}
