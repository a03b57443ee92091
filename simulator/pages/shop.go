package pages

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
)

// shop serves the demo shop.
type shop struct{ pages *pages }

// mount adds the demo shop to the public router.
func (s *shop) mount(router *mux.Router) {
	router.HandleFunc(backoffice.DemoPath, s.whereOpen(s.show)).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc(backoffice.DemoPath, s.whereOpen(s.buy)).Methods(http.MethodPost)
	const paid = backoffice.DemoPath + "/payment"
	router.HandleFunc(paid, s.whereOpen(s.showOrder)).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc(paid+"/state", s.whereOpen(s.orderState)).Methods(http.MethodGet)
	router.HandleFunc(paid+"/{result:success|failure|pending}", s.whereOpen(s.showOrder)).Methods(http.MethodGet, http.MethodHead)
}

// whereOpen calls a handler while there is a demo company.
func (s *shop) whereOpen(next func(http.ResponseWriter, *http.Request, []Checkout)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := s.pages.Shop.Checkouts()
		if len(all) == 0 {
			s.pages.refuse(w, r, http.StatusNotFound, stateUnknown, "No demo shop", "This simulator has no demo company, and so no demo shop.")
			return
		}
		next(w, r, all)
	}
}

func (s *shop) path() string { return s.pages.Base.Prefix() + backoffice.DemoPath }

// show shows what can be paid with; the query keeps what was typed before.
func (s *shop) show(w http.ResponseWriter, r *http.Request, all []Checkout) {
	query := r.URL.Query()
	v := s.view(stateShop, "Demo shop", &shopView{
		Checkouts: all, Chosen: all[0], Refused: query.Get("refused"), Wishes: wishes(all), Amounts: s.amounts(all),
	})
	for _, psp := range []string{"TRUST", query.Get("psp")} { // of all journeys the first has most to show
		if c, ok := checkout(all, psp); ok {
			v.Shop.Chosen = c
		}
	}
	v.Shop.Chosen.Amount = cmp.Or(query.Get("amount"), exact(v.Shop.Chosen.Amount))
	v.Shop.Chosen.Wish = query.Get("what")
	v.Wrong = map[string]string{}
	if query.Has("amount") && !isAmount(query.Get("amount")) {
		v.Wrong["amount"] = "Type an amount such as 12.50."
	}
	if granted := v.Shop.Chosen.wishes(); v.Shop.Chosen.Wish == "" {
		v.Shop.Chosen.Wish = granted[0].Value
	} else if !offers(granted, v.Shop.Chosen.Wish) {
		v.Wrong["what"] = v.Shop.Chosen.Name + " can’t have that: " + v.Shop.Chosen.lacks() + "."
	}
	s.pages.render(w, r, http.StatusOK, v)
}

// amounts are the test amounts of the shop's providers.
func (s *shop) amounts(all []Checkout) (amounts []testAmount) {
	for _, a := range s.pages.TestData.Cards.Amounts {
		if c, ok := checkout(all, a.PSP); ok {
			amounts = append(amounts, testAmount{a, c.Name, attributes("href", s.path()+"?psp="+url.QueryEscape(a.PSP)+"&amount="+url.QueryEscape(a.Amount))})
		}
	}
	return amounts
}

func (s *shop) view(shown state, title string, of *shopView) *view {
	of.Again = attributes("href", s.path())
	return &view{
		State: shown, Title: title, Shop: of, Action: attributes("method", "post", "action", s.path()),
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
func (s *shop) buy(w http.ResponseWriter, r *http.Request, all []Checkout) {
	if forged(s.pages.forgery, s.pages.Base, r) {
		s.pages.refuse(w, r, http.StatusForbidden, stateRefused, "Refused", "The demo shop is used on its own page; this form was sent from somewhere else.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	chosen, ok := checkout(all, r.PostFormValue("psp"))
	if !ok {
		s.pages.refuse(w, r, http.StatusBadRequest, stateRefused, "Refused", "psp must be one of the shop's.")
		return
	}
	chosen.Amount, chosen.Wish = strings.TrimSpace(r.PostFormValue("amount")), cmp.Or(r.PostFormValue("what"), chosen.wishes()[0].Value)
	if !offers(wishes(all), chosen.Wish) {
		s.pages.refuse(w, r, http.StatusBadRequest, stateRefused, "Refused", "what must be one of the shop's.")
		return
	}
	back := s.path() + "?psp=" + url.QueryEscape(chosen.PSP) + "&amount=" + url.QueryEscape(chosen.Amount) + "&what=" + url.QueryEscape(chosen.Wish)
	if !isAmount(chosen.Amount) || !offers(chosen.wishes(), chosen.Wish) {
		s.pages.redirect(w, back)
		return
	}
	key := rand.Text()
	chosen.Reference = reference(key)
	page, refused, err := s.pages.Shop.Pay(r.Context(), s.pages.Base.Of(r), chosen)
	switch {
	case err != nil:
		s.pages.fail(w, r, err)
	case refused != "":
		s.pages.redirect(w, back+"&refused="+url.QueryEscape(refused))
	default:
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the pages are reached by https
			Name: cookieName, Value: key, Path: s.path(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
			Secure: strings.HasPrefix(s.pages.Base.Of(r), "https:"), MaxAge: int((24 * time.Hour).Seconds()),
		})
		s.pages.redirect(w, cmp.Or(page, s.path()+"/payment"))
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
func (s *shop) order(r *http.Request, all []Checkout) (*order, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, journal.ErrNotFound
	}
	made, err := s.pages.Shop.Order(r.Context(), reference(cookie.Value))
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

// showOrder shows the browser's order, which is also where its shopper returns to.
func (s *shop) showOrder(w http.ResponseWriter, r *http.Request, all []Checkout) {
	o, err := s.order(r, all)
	if errors.Is(err, journal.ErrNotFound) {
		v := s.view(stateForeign, "Back at the shop", &shopView{})
		v.Message = mux.Vars(r)["result"]
		s.pages.render(w, r, http.StatusOK, v)
		return
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	amount := exact(o.Amount.String()) + " " + o.Currency
	title := map[state]string{statePaid: "Paid", stateUnpaid: "Not paid", stateWaiting: "Waiting for the webhook"}[o.State]
	if !o.Checkout.HasWebhooks && o.State == stateWaiting {
		title = "Waiting for the payment"
	}
	v := s.view(o.State, title, &shopView{Order: o})
	v.Amount, v.Timeline = amount, s.pages.timeline(o.ID, backoffice.DemoName)
	self := s.path() + "/payment"
	if o.State == stateWaiting {
		v.Refresh = refresh(2*time.Second, self)
	}
	v.Data = attributes("class", "skin-shop", "data-testid", "page", "data-state", string(o.State), "data-psp", o.PSP, "data-mark", o.mark(),
		"data-page", self, "data-self", self, "data-refresh", v.Refresh)
	s.pages.render(w, r, http.StatusOK, v)
}

// orderState answers the script of an order's page.
func (s *shop) orderState(w http.ResponseWriter, r *http.Request, all []Checkout) {
	o, err := s.order(r, all)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"mark":%q}`, o.mark())
}
