package adminapi

import (
	"context"
	"encoding/json"
	"net/http"
)

// BackOffice calls the admin API for what a company is: its data, PSP configurations and orchestration rules.
type BackOffice struct{ at scope }

// Company reads the company.
func (b BackOffice) Company(ctx context.Context, s Secrets) (out Company, err error) {
	return out, b.at.do(ctx, http.MethodGet, s.query(), nil, &out)
}

// Replace replaces the company. Its id stays, and so do credentials and seed where in has none.
func (b BackOffice) Replace(ctx context.Context, in CompanyInput) (out Company, err error) {
	return out, b.at.do(ctx, http.MethodPut, nil, in, &out)
}

// Change applies a JSON merge patch (RFC 7396) to the company: fields of a CompanyInput, null for those to remove.
func (b BackOffice) Change(ctx context.Context, patch map[string]any) (out Company, err error) {
	return out, b.at.do(ctx, http.MethodPatch, nil, patch, &out)
}

// Delete deletes the company and drops its payments.
func (b BackOffice) Delete(ctx context.Context) (out Deleted, err error) {
	return out, b.at.do(ctx, http.MethodDelete, nil, nil, &out)
}

// PSPs lists the company's PSP configurations.
func (b BackOffice) PSPs(ctx context.Context, s Secrets) ([]Psp, error) {
	return list[Psp](ctx, b.at, "psps", s.query())
}

// PSP reads a PSP configuration.
func (b BackOffice) PSP(ctx context.Context, psp string, s Secrets) (out Psp, err error) {
	return out, b.at.do(ctx, http.MethodGet, s.query(), nil, &out, "psps", psp)
}

// PutPSP sets a PSP configuration.
func (b BackOffice) PutPSP(ctx context.Context, psp string, configuration map[string]any) (out Psp, err error) {
	return out, b.at.do(ctx, http.MethodPut, nil, configuration, &out, "psps", psp)
}

// DeletePSP deletes a PSP configuration.
func (b BackOffice) DeletePSP(ctx context.Context, psp string) (out Deleted, err error) {
	return out, b.at.do(ctx, http.MethodDelete, nil, nil, &out, "psps", psp)
}

// Rules lists the company's orchestration rules in their order.
func (b BackOffice) Rules(ctx context.Context) ([]Rule, error) {
	return list[Rule](ctx, b.at, "rules", nil)
}

// CreateRule adds an orchestration rule.
func (b BackOffice) CreateRule(ctx context.Context, in RuleInput) (out Rule, err error) {
	return out, b.at.do(ctx, http.MethodPost, nil, in, &out, "rules")
}

// Rule reads an orchestration rule.
func (b BackOffice) Rule(ctx context.Context, id string) (out Rule, err error) {
	return out, b.at.do(ctx, http.MethodGet, nil, nil, &out, "rules", id)
}

// ReplaceRule replaces an orchestration rule; its id and its place stay.
func (b BackOffice) ReplaceRule(ctx context.Context, id string, in RuleInput) (out Rule, err error) {
	return out, b.at.do(ctx, http.MethodPut, nil, in, &out, "rules", id)
}

// DeleteRule deletes an orchestration rule.
func (b BackOffice) DeleteRule(ctx context.Context, id string) (out Deleted, err error) {
	return out, b.at.do(ctx, http.MethodDelete, nil, nil, &out, "rules", id)
}

// Scenarios calls the admin API for what shall happen to a company's payments and webhooks.
type Scenarios struct{ at scope }

// List lists the scenarios in force, in the order in which they are tried.
func (s Scenarios) List(ctx context.Context) ([]ScenarioSummary, error) {
	return list[ScenarioSummary](ctx, s.at, "scenarios", nil)
}

// Scenario reads a scenario as it was written.
func (s Scenarios) Scenario(ctx context.Context, name string) (out json.RawMessage, err error) {
	return out, s.at.do(ctx, http.MethodGet, nil, nil, &out, "scenarios", name)
}

