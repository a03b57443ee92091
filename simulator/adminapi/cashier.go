package adminapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// RequestIDHeader is the header of an answer of the Cashier API that names the call in the log of calls.
const RequestIDHeader = "Mozartosim-Request"

// CashierAnswer is what a merchant's call of the Cashier API was answered with.
type CashierAnswer struct {
	Status       int // 0 when the answer was lost, or no call was made
	Body         []byte
	Request      string // the id by which the call is kept, "" when it is not known
	VirtualDelay string // that a manual clock skipped, "" for none
	Err          error  // of a lost connection
}

// Call makes the call of Request by a client. The error says that the URL of the tokens is none.
func (t Tokens) Call(ctx context.Context, client *http.Client, body []byte, scenario string) (a CashierAnswer, err error) {
	request, err := t.Request(ctx, body, scenario)
	if err != nil {
		return a, err
	}
	answer, err := client.Do(request)
	if err != nil {
		a.Err = cause(err)
		return a, nil
	}
	defer answer.Body.Close()
	a.Status, a.Request, a.VirtualDelay = answer.StatusCode, answer.Header.Get(RequestIDHeader), answer.Header.Get("Mozartosim-Virtual-Delay")
	a.Body, a.Err = io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return a, nil
}

// Failure says what was wrong with the answer; "" when nothing was.
func (a CashierAnswer) Failure() string {
	switch {
	case a.Err != nil && a.Status == 0:
		return fmt.Sprintf("none, it was lost (%v)", a.Err)
	case a.Err != nil:
		return fmt.Sprintf("%d, but it ended early (%v)", a.Status, a.Err)
	case a.Status == 0:
		return ""
	}
	var body struct {
		Message   string          `json:"message"`
		ErrorCode string          `json:"errorCode"`
		Errors    []string        `json:"errors"`
		Data      json.RawMessage `json:"data"` // a sentence, an object or nothing
	}
	if json.Unmarshal(a.Body, &body) != nil {
		text := []rune(strings.Join(strings.Fields(string(a.Body)), " "))
		if len(text) > 200 {
			text = append(text[:200], '…')
		}
		return fmt.Sprintf("%d, and no JSON: %q", a.Status, string(text))
	}
	if a.Status == http.StatusOK {
		return ""
	}
	says, data := strconv.Itoa(a.Status), ""
	_ = json.Unmarshal(body.Data, &data) // what is no sentence is left out
	for _, word := range append([]string{body.ErrorCode, body.Message, data}, body.Errors...) {
		if word != "" {
			says += ", " + word
		}
	}
	return says
}
