package pages

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
)

// Shop is a merchant of the simulator's own: the demo company, as its server sees it. It keeps the company's tokens to itself.
type Shop interface {
	// Checkouts lists what can be paid with; nothing when there is no demo company.
	Checkouts() []Checkout
	// Pay calls the Cashier API by the checkout of a provider; base is the URL by which the shopper reaches the pages. page is where
	// the shopper pays, "" when the answer has no redirect; refused says why no payment was made, "" when one was.
	Pay(ctx context.Context, base string, c Checkout) (page, refused string, err error)
	// Order reads the demo company's payment of a reference. The error is journal.ErrNotFound when there is none.
	Order(ctx context.Context, reference string) (adminapi.Payment, error)
}

// Checkout is a way to pay in the demo shop.
type Checkout struct {
	PSP, Name        string
	Amount, Currency string
	Reference        string // merchantReference
	HasPage          bool   // the shopper pays on a hosted page
	HasWebhooks      bool   // the provider notifies
}

// shopView is what the demo shop shows: what can be bought, or an order.
type shopView struct {
	Checkouts []Checkout
	Chosen    Checkout
	Refused   string
	Order     *order
	Again     template.HTMLAttr // of a link to the shop
}

// order is a payment that a browser has made in the shop, as the merchant knows it.
type order struct {
	adminapi.Payment
	Checkout Checkout
	Back     string // how the shopper has returned; "" = not yet
	Webhook  string // what the last webhook that was taken said: Approved, Declined, Pending; "" = none came
	Raw      string // and in the provider's own word
	State    state
}

// States of the shop.
const (
	stateShop    state = "shop"
	stateWaiting state = "waiting"
	statePaid    state = "paid"
	stateUnpaid  state = "unpaid"
	stateForeign state = "foreign"
)

// mountShop adds the demo shop to the public router.
func (p *pages) mountShop(router *mux.Router) {
	router.HandleFunc(backoffice.DemoPath, p.inShop(p.showShop)).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc(backoffice.DemoPath, p.inShop(p.buy)).Methods(http.MethodPost)
	const paid = backoffice.DemoPath + "/payment"
	router.HandleFunc(paid, p.inShop(p.showOrder)).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc(paid+"/state", p.inShop(p.orderState)).Methods(http.MethodGet)
	router.HandleFunc(paid+"/{result:success|failure|pending}", p.inShop(p.showOrder)).Methods(http.MethodGet, http.MethodHead)
}

// inShop calls a handler while there is a demo company.
func (p *pages) inShop(next func(http.ResponseWriter, *http.Request, []Checkout)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := p.Shop.Checkouts()
		if len(all) == 0 {
			p.refuse(w, r, http.StatusNotFound, stateUnknown, "No demo shop", "This simulator has no demo company, and so no demo shop.")
			return
		}
		next(w, r, all)
	}
}

func (p *pages) shopPath() string { return p.Base.Prefix() + backoffice.DemoPath }

// showShop shows what can be paid with; the query keeps what was typed before.
func (p *pages) showShop(w http.ResponseWriter, r *http.Request, all []Checkout) {
	query := r.URL.Query()
	v := p.shopView(stateShop, "Demo shop", &shopView{Checkouts: all, Chosen: all[0], Refused: query.Get("refused")})
	for _, psp := range []string{"TRUST", query.Get("psp")} { // of all journeys the first has most to show
		if c, ok := checkout(all, psp); ok {
			v.Shop.Chosen = c
		}
	}
	v.Shop.Chosen.Amount = cmp.Or(query.Get("amount"), exact(v.Shop.Chosen.Amount))
	if query.Has("amount") && !isAmount(query.Get("amount")) {
		v.Wrong = map[string]string{"amount": "Type an amount such as 12.50."}
	}
	p.render(w, r, http.StatusOK, v)
}

func (p *pages) shopView(shown state, title string, s *shopView) *view {
	s.Again = attributes("href", p.shopPath())
	return &view{
		State: shown, Title: title, Shop: s, Action: attributes("method", "post", "action", p.shopPath()),
		Data: attributes("class", "skin-shop", "data-testid", "page", "data-state", string(shown)),
	}
}

func checkout(all []Checkout, psp string) (Checkout, bool) {
	i := slices.IndexFunc(all, func(c Checkout) bool { return c.PSP == psp })
	if i < 0 {
		return Checkout{}, false
	}
	return all[i], true
}