// Put puts a scenario into force; it is tried before those that were loaded from files. scenario is its JSON, such as a map
// or a json.RawMessage. The answer is the scenario, with a list of "warnings" when something in it is probably a mistake.
func (s Scenarios) Put(ctx context.Context, name string, scenario any) (out json.RawMessage, err error) {
	return out, s.at.do(ctx, http.MethodPut, nil, scenario, &out, "scenarios", name)
}

// Delete takes a scenario out of force.
func (s Scenarios) Delete(ctx context.Context, name string) (out Deleted, err error) {
	return out, s.at.do(ctx, http.MethodDelete, nil, nil, &out, "scenarios", name)
}

// Check checks scenarios in YAML without putting them into force.
func (s Scenarios) Check(ctx context.Context, in CheckInput) (out CheckResult, err error) {
	return out, s.at.do(ctx, http.MethodPost, nil, in, &out, "scenarios", "check")
}

// Override lets a scenario decide the next payment that it matches, once and before anything else.
func (s Scenarios) Override(ctx context.Context, in OverrideInput) (out OverrideResult, err error) {
	return out, s.at.do(ctx, http.MethodPost, nil, in, &out, "overrides")
}

// Overrides lists the overrides that wait, the next one first.
func (s Scenarios) Overrides(ctx context.Context) ([]Override, error) {
	return list[Override](ctx, s.at, "overrides", nil)
}

// Unset cancels the overrides that wait with the scenario of a name, or all of them when name is "".
func (s Scenarios) Unset(ctx context.Context, name string) (out UnsetResult, err error) {
	return out, s.at.do(ctx, http.MethodDelete, parameters(struct {
		Name string `query:"name"`
	}{name}), nil, &out, "overrides")
}

// Received lists what the built-in inbox received, newest first.
func (s Scenarios) Received(ctx context.Context, page Page) (out ReceivedList, err error) {
	return out, s.at.client.get(ctx, "/v1/inbox", s.at.named(parameters(page)), &out)
}

// Outages lists the outages in force.
func (s Scenarios) Outages(ctx context.Context) ([]Outage, error) {
	return list[Outage](ctx, s.at, "outages", nil)
}

// StartOutage makes a provider unavailable.
func (s Scenarios) StartOutage(ctx context.Context, psp string, in OutageInput) (out Outage, err error) {
	return out, s.at.do(ctx, http.MethodPut, nil, in, &out, "outages", psp)
}

// EndOutage makes a provider available again.
func (s Scenarios) EndOutage(ctx context.Context, psp string) (out Deleted, err error) {
	return out, s.at.do(ctx, http.MethodDelete, nil, nil, &out, "outages", psp)
}

// InboxReplies reads how the built-in inbox will answer the next webhooks.
func (s Scenarios) InboxReplies(ctx context.Context) ([]InboxReply, error) {
	var out InboxReplies
	err := s.at.do(ctx, http.MethodGet, nil, nil, &out, "inbox")
	return out.Replies, err
}

// SetInboxReplies sets how the inbox answers the next webhooks; after these, each is answered with 200 at once.
func (s Scenarios) SetInboxReplies(ctx context.Context, replies ...InboxReply) ([]InboxReply, error) {
	var out InboxReplies
	in := InboxReplies{Replies: append([]InboxReply{}, replies...)}
	err := s.at.do(ctx, http.MethodPut, nil, in, &out, "inbox")
	return out.Replies, err
}

// NextWebhook takes the next webhook of the built-in inbox, to be answered by the next call; the zero value when none comes in time.
// While somebody calls it, the inbox answers nothing by itself.
func (s Scenarios) NextWebhook(ctx context.Context, in InboxNextInput) (out InboxNext, err error) {
	return out, s.at.do(ctx, http.MethodPost, nil, in, &out, "inbox", "next")
}
