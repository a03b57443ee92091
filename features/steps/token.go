package steps

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signed is a JWT of claims.
func signed(claims map[string]any, secret string) string {
	token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(claims)).SignedString([]byte(secret)) // plain values can always be written
	return token
}

// CompanyToken mints a company JWT in the form that the simulator takes (assumed): HS256, signed with the secret key, claims
// apiKey, iat and, unless expires is zero, exp.
func CompanyToken(apiKey, secretKey string, issued, expires time.Time) string {
	claims := map[string]any{"apiKey": apiKey, "iat": issued.Unix()}
	if !expires.IsZero() {
		claims["exp"] = expires.Unix()
	}
	return signed(claims, secretKey)
}

// unsigned makes the token's twin without a signature, alg none.
func unsigned(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + claims + "."
}

// tampered changes the token's signature.
func tampered(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	if at >= len(token) {
		return token + "x"
	}
	other := byte('A')
	if token[at] == other {
		other = 'B'
	}
	return token[:at] + string(other) + token[at+1:]
}

// Jane is the shopper of companies that name none.
func Jane() map[string]any {
	return map[string]any{
		"userId": "user-1001", "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe",
		"phone": "4165550123", "countryCode": "CA", "emailVerified": "true",
	}
}
