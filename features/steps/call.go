package steps

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// answer is what came back from a call.
type answer struct {
	op       *openapi.Operation
	sent     *draft
	status   int // 0 = no answer at all
	header   http.Header
	body     []byte
	doc      openapi.Document // empty when the body is no JSON object
	err      error            // why there is no answer, or why it broke off
	exchange int              // index of World.exchanges
	at       time.Time        // on the company's clock
	begun    time.Time        // when the call was made, in real time
	arrived  time.Time        // its head, in real time
	ended    time.Time        // its body, or the connection
}

// credentials are what the call presents; "" in a header leaves it out. A nil field stands for the ordinary.
type credentials struct {
	company, user, session *string
}

// sendIt sends the request, as it stands, with the ordinary credentials unless a step has said otherwise.
func sendIt(w *World, _ Args) error { return w.send(http.MethodPost, openapi.CashierPath) }

func sendTimes(w *World, a Args) error {
	for range a.Int(0) {
		if err := w.send(http.MethodPost, openapi.CashierPath); err != nil {
			return err
		}
	}
	return nil
}

func sendTo(w *World, a Args) error { return w.send(a.Values[0], a.Values[1]) }

func sendWithHeader(w *World, a Args) error {
	w.headers.Set(a.Values[0], a.Values[1])
	defer w.headers.Del(a.Values[0])
	return w.send(http.MethodPost, openapi.CashierPath)
}

func presentHeader(w *World, a Args) error {
	w.headers.Set(a.Values[0], a.Values[1])
	return nil
}

// payment sends a valid request and insists on success: for scenarios that begin behind the call.
func payment(w *World, a Args) error {
	if err := w.take(a.Values[0], a.Values[1], "minimal"); err != nil {
		return err
	}
	if err := w.change(a.Table); err != nil {
		return err
	}
	return w.sendAndSucceed()
}

// paymentByScenario lets a scenario of the simulator decide what happens.
func paymentByScenario(w *World, a Args) error {
	w.headers.Set("Mozartosim-Scenario", a.Values[2])
	defer w.headers.Del("Mozartosim-Scenario")
	if err := w.take(a.Values[0], a.Values[1], "minimal"); err != nil {
		return err
	}
	return w.send(http.MethodPost, openapi.CashierPath)
}

func sendByScenario(w *World, a Args) error {
	w.headers.Set("Mozartosim-Scenario", a.Values[0])
	defer w.headers.Del("Mozartosim-Scenario")
	return w.send(http.MethodPost, openapi.CashierPath)
}

func (w *World) sendAndSucceed() error {
	if err := w.send(http.MethodPost, openapi.CashierPath); err != nil {
		return err
	}
	return answerSucceeds(w, Args{})
}

