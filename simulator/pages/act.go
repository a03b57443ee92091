package pages

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"mozartosim/simulator/listener"
)

// maxForm bounds a form's body: the longest that a page sends is a card's, about 300 bytes.
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
	to, err := p.actions.do(r, s, f)
	var conflict interface{ Conflicts() }
	var bad *badForm
	switch {
	case errors.Is(err, errStale), errors.As(err, &conflict): // it has been decided meanwhile: that is what is shown
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
