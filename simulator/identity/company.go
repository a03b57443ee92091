package identity

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxToken bounds a token's length in bytes (assumed).
const MaxToken = 16 << 10

// companyClaims are the claims of the company's JWT (assumed: apiKey, iat, optional exp and nbf).
type companyClaims struct {
	APIKey string `json:"apiKey"`
	jwt.RegisteredClaims
}

// Company checks the Authorization header: Bearer and an HS256 JWT, signed with the secretKey of the company whose apiKey
// it contains. The error is ErrUnauthorized (as a *refused, with the reason, for the log) or ErrPasswordExpired.
func (a *Authenticator) Company(authorization string) (Company, error) {
	token, ok := bearer(authorization)
	switch {
	case authorization == "":
		return Company{}, &refused{"the header Authorization is missing: it must be Bearer and a company token"}
	case !ok:
		return Company{}, &refused{"the header Authorization must be the word Bearer, a space, and a company token"}
	case len(token) > MaxToken:
		return Company{}, &refused{fmt.Sprintf("the company token has %d bytes, at most %d are read", len(token), MaxToken)}
	}
	claims, known := a.tokens.get(token)
	company, ok := a.companies.Company(claims.APIKey)
	if !known || !ok || claims.secret != company.Secret {
		var err error
		if claims, company, err = a.parse(token); err != nil {
			return Company{}, err
		}
		a.tokens.put(token, claims)
	}
	if err := claims.within(company.Now); err != nil {
		return Company{}, err
	}
	if company.PasswordExpired {
		return Company{}, ErrPasswordExpired
	}
	return company, nil
}

// refused says what is wrong with a token.
type refused struct{ reason string }

func (e *refused) Error() string { return e.reason }
func (e *refused) Unwrap() error { return ErrUnauthorized }

// parse checks form, algorithm and signature; within checks the times, at every call. Its error is a *refused.
func (a *Authenticator) parse(token string) (verified, Company, error) {
	var claims companyClaims
	var company Company
	var reason string // why no key was tried
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	read, err := parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		found, ok := a.companies.Company(claims.APIKey)
		_, critical := t.Header["crit"]
		switch {
		case critical: // RFC 7515: an extension that isn't known must not be passed over
			reason = "its header has crit, and no extension is known"
		case claims.APIKey == "":
			reason = "it has no apiKey: a user's token belongs into x-user-token"
		case !ok:
			reason = "no company has its apiKey"
		default:
			company = found
			return []byte(company.Secret), nil
		}
		return nil, ErrUnauthorized
	})
	if err != nil {
		return verified{}, Company{}, &refused{"the company token is refused: " + cmp.Or(reason, whyInvalid(read, err))}
	}
	v := verified{APIKey: claims.APIKey, secret: company.Secret}
	if claims.ExpiresAt != nil {
		v.expires = claims.ExpiresAt.Time
	}
	if claims.NotBefore != nil {
		v.notBefore = claims.NotBefore.Time
	}
	return v, company, nil
}

// whyInvalid says what is wrong with a token's form or signature.
func whyInvalid(read *jwt.Token, err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed) && read != nil && mistyped(read.Raw):
		return "one of its claims is of a wrong type: exp and nbf must be numbers of seconds since 1970, apiKey a text"
	case errors.Is(err, jwt.ErrTokenMalformed):
		return "it is not a JWT, three parts of base64url with dots between them, of which two are JSON"
	case read != nil && read.Method != nil && read.Method.Alg() != jwt.SigningMethodHS256.Alg():
		return fmt.Sprintf("its algorithm is %s, it must be HS256", read.Method.Alg())
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return "its signature was not made with the company's secretKey"
	}
	return "it can't be verified: " + err.Error()
}

// mistyped says whether a token's payload is JSON, but not of the claims' types.
func mistyped(token string) bool {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	return err == nil && json.Valid(text) && json.Unmarshal(text, &companyClaims{}) != nil
}

// verified is what is remembered of a token with a valid signature.
type verified struct {
	APIKey    string
	secret    string // the secret that it was checked with
	expires   time.Time
	notBefore time.Time
}

func (v verified) within(now time.Time) error {
	on := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	switch {
	case !v.expires.IsZero() && !now.Before(v.expires):
		return &refused{fmt.Sprintf("the company token expired at %s; the company's clock is at %s", on(v.expires), on(now))}
	case now.Before(v.notBefore):
		return &refused{fmt.Sprintf("the company token is not valid before %s; the company's clock is at %s", on(v.notBefore), on(now))}
	}
	return nil
}

// CompanyToken mints a company JWT; zero times leave their claims out.
func CompanyToken(apiKey, secretKey string, issued, expires, notBefore time.Time) (string, error) {
	claims := companyClaims{APIKey: apiKey}
	claims.IssuedAt = numeric(issued)
	claims.ExpiresAt = numeric(expires)
	claims.NotBefore = numeric(notBefore)
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secretKey))
}

func numeric(t time.Time) *jwt.NumericDate {
	if t.IsZero() {
		return nil
	}
	return jwt.NewNumericDate(t)
}

// AddTimes adds the claims iat, exp and nbf to those of a user's token; zero times leave theirs out.
func AddTimes(claims map[string]any, issued, expires, notBefore time.Time) {
	for name, at := range map[string]time.Time{"iat": issued, "exp": expires, "nbf": notBefore} {
		if !at.IsZero() {
			claims[name] = at.Unix()
		}
	}
}
