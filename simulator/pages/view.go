package pages

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// instant is how a time is written where a script reads it.
const instant = time.RFC3339Nano

// view is what the templates show.
type view struct {
	State   state
	Title   string
	Asks    string            // the title of a page that asks for the payment
	Message string            // of a page that has only a message
	Again   bool              // opened again, not what a decision has led to
	Data    template.HTMLAttr // the body's attributes

	Action   template.HTMLAttr // of a form
	Hidden   template.HTML     // what every form sends along
	Back     template.HTMLAttr // of a link to the page's first step
	Return   template.HTMLAttr // of a link to the merchant's
	Timeline template.HTMLAttr // of a link to the payment's timeline in the console; "" = there is none
	Provider string
	PSP      string
	Merchant string
	Payment  *payment.Payment
	Amount   string
	PayOut   bool

	Alert   string
	Wrong   map[string]string // complaints about a form, by field
	Time    *timeLeft
	Shopper *shopperNote
	Outcome *outcome
	Bar     *bar
	Webhook string        // how the last one fares
	Clock   string        // how the company's clock moves, where something waits for it
	Tests   template.HTML // the test cards and names of a card form, as a list
	Crypto  *cryptoView
	Bank    *bankView
	Card    *cardView
	Shop    *shopView
	Front   *front
	Refresh string // where a page without a script goes by itself, and when
}

// front is what the public listener says to a browser that opens its address alone: where everything is. The links are "" where
// there is none.
type front struct {
	Cashier             string
	Shop, Console, Docs template.HTMLAttr
}

// timeLeft is the time until the page expires, on the company's clock.
type timeLeft struct {
	Data template.HTMLAttr // for the script: until, now, and how fast the clock runs
	Left string            // as it stands
}

// template is the part that shows the state.
func (v *view) template() string { return "state-" + string(v.State) }

// view makes what the templates show of a session.
func (p *pages) view(s *session, r *http.Request, query url.Values) (*view, error) {
	shown := s.state(query.Get("step"))
	self := p.self(s, r)
	v := &view{
		State: shown, Provider: s.Provider.Name, PSP: s.Provider.Code, Merchant: s.Company.Name, Payment: s.Payment,
		Amount: s.Payment.Amount.Fixed(max(2, s.Decimals)) + " " + s.Payment.Currency, PayOut: s.Payment.Type == "PAYOUT",
		Action: attributes("method", "post", "action", self), Back: attributes("href", self), Return: attributes("href", p.page(s)+"/return"),
		Hidden: template.HTML(`<input type="hidden" name="turn" value="` + strconv.Itoa(len(s.Payment.Decisions)) + `">`),
		Wrong:  complaints(query), Again: query.Get("done") == "",
	}
	v.Timeline = p.timeline(s.Payment.ID, s.Company.Name)
	v.Asks = "Pay " + v.Merchant
	if v.PayOut {
		v.Asks = "Receive from " + v.Merchant
	}
	v.Title, v.Alert, v.Webhook = v.title(s), s.alert(query, v.Wrong), s.webhook()
	if !s.Payment.PageExpires.IsZero() && (shown.open() || shown == stateProcessing) {
		v.Time = newTimeLeft(s, s.Payment.PageExpires)
	}
	if err := p.fill(s, v, query, self); err != nil {
		return nil, err
	}
	v.Clock = s.clockNote(v)
	v.Data = attributes(
		"class", "skin-"+s.Provider.Slug, "data-testid", "page", "data-state", string(v.State), "data-psp", s.Provider.Code,
		"data-kind", string(s.Provider.Page), "data-turn", strconv.Itoa(len(s.Payment.Decisions)), "data-mark", s.mark(),
		"data-page", p.page(s), "data-self", self, "data-refresh", v.Refresh,
	)
	return v, nil
}

