package payment

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/adminapi"
)

// append writes the terms as JSON. What every call and every webhook writes is written by hand; tests compare it with the structs'
// tags.
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
		dst = instant(dst, `,"pageExpires":`, t.PageExpires)
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
	return append(optional(dst, `,"trace":`, t.Trace), '}')
}

// appendMove writes a move as JSON; every call makes one.
func appendMove(dst []byte, m *adminapi.Move) []byte {
	dst = text(append(dst, '{'), `"status":`, m.Status)
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

// AppendDecision writes a decision as JSON, for an event or a job.
func AppendDecision(dst []byte, d *adminapi.Decision) []byte {
	dst = text(append(dst, '{'), `"action":`, d.Action)
	dst = optional(dst, `,"reason":`, d.Reason)
	return append(text(dst, `,"by":`, d.By), '}')
}

func appendNotification(dst []byte, n *adminapi.Notification) []byte {
	dst = strconv.AppendInt(append(dst, `{"n":`...), int64(n.N), 10)
	dst = optional(dst, `,"status":`, n.Status)
	dst = text(dst, `,"transactionStatus":`, n.TransactionStatus)
	dst = text(dst, `,"raw":`, n.Raw)
	dst = optional(dst, `,"message":`, n.Message)
	return append(strconv.AppendBool(append(dst, `,"dropped":`...), n.Dropped), '}')
}

// appendOpening writes what a delivery begins with.
func appendOpening(dst []byte, d *adminapi.Delivery) []byte {
	dst = text(append(dst, '{'), `"id":`, d.ID)
	dst = strconv.AppendInt(append(dst, `,"notification":`...), int64(d.Notification), 10)
	dst = strconv.AppendInt(append(dst, `,"copy":`...), int64(d.Copy), 10)
	dst = text(dst, `,"url":`, d.URL)
	dst = text(dst, `,"body":`, d.Body)
	dst = optional(dst, `,"auth":`, d.Auth)
	dst = instant(dst, `,"due":`, d.Due)
	dst = strconv.AppendBool(append(dst, `,"padded":`...), d.Padded)
	dst = strconv.AppendBool(append(dst, `,"resend":`...), d.Resend)
	return append(texts(dst, `,"observed":`, d.Observed), '}')
}

func appendAttempt(dst []byte, a *adminapi.Attempt) []byte {
	dst = text(append(dst, '{'), `"delivery":`, a.Delivery)
	dst = strconv.AppendInt(append(dst, `,"n":`...), int64(a.N), 10)
	dst = headers(dst, `,"headers":`, a.Headers)
	dst = strconv.AppendInt(append(dst, `,"status":`...), int64(a.Status), 10)
	if len(a.Answer) > 0 {
		dst = headers(dst, `,"answer":`, a.Answer)
	}
	dst = optional(dst, `,"body":`, a.Body)
	dst = strconv.AppendBool(append(dst, `,"truncated":`...), a.Truncated)
	dst = strconv.AppendInt(append(dst, `,"tookMs":`...), a.TookMS, 10)
	dst = optional(dst, `,"error":`, a.Error)
	dst = optional(dst, `,"stage":`, a.Stage)
	dst = text(dst, `,"state":`, a.State)
	if !a.Next.IsZero() {
		dst = instant(dst, `,"next":`, a.Next)
	}
	return append(optional(dst, `,"verdict":`, a.Verdict), '}')
}

func instant(dst []byte, name string, at time.Time) []byte {
	return append(at.AppendFormat(append(append(dst, name...), '"'), time.RFC3339Nano), '"')
}

// texts writes a list that is left out when it is empty.
func texts(dst []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, name...), '[')
	for i, one := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = text(dst, "", one)
	}
	return append(dst, ']')
}

// headers writes headers in the order of their names.
func headers(dst []byte, name string, all map[string]string) []byte {
	names := slices.AppendSeq(make([]string, 0, len(all)), maps.Keys(all))
	slices.Sort(names)
	dst = append(append(dst, name...), '{')
	for i, one := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = text(append(text(dst, "", one), ':'), "", all[one])
	}
	return append(dst, '}')
}
