package merchants

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
)

func (s *shop) webhook(w http.ResponseWriter, r *http.Request) {
	status := s.receive(w, r)
	if s.AnswersSlowly && status == http.StatusOK && !s.mailed.Swap(true) {
		s.Hold(s.SlowFor) // the first receipt opens a connection to the mail server
	}
	if s.AcknowledgesEverything {
		status = http.StatusOK
	}
	w.WriteHeader(status)
}

// receive reads a webhook and changes its order. It returns 200 only when the order has been changed for good, or when there is
// nothing to change.
func (s *shop) receive(w http.ResponseWriter, r *http.Request) int {
	if !s.IgnoresSecret && !secretFits(r, s.Secret) {
		return http.StatusUnauthorized
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if (err != nil || kind != "application/json") && !s.AcknowledgesEverything { // that one reads whatever comes
		return http.StatusUnsupportedMediaType
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return http.StatusRequestEntityTooLarge
	}
	doc, err := openapi.Decode(text)
	switch {
	case err != nil && s.BreaksOnMalformed:
		panic(http.ErrAbortHandler) // an unhandled error, without its stack in the log
	case err != nil, doc.Text("transaction_id") == "", doc.Text("transaction_status") == "", s.RefusesUnknownFields && !onlyKnown(doc):
		return http.StatusBadRequest
	}
	err = s.apply(doc)
	switch {
	case err == nil, errors.Is(err, errNoOrder) && s.StoresAfterCall: // it takes it for another system's
		return http.StatusOK
	case errors.Is(err, errNoOrder), errors.Is(err, errNotOurs):
		return http.StatusNotFound
	}
	return http.StatusUnprocessableEntity
}

// secretFits compares in constant time.
func secretFits(r *http.Request, secret string) bool {
	return secret == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+secret)) == 1
}

// onlyKnown reports whether a webhook has only fields of the documentation.
func onlyKnown(doc openapi.Document) bool {
	known := []string{
		"transaction_id", "psp_transaction_id", "user_id", "status", "transaction_status", "message", "amount", "currency",
		"merchantReference", "method",
	}
	for name := range doc.Fields {
		if !slices.Contains(known, name) {
			return false
		}
	}
	return true
}

var (
	errNotOurs = errors.New("the transaction is not the order's")
	errAmount  = errors.New("amount or currency are not the order's")
)

// apply changes the order of a readable webhook.
func (s *shop) apply(doc openapi.Document) error {
	reference := doc.Text("merchantReference")
	amount, err := money.Parse(doc.Text("amount"), 2)
	if err != nil {
		return errAmount
	}
	if _, known := s.orders.read(reference); !known && s.CreditsStrangers {
		s.orders.open(order{Reference: reference, Amount: amount, Currency: doc.Text("currency")})
	}
	if s.Races {
		if o, _ := s.orders.read(reference); o.Status == statusPaid { // it reads here, and writes below
			return nil
		}
		s.Hold(s.RaceFor) // a slow ledger
	}
	return s.orders.change(reference, func(o *order) error { return s.change(o, doc, amount) })
}

// change changes an order by a webhook's transaction_status alone. Only a person undoes a credit. Payone's webhooks have no
// currency (documented).
func (s *shop) change(o *order, doc openapi.Document, amount money.Amount) error {
	sameAmount := amount.Cmp(o.Amount) == 0
	sameCurrency := !doc.Has("currency") || doc.Text("currency") == o.Currency
	switch {
	case !sameAmount && !s.TrustsAmount, !sameCurrency && !s.IgnoresCurrency:
		return errAmount
	case !s.IgnoresTransactionID && !o.owns(doc.Text("transaction_id")):
		return errNotOurs
	}
	word := doc.Text("transaction_status")
	if s.UsesRawStatus {
		word = guess(doc.Text("status"))
	}
	switch {
	case word == "Approved",
		s.CreditsUnknownStatus && word != "Declined" && word != "Pending",
		s.CreditsPending && word == "Pending",
		s.CreditsUnderpayment && doc.Text("status") == "underpayment":
		return s.credit(o, amount)
	case word == "Declined" && (o.Status == statusPending || s.LastWordWins):
		o.Status = statusFailed
	case word == "Pending" && s.LastWordWins:
		o.Status = statusPending
	}
	return nil // Pending and unknown words change nothing
}

// credit credits a webhook's amount, once, however often it comes.
func (s *shop) credit(o *order, amount money.Amount) error {
	switch {
	case o.closed, o.Status == statusPaid && !s.CreditsTwice && !s.Races, o.Status == statusFailed && s.FirstWordWins:
		return nil
	}
	return o.credit(amount)
}

// guess interprets the providers' own words.
func guess(raw string) string {
	switch raw {
	case "success", "confirmed", "STATUS_SUCCESS", "AUTHORISED", "CAPTURED", "SETTLED", "authorised", "settled", "approved", "ok", "completed":
		return "Approved"
	case "failed", "cancelled", "expired", "declined", "rejected", "ko", "error", "REFUSED", "CANCELLED", "ERROR", "EXPIRED",
		"STATUS_FAILED", "STATUS_REJECTED", "STATUS_EXPIRED", "STATUS_ABORTED1":
		return "Declined"
	}
	return "Pending"
}