// send makes one call and keeps it. What goes wrong on the way is part of the answer and no error of the step.
func (w *World) send(method, path string) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	d, err := w.ready()
	if err != nil && method == http.MethodPost {
		return err
	}
	var body []byte
	if d != nil && method != http.MethodGet {
		if body, err = d.body(); err != nil {
			return err
		}
	}
	if w.env.Check != nil {
		if err := w.env.Check(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(w.ctx, method, w.env.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the call can't be made: %w", err)
	}
	w.present(request.Header, c)
	return w.exchange(request, body, d)
}

// present puts the credentials into a call's header.
func (w *World) present(header http.Header, c *Company) {
	bearer := func(name, ordinary string, said *string) {
		if said != nil {
			ordinary = *said
		}
		if ordinary != "" {
			header.Set(name, ordinary)
		}
	}
	header.Set("Content-Type", "application/json")
	bearer("Authorization", "Bearer "+c.Token, w.credentials.company)
	user := ""
	if w.credentials.session == nil {
		user = "Bearer " + jwt(c.User, "mozartosim-user")
	}
	bearer("x-user-token", user, w.credentials.user)
	bearer("x-user-authorization", "", w.credentials.session)
	maps.Copy(header, w.headers)
}

func (w *World) exchange(request *http.Request, body []byte, d *draft) error {
	a := &answer{op: w.operation(), sent: d, exchange: len(w.exchanges), begun: w.env.Now()}
	got, err := w.env.Client.Do(request)
	a.at, a.arrived = w.now, w.env.Now()
	if err != nil {
		a.err = err
	} else {
		a.status, a.header = got.StatusCode, got.Header
		a.body, a.err = io.ReadAll(got.Body)
		_ = got.Body.Close() // it has been read
		a.doc, _ = openapi.Decode(a.body)
	}
	a.ended = w.env.Now()
	w.keep(request, body, a)
	w.answers = append(w.answers, a)
	for _, name := range []string{"data.transactionId", "data.reference_no", "transactionId"} {
		if id := a.doc.Text(name); id != "" {
			w.ids[id] = true
		}
	}
	if d != nil {
		if reference, _ := d.fields["merchantReference"].(string); reference != "" && w.company != nil && !w.company.Shared {
			w.ids[reference] = true
		}
	}
	return w.ctx.Err()
}

// keep adds the call to the evidence, masked.
func (w *World) keep(request *http.Request, body []byte, a *answer) {
	e := evidence.Exchange{
		Label: w.label("call"), Step: w.step, At: evidence.Span(a.begun.Sub(w.born)), Took: evidence.Span(a.ended.Sub(a.begun)),
		Request: evidence.Message{
			Method: request.Method, Path: request.URL.RequestURI(), Headers: w.env.Masker.Header(request.Header), Body: w.env.Masker.Body(body),
		},
		Answer: evidence.Message{Status: a.status, Headers: w.env.Masker.Header(a.header), Body: w.env.Masker.Body(a.body)},
	}
	if op := a.op; op != nil {
		e.PSP, e.Type, e.Variant = op.PSP, op.Type, op.Variant
	}
	if a.err != nil {
		e.Error = w.env.Masker.Text(a.err.Error())
	}
	if len(e.Request.Body) > 64<<10 {
		e.Request.Body = shortened(e.Request.Body)
	}
	w.exchanges = append(w.exchanges, e)
}

// The steps below say what the next calls present.

func noCompanyToken(w *World, _ Args) error { return w.presentCompany("") }

func companyToken(w *World, a Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	switch kind := a.Values[0]; kind {
	case "tampered":
		return w.presentCompany("Bearer " + tampered(c.Token))
	case "unsigned":
		return w.presentCompany("Bearer " + unsigned(c.Token))
	case "garbled":
		return w.presentCompany("Bearer not-a-token")
	case "unknown":
		return w.presentCompany("Bearer " + CompanyToken("mz_nobody_knows_this_key", "a-secret-that-signs-nothing", w.tokenTime(), time.Time{}))
	case "schemeless":
		return w.presentCompany(c.Token)
	case "expired", "foreign":
		if c.SecretKey == "" {
			return &NotRun{"needs the company's apiKey and secretKey to mint such a token"}
		}
		if kind == "foreign" {
			return w.presentCompany("Bearer " + CompanyToken(c.APIKey, "a-secret-that-is-not-the-company's", w.tokenTime(), time.Time{}))
		}
		return w.presentCompany("Bearer " + CompanyToken(c.APIKey, c.SecretKey, w.tokenTime().Add(-2*time.Hour), w.tokenTime().Add(-time.Hour)))
	default:
		return fmt.Errorf("there is no %s company token: use tampered, unsigned, garbled, unknown, schemeless, expired or foreign", kind)
	}
}

// tokenTime is now, on the clock by which the target judges tokens.
func (w *World) tokenTime() time.Time {
	if w.now.IsZero() {
		return w.env.Now()
	}
	return w.now
}

func (w *World) presentCompany(header string) error {
	w.credentials.company = &header
	return nil
}

func noUserToken(w *World, _ Args) error {
	nothing := ""
	w.credentials.user = &nothing
	return nil
}

func undecodableUserToken(w *World, _ Args) error {
	header := "Bearer this-is-no-jwt"
	w.credentials.user = &header
	return nil
}

// userTokenWith changes claims of the shopper's token.
func userTokenWith(w *World, a Args) error {
	c, err := w.us()
	if err != nil {
		return err
	}
	claims := maps.Clone(c.User)
	for i, row := range a.Table {
		switch {
		case len(row) != 2:
			return fmt.Errorf("a row of the table must have two cells, claim and value; row %d has %d", i+1, len(row))
		case i == 0 && row[0] == "claim":
		case row[1] == "(absent)":
			delete(claims, row[0])
		case row[1] == "(empty)":
			claims[row[0]] = ""
		default:
			claims[row[0]] = strings.ReplaceAll(row[1], "{unique}", w.key)
		}
	}
	return w.presentClaims(claims)
}

func userTokenWithout(w *World, a Args) error {
	return userTokenWith(w, Args{Table: [][]string{{a.Values[0], "(absent)"}}})
}

func (w *World) presentClaims(claims map[string]any) error {
	header := "Bearer " + jwt(claims, "signed-by-the-merchant")
	w.credentials.user = &header
	return nil
}

func sessionToken(w *World, a Args) error {
	header := "Bearer " + a.Values[0]
	w.credentials.session = &header
	return nil
}
