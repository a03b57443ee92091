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

// Naive makes a shop that makes the mistakes that it is told to make, and no others.
func Naive(config Config, mistakes Mistakes) http.Handler {
	n := &naive{Config: config, Mistakes: mistakes, book: NewBook()}
	if n.Hold == nil {
		n.Hold = func(d time.Duration) { _, _ = clock.New().Hold(context.Background(), d) }
	}
	return doors{start: n.start, webhook: n.webhook, returns: n.returns, book: n.book}.handler()
}

type naive struct {
	Config
	Mistakes
	book   *Book
	mailed atomic.Bool
}

func (n *naive) start(w http.ResponseWriter, r *http.Request) {
	o, ok := readWish(w, r)
	if !ok {
		return
	}
	if !n.StoresAfterCall {
		n.book.Open(o)
	}
	answer, err := n.pay(r.Context(), o)
	if err != nil || answer.status != http.StatusOK {
		n.failed(o, answer)
		write(w, http.StatusBadGateway, map[string]string{"status": "it did not work"})
		return
	}
	if n.StoresAfterCall {
		n.book.Open(o)
	}
	_ = n.book.Answered(o.Reference, answer.doc.Text("data.transactionId"))
	if n.CreditsOnAnswer || answer.final(o.PSP) && answer.word() == "Approved" {
		_ = n.book.Change(o.Reference, credit)
	}
	page := map[string]any{"redirectUrl": answer.redirect(o.PSP)}
	if n.WrongRedirect {
		page["redirectUrl"] = answer.doc.Text("data.url")
	}
	if n.HandsTokensOn {
		page["cashier"] = answer.doc.Fields["data"]
	}
	write(w, http.StatusOK, page)
}

// failed is what becomes of an order whose call went wrong.
func (n *naive) failed(o Order, answer reply) {
	if n.StoresAfterCall {
		return
	}
	_ = n.book.Change(o.Reference, func(o *Order) error {
		if n.GivesUpOnError || answer.final(o.PSP) && answer.status == http.StatusBadRequest {
			o.Status, o.closed = Failed, n.GivesUpOnError
		}
		return nil
	})
}

func (n *naive) returns(w http.ResponseWriter, r *http.Request) {
	transaction, result := r.URL.Query().Get("transactionId"), r.PathValue("result")
	n.book.each(func(o *Order) {
		switch {
		case !slices.Contains(o.Transactions, transaction):
		case result == "success" && n.CreditsOnReturn:
			_ = credit(o)
		case result == "failure" && n.FailsOnReturn && o.Status == Pending:
			o.Status, o.closed = Failed, true
		}
	})
	write(w, http.StatusOK, map[string]string{"status": "thank you"})
}

func (n *naive) webhook(w http.ResponseWriter, r *http.Request) {
	status := n.take(w, r)
	if n.AnswersSlowly && status == http.StatusOK && !n.mailed.Swap(true) {
		n.Hold(n.SlowFor) // the first receipt opens a connection to the mail server
	}
	if n.AcknowledgesEverything {
		status = http.StatusOK
	}
	w.WriteHeader(status)
}

// take reads a webhook and books it; it returns how to answer.
func (n *naive) take(w http.ResponseWriter, r *http.Request) int {
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
		panic(http.ErrAbortHandler) // an unhandled error, without the page of stack that it would leave in the log
	case err != nil || doc.Text("transaction_id") == "" || doc.Text("transaction_status") == "" || doc.Text("amount") == "":
		return http.StatusBadRequest
	case n.RefusesUnknownFields && !onlyKnown(doc):
		return http.StatusBadRequest
	}
	return n.bookIt(doc)
}

// onlyKnown says whether a webhook has the fields of the documentation and no others.
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

// bookIt books a webhook that is readable.
func (n *naive) bookIt(doc openapi.Document) int {
	reference := doc.Text("merchantReference")
	amount, err := money.Parse(doc.Text("amount"), 2)
	if err != nil {
		return http.StatusBadRequest
	}
	if _, known := n.book.Read(reference); !known && n.CreditsStrangers {
		n.book.Open(Order{Reference: reference, Amount: amount, Currency: doc.Text("currency")})
	}
	if n.Races {
		if o, _ := n.book.Read(reference); o.Status == Paid { // it reads here, and writes further down
			return http.StatusOK
		}
		n.Hold(n.RaceFor) // the ledger takes its time
	}
	err = n.book.Change(reference, func(o *Order) error { return n.change(o, doc, amount) })
	switch {
	case errors.Is(err, ErrNoOrder) && n.StoresAfterCall:
		return http.StatusOK // none of ours, it thinks
	case err != nil:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func (n *naive) change(o *Order, doc openapi.Document, amount money.Amount) error {
	sameAmount := amount.Cmp(o.Amount) == 0
	sameCurrency := !doc.Has("currency") || doc.Text("currency") == o.Currency
	switch {
	case !sameAmount && !n.TrustsAmount, !sameCurrency && !n.IgnoresCurrency:
		return errAmount
	case !n.IgnoresTransactionID && !o.Owns(doc.Text("transaction_id")):
		return errNotOurs
	}
	word := doc.Text("transaction_status")
	if n.UsesRawStatus {
		word = guess(doc.Text("status"))
	}
	switch {
	case word == "Approved",
		n.CreditsUnknownStatus && word != "Declined" && word != "Pending",
		n.CreditsUnderpayment && doc.Text("status") == "underpayment":
		return n.credit(o, amount)
	case word == "Declined" && (o.Status == Pending || n.LastWordWins):
		o.Status = Failed
	case word == "Pending" && n.LastWordWins:
		o.Status = Pending
	}
	return nil
}

func (n *naive) credit(o *Order, amount money.Amount) error {
	switch {
	case o.closed, o.Status == Paid && !n.CreditsTwice && !n.Races, o.Status == Failed && n.FirstWordWins:
		return nil
	}
	return o.credit(amount)
}

// guess takes the providers' own words for what they seem to say.
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
