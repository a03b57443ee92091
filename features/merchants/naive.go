package merchants

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
)

// Naive makes a shop that makes the given mistakes and no others.
func Naive(config Config, mistakes Mistakes) http.Handler {
	n := &naive{Config: config, Mistakes: mistakes, orders: newOrderStore()}
	if n.Hold == nil {
		n.Hold = func(d time.Duration) { _, _ = clock.New().Hold(context.Background(), d) }
	}
	return endpoints(n.orders, n.start, n.webhook, n.returns)
}

type naive struct {
	Config
	Mistakes
	orders *orderStore
	mailed atomic.Bool
}

func (n *naive) start(w http.ResponseWriter, r *http.Request) {
	o, ok := readOrder(w, r)
	if !ok {
		return
	}
	if !n.StoresAfterCall {
		n.orders.open(o)
	}
	answer, err := n.pay(r.Context(), o)
	if err != nil || answer.status != http.StatusOK {
		n.failed(o, answer)
		write(w, http.StatusBadGateway, map[string]string{"status": "it did not work"})
		return
	}
	if n.StoresAfterCall {
		n.orders.open(o)
	}
	_ = n.orders.answered(o.Reference, answer.doc.Text("data.transactionId"))
	if n.CreditsOnAnswer || answer.final(o.PSP) && answer.word() == "Approved" {
		_ = n.orders.change(o.Reference, credit)
	}
	page := map[string]any{"redirectUrl": answer.redirect}
	if n.WrongRedirect {
		page["redirectUrl"] = answer.doc.Text("data.url")
	}
	if n.HandsTokensOn {
		page["cashier"] = answer.doc.Fields["data"]
	}
	write(w, http.StatusOK, page)
}

// failed changes an order whose call failed.
func (n *naive) failed(o order, answer reply) {
	if n.StoresAfterCall {
		return
	}
	_ = n.orders.change(o.Reference, func(o *order) error {
		if n.GivesUpOnError || answer.final(o.PSP) && answer.status == http.StatusBadRequest {
			o.Status, o.closed = statusFailed, n.GivesUpOnError
		}
		return nil
	})
}

func (n *naive) returns(w http.ResponseWriter, r *http.Request) {
	transaction, result := r.URL.Query().Get("transactionId"), r.PathValue("result")
	n.orders.each(func(o *order) {
		switch {
		case !slices.Contains(o.Transactions, transaction):
		case result == "success" && n.CreditsOnReturn:
			_ = credit(o)
		case result == "failure" && n.FailsOnReturn && o.Status == statusPending:
			o.Status, o.closed = statusFailed, true
		}
	})
	write(w, http.StatusOK, map[string]string{"status": "thank you"})
}

func (n *naive) webhook(w http.ResponseWriter, r *http.Request) {
	status := n.receive(w, r)
	if n.AnswersSlowly && status == http.StatusOK && !n.mailed.Swap(true) {
		n.Hold(n.SlowFor) // the first receipt opens a connection to the mail server
	}
	if n.AcknowledgesEverything {
		status = http.StatusOK
	}
	w.WriteHeader(status)
}

// receive reads a webhook and changes its order; it returns the status to answer with.
func (n *naive) receive(w http.ResponseWriter, r *http.Request) int {
	if !n.IgnoresSecret && !secretFits(r, n.Secret) {
		return http.StatusUnauthorized
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return http.StatusBadRequest
	}
	doc, err := openapi.Decode(text)
	switch {
	case err != nil && n.BreaksOnMalformed:
		panic(http.ErrAbortHandler) // an unhandled error, without its stack in the log
	case err != nil || doc.Text("transaction_id") == "" || doc.Text("transaction_status") == "" || doc.Text("amount") == "":
		return http.StatusBadRequest
	case n.RefusesUnknownFields && !onlyKnown(doc):
		return http.StatusBadRequest
	}
	return n.apply(doc)
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

// apply changes the order of a readable webhook.
func (n *naive) apply(doc openapi.Document) int {
	reference := doc.Text("merchantReference")
	amount, err := money.Parse(doc.Text("amount"), 2)
	if err != nil {
		return http.StatusBadRequest
	}
	if _, known := n.orders.read(reference); !known && n.CreditsStrangers {
		n.orders.open(order{Reference: reference, Amount: amount, Currency: doc.Text("currency")})
	}
	if n.Races {
		if o, _ := n.orders.read(reference); o.Status == statusPaid { // it reads here, and writes below
			return http.StatusOK
		}
		n.Hold(n.RaceFor) // a slow ledger
	}
	err = n.orders.change(reference, func(o *order) error { return n.change(o, doc, amount) })
	switch {
	case errors.Is(err, errNoOrder) && n.StoresAfterCall:
		return http.StatusOK // it takes it for another system's
	case err != nil:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func (n *naive) change(o *order, doc openapi.Document, amount money.Amount) error {
	sameAmount := amount.Cmp(o.Amount) == 0
	sameCurrency := !doc.Has("currency") || doc.Text("currency") == o.Currency
	switch {
	case !sameAmount && !n.TrustsAmount, !sameCurrency && !n.IgnoresCurrency:
		return errAmount
	case !n.IgnoresTransactionID && !o.owns(doc.Text("transaction_id")):
		return errNotOurs
	}
	word := doc.Text("transaction_status")
	if n.UsesRawStatus {
		word = guess(doc.Text("status"))
	}
	switch {
	case word == "Approved",
		n.CreditsUnknownStatus && word != "Declined" && word != "Pending",
		n.CreditsPending && word == "Pending",
		n.CreditsUnderpayment && doc.Text("status") == "underpayment":
		return n.credit(o, amount)
	case word == "Declined" && (o.Status == statusPending || n.LastWordWins):
		o.Status = statusFailed
	case word == "Pending" && n.LastWordWins:
		o.Status = statusPending
	}
	return nil
}

func (n *naive) credit(o *order, amount money.Amount) error {
	switch {
	case o.closed, o.Status == statusPaid && !n.CreditsTwice && !n.Races, o.Status == statusFailed && n.FirstWordWins:
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
