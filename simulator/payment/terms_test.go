package payment

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/money"
)

// What Terms.append writes is what the struct's tags say.
func TestTermsAppend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String()
		terms := Terms{
			ID: word.Draw(t, "id"), Company: word.Draw(t, "company"), Ordinal: rapid.Uint64().Draw(t, "ordinal"),
			PSP: word.Draw(t, "psp"), Type: word.Draw(t, "type"), Variant: word.Draw(t, "variant"),
			Session: word.Draw(t, "session"), PSPTransactionID: word.Draw(t, "reference"), UserID: word.Draw(t, "user"),
			Email: word.Draw(t, "email"), BrandID: word.Draw(t, "brand"), Amount: money.MustParse("12.5"),
			Currency: word.Draw(t, "currency"), MerchantReference: word.Draw(t, "merchantReference"),
		}
		if rapid.Bool().Draw(t, "page") {
			terms.PageExpires = time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "expires")).UTC()
		}
		if rapid.Bool().Draw(t, "bodies") {
			terms.Plan, terms.Request = json.RawMessage(`{"a":1}`), json.RawMessage(`{"b":[2]}`)
		}
		if rapid.Bool().Draw(t, "left out") {
			terms.LeftOut = &adminapi.LeftOut{Fields: rapid.Int().Draw(t, "fields"), Bytes: rapid.Int().Draw(t, "bytes")}
		}
		terms.Sealed = rapid.SliceOf(rapid.Byte()).Draw(t, "sealed")
		want, err := jsonv2.Marshal(terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := terms.append(nil); string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		readsAs(t, want, readTerms, terms.LeftOut == nil)
	})
}

// opening is what the event that opens a delivery keeps of it.
type opening struct {
	ID           string    `json:"id"`
	Notification int       `json:"notification"`
	Copy         int       `json:"copy,omitempty"`
	URL          string    `json:"url"`
	Body         string    `json:"body"`
	Auth         string    `json:"auth,omitempty"`
	Due          time.Time `json:"due"`
	Padded       bool      `json:"padded,omitempty"`
	Resend       bool      `json:"resend,omitempty"`
	Observed     []string  `json:"observed,omitempty"`
}

// What is written by hand is what the structs' tags say.
func TestAppend(t *testing.T) {
	t.Parallel()
	word, number, yes := rapid.String(), rapid.Int(), rapid.Bool()
	at := rapid.Custom(func(t *rapid.T) (at time.Time) {
		if yes.Draw(t, "known") {
			at = time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC()
		}
		return at
	})
	headers := rapid.OneOf(rapid.Just(map[string]string(nil)), rapid.MapOf(word, word))
	same := func(t *rapid.T, of any, got []byte) {
		want, err := jsonv2.Marshal(of, jsonv2.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		switch of := of.(type) {
		case adminapi.Move:
			readsAs(t, got, readMove, true)
		case adminapi.Decision:
			readsAs(t, got, readDecision, true)
		case adminapi.Notification:
			readsAs(t, got, readNotification, true)
		case opening:
			readsAs(t, got, readOpening, len(of.Observed) == 0)
		case adminapi.Attempt:
			readsAs(t, got, readAttempt, true)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		move := adminapi.Move{Status: word.Draw(t, "status"), Raw: word.Draw(t, "raw"), Message: word.Draw(t, "message"), By: word.Draw(t, "by")}
		same(t, move, appendMove(nil, &move))
		decision := adminapi.Decision{Action: word.Draw(t, "action"), Reason: word.Draw(t, "reason"), By: word.Draw(t, "by")}
		same(t, decision, AppendDecision(nil, &decision))
		notification := adminapi.Notification{
			N: number.Draw(t, "n"), Status: word.Draw(t, "status"), TransactionStatus: word.Draw(t, "transactionStatus"),
			Raw: word.Draw(t, "raw"), Message: word.Draw(t, "message"), Dropped: yes.Draw(t, "dropped"),
		}
		same(t, notification, appendNotification(nil, &notification))
		delivery := adminapi.Delivery{
			ID: word.Draw(t, "id"), Notification: number.Draw(t, "notification"), Copy: number.Draw(t, "copy"), URL: word.Draw(t, "url"),
			Body: word.Draw(t, "body"), Auth: word.Draw(t, "auth"), Due: at.Draw(t, "due"), Padded: yes.Draw(t, "padded"),
			Resend: yes.Draw(t, "resend"), Observed: rapid.SliceOf(word).Draw(t, "observed"),
		}
		same(t, opening{
			delivery.ID, delivery.Notification, delivery.Copy, delivery.URL, delivery.Body, delivery.Auth, delivery.Due, delivery.Padded, delivery.Resend,
			delivery.Observed,
		}, appendOpening(nil, &delivery))
		attempt := adminapi.Attempt{
			Delivery: word.Draw(t, "delivery"), N: number.Draw(t, "n"), Headers: headers.Draw(t, "headers"), Status: number.Draw(t, "status"),
			Answer: headers.Draw(t, "answer"), Body: word.Draw(t, "body"), Truncated: yes.Draw(t, "truncated"),
			TookMS: rapid.Int64().Draw(t, "tookMs"), Error: word.Draw(t, "error"), Stage: word.Draw(t, "stage"),
			State: word.Draw(t, "state"), Next: at.Draw(t, "next"), Verdict: word.Draw(t, "verdict"),
		}
		same(t, attempt, appendAttempt(nil, &attempt))
		answered := adminapi.Answer{Status: number.Draw(t, "status"), DelayMS: rapid.Int64Min(0).Draw(t, "delay"), Observed: rapid.SliceOfN(word, 0, 1).Draw(t, "observed")}
		if yes.Draw(t, "with body") {
			answered.Body, _ = jsonv2.Marshal(map[string]any{word.Draw(t, "name"): []string{word.Draw(t, "value")}})
		}
		readsAs(t, (&Payment{}).Answered(answered, time.Time{}).Data, readAnswer, len(answered.Observed) == 0)
	})
}

// readsAs checks that what was written is read by hand, all but what is rare, and that it is read as the struct's tags say, however
// it is written: with a byte more, or less, or another one, by hand or not.
func readsAs[T any](t *rapid.T, text []byte, read func(*reader, *T), byHand bool) {
	var by T
	r := reader{data: text, text: string(text)}
	if read(&r, &by); byHand == (r.failed || r.at < len(text)) {
		t.Fatalf("it is read by hand up to %d of %d: %s", r.at, len(text), text)
	}
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	other := slices.Concat(text[:at], rapid.SliceOfN(rapid.SampledFrom([]byte(`"\\{}[]:, 1aé`)), 0, 2).Draw(t, "other"), text[at+rapid.IntRange(0, 1).Draw(t, "less"):])
	for _, text := range [][]byte{text, other} {
		var got, want T
		if jsonv2.Unmarshal(text, &want) != nil {
			_ = decode(&reader{}, text, &got, read) // it doesn't panic
			continue
		}
		if err := decode(&reader{}, text, &got, read); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nis read as %+v, not %+v: %v", text, got, want, err)
		}
	}
}
