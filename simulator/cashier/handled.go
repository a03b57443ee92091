package cashier

import (
	"errors"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/provider"
)

// handled adds what the stages found out about a call to what the log keeps of it. stage is the one that refused it, "" when none did:
// then the provider may have.
func (c *call) handled(stage string, err error) {
	if err == nil && c.refused != nil {
		stage, err = "answer", c.refused
	}
	kept := c.request.Kept
	kept.Stage, kept.Scenario = stage, c.plan.Scenario
	if c.company != nil {
		kept.Company = c.company.ID
	}
	if c.operation != nil {
		kept.PSP, kept.Type = c.operation.PSP, c.operation.Type
	}
	if c.made {
		kept.Payment = c.asked.Terms.ID
	}
	if err != nil {
		kept.Reason, kept.Rule = err.Error(), c.broken(stage, err)
		if invalid, ok := errors.AsType[*openapi.Invalid](err); ok && stage != "identify" { // that is about the user's token
			kept.Fields = invalid.Fields()
		}
	}
}

// broken names the rule of the contract that a stage's error is about, by its id in the ledger; "" when it is about none.
func (c *call) broken(stage string, err error) string {
	switch stage {
	case "identify":
		return c.brokenByCaller(err)
	case "validate", "judge":
		return c.brokenByBody(stage, err)
	case "route":
		if missing, ok := errors.AsType[*backoffice.PSPNotFound](err); ok && missing.Missing != "" {
			return "incomplete-configuration"
		}
		return "rule-status"
	case "answer":
		return c.brokenByProvider(err)
	}
	return ""
}

func (c *call) brokenByCaller(err error) string {
	_, invalid := errors.AsType[*openapi.Invalid](err)
	switch {
	case errors.Is(err, identity.ErrPasswordExpired):
		return "password-expired"
	case c.company == nil:
		return "company-token"
	case errors.Is(err, identity.ErrUndecodable):
		return "user-token-hang"
	case errors.Is(err, identity.ErrVerifyUser):
		return "verify-user-answers"
	case invalid:
		return "user-token-claims"
	case c.request.UserAuthorization == "":
		return "user-context"
	case c.operation != nil && c.operation.UserToken == "required":
		return "user-token-required"
	}
	return "verify-user-answers"
}

// brokenByBody names a named rule, or the field that is missing or wrong, the first one of several.
func (c *call) brokenByBody(stage string, err error) string {
	invalid, ok := errors.AsType[*openapi.Invalid](err)
	switch {
	case !ok:
		return ""
	case c.rule != "":
		return c.operation.Schema + "/" + c.rule
	}
	field := ""
	if fields := invalid.Fields(); len(fields) > 0 {
		field = fields[0]
	}
	switch {
	case c.operation == nil: // its pspType and type pick no operation
		return "one-endpoint"
	case stage == "validate": // the contract's own rules
		return c.operation.Schema + "." + field
	}
	if field == "card.pan" { // the rules of every provider
		return "live-cards"
	}
	return "amount-decimals"
}

func (c *call) brokenByProvider(err error) string {
	var transport *provider.TransportError
	switch {
	case errors.As(err, &transport) && (transport.Code == provider.InvalidCredentials || transport.Code == provider.Unknown):
		return "transport-errors"
	case transport != nil:
		return "transport-errors-http"
	}
	for _, rule := range c.flow.Rules {
		if rule.Check == nil { // it is the answer's
			return c.operation.Schema + "/" + rule.Name
		}
	}
	return ""
}
