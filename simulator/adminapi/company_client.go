package adminapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// CompanyClient calls the admin API for one company.
type CompanyClient struct{ at scope }

// scope is a company, by id or name, of a simulator.
type scope struct {
	client *Client
	name   string
}

// Company returns the client of a company, by id or name; "" is the demo company, the first one.
func (c *Client) Company(idOrName string) *CompanyClient { return &CompanyClient{scope{c, idOrName}} }

// below makes a path below a company, which must be named in it.
func (c *Client) below(ctx context.Context, name string, parts ...string) (string, error) {
	if name == "" {
		first, err := c.Companies(ctx, Page{Limit: 1}, Masked)
		if err != nil {
			return "", err
		}
		if len(first.Companies) == 0 {
			return "", errors.New("the simulator at " + c.base + " has no company")
		}
		name = first.Companies[0].ID
	}
	return path(append([]string{"v1", "companies", name}, parts...)...), nil
}

// do calls an operation below the company.
func (s scope) do(ctx context.Context, method string, q url.Values, in, out any, parts ...string) error {
	path, err := s.client.below(ctx, s.name, parts...)
	if err != nil {
		return err
	}
	return s.client.do(ctx, method, path, q, in, out)
}

// list reads the company's list of a name.
func list[T any](ctx context.Context, s scope, name string, q url.Values) ([]T, error) {
	path, err := s.client.below(ctx, s.name, name)
	if err != nil {
		return nil, err
	}
	return entries[T](ctx, s.client, path, q)
}

// given is a body of one text, without it when that is "".
func given(name, text string) map[string]string {
	if text == "" {
		return map[string]string{}
	}
	return map[string]string{name: text}
}

// named adds the company to parameters, unless it is "", the demo company.
func (s scope) named(q url.Values) url.Values {
	if s.name != "" {
		q.Set("company", s.name)
	}
	return q
}

// BackOffice returns the client of the company's PSP configurations and rules, and of the company itself.
func (c *CompanyClient) BackOffice() BackOffice { return BackOffice{c.at} }

// Scenarios returns the client of the company's scenarios, outages and inbox.
func (c *CompanyClient) Scenarios() Scenarios { return Scenarios{c.at} }

// Requests calls the admin API for the calls that the public listener got.
func (c *CompanyClient) Requests() Requests { return Requests{c.at} }

// Payments lists payments, newest first.
func (c *CompanyClient) Payments(ctx context.Context, q PaymentQuery) (out PaymentList, err error) {
	return out, c.at.client.get(ctx, "/v1/payments", c.at.named(parameters(q)), &out)
}

// Payment reads a payment with everything that happened to it.
func (c *CompanyClient) Payment(ctx context.Context, id string) (out Payment, err error) {
	return out, c.at.client.get(ctx, path("v1", "payments", id), c.at.named(url.Values{}), &out)
}

// Next reads what can happen to a payment next.
func (c *CompanyClient) Next(ctx context.Context, payment string) (out PaymentNext, err error) {
	return out, c.at.client.get(ctx, path("v1", "payments", payment, "next"), c.at.named(url.Values{}), &out)
}

// Decide chooses the outcome of a payment, as the shopper or the provider would.
func (c *CompanyClient) Decide(ctx context.Context, payment string, in DecisionInput) (out Payment, err error) {
	return out, c.at.client.do(ctx, http.MethodPost, path("v1", "payments", payment, "decide"), c.at.named(url.Values{}), in, &out)
}

// Approve approves a pay-out that waits for it.
func (c *CompanyClient) Approve(ctx context.Context, payment string) (out Payment, err error) {
	return out, c.at.client.do(ctx, http.MethodPost, path("v1", "payments", payment, "approve"), c.at.named(url.Values{}), nil, &out)
}

// Reject rejects a pay-out that waits for approval.
func (c *CompanyClient) Reject(ctx context.Context, payment, reason string) (out Payment, err error) {
	return out, c.at.client.do(ctx, http.MethodPost, path("v1", "payments", payment, "reject"), c.at.named(url.Values{}), given("reason", reason), &out)
}

// Deliveries lists webhooks, those of the newest payment first.
func (c *CompanyClient) Deliveries(ctx context.Context, q DeliveryQuery) (out DeliveryList, err error) {
	return out, c.at.client.get(ctx, "/v1/deliveries", c.at.named(parameters(q)), &out)
}

// Delivery reads a delivery with its attempts.
func (c *CompanyClient) Delivery(ctx context.Context, id string) (out Delivery, err error) {
	return out, c.at.client.get(ctx, path("v1", "deliveries", id), c.at.named(url.Values{}), &out)
}

