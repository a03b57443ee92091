package certify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// control calls the admin API of the simulator.
type control struct {
	url, token, company string
	client              *http.Client
	observe             func(method, path string, in []byte, status int, out []byte)
}

// payment is what the certifier reads of a payment.
type payment struct {
	ID      string          `json:"id"`
	Status  string          `json:"status"`
	Request json.RawMessage `json:"request"`
	Answer  *struct {
		Body json.RawMessage `json:"body"`
	} `json:"answer"`
	Deliveries []delivery `json:"deliveries"`
}

// summary is what the certifier reads of a list of payments.
type summary struct {
	ID                string `json:"id"`
	Ordinal           uint64 `json:"ordinal"`
	Variant           string `json:"variant"`
	MerchantReference string `json:"merchantReference"`
}

// delivery is a webhook of it.
type delivery struct {
	ID   string `json:"id"`
	Body string `json:"body"`
}

// refusal is an error that the admin API answered.
type refusal struct {
	status int
	says   string
}

func (e *refusal) Error() string { return e.says }

// ask calls the admin API; in goes as JSON, the answer is decoded into out. Either may be nil.
func (c *control) ask(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("admin API: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("admin API: %w", err)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.client.Do(request)
	if err != nil {
		return fmt.Errorf("the simulator's admin API does not answer at %s: %w", c.url, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("admin API: %s %s: %w", method, path, err)
	}
	if c.observe != nil {
		c.observe(method, path, body, answer.StatusCode, text)
	}
	if answer.StatusCode >= 300 {
		return &refusal{answer.StatusCode, fmt.Sprintf("admin API: %s %s: %d %s", method, path, answer.StatusCode, bytes.TrimSpace(text))}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("admin API: %s %s: %w", method, path, err)
	}
	return nil
}

// of is a path below the company.
func (c *control) of(path string) string {
	return "/v1/companies/" + url.PathEscape(c.company) + path
}

// first names the company that is meant when none is named.
func (c *control) first(ctx context.Context) (string, error) {
	var list struct {
		Companies []struct {
			Name string `json:"name"`
		} `json:"companies"`
	}
	if err := c.ask(ctx, http.MethodGet, "/v1/companies?limit=1", nil, &list); err != nil {
		return "", err
	}
	if len(list.Companies) == 0 {
		return "", fmt.Errorf("the simulator at %s has no company", c.url)
	}
	return list.Companies[0].Name, nil
}

// newest returns the newest payments of a flow, the newest first.
func (c *control) newest(ctx context.Context, psp, kind string, most int) ([]summary, error) {
	var list struct {
		Payments []summary `json:"payments"`
	}
	q := url.Values{"limit": {strconv.Itoa(most)}}
	if psp != "" {
		q.Set("psp", psp)
		q.Set("type", kind)
	}
	err := c.ask(ctx, http.MethodGet, c.of("/payments?"+q.Encode()), nil, &list)
	return list.Payments, err
}

// payment reads one with everything that happened to it.
func (c *control) payment(ctx context.Context, id string) (p payment, err error) {
	return p, c.ask(ctx, http.MethodGet, "/v1/payments/"+id+"?company="+url.QueryEscape(c.company), nil, &p)
}

// override lets a scenario decide the flow's next payment. One that waits since before, because no call came, would decide it
// instead: the company is reset then, and its clock made to stand again.
func (c *control) override(ctx context.Context, scenario map[string]any) error {
	put := func() (waiting int, err error) {
		var out struct {
			Waiting int `json:"waiting"`
		}
		err = c.ask(ctx, http.MethodPost, c.of("/scenarios/override"), map[string]any{"scenario": scenario}, &out)
		return out.Waiting, err
	}
	waiting, err := put()
	if err != nil || waiting == 1 {
		return err
	}
	if err := c.ask(ctx, http.MethodPost, c.of("/reset"), nil, nil); err != nil {
		return err
	}
	if err := c.setClock(ctx, clockState{Mode: "manual"}); err != nil {
		return err
	}
	_, err = put()
	return err
}

// advance moves the clock: {"by": "1m"}, {"until": "idle"}, {"deliveries": 1}.
func (c *control) advance(ctx context.Context, how map[string]any) error {
	return c.ask(ctx, http.MethodPost, c.of("/clock/advance"), how, nil)
}

// clockState is how a company's clock moves.
type clockState struct {
	Mode   string      `json:"mode"`
	Factor json.Number `json:"factor,omitempty"`
}

func (c *control) clock(ctx context.Context) (state clockState, err error) {
	return state, c.ask(ctx, http.MethodGet, c.of("/clock"), nil, &state)
}

func (c *control) setClock(ctx context.Context, state clockState) error {
	if state.Mode != "scaled" {
		state.Factor = "" // only a scaled clock has one
	}
	return c.ask(ctx, http.MethodPut, c.of("/clock"), state, nil)
}

// psp reads a PSP configuration with its secrets, so that it can be put back as it was.
func (c *control) psp(ctx context.Context, code string) (map[string]any, error) {
	var shown struct {
		Configuration map[string]any `json:"configuration"`
	}
	err := c.ask(ctx, http.MethodGet, c.of("/psps/"+code+"?reveal=true"), nil, &shown)
	return shown.Configuration, err
}

func (c *control) setPSP(ctx context.Context, code string, configuration map[string]any) error {
	return c.ask(ctx, http.MethodPut, c.of("/psps/"+code), configuration, nil)
}

// resend sends a webhook once more, with another body where one is given.
func (c *control) resend(ctx context.Context, delivery string, body *string) error {
	in := map[string]any{}
	if body != nil {
		in["body"] = *body
	}
	return c.ask(ctx, http.MethodPost, "/v1/deliveries/"+delivery+"/resend?company="+url.QueryEscape(c.company), in, nil)
}

func (c *control) approve(ctx context.Context, id string) error {
	return c.ask(ctx, http.MethodPost, "/v1/payments/"+id+"/approve?company="+url.QueryEscape(c.company), nil, nil)
}
