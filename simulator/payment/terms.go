package payment

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// append writes the terms as JSON. It is written by hand because every call of the Cashier API does this; a test compares it with
// the struct's tags.
func (t *Terms) append(dst []byte) []byte {
	dst = text(append(dst, '{'), `"id":`, t.ID)
	dst = text(dst, `,"company":`, t.Company)
	dst = strconv.AppendUint(append(dst, `,"ordinal":`...), t.Ordinal, 10)
	dst = text(dst, `,"psp":`, t.PSP)
	dst = text(dst, `,"type":`, t.Type)
	dst = optional(dst, `,"variant":`, t.Variant)
	dst = text(dst, `,"session":`, t.Session)
	dst = optional(dst, `,"pspTransactionId":`, t.PSPTransactionID)
	dst = text(dst, `,"userId":`, t.UserID)
	dst = optional(dst, `,"email":`, t.Email)
	dst = optional(dst, `,"brandId":`, t.BrandID)
	dst = append(append(dst, `,"amount":`...), t.Amount.String()...)
	dst = text(dst, `,"currency":`, t.Currency)
	dst = text(dst, `,"merchantReference":`, t.MerchantReference)
	if !t.PageExpires.IsZero() {
		dst = text(dst, `,"pageExpires":`, t.PageExpires.Format(time.RFC3339Nano))
	}
	dst = raw(dst, `,"plan":`, t.Plan)
	dst = raw(dst, `,"request":`, t.Request)
	if left := t.LeftOut; left != nil {
		dst = strconv.AppendInt(append(dst, `,"leftOut":{"fields":`...), int64(left.Fields), 10)
		dst = append(strconv.AppendInt(append(dst, `,"bytes":`...), int64(left.Bytes), 10), '}')
	}
	if len(t.Sealed) > 0 {
		dst = text(dst, `,"sealed":`, base64.StdEncoding.EncodeToString(t.Sealed))
	}
	return append(dst, '}')
}

// append writes the move as JSON; every call makes one.
func (m *Move) append(dst []byte) []byte {
	dst = text(append(dst, '{'), `"status":`, string(m.Status))
	dst = optional(dst, `,"raw":`, m.Raw)
	dst = optional(dst, `,"message":`, m.Message)
	return append(text(dst, `,"by":`, m.By), '}')
}

func text(dst []byte, name, value string) []byte {
	dst, _ = jsontext.AppendQuote(append(dst, name...), value)
	return dst
}

func optional(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return text(dst, name, value)
}

// raw copies what is JSON already.
func raw(dst []byte, name string, value json.RawMessage) []byte {
	if len(value) == 0 {
		return dst
	}
	return append(append(dst, name...), value...)
}
