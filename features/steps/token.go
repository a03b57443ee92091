package steps

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// jwt signs claims with HS256.
func jwt(claims map[string]any, secret string) string {
	head := encoded(map[string]any{"alg": "HS256", "typ": "JWT"}) + "." + encoded(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(head))
	return head + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func encoded(value any) string {
	text, _ := json.Marshal(value) // maps of plain values can always be written
	return base64.RawURLEncoding.EncodeToString(text)
}

// CompanyToken mints a company JWT in the form that the simulator takes (assumed): HS256, signed with the secret key, claims
// apiKey, iat and, unless expires is zero, exp.
func CompanyToken(apiKey, secretKey string, issued, expires time.Time) string {
	claims := map[string]any{"apiKey": apiKey, "iat": issued.Unix()}
	if !expires.IsZero() {
		claims["exp"] = expires.Unix()
	}
	return jwt(claims, secretKey)
}

// unsigned makes the token's twin without a signature, alg none.
func unsigned(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	return encoded(map[string]any{"alg": "none", "typ": "JWT"}) + "." + claims + "."
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