// fill adds what the state shows.
func (p *pages) fill(s *session, v *view, query url.Values, self string) (err error) {
	if v.Bar, err = p.bar(s, v.State); err != nil {
		return err
	}
	switch v.State {
	case stateSimulated:
		v.Shopper = newShopperNote(s)
		v.Refresh = refresh(s.until(s.Shopper.At), self+"?done=1")
	case stateProcessing:
		v.Refresh = refresh(time.Second, self+"?done=1")
		return p.invoice(s, v, query)
	case stateInvoice:
		return p.invoice(s, v, query)
	case stateChoose, stateLogin, stateConfirm:
		if v.Bank, err = p.bankView(s, query); err == nil && v.Bank.Chosen == nil {
			v.State = stateChoose
		}
	case stateCard, stateWallet, stateChallenge:
		if v.Card = p.cardView(s, query); v.State == stateCard {
			v.Tests, err = p.drawer.part("tests", s.Provider.Slug, func() any { return p.tests(s) })
		}
	case stateDecided, stateUsed, stateExpired, stateFailed:
		v.Outcome = p.outcome(s, v, query)
	}
	return err
}

// title is what the page asks for, or what has happened.
func (v *view) title(s *session) string {
	switch v.State {
	case stateDecided, stateUsed, stateExpired, stateFailed:
		last, _ := s.last()
		return s.headline(last)
	case stateProcessing:
		return "The coins are on their way"
	case stateNoPage:
		return "This payment has no page"
	case stateAwaiting:
		return "Waiting for approval"
	}
	return v.Asks
}

// alert describes what went wrong before.
func (s *session) alert(query url.Values, wrong map[string]string) string {
	last, _ := s.last()
	switch {
	case len(wrong) > 0 && s.state(query.Get("step")) == stateChallenge: // its only field says it
		return ""
	case len(wrong) > 0:
		return "Please check what you typed."
	case query.Get("stay") != "":
		return s.noReturn()
	case s.again() && last.Action == "decline":
		return "The card was declined" + s.because(last.Reason) + ". Try another one, or cancel."
	case s.again() && last.Action == "challenge-fail":
		return "The bank could not make sure that it is you. Try another card, or cancel."
	case s.again() && last.Action == "underpay":
		return "Less than the invoice amount has arrived. Pay the rest before the time is over, or it is cancelled."
	}
	return ""
}

func (s *session) because(reason string) string {
	if reason == "" {
		return ""
	}
	if text := s.Provider.ReasonText(reason); text != reason {
		return " (" + reason + ": " + text + ")"
	}
	return " (" + reason + ")"
}

// noReturn says why no return URL is known, and where to set one.
func (s *session) noReturn() string {
	if lacks := s.Provider.StaysFor(s.Company.PSPs[s.Payment.PSP]); lacks != "" {
		return s.Provider.Name + " gets return URLs only with " + lacks + ": the shopper stays here. Set it in the company's configuration of " + s.Provider.Code + "."
	}
	where := "siteUrl in the company's configuration of " + s.Provider.Code
	if s.Provider.ReturnsByRequest() {
		where = "hppSuccessUrl and hppFailureUrl in the call, or " + where
	}
	return "There is no return URL: the shopper stays here. Set " + where + "."
}

func newTimeLeft(s *session, until time.Time) *timeLeft {
	return &timeLeft{Left: clockTime(until.Sub(s.Now)), Data: attributes(
		"data-until", until.Format(instant), "data-now", s.Now.Format(instant), "data-factor", strconv.FormatFloat(s.Factor, 'g', -1, 64),
	)}
}

// clockNote says how the clock moves where that isn't as everybody's; "" where nothing on the page waits for it.
func (s *session) clockNote(v *view) string {
	all := s.Payment.Deliveries
	if v.Time == nil && v.Shopper == nil && (len(all) == 0 || !all[len(all)-1].Open()) {
		return ""
	}
	switch s.Mode {
	case clock.Manual:
		return "The company’s clock is manual: it stands at " + s.Now.Format("15:04:05") + " UTC until it is advanced."
	case clock.Scaled:
		return fmt.Sprintf("The company’s clock runs %g times as fast.", s.Factor)
	}
	return ""
}

