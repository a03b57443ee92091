package simulator

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/journal"
)

// running is a simulator whose public listener is open on the network.
type running struct {
	*testSimulator
	address string
	header  http.Header
	body    string
	company string
}

func run(t *testing.T, change func(*Config)) *running {
	t.Helper()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.ValidateAnswers = "127.0.0.1:0", "", true
	if change != nil {
		change(&config)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s)
}

// serve runs a simulator until the test is over.
func serve(t *testing.T, s *Simulator) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	h := &testSimulator{t: t, Simulator: s}
	demo, _ := s.Company("")
	body, _ := s.contract.Example("PayonePayInRequest")
	return &running{h, s.public.Addr().String(), h.header(demo), string(body), demo.ID}
}

// send writes raw bytes and returns status, body and header of the answer; status is 0 when the connection was closed instead.
func (r *running) send(raw string) (status int, body string, header http.Header) {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, raw) }() // a server that stops reading must not hold the test up
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, "", nil
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), answer.Header
}

// request is a raw HTTP request with the demo company's tokens; extra lines end in \r\n.
func (r *running) request(method, path, extra, body string) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, r.address)
	_ = r.header.Write(&out)
	fmt.Fprintf(&out, "%sContent-Length: %d\r\n\r\n%s", extra, len(body), body)
	return out.String()
}

func vendorError(message string, problems ...string) string {
	quoted := make([]string, len(problems))
	for i, p := range problems {
		quoted[i] = `"` + p + `"`
	}
	return fmt.Sprintf(`{"status":"error","message":"%s","isSuccess":false,"errors":[%s]}`, message, strings.Join(quoted, ","))
}

// Whatever is sent, the answer is one of the vendor's refusals: never a 5xx of ours, and never a payment.
func TestBadInput(t *testing.T) {
	t.Parallel()
	r := run(t, nil)
	good := r.body
	with := func(field, value string) string {
		doc, _ := openapi.Decode([]byte(good))
		old := fmt.Sprintf("%q: %s", field, rawValue(doc.Fields[field]))
		changed := strings.Replace(good, old, fmt.Sprintf("%q: %s", field, value), 1)
		if changed == good {
			t.Fatalf("the example has no %s", old)
		}
		return changed
	}
	syntax := func(reason string) string { return vendorError("Validation failed", "body "+reason) }
	invalid := func(problems ...string) string { return vendorError("Validation failed", problems...) }
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"no body", "", 400, syntax("must not be empty")},
		{"blanks", " \n\t ", 400, syntax("must not be empty")},
		{"array", "[1]", 400, syntax("must be a JSON object, not an array")},
		{"null", "null", 400, syntax("must be a JSON object, not null")},
		{"text", `"PAYONE"`, 400, syntax("must be a JSON object, not a string")},
		{"truncated", good[:len(good)-5], 400, syntax("must be valid JSON: it ends too early")},
		{"unknown pspType", with("pspType", `"PAYTWO"`), 400, invalid("pspType must be one of: FORUMPAY, GIGADAT, WORLDPAY_EU, TRUST, CLEO, PAYONE, NEOSURF, FLEXEPIN, BRITE, EMERCHANTPAY")},
		{"unknown type", with("type", `"REFUND"`), 400, invalid("type must be one of: PAYIN, PAYOUT")},
		{"type as number", with("type", `1`), 400, invalid("type must be a string")},
		{"amount as text", with("baseamount", `"100.00"`), 400, invalid("baseamount must be a number")},
		{"amount zero", with("baseamount", `0`), 400, invalid("baseamount must be greater than 0")},
		{"amount negative", with("baseamount", `-1`), 400, invalid("baseamount must be greater than 0")},
		{"amount too fine", with("baseamount", `1.005`), 400, invalid("baseamount must have at most 2 decimals")},
		{"amount huge", with("baseamount", `1e300`), 400, invalid("baseamount must have at most 12 digits before the point")},
		{"amount beyond floats", with("baseamount", `1e400`), 400, invalid("baseamount must be a number of ordinary size")},
		{"amount with a huge exponent", with("baseamount", `1e999999999`), 400, invalid("baseamount must be a number of ordinary size")},
		{"amount tiny", with("baseamount", `1e-300`), 400, invalid("baseamount must have at most 2 decimals")},
		{"amount of many digits", with("baseamount", strings.Repeat("9", 300)), 400, invalid("baseamount must have at most 12 digits before the point")},
		{"phone as number", with("phone", `4165550123`), 400, invalid("phone must be a string")},
		{"empty email", with("email", `""`), 400, invalid("email must not be empty")},
		{"null email", with("email", `null`), 400, vendorError("Missing required field: email")},
		{"unknown currency", with("currency", `"XXZ"`), 400, invalid("currency must be an active ISO 4217 currency code")},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, _ := r.send(r.request("POST", openapi.CashierPath, "", c.body))
			if status != c.status || body != c.want {
				t.Errorf("got  %d %s\nwant %d %s", status, body, c.status, c.want)
			}
		})
	}
	r.holdsNothing(t)
}

