package pages

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/scenario"
)

// Config is what the pages need.
type Config struct {
	Sessions *Sessions
	TestData *scenario.TestData
	Base     *listener.Base // where browsers reach the pages
	Console  string         // where they reach the console; "" = there is none
	Shop     *Merchant      // the demo company's; nil = there is none
	Log      *slog.Logger
}

type pages struct {
	Config
	drawer  *drawer
	codes   codes
	actions *actions
	forgery *http.CrossOriginProtection
}

// find returns the session of a request's path; when there is none it has answered already.
func (p *pages) find(w http.ResponseWriter, r *http.Request) *session {
	vars := mux.Vars(r)
	s, err := p.Sessions.find(r.Context(), vars["psp"], vars["session"])
	if err == nil && isDeposit(r) && s.Payment.Type != "PAYOUT" {
		err = errUnknown
	}
	switch {
	case err == nil:
		s.Public = p.Base.Of(r)
		return s
	case errors.Is(err, errUnknown):
		p.refuse(w, r, http.StatusNotFound, stateUnknown, "Unknown payment",
			"No payment of this simulator has this page. It may have been restarted or reset since the redirect URL was made.")
	default:
		p.fail(w, r, err)
	}
	return nil
}

func (p *pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Log.Error("hosted page", "path", r.URL.Path, "error", err)
	status := http.StatusInternalServerError
	if errors.Is(err, journal.ErrUnavailable) {
		status = http.StatusServiceUnavailable
		w.Header().Set(refusal.ErrorHeader, "data-unavailable")
	}
	p.refuse(w, r, status, stateRefused, "Something went wrong", "The simulator could not read or keep this payment; its log has the details.")
}

// show answers with the page in its present state.
func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	s := p.find(w, r)
	if s == nil {
		return
	}
	query := r.URL.Query()
	if r.Method == http.MethodGet && s.Payment.PageVisit().Opened.IsZero() && s.Provider.HasPage(s.Payment.Type) {
		if err := p.Sessions.opened(r.Context(), s); err != nil && !errors.Is(err, errStale) {
			p.fail(w, r, err)
			return
		}
	}
	if p.returnsFirst(s) {
		p.redirect(w, p.self(s, r)+"/return")
		return
	}
	v, err := p.view(s, r, query)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, v)
}

// returnsFirst says whether the simulated shopper still has to return to the merchant before the merchant is notified.
func (p *pages) returnsFirst(s *session) bool {
	if s.Shopper == nil || s.Shopper.Action != scenario.ActionReturnFirst || len(s.Payment.PageVisit().Returns) > 0 || s.over() {
		return false
	}
	to, example := s.returnURL(s.result())
	return to != "" && !example
}

// leave sends the browser back to the merchant in any state of the payment. The target depends on the stored call and the
// configuration alone.
func (p *pages) leave(w http.ResponseWriter, r *http.Request) {
	s := p.find(w, r)
	if s == nil {
		return
	}
	result := s.result()
	to, _ := s.returnURL(result)
	if to == "" || !s.Provider.HasPage(s.Payment.Type) {
		p.redirect(w, p.page(s)+"?stay=1")
		return
	}
	plain, _, _ := strings.Cut(to, "#")
	plain, _, _ = strings.Cut(plain, "?")
	if err := p.Sessions.left(r.Context(), s, result, plain); err != nil && !errors.Is(err, errStale) {
		p.fail(w, r, err)
		return
	}
	p.redirect(w, to)
}

// state answers the page's own script: mark changes when the page must be loaded again.
func (p *pages) state(w http.ResponseWriter, r *http.Request) {
	s := p.find(w, r)
	if s == nil {
		return
	}
	header := w.Header()
	secure(header)
	header.Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"mark":%q,"now":%q,"factor":%s}`, s.mark(), s.Now.Format(instant), strconv.FormatFloat(s.Factor, 'g', -1, 64))
}

// mark changes with everything that makes a page show something else.
func (s *session) mark() string {
	mark := strconv.Itoa(len(s.Payment.Decisions)) + "-" + string(s.Payment.Status)
	if _, decided := s.last(); decided && !s.again() { // else what is typed would go
		mark += "-" + s.webhook()
	}
	switch {
	case s.over():
		mark += "-over"
	case s.Shopper != nil:
		mark += "-simulated"
	}
	return mark
}

// page is the path of a payment's page; self is the one that the request is about: the deposit page has its own.
func (p *pages) page(s *session) string {
	return p.Base.Prefix() + "/pay/" + s.Provider.Slug + "/" + url.PathEscape(s.Payment.Session)
}

func (p *pages) self(s *session, r *http.Request) string {
	if isDeposit(r) {
		return p.page(s) + "/deposit"
	}
	return p.page(s)
}

func isDeposit(r *http.Request) bool {
	return len(r.URL.Path) > len("/deposit") && r.URL.Path[len(r.URL.Path)-len("/deposit"):] == "/deposit"
}

// redirect answers a 303: the browser then loads the page by GET.
func (p *pages) redirect(w http.ResponseWriter, to string) {
	secure(w.Header())
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// refuse answers with a page that has only a message.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, status int, shown state, title, message string) {
	p.render(w, r, status, &view{State: shown, Title: title, Message: message, Back: attributes("href", p.Base.Prefix()+"/"), Data: attributes("class", "skin-none", "data-testid", "page", "data-state", string(shown))})
}

// render writes a page.
func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, v *view) {
	if err := p.drawer.draw(w, r, status, v.template(), v); err != nil {
		p.Log.Error("hosted page", "path", r.URL.Path, "error", err)
		http.Error(w, "the page can't be drawn; the log has the details", http.StatusInternalServerError)
	}
}

// returns is how often the shopper returns by the action.
func returns(action scenario.ShopperAction) int {
	switch action {
	case scenario.ActionCloseTab:
		return 0
	case scenario.ActionReturnTwice:
		return 2
	}
	return 1
}

// returning says whether the page returns to the merchant by itself: when its payment has just been decided here, or
// while it was open; and when the shopper of a scenario returns.
func (s *session) returning(done bool, to string, example bool) bool {
	last, decided := s.last()
	action := scenario.ShopperAction(last.Action)
	if !decided || to == "" || example || len(s.Payment.PageVisit().Returns) >= returns(action) {
		return false
	}
	return done || action == scenario.ActionReturnFirst || action == scenario.ActionReturnTwice
}
