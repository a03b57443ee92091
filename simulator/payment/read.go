package payment

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/adminapi"
)

// reader reads what append has written: the same fields in the same order, without a space between them. It fails at whatever is
// written otherwise, or is rare.
type reader struct {
	data   []byte
	text   string // the same; what is read is parts of both
	at     int
	failed bool
}

// decode reads an event's data: by hand if append has written it, otherwise as the struct's tags say. Every job reads all events of
// its payment, which is why what is read are parts of data, not copies: nobody changes what a journal has returned. What is rare has no
// read.
func decode[T any](r *reader, data []byte, into *T, read func(*reader, *T)) error {
	if read == nil {
		return jsonv2.Unmarshal(data, into)
	}
	*r = reader{data: data, text: unsafe.String(unsafe.SliceData(data), len(data))} //nolint:gosec // see above
	if read(r, into); !r.failed && r.at == len(data) {
		return nil
	}
	var empty T
	*into = empty
	return jsonv2.Unmarshal(data, into)
}

func readTerms(r *reader, t *Terms) {
	t.ID = r.string(`{"id":`)
	t.Company = r.string(`,"company":`)
	ordinal, err := strconv.ParseUint(r.number(`,"ordinal":`), 10, 64)
	t.Ordinal = ordinal
	r.check(err)
	t.PSP = r.string(`,"psp":`)
	t.Type = r.string(`,"type":`)
	t.Variant = r.optional(`,"variant":`)
	t.Session = r.string(`,"session":`)
	t.PSPTransactionID = r.optional(`,"pspTransactionId":`)
	t.UserID = r.string(`,"userId":`)
	t.Email = r.optional(`,"email":`)
	t.BrandID = r.optional(`,"brandId":`)
	r.check(t.Amount.UnmarshalJSON([]byte(r.number(`,"amount":`))))
	t.Currency = r.string(`,"currency":`)
	t.MerchantReference = r.string(`,"merchantReference":`)
	t.PageExpires = r.instant(`,"pageExpires":`)
	t.Plan = r.raw(`,"plan":`)
	t.Request = r.raw(`,"request":`)
	if sealed := r.optional(`,"sealed":`); sealed != "" {
		t.Sealed, err = base64.StdEncoding.Strict().DecodeString(sealed)
		r.check(err)
	}
	r.want(`}`)
}

func readMove(r *reader, m *adminapi.Move) {
	m.Status = r.string(`{"status":`)
	m.Raw = r.optional(`,"raw":`)
	m.Message = r.optional(`,"message":`)
	m.By = r.string(`,"by":`)
	r.want(`}`)
}

func readAnswer(r *reader, a *adminapi.Answer) {
	a.Status = int(r.integer(`{"status":`))
	if r.has(`,"delayMs":`) {
		a.DelayMS = r.integer("")
	}
	a.Body = r.raw(`,"body":`)
	r.want(`}`)
}

func readDecision(r *reader, d *adminapi.Decision) {
	d.Action = r.string(`{"action":`)
	d.Reason = r.optional(`,"reason":`)
	d.By = r.string(`,"by":`)
	r.want(`}`)
}

func readNotification(r *reader, n *adminapi.Notification) {
	n.N = int(r.integer(`{"n":`))
	n.Status = r.optional(`,"status":`)
	n.TransactionStatus = r.string(`,"transactionStatus":`)
	n.Raw = r.string(`,"raw":`)
	n.Message = r.optional(`,"message":`)
	n.Dropped = r.bool(`,"dropped":`)
	r.want(`}`)
}

func readOpening(r *reader, d *adminapi.Delivery) {
	d.ID = r.string(`{"id":`)
	d.Notification = int(r.integer(`,"notification":`))
	d.Copy = int(r.integer(`,"copy":`))
	d.URL = r.string(`,"url":`)
	d.Body = r.string(`,"body":`)
	d.Auth = r.optional(`,"auth":`)
	d.Due = r.instant(`,"due":`)
	d.Padded = r.bool(`,"padded":`)
	d.Resend = r.bool(`,"resend":`)
	r.want(`}`)
}

