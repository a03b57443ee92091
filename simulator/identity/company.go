package identity

import (
	"errors"
	"fmt"
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
// it contains. The error is ErrUnauthorized (wrapped with the reason, for the log) or ErrPasswordExpired.
func (a *Authenticator) Company(authorization string) (Company, error) {
	token, ok := bearer(authorization)
	if !ok || len(token) > MaxToken {
		return Company{}, fmt.Errorf("company token: missing, not a Bearer, or too long: %w", ErrUnauthorized)
	}
	claims, known := a.tokens.get(token)
	company, ok := a.companies.Company(claims.APIKey)
	if !known || !ok || claims.secret != company.Secret {
		var err error
		if claims, company, err = a.parse(token); err != nil {
			return Company{}, fmt.Errorf("company token: %w: %w", err, ErrUnauthorized)
		}
		a.tokens.put(token, claims)
	}
	if err := claims.within(company.Now); err != nil {
		return Company{}, fmt.Errorf("company token: %w: %w", err, ErrUnauthorized)
	}
	if company.PasswordExpired {
		return Company{}, ErrPasswordExpired
	}
	return company, nil
}

// parse checks form, algorithm and signature; within checks the times, at every call.
func (a *Authenticator) parse(token string) (verified, Company, error) {
	var claims companyClaims
	var company Company
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	_, err := parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		if _, critical := t.Header["crit"]; critical { // RFC 7515: an extension that isn't known must not be passed over
			return nil, errors.New("its header has crit, and no extension is known")
		}
		found, ok := a.companies.Company(claims.APIKey)
		if !ok {
			return nil, fmt.Errorf("unknown apiKey")
		}
		company = found
		return []byte(company.Secret), nil
	})
	if err != nil {
		return verified{}, Company{}, err
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

// verified is what is remembered of a token with a valid signature.
type verified struct {
	APIKey    string
	secret    string // the secret that it was checked with
	expires   time.Time
	notBefore time.Time
}

func (v verified) within(now time.Time) error {
	if !v.expires.IsZero() && !now.Before(v.expires) {
		return jwt.ErrTokenExpired
	}
	if now.Before(v.notBefore) {
		return jwt.ErrTokenNotValidYet
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
