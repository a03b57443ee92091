package pages

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// cardForm is what a shopper types. It exists only during the request: nothing of it is kept, logged or shown again.
type cardForm struct{ number, expiry, cvv, name string }

// testOTP is what every step-up asks for.
const testOTP = "123456"

// complaint is something that is wrong with a form, as a query names it: the field and a word, never what was typed.
type complaint string

const (
	numberMissing complaint = "number-missing"
	numberForm    complaint = "number-form"
	numberLuhn    complaint = "number-luhn"
	numberLive    complaint = "number-live"
	expiryForm    complaint = "expiry-form"
	expiryPast    complaint = "expiry-past"
	expiryFar     complaint = "expiry-far"
	cvvForm       complaint = "cvv-form"
	cvvFour       complaint = "cvv-four"
	nameMissing   complaint = "name-missing"
	nameForm      complaint = "name-form"
	otpWrong      complaint = "otp-wrong"
	loginWrong    complaint = "login-wrong"
)

// message describes a complaint; "" for an unknown one.
func (c complaint) message() string {
	return map[complaint]string{
		numberMissing: "Type a card number, or choose a test card.",
		numberForm:    "A card number has 12 to 19 digits.",
		numberLuhn:    "This is not a card number: its check digit is wrong.",
		numberLive:    "This could be a live card. The simulator accepts only test cards, and has not kept it.",
		expiryForm:    "Type the month and the year, such as 12/30.",
		expiryPast:    "This card has expired, by the company's clock.",
		expiryFar:     "No card is good for so long.",
		cvvForm:       "The security code of this card has 3 digits.",
		cvvFour:       "The security code of an American Express card has 4 digits.",
		nameMissing:   "Type the name on the card.",
		nameForm:      "A name has at most 64 letters, and no digits in a row that could be a card number.",
		otpWrong:      "This is not the code.",
		loginWrong:    "The test bank knows no such user and password.",
	}[c]
}

// complaints reads the messages about a form from a redirect's query, by field.
func complaints(query url.Values) map[string]string {
	wrong := query.Get("wrong")
	if wrong == "" {
		return nil
	}
	all := map[string]string{}
	for code := range strings.SplitSeq(wrong, ",") {
		field, _, _ := strings.Cut(code, "-")
		if message := complaint(code).message(); message != "" {
			all[field] = message
		}
	}
	return all
}

// check checks a card form; now is the company's clock. testCard knows the numbers that
// may be used: any other that passes the Luhn check could be a live card.
func (f cardForm) check(now time.Time, testCard func(string) bool) (wrong []complaint) {
	for _, found := range []complaint{f.checkNumber(testCard), f.checkExpiry(now), f.checkCVV(), f.checkName()} {
		if found != "" {
			wrong = append(wrong, found)
		}
	}
	return wrong
}

func (f cardForm) checkNumber(testCard func(string) bool) complaint {
	number := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, f.number)
	switch {
	case number == "":
		return numberMissing
	case mask.Digits(number) != number, len(number) < 12, len(number) > 19:
		return numberForm
	case !mask.Luhn(number):
		return numberLuhn
	case !testCard(number):
		return numberLive
	}
	return ""
}

// checkExpiry takes MM/YY and MM/YYYY; a card is good to the end of its month.
func (f cardForm) checkExpiry(now time.Time) complaint {
	month, year, found := strings.Cut(strings.ReplaceAll(f.expiry, " ", ""), "/")
	m, errMonth := strconv.ParseUint(month, 10, 8)
	y, errYear := strconv.ParseUint(year, 10, 16)
	if !found || errMonth != nil || errYear != nil || len(month) > 2 || m < 1 || m > 12 || len(year) != 2 && len(year) != 4 {
		return expiryForm
	}
	if len(year) == 2 {
		y += uint64(now.Year() / 100 * 100)
	}
	end := time.Date(int(y), time.Month(m)+1, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case !now.Before(end):
		return expiryPast
	case end.After(now.AddDate(30, 0, 0)):
		return expiryFar
	}
	return ""
}

