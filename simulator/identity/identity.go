package identity

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// Company is what identity needs to know of a company.
type Company struct {
	ID              string
	Secret          string // signs the company's JWT
	PasswordExpired bool
	UserAuthURL     string // of verify-user; "" when there is none
	Now             time.Time
}

// Companies finds companies by the apiKey of their token.
type Companies interface {
	Company(apiKey string) (Company, bool)
}

// Errors of this stage; compare with errors.Is. api decides what is answered.
var (
	ErrUnauthorized    = errors.New("unauthorized")
	ErrPasswordExpired = errors.New("password expired")
	ErrUndecodable     = errors.New("x-user-token is not a decodable JWT")
	ErrVerifyUser      = errors.New("verify-user failed")
)

// User is the shopper on whose behalf a call is made.
type User struct {
	ID          string
	Email       string
	FirstName   string
	LastName    string
	Phone       string
	CountryCode string
	FromToken   bool // by x-user-token, not by verify-user
}

// Config bounds and equips the stage.
type Config struct {
	Companies     Companies
	Claims        Claims            // the contract's rules for the claims of x-user-token
	VerifyTimeout time.Duration     // of the verify-user call; 10 s is assumed
	Transport     http.RoundTripper // of the verify-user call
}

// Authenticator checks tokens.
type Authenticator struct {
	companies Companies
	claims    Claims
	verify    verifier
	tokens    *cache[verified]
	users     *cache[User]
}

// Close closes the idle connections to the merchants' verify-user; a merchant's server that stops would wait for one that was
// opened and never used.
func (a *Authenticator) Close() { a.verify.client.CloseIdleConnections() }

// New makes the stage.
func New(c Config) *Authenticator {
	return &Authenticator{
		companies: c.Companies, claims: c.Claims, verify: newVerifier(c.Transport, c.VerifyTimeout),
		tokens: newCache[verified](), users: newCache[User](),
	}
}

// bearer takes the token out of a header's value; ok is false when the scheme is not Bearer or the token is empty.
func bearer(header string) (token string, ok bool) {
	const scheme = "bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	token = strings.TrimSpace(header[len(scheme):])
	return token, token != ""
}