// Input for which the exact words matter less than that it is refused, and how.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	r := run(t, nil)
	for name, body := range map[string]string{
		"not JSON":         "pspType=PAYONE",
		"NaN":              `{"baseamount": NaN}`,
		"Infinity":         `{"baseamount": -Infinity}`,
		"hexadecimal":      `{"baseamount": 0x10}`,
		"leading zeros":    `{"baseamount": 007}`,
		"trailing garbage": r.body + "x",
		"two objects":      r.body + r.body,
		"duplicate keys":   `{"pspType":"PAYONE","pspType":"TRUST"}`,
		"invalid UTF-8":    "{\"pspType\":\"PAY\xff\"}",
		"byte order mark":  "\xef\xbb\xbf" + r.body,
		"deep":             strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"deep arrays":      `{"a":` + strings.Repeat("[", 200_000),
		"comments":         "{/* */}",
	} {
		t.Run(name, func(t *testing.T) {
			status, body, _ := r.send(r.request("POST", openapi.CashierPath, "", body))
			if status != http.StatusBadRequest || !strings.HasPrefix(body, `{"status":"error","message":"Validation failed","isSuccess":false,"errors":["body must`) {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
	r.holdsNothing(t)
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	r := run(t, nil)
	for _, c := range []struct {
		name, raw string
		status    int
		want      string // "" = any
	}{
		{"unknown path", r.request("POST", "/v1/api/mozarto/payments", "", "{}"), 404, vendorError("Not found")},
		{"doubled slashes", r.request("POST", "//v1/api/mozarto/cashier", "", "{}"), 404, vendorError("Not found")},
		{"path with dots", r.request("POST", "/v1/../v1/api/mozarto/cashier", "", "{}"), 404, vendorError("Not found")},
		{"wrong method", r.request("GET", openapi.CashierPath, "", ""), 405, vendorError("Method not allowed")},
		{"body over 1 MiB", r.request("POST", openapi.CashierPath, "", `{"a":"`+strings.Repeat("x", 1<<20)+`"}`), 413, vendorError("Payload too large", "body must be at most 1048576 bytes")},
		{"header of 64 KiB", r.request("POST", openapi.CashierPath, "X-Long: "+strings.Repeat("x", 64<<10)+"\r\n", r.body), 431, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, header := r.send(c.raw)
			if status != c.status || c.want != "" && body != c.want {
				t.Errorf("got  %d %s\nwant %d %s", status, body, c.status, c.want)
			}
			if status == 405 && header.Get("Allow") != "POST" {
				t.Errorf("Allow is %q", header.Get("Allow"))
			}
		})
	}
	r.holdsNothing(t)
}

// A body that never comes ends in a 408, not in a connection that is held forever.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	r := run(t, func(c *Config) { c.BodyTimeout = 50 * time.Millisecond })
	whole := r.request("POST", openapi.CashierPath, "", r.body)
	status, body, _ := r.send(whole[:len(whole)-10])
	if want := vendorError("Request timeout", "body must arrive within 50ms"); status != 408 || body != want {
		t.Errorf("got %d %s", status, body)
	}
	r.holdsNothing(t)
}

func (r *running) holdsNothing(t *testing.T) {
	t.Helper()
	stats, err := r.journal.Stats(t.Context(), r.company)
	if err != nil || stats != (journal.Stats{}) {
		t.Errorf("refused calls left %+v in the journal, %v", stats, err)
	}
}

func rawValue(value any) string {
	if text, isText := value.(string); isText {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}
