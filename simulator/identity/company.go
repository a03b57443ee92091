package identity

import (
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
// it holds. The error is ErrUnauthorized (wrapped with the reason, for the log) or ErrPasswordExpired.
func (g *Authenticator) Company(authorization string) (Company, error) {
	token, ok := bearer(authorization)
	if !ok || len(token) > MaxToken {
		return Company{}, fmt.Errorf("company token: missing, not a Bearer, or too long: %w", ErrUnauthorized)
	}
	claims, known := g.tokens.get(token)
	account, ok := g.companies.Company(claims.APIKey)
	if !known || !ok || claims.secret != account.Secret {
		var err error
		if claims, account, err = g.parse(token); err != nil {
			return Company{}, fmt.Errorf("company token: %w: %w", err, ErrUnauthorized)
		}
		g.tokens.put(token, claims)
	}
	if err := claims.within(account.Now); err != nil {
		return Company{}, fmt.Errorf("company token: %w: %w", err, ErrUnauthorized)
	}
	if account.PasswordExpired {
		return Company{}, ErrPasswordExpired
	}
	return account, nil
}

// parse checks form, algorithm and signature; the times are judged apart, at every call.
func (g *Authenticator) parse(token string) (verified, Company, error) {
	var claims companyClaims
	var account Company
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) {
		found, ok := g.companies.Company(claims.APIKey)
		if !ok {
			return nil, fmt.Errorf("unknown apiKey")
		}
		account = found
		return []byte(account.Secret), nil
	})
	if err != nil {
		return verified{}, Company{}, err
	}
	v := verified{APIKey: claims.APIKey, secret: account.Secret}
	if claims.ExpiresAt != nil {
		v.expires = claims.ExpiresAt.Time
	}
	if claims.NotBefore != nil {
		v.notBefore = claims.NotBefore.Time
	}
	return v, account, nil
}

// verified is what is left of a token whose signature held.
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
