package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// actions carry out what a person does on a page: end the payment, or go to the page's next step.
type actions struct{ Config }

// do carries out what a form asks for and returns the query of the page that comes next.
func (a *actions) do(r *http.Request, s *session, f form) (to string, err error) {
	switch action := f.Get("do"); action {
	case "take-over":
		return "", a.Sessions.takeOver(r.Context(), s)
	case string(lifecycle.ApprovePayout), string(lifecycle.RejectPayout):
		return "", a.Sessions.approve(r.Context(), s, action == string(lifecycle.ApprovePayout))
	case "bank":
		return s.toBank(f, "login")
	case "login":
		if f.Get("user") != provider.TestUser || f.Get("password") != provider.TestPassword {
			return "?step=login&bank=" + url.QueryEscape(f.Get("bank")) + "&wrong=" + string(loginWrong), nil
		}
		return s.toBank(f, "confirm")
	case "confirm":
		return a.payAtBank(r, s, f)
	case "card":
		return a.payByCard(r, s, f)
	case "wallet":
		if !slices.ContainsFunc(s.wallets(), func(w provider.Wallet) bool { return w.ID == f.Get("wallet") }) {
			return "", &badForm{"wallet must be one of the page's."}
		}
		return "?step=wallet&wallet=" + url.QueryEscape(f.Get("wallet")), nil
	case "otp":
		return a.answerChallenge(r, s, f)
	case "approve", "decline", "cancel", "expire", "abandon", "underpay", "overpay", "challenge-fail":
		reason := f.Get("reason")
		if action != "decline" && action != "challenge-fail" {
			reason = ""
		}
		if reason != "" && !slices.Contains(s.Provider.PageReasons(), reason) {
			return "", &badForm{"reason must be one of " + s.Provider.Name + "'s own, or none."}
		}
		return a.decide(r, s, f, scenario.ShopperAction(action), reason)
	}
	return "", &badForm{"do must be the value of one of the page's buttons."}
}

// decide records the decision of the person on the page.
func (a *actions) decide(r *http.Request, s *session, f form, action scenario.ShopperAction, reason string) (to string, err error) {
	d := adminapi.Decision{Action: string(action), Reason: reason, By: "page"}
	return "?done=1", a.Sessions.decide(r.Context(), s, f.turn, d)
}

func (s *session) toBank(f form, step string) (to string, err error) {
	if _, known := s.bank(f.Get("bank")); !known {
		return "", &badForm{"bank must be one of the page's."}
	}
	return "?step=" + step + "&bank=" + url.QueryEscape(f.Get("bank")), nil
}

func (s *session) bank(id string) (provider.Bank, bool) {
	for _, b := range s.Provider.Banks("") {
		if b.ID == id {
			return b, true
		}
	}
	return provider.Bank{}, false
}

func (a *actions) payAtBank(r *http.Request, s *session, f form) (to string, err error) {
	bank, known := s.bank(f.Get("bank"))
	if !known {
		return "", &badForm{"bank must be one of the page's."}
	}
	return a.decide(r, s, f, bank.Action, bank.Reason)
}

// errorReason is the reason of an error that has none of its own.
const errorReason = "ERROR"

// payByCard checks what was typed, and finds the outcome or the step-up that comes first. The card is not kept.
func (a *actions) payByCard(r *http.Request, s *session, f form) (to string, err error) {
	if s.Provider.Page != provider.CardPage {
		return "", &badForm{"this page takes no card."}
	}
	card := cardForm{number: f.Get("number"), expiry: f.Get("expiry"), cvv: f.Get("cvv"), name: f.Get("name")}
	if wrong := card.check(s.Now, a.TestData.TestCard); wrong != nil {
		codes := make([]string, len(wrong))
		for i, c := range wrong {
			codes[i] = string(c)
		}
		return "?wrong=" + strings.Join(codes, ",") + "&" + card.kept(a.tests(s), wrong), nil
	}
	ends := a.outcomeOf(s, card)
	switch ends.Kind {
	case scenario.Decline:
		return a.decide(r, s, f, scenario.ActionDecline, ends.Reason)
	case scenario.Error:
		if ends.Reason == "" {
			ends.Reason = errorReason
		}
		return a.decide(r, s, f, scenario.ActionDecline, ends.Reason)
	case scenario.NotAuthenticated:
		return "?step=challenge&ends=" + string(scenario.ActionChallengeFail) + "&reason=" + url.QueryEscape(ends.Reason), nil
	case scenario.Challenge, scenario.MethodChallenge:
		return "?step=challenge", nil
	}
	if a.stepsUp(s, card) {
		return "?step=challenge", nil
	}
	return a.decide(r, s, f, scenario.ActionApprove, "")
}

// stepsUp says whether a test card asks for a step-up before it is approved.
func (a *actions) stepsUp(s *session, card cardForm) bool {
	for _, c := range a.TestData.Cards.Cards {
		if c.StepUp && c.PSP == s.Provider.Code && c.Number == mask.Digits(card.number) {
			return true
		}
	}
	return false
}

// answerChallenge: the right code lets the step-up end as the card has it.
func (a *actions) answerChallenge(r *http.Request, s *session, f form) (to string, err error) {
	fails := f.Get("ends") == string(scenario.ActionChallengeFail)
	reason := f.Get("reason")
	if !slices.Contains(s.Provider.PageReasons(), reason) {
		reason = ""
	}
	switch {
	case strings.TrimSpace(f.Get("otp")) != testOTP:
		to = "?step=challenge&wrong=" + string(otpWrong)
		if fails {
			to += "&ends=" + string(scenario.ActionChallengeFail) + "&reason=" + url.QueryEscape(reason)
		}
		return to, nil
	case fails:
		return a.decide(r, s, f, scenario.ActionChallengeFail, reason)
	}
	return a.decide(r, s, f, scenario.ActionApprove, "")
}
