package console

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
)

// maxFormBytes bounds a form.
const maxFormBytes = 2 << 20

// loggedIn lets requests pass that have a session, where one is needed, and forms that a page of this console sent.
func (c *console) loggedIn(handle func(*request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		setSecurityHeaders(w.Header())
		r := &request{console: c, Request: hr, w: w, FormToken: c.formToken}
		if c.Token != "" {
			session, ok := c.Sessions.find(hr)
			if !ok {
				c.requireLogin(w, hr)
				return
			}
			r.FormToken = session.formToken
		}
		if hr.Method == http.MethodPost {
			if problem := checkForm(r); problem != nil {
				r.render(c.failure(problem))
				return
			}
		}
		if err := r.load(); err != nil {
			r.render(c.failure(err))
			return
		}
		handle(r)
	})
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

// isSameOrigin judges by the headers that browsers set; a client that sets none has to know the form's token.
func isSameOrigin(r *http.Request) bool { return http.NewCrossOriginProtection().Check(r) == nil }

// loginView is what the login page shows: what is wrong, or where to continue.
type loginView struct{ Problem, Continue string }

func (c *console) showLogin(w http.ResponseWriter, status int, problem string) {
	c.write(w, "login", status, loginView{Problem: problem})
}

// requireLogin asks for a login. A browser that comes from another site withholds the cookie once; the page then opens the
// same address again, and the browser sends the cookie.
func (c *console) requireLogin(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if reads && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		c.write(w, "login", http.StatusOK, loginView{Continue: r.URL.RequestURI()})
		return
	}
	c.showLogin(w, http.StatusUnauthorized, "log in with the admin token: the simulator prints it, and a link with it, when it starts")
}

// loginPage takes the token of the printed link, or asks for it. A redirect removes the token from the address at once.
func (c *console) loginPage(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	switch token := r.URL.Query().Get("token"); {
	case c.Token == "", token == "" && c.Sessions.Known(r):
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case token == "":
		c.showLogin(w, http.StatusOK, "")
	default:
		c.logInWith(w, r, token)
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
		c.showLogin(w, http.StatusForbidden, "this form was not sent by the console's own page: send it again")
		return
	}
	c.logInWith(w, r, strings.TrimSpace(r.PostForm.Get("token")))
}

// logInWith starts a session if the token is right; the API's guard compares it, in constant time.
func (c *console) logInWith(w http.ResponseWriter, r *http.Request, token string) {
	if wait, limited := c.Sessions.limited(r); limited {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		c.showLogin(w, http.StatusTooManyRequests, fmt.Sprintf("too many wrong tokens: try again in %s", wait.Round(time.Second)))
		return
	}
	if _, err := inProcessClient(c.API, token).Version(r.Context()); token == "" || err != nil {
		c.Sessions.failed(r)
		c.Log.Warn("console: wrong token", "from", r.RemoteAddr)
		c.showLogin(w, http.StatusUnauthorized, "that is not the admin token")
		return
	}
	cookie, err := c.Sessions.start(r)
	if err != nil {
		c.showLogin(w, http.StatusInternalServerError, c.problem(err).Message)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *console) logout(r *request) {
	if c.Token != "" {
		http.SetCookie(r.w, c.Sessions.end(r.Request))
	}
	http.Redirect(r.w, r.Request, "/login", http.StatusSeeOther)
}
