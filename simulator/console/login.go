package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// mostTyped bounds a form, in bytes.
const mostTyped = 2 << 20

// guarded lets those through who may see pages, and forms that this console drew.
func (c *console) guarded(do func(*visit)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.secure(w)
		v := &visit{console: c, ResponseWriter: w, Request: r, formToken: c.formToken}
		if c.Token != "" {
			known, ok := c.Sessions.find(r)
			if !ok {
				c.turnAway(w, r)
				return
			}
			v.formToken = known.formToken
		}
		if r.Method == http.MethodPost {
			if why := v.forged(); why != nil {
				c.draw(v, c.failure(why))
				return
			}
		}
		if err := v.settle(); err != nil {
			c.draw(v, c.failure(err))
			return
		}
		do(v)
	})
}

// secure sets what every answer of the console has: nothing but its own script and style runs, nobody frames it, nothing is
// kept.
func (c *console) secure(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin") // an Origin is sent with forms, and nothing leaves
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// forged says why a form may not be one of ours, nil when it is: it comes from our origin and bears the session's token.
func (v *visit) forged() error {
	v.Request.Body = http.MaxBytesReader(v.ResponseWriter, v.Request.Body, mostTyped)
	if err := v.ParseForm(); err != nil {
		return &problem{Status: http.StatusBadRequest, Message: fmt.Sprintf("the form is not readable, or larger than %d bytes", mostTyped)}
	}
	if !ownOrigin(v.Request) || !same(v.PostForm.Get("_token"), v.formToken) {
		return &problem{
			Status: http.StatusForbidden, Message: "this form was not sent by a page of this console, or is older than your login",
			Problems: []string{"go back, reload the page, and send it again"},
		}
	}
	return nil
}

// ownOrigin judges by what browsers say of themselves; who says nothing is no browser, and has to know the form's token.
func ownOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	for _, origin := range r.Header.Values("Origin") {
		from, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(from.Host, r.Host) {
			return false
		}
	}
	return true
}

// turnAway asks for a login. A browser that comes from another site withholds the cookie once; then the page sends it on its
// way itself, and with the cookie.
func (c *console) turnAway(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if reads && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		c.drawLogin(w, http.StatusOK, loginView{On: r.URL.RequestURI()})
		return
	}
	why := &problem{Message: "log in with the admin token: the simulator prints it, and a link with it, when it starts"}
	c.drawLogin(w, http.StatusUnauthorized, loginView{Why: why})
}

// loginPage takes the token of the printed link, or asks for it. The token leaves the address at once.
func (c *console) loginPage(w http.ResponseWriter, r *http.Request) {
	c.secure(w)
	switch token := r.URL.Query().Get("token"); {
	case c.Token == "", token == "" && c.Sessions.Known(r):
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case token == "":
		c.drawLogin(w, http.StatusOK, loginView{})
	default:
		c.enter(w, r, token)
	}
}

func (c *console) login(w http.ResponseWriter, r *http.Request) {
	c.secure(w)
	if c.Token == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if !ownOrigin(r) || r.ParseForm() != nil {
		c.drawLogin(w, http.StatusForbidden, loginView{Why: &problem{Message: "this form was not sent by the console's own page: send it again"}})
		return
	}
	c.enter(w, r, strings.TrimSpace(r.PostForm.Get("token")))
}

// enter begins a session when the token is right. Whether it is, the API's guard says, in constant time.
func (c *console) enter(w http.ResponseWriter, r *http.Request, token string) {
	if wait, refused := c.Sessions.tooMany(r); refused {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		why := fmt.Sprintf("too many wrong tokens: try again in %s", wait.Round(time.Second))
		c.drawLogin(w, http.StatusTooManyRequests, loginView{Why: &problem{Message: why}})
		return
	}
	if err := (client{c.API, token}).get(r.Context(), "/version", nil, nil); token == "" || err != nil {
		c.Sessions.failed(r)
		c.Log.Warn("console: wrong token", "from", r.RemoteAddr)
		c.drawLogin(w, http.StatusUnauthorized, loginView{Why: &problem{Message: "that is not the admin token"}})
		return
	}
	cookie, err := c.Sessions.begin(r)
	if err != nil {
		c.drawLogin(w, http.StatusInternalServerError, loginView{Why: c.told(err)})
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *console) logout(v *visit) {
	if c.Token != "" {
		http.SetCookie(v.ResponseWriter, c.Sessions.end(v.Request))
	}
	http.Redirect(v.ResponseWriter, v.Request, "/login", http.StatusSeeOther)
}