// Resend sends a webhook again: a new delivery, due now and tried once, with the same body when body is nil.
func (c *CompanyClient) Resend(ctx context.Context, delivery string, body *string) (out Delivery, err error) {
	in := map[string]string{}
	if body != nil {
		in["body"] = *body
	}
	return out, c.at.client.do(ctx, http.MethodPost, path("v1", "deliveries", delivery, "resend"), c.at.named(url.Values{}), in, &out)
}

// CancelDelivery gives a webhook up that would be tried again.
func (c *CompanyClient) CancelDelivery(ctx context.Context, id string) (out Delivery, err error) {
	return out, c.at.client.do(ctx, http.MethodPost, path("v1", "deliveries", id, "cancel"), c.at.named(url.Values{}), nil, &out)
}

// Clock reads the company's clock.
func (c *CompanyClient) Clock(ctx context.Context) (out Clock, err error) {
	return out, c.at.do(ctx, http.MethodGet, nil, nil, &out, "clock")
}

// SetClock sets how the clock moves; its time continues from where it is.
func (c *CompanyClient) SetClock(ctx context.Context, in ClockInput) (out Clock, err error) {
	return out, c.at.do(ctx, http.MethodPut, nil, in, &out, "clock")
}

// Advance moves a manual clock, carries out every job on the way in order, webhooks included, and returns when all is done.
func (c *CompanyClient) Advance(ctx context.Context, in AdvanceInput) (out AdvanceResult, err error) {
	return out, c.at.do(ctx, http.MethodPost, nil, in, &out, "clock", "advance")
}

// Jobs lists scheduled jobs, the next first: of one payment, or of all when payment is ""; at most limit, 0 for the usual 50.
func (c *CompanyClient) Jobs(ctx context.Context, payment string, limit int) ([]Job, error) {
	return list[Job](ctx, c.at, "jobs", parameters(struct {
		Payment string `query:"payment"`
		Limit   int    `query:"limit"`
	}{payment, limit}))
}

// Counts returns what the process counted since it started, or since the company was reset.
func (c *CompanyClient) Counts(ctx context.Context) (out Counts, err error) {
	return out, c.at.do(ctx, http.MethodGet, nil, nil, &out, "counts")
}

// Wait waits until a payment or a delivery meets a condition. On a manual clock, where nothing happens by itself, it looks
// once.
func (c *CompanyClient) Wait(ctx context.Context, in WaitInput) (out WaitResult, err error) {
	return out, c.at.do(ctx, http.MethodPost, nil, in, &out, "wait")
}

// Verify asserts which payments came in. When too few match, it names near misses.
func (c *CompanyClient) Verify(ctx context.Context, in VerifyInput) (out VerifyResult, err error) {
	return out, c.at.do(ctx, http.MethodPost, nil, in, &out, "verify")
}

// Tokens mints the tokens that a call to the Cashier API needs for a user of the company, the first one when user is ""; they do not
// expire.
func (c *CompanyClient) Tokens(ctx context.Context, user string) (out Tokens, err error) {
	return out, c.at.do(ctx, http.MethodPost, nil, given("userId", user), &out, "tokens")
}

// Snapshot writes a copy of everything of the company except its back office to out, and returns how many bytes it wrote. With an
// error it may have written a part.
func (c *CompanyClient) Snapshot(ctx context.Context, out io.Writer) (int64, error) {
	path, err := c.at.client.below(ctx, c.at.name, "snapshot")
	if err != nil {
		return 0, err
	}
	answer, err := c.at.client.send(ctx, http.MethodPost, path, nil, nil, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	n, err := io.Copy(out, answer.Body)
	if err != nil {
		err = fmt.Errorf("the snapshot is incomplete, %d bytes of it were written: %w", n, err)
	}
	return n, err
}

// Restore replaces everything except the back office by a snapshot of the same company, all or nothing.
func (c *CompanyClient) Restore(ctx context.Context, snapshot io.Reader) (out RestoreResult, err error) {
	path, err := c.at.client.below(ctx, c.at.name, "restore")
	if err != nil {
		return out, err
	}
	return out, c.at.client.pass(ctx, http.MethodPost, path, nil, snapshot, &out)
}

// Reset drops the company's payments, jobs and counters, its scenarios that were put, overrides, outages and the inbox's
// replies, and returns how many payments there were. Its clock stands again as it did at the start; the back office stays.
func (c *CompanyClient) Reset(ctx context.Context, options ...ResetOption) (dropped int, err error) {
	var out map[string]int
	err = c.at.do(ctx, http.MethodPost, resetQuery("", options), nil, &out, "reset")
	return out["dropped"], err
}
