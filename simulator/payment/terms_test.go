package payment

import (
	"encoding/json"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

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
			terms.LeftOut = &LeftOut{rapid.Int().Draw(t, "fields"), rapid.Int().Draw(t, "bytes")}
		}
		terms.Sealed = rapid.SliceOf(rapid.Byte()).Draw(t, "sealed")
		want, err := jsonv2.Marshal(terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := terms.append(nil); string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

// What Move.append writes is what the struct's tags say.
func TestMoveAppend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String()
		move := Move{Status: Status(word.Draw(t, "status")), Raw: word.Draw(t, "raw"), Message: word.Draw(t, "message"), By: word.Draw(t, "by")}
		want, err := jsonv2.Marshal(move)
		if err != nil {
			t.Fatal(err)
		}
		if got := move.append(nil); string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