// clockTime writes a span as m:ss or h:mm:ss, never below zero.
func clockTime(d time.Duration) string {
	seconds := max(0, int((d + time.Second - 1).Seconds()))
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// until is how much of the machine's time passes before an instant of the company's clock; a day where that clock stands still.
func (s *session) until(at time.Time) time.Duration {
	if s.Factor <= 0 {
		return 24 * time.Hour
	}
	return time.Duration(float64(at.Sub(s.Now)) / s.Factor)
}

// refresh is the content of a refresh by itself after d, in whole seconds and at least one.
func refresh(d time.Duration, to string) string {
	seconds := min(max(1, int((d+time.Second-1).Seconds())), 24*3600)
	return fmt.Sprintf("%d;url=%s", seconds, to)
}

// field reads a text field of the merchant's call.
func (s *session) field(name string) string {
	doc, err := openapi.Decode(s.Payment.Request)
	if err != nil {
		return ""
	}
	return doc.Text(name)
}

// cryptoView is an invoice in coins.
type cryptoView struct {
	Coin, Address string
	Fixed         string // the amount with all its decimals
	Price         string
	State, Says   string        // in the provider's word, and for the shopper
	Nav           template.HTML // links to the same invoice in other coins, while it can be paid
	Code          template.HTML // the QR code
}

func (p *pages) invoice(s *session, v *view, query url.Values) error {
	coins := provider.Coins()
	coin := coins[0]
	if i := slices.Index(coins, query.Get("coin")); i >= 0 {
		coin = coins[i]
	}
	made, err := provider.NewInvoice(s.Payment.Amount, coin, s.Random("invoice "+coin))
	if err != nil {
		return err
	}
	v.Crypto = &cryptoView{
		Coin: coin, Address: made.Address, Fixed: made.Amount.Fixed(8), Price: made.Rate.Fixed(2) + " " + s.Payment.Currency, State: s.Payment.Raw, Says: "No coins have been seen yet",
	}
	switch {
	case v.State == stateProcessing:
		v.Crypto.Says = "The coins are seen, and not confirmed yet"
	case s.Payment.Raw == "underpayment":
		v.Crypto.Says = "Fewer coins than the invoice asks for have arrived"
	}
	if v.Crypto.Code, err = p.codes.draw(made.URI); err != nil || v.State != stateInvoice {
		return err
	}
	v.Crypto.Nav, err = p.drawer.part("coins", coin, func() any {
		return struct {
			Coins []string
			Coin  string
		}{coins, coin}
	})
	return err
}

// bankView is the steps of a test bank.
type bankView struct {
	Buttons template.HTML // one for each bank
	Chosen  *provider.Bank
	Country string
}

func (p *pages) bankView(s *session, query url.Values) (b *bankView, err error) {
	b = &bankView{Country: s.market()}
	banks := s.Provider.Banks(b.Country)
	for i := range banks {
		if banks[i].ID == query.Get("bank") {
			b.Chosen = &banks[i]
		}
	}
	b.Buttons, err = p.drawer.part("banks", s.Provider.Slug+" "+banks[0].Name, func() any { return banks })
	return b, err
}

// market is the country whose banks are offered: the call names one of Cleo's three (documented).
func (s *session) market() string {
	switch s.Provider.Slug {
	case "cleo":
		return s.field("countryCode")
	case "payone", "gigadat":
		return "CA"
	}
	return s.field("country")
}

// timeline is the link to a payment's timeline in the console; "" where there is none.
func (p *pages) timeline(payment, company string) template.HTMLAttr {
	if p.Console == "" {
		return ""
	}
	return attributes("href", p.Console+"/payments/"+payment+"?company="+url.QueryEscape(company))
}
