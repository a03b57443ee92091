package pages

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mozartosim/simulator/listener"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// maxForm bounds a form's body: the longest honest one is a card's, of some 300 bytes.
const maxForm = 8 << 10

// form is a page's form as it was sent.
type form struct {
	url.Values
	turn int // how many decisions had been made when the page was shown
}

// act does what a form asks for, and redirects the browser by a 303: reloading or going back never sends a form again, and
// one that is sent again, by a second click or another tab, finds the payment moved on and changes nothing.
func (p *pages) act(w http.ResponseWriter, r *http.Request) {
	if forged(p.forgery, p.Base, r) {
		p.refuse(w, r, http.StatusForbidden, stateRefused, "Refused", "A hosted page is used on the page itself; this form was sent from somewhere else.")
		return
	}
	f, ok := p.readForm(w, r)
	if !ok {
		return
	}
	s := p.find(w, r)
	if s == nil {
		return
	}
	to, err := p.do(r, s, f)
	var conflict interface{ Conflicts() }
	var bad *badForm
	switch {
	case errors.Is(err, ErrStale), errors.As(err, &conflict): // it has been decided meanwhile: that is what is shown
		p.redirect(w, p.self(s, r)+"?done=1")
	case errors.As(err, &bad):
		p.refuse(w, r, http.StatusBadRequest, stateRefused, "Refused", bad.message)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.redirect(w, p.self(s, r)+to)
	}
}

// forged says whether a form was sent by a page of another origin. Behind a proxy the request's Host may be another than the page's.
func forged(judge *http.CrossOriginProtection, base *listener.Base, r *http.Request) bool {
	if judge.Check(r) == nil {
		return false
	}
	page, err := url.Parse(base.Of(r))
	return err != nil || r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != page.Scheme+"://"+page.Host
}

// badForm is a form that no page has.
type badForm struct{ message string }

func (b *badForm) Error() string { return b.message }

// readForm reads a bounded urlencoded body; when it can't it has answered already.
func (p *pages) readForm(w http.ResponseWriter, r *http.Request) (f form, ok bool) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		p.refuse(w, r, http.StatusUnsupportedMediaType, stateRefused, "Refused", "A form must be application/x-www-form-urlencoded.")
		return f, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		status, message := http.StatusBadRequest, "The form can't be read."
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			status, message = http.StatusRequestEntityTooLarge, "The form is too large."
		}
		p.refuse(w, r, status, stateRefused, "Refused", message)
		return f, false
	}
	f.Values = r.PostForm
	turn, err := strconv.ParseUint(f.Get("turn"), 10, 31)
	if err != nil {
		p.refuse(w, r, http.StatusBadRequest, stateRefused, "Refused", "turn must be the page's data-turn, a number.")
		return f, false
	}
	f.turn = int(turn)
	return f, true
}

// do carries out what a form asks for and returns the query of the page that comes next.
func (p *pages) do(r *http.Request, s *Session, f form) (to string, err error) {
	switch action := f.Get("do"); action {
	case "take-over":
		return "", p.Sessions.TakeOver(r.Context(), s)
	case "approve-payout", "reject-payout":
		return "", p.Sessions.Approve(r.Context(), s, action == "approve-payout")
	case "bank":
		return s.toBank(f, "login")
	case "login":
		if f.Get("user") != provider.TestUser || f.Get("password") != provider.TestPassword {
			return "?step=login&bank=" + url.QueryEscape(f.Get("bank")) + "&wrong=" + string(loginWrong), nil
		}
		return s.toBank(f, "confirm")
	case "confirm":
		return p.payAtBank(r, s, f)
	case "card":
		return p.payByCard(r, s, f)
	case "wallet":
		return "?step=wallet&wallet=" + url.QueryEscape(f.Get("wallet")), nil
	case "otp":
		return p.answerChallenge(r, s, f)
	case "approve", "decline", "cancel", "expire", "abandon", "underpay", "overpay", "challenge-fail":
		reason := f.Get("reason")
		if action != "decline" && action != "challenge-fail" {
			reason = ""
		}
		if reason != "" && !slices.Contains(s.Provider.PageReasons(), reason) {
			return "", &badForm{"reason must be one of " + s.Provider.Name + "'s own, or none."}
		}
		return p.decide(r, s, f, scenario.ShopperAction(action), reason)
	}
	return "", &badForm{"do must be the value of one of the page's buttons."}
}

