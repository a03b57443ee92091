package requestlog

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/adminapi"
)

// appendSummary writes a summary as JSON. It is written by hand because every call of the Cashier API does this; a test compares it
// with the struct's tags.
func appendSummary(dst []byte, s *adminapi.RequestSummary) []byte {
	dst = quoted(append(dst, '{'), `"id":`, s.ID)
	dst = optional(dst, `,"company":`, s.Company)
	dst = append(s.At.AppendFormat(append(dst, `,"at":"`...), time.RFC3339Nano), '"')
	dst = quoted(dst, `,"method":`, s.Method)
	dst = quoted(dst, `,"path":`, s.Path)
	dst = strconv.AppendInt(append(dst, `,"status":`...), int64(s.Status), 10)
	dst = quoted(dst, `,"outcome":`, s.Outcome)
	dst = optional(dst, `,"stage":`, s.Stage)
	dst = optional(dst, `,"reason":`, s.Reason)
	dst = optional(dst, `,"rule":`, s.Rule)
	dst = optional(dst, `,"psp":`, s.PSP)
	dst = optional(dst, `,"type":`, s.Type)
	dst = optional(dst, `,"payment":`, s.Payment)
	dst = optional(dst, `,"scenario":`, s.Scenario)
	dst = optional(dst, `,"replayed":`, s.Replayed)
	dst = optional(dst, `,"fault":`, s.Fault)
	return append(strconv.AppendFloat(append(dst, `,"tookMs":`...), s.TookMS, 'f', -1, 64), '}')
}

// appendDetails writes details as JSON, by hand as well.
func appendDetails(dst []byte, d *adminapi.RequestDetails) []byte {
	dst = quoted(append(dst, '{'), `"protocol":`, d.Protocol)
	dst = quoted(dst, `,"remote":`, d.Remote)
	dst = append(dst, `,"headers":[`...)
	for i, h := range d.Headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(quoted(quoted(append(dst, '{'), `"name":`, h.Name), `,"value":`, h.Value), '}')
	}
	dst = quoted(append(dst, ']'), `,"body":`, d.Body)
	dst = strconv.AppendInt(append(dst, `,"bodyBytes":`...), d.BodyBytes, 10)
	dst = strconv.AppendBool(append(dst, `,"truncated":`...), d.Truncated)
	return append(optional(dst, `,"answer":`, d.Answer), '}')
}

func quoted(dst []byte, name, value string) []byte {
	dst, _ = jsontext.AppendQuote(append(dst, name...), value) // what is not UTF-8 is replaced
	return dst
}

func optional(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return quoted(dst, name, value)
}
