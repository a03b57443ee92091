package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// post makes a call over the network and tells what the caller sees of it, the connection's end included.
func post(t *testing.T, address, body string, header http.Header) string {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+openapi.CashierPath, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return unanswered(t, err)
	}
	defer answer.Body.Close()
	said := fmt.Sprintf("%d%s\n", answer.StatusCode, unusual(answer.Header))
	text, err := io.ReadAll(answer.Body)
	if said += indent(string(text)); err == nil {
		return said
	}
	return said + indent(fmt.Sprintf("cut: %d of %s bytes", len(text), answer.Header.Get("Content-Length")))
}

// unanswered is how a call ended that got no answer.
func unanswered(t *testing.T, err error) string {
	t.Helper()
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return "no answer: connection reset\n"
	case errors.Is(err, io.EOF):
		return "no answer: connection closed\n"
	}
	t.Fatal(err)
	return ""
}

// unusual lists the headers that not every answer has.
func unusual(header http.Header) string {
	var shown []string
	for name, values := range header {
		value := strings.Join(values, ", ")
		if name == "Date" || name == "Content-Length" || name == "Connection" || name == "Mozartosim-Request" || value == "application/json; charset=utf-8" {
			continue
		}
		shown = append(shown, name+": "+value)
	}
	slices.Sort(shown)
	return strings.Join(append([]string{""}, shown...), "; ")
}

func indent(text string) string {
	if text == "" {
		return "        (nothing)\n"
	}
	if bytes.ContainsFunc([]byte(text), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		text = fmt.Sprintf("%q", text)
	}
	return "        " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n        ") + "\n"
}

// timeline tells all that happened to a payment, in the order in which it was kept.
func (h *testSimulator) timeline(t *testing.T, company, id string) string {
	t.Helper()
	entries, err := h.journal.Entries(t.Context(), company, id)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := h.payments.Read(t.Context(), company, id)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "payment %d, %s %s: %s in the end\n", p.Ordinal, p.PSP, strings.TrimSpace(p.Type+" "+p.Variant), p.Status)
	for _, e := range entries {
		fmt.Fprintf(&out, "%-7s %s\n", since(e.At), strings.TrimRight(told(t, e), "\n"))
	}
	return out.String()
}

// since is an instant as the time since the tests' clocks stood.
func since(at time.Time) string {
	d := at.Sub(start)
	if d < 24*time.Hour {
		return "+" + d.String()
	}
	days := d / (24 * time.Hour)
	return fmt.Sprintf("+%dd%s", days, d-days*24*time.Hour)
}

// told words one entry of a payment's journal.
func told(t *testing.T, e journal.Entry) string {
	t.Helper()
	kind := strings.TrimPrefix(e.Kind, "payment.")
	switch payment.Kind(e.Kind) {
	case payment.KindOpened:
		return kind + " " + read[payment.Terms](t, e).MerchantReference
	case payment.KindMoved:
		m := read[adminapi.Move](t, e)
		return words(kind, m.Status, m.Raw, m.Message, "by "+m.By)
	case payment.KindAnswered:
		a := read[adminapi.Answer](t, e)
		return words(kind, fmt.Sprint(a.Status), ifSet("fault ", a.Fault), ifSet("delay ", delayOf(a.DelayMS)))
	case payment.KindDecided:
		d := read[adminapi.Decision](t, e)
		return words(kind, d.Action, d.Reason, "by "+d.By)
	case payment.KindNotified:
		n := read[adminapi.Notification](t, e)
		return words(fmt.Sprintf("%s %d", kind, n.N), n.TransactionStatus, n.Raw, n.Message, map[bool]string{true: "dropped"}[n.Dropped])
	case payment.KindDeliveryOpened:
		return opened(read[adminapi.Delivery](t, e))
	case payment.KindDeliveryAttempted:
		a := read[adminapi.Attempt](t, e)
		next := ""
		if !a.Next.IsZero() {
			next = "next " + since(a.Next)
		}
		return words(fmt.Sprintf("webhook %s, attempt %d", nth(a.Delivery), a.N), ifSet("", fmt.Sprint(a.Status)), a.Error, a.Stage,
			a.State, next, cmp.Or(a.Headers["Authorization"], "no Authorization"))
	}
	t.Fatalf("an entry of the unknown kind %s", e.Kind)
	return ""
}

func opened(o adminapi.Delivery) string {
	notice := fmt.Sprintf("for notice %d", o.Notification)
	if o.Copy > 0 {
		notice += fmt.Sprintf(", copy %d", o.Copy)
	}
	padded := map[bool]string{true: "padded to 2 MiB"}[o.Padded]
	return words("webhook "+nth(o.ID), notice, "due "+since(o.Due), ifSet("auth ", o.Auth), padded) + "\n" + indent(o.Body)
}

// nth is a delivery's number in its payment.
func nth(delivery string) string { return delivery[strings.LastIndexByte(delivery, '-')+1:] }

func words(kind string, parts ...string) string {
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return kind + ": " + strings.Join(parts, ", ")
}

func ifSet(what, value string) string {
	if value == "" || value == "0" {
		return ""
	}
	return what + value
}

func delayOf(ms int64) string {
	if ms == 0 {
		return ""
	}
	return (time.Duration(ms) * time.Millisecond).String()
}

func read[T any](t *testing.T, e journal.Entry) (data T) {
	t.Helper()
	if err := json.Unmarshal(e.Data, &data); err != nil {
		t.Fatalf("%s: %v", e.Kind, err)
	}
	return data
}

// streams are the ids of a company's payments, the first one first.
func (h *testSimulator) streams(t *testing.T, company string) []string {
	t.Helper()
	list, err := h.journal.List(t.Context(), company, journal.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}

// holdWebhooks holds every webhook of a payment against the contract.
func (h *testSimulator) holdWebhooks(t *testing.T, p payment.Payment) {
	t.Helper()
	op, ok := h.contract.Operation(p.PSP, p.Type, p.Variant)
	if !ok {
		t.Fatalf("no operation for %s %s %s", p.PSP, p.Type, p.Variant)
	}
	for _, d := range p.Deliveries {
		doc, err := openapi.Decode([]byte(d.Body))
		if err == nil {
			err = h.contract.ValidateAs(op.Webhook, doc)
		}
		if err != nil {
			t.Errorf("webhook %s breaks %s: %v\n%s", d.ID, op.Webhook, err, d.Body)
		}
	}
}