// decide makes a decision in the name of the person on the page.
func (p *pages) decide(r *http.Request, s *Session, f form, action scenario.ShopperAction, reason string) (to string, err error) {
	d := payment.Decision{Action: string(action), Reason: reason, By: "page"}
	return "?done=1", p.Sessions.Decide(r.Context(), s, f.turn, d)
}

func (s *Session) toBank(f form, step string) (to string, err error) {
	if _, known := s.bank(f.Get("bank")); !known {
		return "", &badForm{"bank must be one of the page's."}
	}
	return "?step=" + step + "&bank=" + url.QueryEscape(f.Get("bank")), nil
}

func (s *Session) bank(id string) (provider.Bank, bool) {
	for _, b := range s.Provider.Banks("") {
		if b.ID == id {
			return b, true
		}
	}
	return provider.Bank{}, false
}

func (p *pages) payAtBank(r *http.Request, s *Session, f form) (to string, err error) {
	bank, known := s.bank(f.Get("bank"))
	if !known {
		return "", &badForm{"bank must be one of the page's."}
	}
	return p.decide(r, s, f, bank.Action, bank.Reason)
}

// payByCard checks what was typed, and finds the outcome or the step-up that comes first. After that nothing knows the card.
func (p *pages) payByCard(r *http.Request, s *Session, f form) (to string, err error) {
	if s.Provider.Page != provider.CardPage {
		return "", &badForm{"this page takes no card."}
	}
	card := cardForm{number: f.Get("number"), expiry: f.Get("expiry"), cvv: f.Get("cvv"), name: f.Get("name")}
	if wrong := card.check(s.Now, p.Cards.TestCard); wrong != nil {
		codes := make([]string, len(wrong))
		for i, c := range wrong {
			codes[i] = string(c)
		}
		return "?wrong=" + strings.Join(codes, ","), nil
	}
	ends := p.outcomeOf(s, card)
	switch ends.Kind {
	case scenario.Decline:
		return p.decide(r, s, f, scenario.ActionDecline, ends.Reason)
	case scenario.Error:
		if ends.Reason == "" {
			ends.Reason = "ERROR"
		}
		return p.decide(r, s, f, scenario.ActionDecline, ends.Reason)
	case scenario.NotAuthenticated:
		return "?step=challenge&ends=" + string(scenario.ActionChallengeFail) + "&reason=" + url.QueryEscape(ends.Reason), nil
	case scenario.Challenge, scenario.MethodChallenge:
		return "?step=challenge", nil
	}
	if p.stepsUp(s, card) {
		return "?step=challenge", nil
	}
	return p.decide(r, s, f, scenario.ActionApprove, "")
}

// stepsUp says whether a test card asks for a step-up before it is approved.
func (p *pages) stepsUp(s *Session, card cardForm) bool {
	for _, c := range p.TestCards {
		if c.StepUp && c.PSP == s.Provider.Code && c.Number == mask.Digits(card.number) {
			return true
		}
	}
	return false
}

// answerChallenge: the right code lets the step-up end as the card has it.
func (p *pages) answerChallenge(r *http.Request, s *Session, f form) (to string, err error) {
	fails := f.Get("ends") == string(scenario.ActionChallengeFail)
	reason := f.Get("reason")
	if !slices.Contains(s.Provider.PageReasons(), reason) {
		reason = ""
	}
	switch {
	case strings.TrimSpace(f.Get("otp")) != TestOTP:
		to = "?step=challenge&wrong=" + string(otpWrong)
		if fails {
			to += "&ends=" + string(scenario.ActionChallengeFail) + "&reason=" + url.QueryEscape(reason)
		}
		return to, nil
	case fails:
		return p.decide(r, s, f, scenario.ActionChallengeFail, reason)
	}
	return p.decide(r, s, f, scenario.ActionApprove, "")
}