// checkCVV: an American Express card has four digits, every other one three.
func (f cardForm) checkCVV() complaint {
	digits, wrong := 3, cvvForm
	if amex(mask.Digits(f.number)) {
		digits, wrong = 4, cvvFour
	}
	if len(f.cvv) != digits || mask.Digits(f.cvv) != f.cvv {
		return wrong
	}
	return ""
}

func amex(number string) bool {
	return strings.HasPrefix(number, "34") || strings.HasPrefix(number, "37")
}

func (f cardForm) checkName() complaint {
	name := strings.TrimSpace(f.name)
	switch {
	case name == "":
		return nameMissing
	case len([]rune(name)) > 64, len(mask.Digits(name)) > 11, strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return nameForm
	}
	return ""
}

// outcomeOf is the outcome of a payment with this card: the amount, the name on the card and its number decide.
func (a *actions) outcomeOf(s *session, f cardForm) scenario.Outcome {
	card := map[string]any{"pan": mask.Digits(f.number), "name_on_card": strings.TrimSpace(f.name)}
	return a.TestData.Outcome(s.Provider.Code, openapi.Document{Fields: map[string]any{"card": card}}, s.Payment.Amount)
}

// cardView is a card form and what to type into it.
type cardView struct {
	Number, Expiry, CVV, Name string // that the form is filled with
	Brand                     string // of the number

	Wallets []provider.Wallet
	Wallet  string // the name of the chosen one
	Ends    string // how the challenge ends when the code is right
	Reason  string // and why, when it fails
	Masked  string // the card that the issuer asks about
}

type testCard struct {
	Number, Spaced, Last, Brand, LeadsTo string
	Expiry, CVV                          string
	Tone                                 string // good, wait or bad
}

type testName struct{ Name, LeadsTo, Tone string }

// tests are the test cards and names of a provider.
type tests struct {
	Cards []testCard
	Names []testName
}

func (p *pages) cardView(s *session, query url.Values) *cardView {
	v := &cardView{Wallets: s.wallets(), Ends: string(scenario.ActionApprove)}
	for i, w := range v.Wallets {
		if i == 0 || w.ID == query.Get("wallet") {
			v.Wallet = w.Name
		}
	}
	if s.Provider.Page == provider.StepUpPage {
		v.Masked = s.field("card.pan")
		return v
	}
	if query.Get("ends") == string(scenario.ActionChallengeFail) {
		v.Ends, v.Reason = string(scenario.ActionChallengeFail), query.Get("reason")
	}
	if all := p.tests(s); query.Get("wrong") != "" {
		v.keep(all, query)
	} else {
		v.choose(all, query.Get("card"), query.Get("name"))
	}
	return v
}

// cardHolder is the name that goes with every test card.
const cardHolder = "Jane Doe"

// choose fills the form with a test card, or with a test name and the first card; an unknown one fills nothing.
func (v *cardView) choose(all tests, last, name string) {
	card, known := all.card(last)
	v.Name = cardHolder
	if all.named(name) {
		v.Name = name
		if !known {
			card, known = all.Cards[0], true
		}
	}
	if !known {
		v.Name = ""
		return
	}
	v.Number, v.Expiry, v.CVV, v.Brand = card.Spaced, card.Expiry, card.CVV, card.Brand
}

// kept is the query that brings back what is right in a form: a test card by its last digits, the date, a test name. Nothing
// else that was typed may stand in an address.
func (f cardForm) kept(all tests, wrong []complaint) string {
	query := url.Values{}
	if number := mask.Digits(f.number); !slices.ContainsFunc(wrong, complaint.ofNumber) && len(number) > 4 {
		query.Set("card", number[len(number)-4:])
	}
	if expiry := strings.ReplaceAll(f.expiry, " ", ""); !slices.ContainsFunc(wrong, complaint.ofExpiry) {
		query.Set("expiry", expiry)
	}
	if name := strings.TrimSpace(f.name); name == cardHolder || all.named(name) {
		query.Set("name", name)
	}
	return query.Encode()
}

