package mcp

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/refusal"
)

func (s *server) addCalls() {
	type listIn struct {
		Of
		adminapi.RequestQuery
	}
	tool(s, "list_calls", "List calls", "Lists the calls that the Cashier API got, refused ones too, the newest first.", reads,
		words{"outcome": adminapi.Outcomes(), "stage": adminapi.Stages()},
		func(ctx context.Context, c *adminapi.CompanyClient, in listIn) (any, error) {
			found, err := c.Requests().List(ctx, in.RequestQuery)
			return listed(found.Requests, found.Next), err
		})
	type callIn struct {
		Of
		Call string `json:"call,omitempty" jsonschema:"the call's id, of the answer's header Mozartosim-Request or of list_calls; the last refused call unless set"`
	}
	tool(s, "explain_call", "Explain a call",
		"Tells what a call of the Cashier API was, and, when it was refused: which stage refused it and why, the rule of the contract, how that rule is known (documented by the vendor, by the provider, or assumed), and a body to send instead.",
		reads, nil, func(ctx context.Context, c *adminapi.CompanyClient, in callIn) (any, error) {
			id := in.Call
			if id == "" {
				var err error
				if id, err = lastRefused(ctx, c); err != nil {
					return nil, err
				}
			}
			call, err := c.Requests().Request(ctx, id)
			if err != nil {
				return nil, err
			}
			return s.explainRefusal(ctx, call)
		})
}

// lastRefused is the last refused call: the company's, or else one that reached no company.
func lastRefused(ctx context.Context, c *adminapi.CompanyClient) (string, error) {
	for _, unknown := range []bool{false, true} {
		found, err := c.Requests().List(ctx, adminapi.RequestQuery{Outcome: "refused", Unknown: unknown, Page: adminapi.Page{Limit: 1}})
		if err != nil {
			return "", err
		}
		if len(found.Requests) > 0 {
			return found.Requests[0].ID, nil
		}
	}
	return "", errors.New("no call was refused: list_calls has the others")
}

// refused is a call, and what would be right.
type refused struct {
	Call    adminapi.Request `json:"call"`
	Advice  string           `json:"advice,omitempty"`
	Instead map[string]any   `json:"instead,omitempty"` // a body that keeps the rule, for make_payment's request
}

// explainRefusal says what would be right; of an accepted call it says nothing.
func (s *server) explainRefusal(ctx context.Context, call adminapi.Request) (refused, error) {
	out := refused{Call: call, Advice: refusal.Advice(call.Stage)}
	if call.Stage != "validate" && call.Stage != "judge" || call.PSP == "" {
		return out, nil
	}
	example, err := s.example(ctx, call.PSP, call.Type, "")
	if err != nil {
		return out, err
	}
	body, err := decoded([]byte(call.Body))
	if err != nil {
		return out, nil //nolint:nilerr // too long to be kept whole
	}
	out.Instead = mended(body, example, call.Fields, "")
	return out, nil
}

// mended is the object at a path of a body with the example's value wherever a field is missing, is masked, or is one of the wrong ones.
func mended(body, example map[string]any, wrong []string, path string) map[string]any {
	out := map[string]any{}
	for name, value := range body {
		right, known := example[name]
		object, nested := value.(map[string]any)
		inner, alike := right.(map[string]any)
		text, _ := value.(string)
		isWrong := slices.Contains(wrong, path+name)
		switch {
		case nested && alike && !isWrong:
			out[name] = mended(object, inner, wrong, path+name+".")
		case known && (strings.Contains(text, "*") || isWrong):
			out[name] = right
		case isWrong: // it is better left out
		default:
			out[name] = value
		}
	}
	for name, value := range example {
		if _, given := body[name]; !given {
			out[name] = value
		}
	}
	return out
}
