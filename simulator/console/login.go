package console

import (
	"fmt"
	"net/http"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/docs"
	"mozartosim/simulator/inprocess"
)

// maxFormBytes bounds a form.
const maxFormBytes = 2 << 20

// loggedIn lets requests pass that have a session, where one is needed, and forms that a page of this console sent.
func (c *console) loggedIn(handle func(*request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		setSecurityHeaders(w.Header())
		token, ok := c.formTokenOf(hr)
		if !ok {
			c.requireLogin(w, hr)
			return
		}
		r := &request{console: c, Request: hr, w: w, FormToken: token}
		if hr.Method == http.MethodPost {
			if problem := checkForm(r); problem != nil {
				r.render(c.failure(problem)) //nolint:contextcheck // r has the request's
				return
			}
		}
		if err := r.load(); err != nil { //nolint:contextcheck // r has the request's
			r.render(c.failure(err)) //nolint:contextcheck // r has the request's
			return
		}
		handle(r)
	})
}

// formTokenOf is what forms have to carry; ok is false for a browser that has to log in.
func (c *console) formTokenOf(r *http.Request) (token string, ok bool) {
	if c.Token == "" {
		return c.formToken, true
	}
	session, ok := c.Sessions.find(r)
	return session.formToken, ok
}

// setSecurityHeaders sets what every answer of the console has: no scripts and styles but its own, no frames, no copies.
func setSecurityHeaders(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin") // browsers send Origin with forms then
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// checkForm reads the form. It must come from the console's origin and have the session's token.
func checkForm(r *request) error {
	r.Body = http.MaxBytesReader(r.w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		return badRequest(fmt.Sprintf("the form is not readable, or larger than %d bytes", maxFormBytes))
	}
	if !isSameOrigin(r.Request) || !equalSecrets(r.PostForm.Get("_token"), r.FormToken) {
		return &adminapi.Error{
			Status: http.StatusForbidden, Message: "this form was not sent by a page of this console, or is older than your login",
			Problems: []string{"go back, reload the page, and send it again"},
		}
	}
	return nil
}

// open serves what nobody needs to log in for: it is the same in every simulator.
func (c *console) open(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		setSecurityHeaders(w.Header())
		next(w, r)
	}
}

// try hands on a call that is tried out on a page of /docs. It needs what a form needs: a login, and the page's form token, which
// pages of other sites can't read.
func (c *console) try(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	token, ok := c.formTokenOf(r)
	if !ok {
		http.Error(w, "log in to the console, and reload the page", http.StatusUnauthorized)
		return
	}
	if !isSameOrigin(r) || !equalSecrets(r.Header.Get(docs.FormTokenHeader), token) {
		http.Error(w, "this call was not sent by a page of this console, or is older than your login: reload the page", http.StatusForbidden)
		return
	}
	c.Docs.Try(w, r)
}

// isSameOrigin judges by the headers that browsers set; a client that sets none has to know the form's token.
func isSameOrigin(r *http.Request) bool { return http.NewCrossOriginProtection().Check(r) == nil }

// loginView is what the login page shows: what is wrong, or where to continue.
type loginView struct{ Problem, Continue string }

func (c *console) showLogin(w http.ResponseWriter, r *http.Request, status int, problem string) {
	c.write(w, r, "login", status, loginView{Problem: problem})
}

// requireLogin asks for a login.
func (c *console) requireLogin(w http.ResponseWriter, r *http.Request) {
	c.showLogin(w, r, http.StatusUnauthorized, "log in with the admin token, or by the link that the simulator printed when it started")
}

// fromAnotherSite refuses what a page of another site made the browser ask for. A link there may be followed all the same: the page
// that refuses it opens the same address again, from here.
func (c *console) fromAnotherSite(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	view := loginView{Problem: "this was asked for by a page of another site"}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		view.Continue = r.URL.RequestURI()
	}
	c.write(w, r, "login", http.StatusForbidden, view)
}

// loginPage takes the code of the printed link, or asks for the token. A redirect removes the code from the address at once.
func (c *console) loginPage(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	code := r.URL.Query().Get("code")
	switch {
	case c.Token == "", c.Sessions.Known(r):
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case code == "":
		c.showLogin(w, r, http.StatusOK, "")
	case c.Sessions.takeCode(code):
		c.startSession(w, r)
	default:
		c.showLogin(w, r, http.StatusUnauthorized, "that link has been used, is too old, or was printed by another process: log in with the admin token")
	}
}

func (c *console) login(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	if c.Token == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if !isSameOrigin(r) || r.ParseForm() != nil {
		c.showLogin(w, r, http.StatusForbidden, "this form was not sent by the console's own page: send it again")
		return
	}
	c.logInWith(w, r, strings.TrimSpace(r.PostForm.Get("token")))
}

// logInWith starts a session if the token is right; the API's guard compares it, in constant time, and counts wrong ones.
func (c *console) logInWith(w http.ResponseWriter, r *http.Request, token string) {
	_, err := inprocess.Admin(c.API, token, r.RemoteAddr).Version(r.Context())
	switch {
	case adminapi.StatusOf(err) == http.StatusTooManyRequests:
		c.showLogin(w, r, http.StatusTooManyRequests, "that is not the admin token, and it was wrong too often from your address: wait a minute")
	case token == "" || err != nil:
		c.Log.Warn("console: wrong token", "from", r.RemoteAddr)
		c.showLogin(w, r, http.StatusUnauthorized, "that is not the admin token")
	default:
		c.startSession(w, r)
	}
}

func (c *console) startSession(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, c.Sessions.start(r))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *console) logout(r *request) {
	if c.Token != "" {
		cookie, err := c.Sessions.end(r.Request)
		if err != nil {
			r.render(c.failure(err))
			return
		}
		http.SetCookie(r.w, cookie)
	}
	http.Redirect(r.w, r.Request, "/login", http.StatusSeeOther)
}
