package identity

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mozartosim/openapi"
)

// Claims validates the claims of x-user-token against the contract; the error is an *openapi.Invalid.
type Claims func(openapi.Document) error

// Request is what a call has for its user context.
type Request struct {
	UserToken         string // the header x-user-token
	UserAuthorization string // the header x-user-authorization
	UserID            string // the body's userId, for verify-user
	TokenOnly         bool   // only x-user-token is accepted (ForumPay and eMerchantPay pay-ins)
}

// User finds out for which shopper a call is made. x-user-token wins over x-user-authorization (assumed). Errors:
// ErrUnauthorized, ErrUndecodable, ErrVerifyUser, or an *openapi.Invalid that names the missing claims.
func (a *Authenticator) User(ctx context.Context, company Company, r Request) (User, error) {
	if token, ok := bearer(r.UserToken); ok {
		return a.userFromToken(token)
	}
	session, ok := bearer(r.UserAuthorization)
	if !ok || r.TokenOnly {
		return User{}, &refused{noUser(r)}
	}
	if company.UserAuthURL == "" {
		return User{}, fmt.Errorf("user context: the company has no User Auth URL: %w", ErrVerifyUser)
	}
	return a.verify.user(ctx, company.UserAuthURL, session, r.UserID)
}

// noUser says what a call lacks that names no shopper.
func noUser(r Request) string {
	switch {
	case r.UserToken != "":
		return "the header x-user-token must be the word Bearer, a space, and a user token"
	case r.TokenOnly && r.UserAuthorization != "":
		return "this flow takes x-user-token only, not x-user-authorization"
	case r.UserAuthorization != "":
		return "the header x-user-authorization must be the word Bearer, a space, and a session token"
	}
	return "no header names the shopper: x-user-token must be Bearer and a user token"
}

// userFromToken decodes the token without checking its signature (assumed: the documentation mentions no check).
func (a *Authenticator) userFromToken(token string) (User, error) {
	if user, known := a.users.get(token); known {
		return user, nil
	}
	doc, err := payload(token)
	if err != nil {
		return User{}, err
	}
	if err := a.claims(doc); err != nil {
		return User{}, inToken(err)
	}
	user := userOf(doc)
	user.FromToken = true
	a.users.put(token, user)
	return user, nil
}

func userOf(doc openapi.Document) User {
	return User{
		ID: doc.Text("userId"), Email: doc.Text("email"), FirstName: doc.Text("firstName"), LastName: doc.Text("lastName"),
		Phone: doc.Text("phone"), CountryCode: doc.Text("countryCode"),
	}
}

func payload(token string) (openapi.Document, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > MaxToken {
		return openapi.Document{}, ErrUndecodable
	}
	var claims openapi.Document
	for _, part := range parts[:2] { // the header, too, must be a JSON object
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
		if err != nil {
			return openapi.Document{}, ErrUndecodable
		}
		if claims, err = openapi.Decode(raw); err != nil {
			return openapi.Document{}, ErrUndecodable
		}
	}
	return claims, nil
}

// inToken puts the header's name before each problem: "x-user-token.email must not be empty". A missing claim is a broken rule
// here, not a missing field (assumed).
func inToken(err error) error {
	var invalid *openapi.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	problems := invalid.Problems
	if invalid.Missing != "" {
		problems = openapi.Problems{{Path: invalid.Missing, Reason: "must not be empty"}}
	}
	return problems.Below("x-user-token").Err()
}

// UserToken mints an x-user-token from claims; the secret may be anything, since the signature is not checked, "" for the usual one.
func UserToken(claims map[string]any, secret string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(claims)).SignedString([]byte(cmp.Or(secret, userSecret)))
}

// userSecret signs users' tokens, whose signature is not checked.
const userSecret = "mozartosim-user"

// Epoch is when tokens without a time were issued, so that a company's token is always the same and can be written into documentation
// and test suites.
func Epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Tokens mints what a call needs: the company's token and, from claims, a user's. Neither expires.
func Tokens(apiKey, secretKey string, claims map[string]any, issued time.Time) (company, user string, err error) {
	if company, err = CompanyToken(apiKey, secretKey, issued, time.Time{}, time.Time{}); err != nil {
		return "", "", fmt.Errorf("company token: %w", err)
	}
	if user, err = UserToken(claims, ""); err != nil {
		return "", "", fmt.Errorf("user token: %w", err)
	}
	return company, user, nil
}