var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})(\.[0-9]{1,2})?$`)

func isAmount(text string) bool {
	return amountForm.MatchString(text) && strings.Trim(text, "0.") != ""
}

// exact writes an amount with its two decimals.
func exact(amount string) string {
	if a, err := money.Parse(amount, 2); err == nil {
		return a.Fixed(2)
	}
	return amount
}

// buy makes a payment and sends the browser to where the shopper pays. The browser gets a key that opens this order alone: the
// payment has its hash as the merchant's reference, so that the shop remembers nothing.
func (p *pages) buy(w http.ResponseWriter, r *http.Request, all []Checkout) {
	if forged(p.forgery, p.Base, r) {
		p.refuse(w, r, http.StatusForbidden, stateRefused, "Refused", "The demo shop is used on its own page; this form was sent from somewhere else.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	chosen, ok := checkout(all, r.PostFormValue("psp"))
	if !ok {
		p.refuse(w, r, http.StatusBadRequest, stateRefused, "Refused", "psp must be one of the shop's.")
		return
	}
	chosen.Amount = strings.TrimSpace(r.PostFormValue("amount"))
	back := p.shopPath() + "?psp=" + url.QueryEscape(chosen.PSP) + "&amount=" + url.QueryEscape(chosen.Amount)
	if !isAmount(chosen.Amount) {
		p.redirect(w, back)
		return
	}
	key := rand.Text()
	chosen.Reference = reference(key)
	page, refused, err := p.Shop.Pay(r.Context(), p.Base.Of(r), chosen)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case refused != "":
		p.redirect(w, back+"&refused="+url.QueryEscape(refused))
	default:
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the pages are reached by https
			Name: cookieName, Value: key, Path: p.shopPath(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
			Secure: strings.HasPrefix(p.Base.Of(r), "https:"), MaxAge: int((24 * time.Hour).Seconds()),
		})
		p.redirect(w, cmp.Or(page, p.shopPath()+"/payment"))
	}
}

// cookieName is the cookie with a browser's last order.
const cookieName = "mozartosim-demo-order"

// reference is the merchant's reference of the order that a key opens.
func reference(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "demo-" + base32.StdEncoding.EncodeToString(sum[:15])
}

// order finds the order of a browser. The error is journal.ErrNotFound when it has none, or another's.
func (p *pages) order(r *http.Request, all []Checkout) (*order, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, journal.ErrNotFound
	}
	made, err := p.Shop.Order(r.Context(), reference(cookie.Value))
	if err != nil {
		return nil, err
	}
	o := &order{Payment: made, Back: mux.Vars(r)["result"]}
	o.Checkout, _ = checkout(all, made.PSP)
	if made.Visit != nil && len(made.Visit.Returns) > 0 {
		o.Back = made.Visit.Returns[len(made.Visit.Returns)-1].Result
	}
	o.read()
	return o, nil
}

// read finds what the merchant knows: what the last webhook said that its handler took; where the provider notifies nobody, what
// the back office says.
func (o *order) read() {
	for _, d := range o.Deliveries {
		if d.State == "delivered" && d.Notification > 0 && d.Notification <= len(o.Notifications) {
			n := o.Notifications[d.Notification-1]
			o.Webhook, o.Raw = n.TransactionStatus, n.Raw
		}
	}
	known := o.Webhook
	if !o.Checkout.HasWebhooks {
		known = o.TransactionStatus
	}
	switch known {
	case "Approved":
		o.State = statePaid
	case "Declined":
		o.State = stateUnpaid
	default:
		o.State = stateWaiting
	}
}

// mark changes with everything that the page of an order shows.
func (o *order) mark() string {
	visit := 0
	if o.Visit != nil {
		visit = len(o.Visit.Returns)
	}
	return fmt.Sprintf("%s-%s-%d-%d", o.State, o.Status, len(o.Deliveries), visit)
}

// showOrder shows the browser's order, which is also where its shopper returns to.
func (p *pages) showOrder(w http.ResponseWriter, r *http.Request, all []Checkout) {
	o, err := p.order(r, all)
	if errors.Is(err, journal.ErrNotFound) {
		v := p.shopView(stateForeign, "Back at the shop", &shopView{})
		v.Message = mux.Vars(r)["result"]
		p.render(w, r, http.StatusOK, v)
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	amount := exact(o.Amount.String()) + " " + o.Currency
	title := map[state]string{statePaid: "Paid", stateUnpaid: "Not paid", stateWaiting: "Waiting for the webhook"}[o.State]
	if !o.Checkout.HasWebhooks && o.State == stateWaiting {
		title = "Waiting for the payment"
	}
	v := p.shopView(o.State, title, &shopView{Order: o})
	v.Amount, v.Timeline = amount, p.timeline(o.ID, backoffice.DemoName)
	self := p.shopPath() + "/payment"
	if o.State == stateWaiting {
		v.Refresh = refresh(2*time.Second, self)
	}
	v.Data = attributes("class", "skin-shop", "data-testid", "page", "data-state", string(o.State), "data-psp", o.PSP, "data-mark", o.mark(),
		"data-page", self, "data-self", self, "data-refresh", v.Refresh)
	p.render(w, r, http.StatusOK, v)
}

// orderState answers the script of an order's page.
func (p *pages) orderState(w http.ResponseWriter, r *http.Request, all []Checkout) {
	o, err := p.order(r, all)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"mark":%q}`, o.mark())
}

// timeline is the link to a payment's timeline in the console; "" where there is none.
func (p *pages) timeline(payment, company string) template.HTMLAttr {
	if p.Console == "" {
		return ""
	}
	return attributes("href", p.Console+"/payments/"+payment+"?company="+url.QueryEscape(company))
}