func readAttempt(r *reader, a *adminapi.Attempt) {
	a.Delivery = r.string(`{"delivery":`)
	a.N = int(r.integer(`,"n":`))
	a.Headers = r.headers(`,"headers":`)
	a.Status = int(r.integer(`,"status":`))
	a.Answer = r.headers(`,"answer":`)
	a.Body = r.optional(`,"body":`)
	a.Truncated = r.bool(`,"truncated":`)
	a.TookMS = r.integer(`,"tookMs":`)
	a.Error = r.optional(`,"error":`)
	a.Stage = r.optional(`,"stage":`)
	a.State = r.string(`,"state":`)
	a.Next = r.instant(`,"next":`)
	a.Verdict = r.optional(`,"verdict":`)
	r.want(`}`)
}

// has passes over a text if it comes next.
func (r *reader) has(text string) bool {
	if r.failed || !strings.HasPrefix(r.text[r.at:], text) {
		return false
	}
	r.at += len(text)
	return true
}

func (r *reader) want(text string) {
	if !r.has(text) {
		r.failed = true
	}
}

func (r *reader) check(err error) {
	if err != nil {
		r.failed = true
	}
}

func (r *reader) string(name string) string {
	r.want(name)
	return r.quoted()
}

func (r *reader) optional(name string) string {
	if !r.has(name) {
		return ""
	}
	return r.quoted()
}

// quoted reads a string; one with escapes is written anew.
func (r *reader) quoted() string {
	from := r.at
	escaped := r.skip()
	if r.failed {
		return ""
	}
	if !escaped {
		return r.text[from+1 : r.at-1]
	}
	text, err := jsontext.AppendUnquote(make([]byte, 0, r.at-from), r.text[from:r.at])
	r.check(err)
	return string(text)
}

// skip passes over a string.
func (r *reader) skip() (escaped bool) {
	for r.want(`"`); !r.failed; escaped = true {
		end := strings.IndexByte(r.text[r.at:], '"')
		if end < 0 {
			break
		}
		slash := strings.IndexByte(r.text[r.at:r.at+end], '\\')
		if slash < 0 {
			r.at += end + 1
			return escaped
		}
		r.at = min(r.at+slash+2, len(r.text))
	}
	r.failed = true
	return escaped
}

// number reads the digits of a number.
func (r *reader) number(name string) string {
	r.want(name)
	from := r.at
	for !r.failed && r.at < len(r.text) && (r.text[r.at] == '-' || r.text[r.at] == '.' || '0' <= r.text[r.at] && r.text[r.at] <= '9') {
		r.at++
	}
	r.failed = r.failed || r.at == from
	return r.text[from:r.at]
}

func (r *reader) integer(name string) int64 {
	n, err := strconv.ParseInt(r.number(name), 10, 64)
	r.check(err)
	return n
}

func (r *reader) bool(name string) bool {
	r.want(name)
	if r.has("false") {
		return false
	}
	r.want("true")
	return true
}

func (r *reader) instant(name string) (at time.Time) {
	text := r.optional(name)
	if text == "" || r.failed {
		return at
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	r.check(err)
	return at
}

// raw reads an object as it is.
func (r *reader) raw(name string) json.RawMessage {
	if !r.has(name) {
		return nil
	}
	from := r.at
	r.want("{")
	for depth := 1; depth > 0 && !r.failed; {
		if r.at == len(r.text) {
			r.failed = true
			return nil
		}
		switch r.text[r.at] {
		case '"':
			r.skip()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		r.at++
	}
	return json.RawMessage(r.data[from:r.at:r.at])
}

func (r *reader) headers(name string) map[string]string {
	if !r.has(name) {
		return nil
	}
	r.want("{")
	all := map[string]string{}
	for !r.has("}") && !r.failed {
		if len(all) > 0 {
			r.want(",")
		}
		name := r.string("")
		all[name] = r.string(":")
	}
	return all
}