func (c complaint) ofNumber() bool { return strings.HasPrefix(string(c), "number-") }

func (c complaint) ofExpiry() bool { return strings.HasPrefix(string(c), "expiry-") }

// keep fills the form with what was right in it; a security code is typed again.
func (v *cardView) keep(all tests, query url.Values) {
	if card, known := all.card(query.Get("card")); known {
		v.Number, v.Brand = card.Spaced, card.Brand
	}
	if month, year, found := strings.Cut(query.Get("expiry"), "/"); found && len(month+year) <= 6 && mask.Digits(month+year) == month+year {
		v.Expiry = month + "/" + year
	}
	if name := query.Get("name"); name == cardHolder || all.named(name) {
		v.Name = name
	}
}

// card finds a test card by its last four digits.
func (t tests) card(last string) (testCard, bool) {
	i := slices.IndexFunc(t.Cards, func(c testCard) bool { return c.Last == last })
	if i < 0 {
		return testCard{}, false
	}
	return t.Cards[i], true
}

func (t tests) named(name string) bool {
	return slices.ContainsFunc(t.Names, func(n testName) bool { return n.Name == name })
}

// tests are the test cards and names of a payment's provider.
func (c Config) tests(s *session) (all tests) {
	for _, card := range c.TestData.Cards.Cards {
		if card.PSP == s.Provider.Code {
			all.Cards = append(all.Cards, newTestCard(card, s))
		}
	}
	for _, n := range c.TestData.Cards.Names {
		if n.PSP == s.Provider.Code {
			all.Names = append(all.Names, testName{n.Name, s.leadsTo(n.Outcome, n.Reason, false), tone(n.Outcome)})
		}
	}
	return all
}

func newTestCard(c fixtures.Card, s *session) testCard {
	number := c.Number
	t := testCard{
		Number: number, Last: number[len(number)-4:], Brand: c.Brand, Expiry: fmt.Sprintf("12/%02d", (s.Now.Year()+1)%100), CVV: "123",
		LeadsTo: s.leadsTo(c.Outcome, c.Reason, c.StepUp), Tone: tone(c.Outcome),
	}
	if c.StepUp {
		t.Tone = tone(string(scenario.Challenge))
	}
	groups := []int{4, 4, 4, 4, 4}
	if amex(number) {
		t.CVV, groups = "1234", []int{4, 6, 5}
	}
	for rest, i := number, 0; rest != ""; i++ {
		n := min(groups[i], len(rest))
		t.Spaced, rest = strings.TrimSpace(t.Spaced+" "+rest[:n]), rest[n:]
	}
	return t
}

// leadsTo says what follows a test card or name.
func (s *session) leadsTo(outcome, why string, stepUp bool) string {
	follows := outcome
	switch scenario.OutcomeKind(outcome) {
	case scenario.Approve:
		if follows = "paid"; stepUp {
			follows = "step-up, then paid"
		}
		return follows
	case scenario.Challenge, scenario.MethodChallenge:
		return "step-up, then paid"
	case scenario.Decline:
		follows = "declined" + s.because(why)
	case scenario.NotAuthenticated:
		follows = "step-up fails" + s.because(why)
	case scenario.Error:
		follows = "bank error" + s.because(why)
	}
	if why == "" && scenario.OutcomeKind(outcome) == scenario.Error {
		why = errorReason
	}
	if s.Provider.RetriesAfter(why) {
		follows += ", the form stays"
	}
	return follows
}

// tone is the colour of an outcome.
func tone(outcome string) string {
	switch scenario.OutcomeKind(outcome) {
	case scenario.Approve:
		return "good"
	case scenario.Challenge, scenario.MethodChallenge:
		return "wait"
	}
	return "bad"
}
