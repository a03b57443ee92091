package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mozartosim/simulator/identity"
)

func TestCompanyTakes(t *testing.T) {
	t.Parallel()
	var never time.Time
	plain := companyToken(t, apiKey, secret, never, never)
	tests := []struct{ name, header string }{
		{"no times", "Bearer " + plain},
		{"scheme in lower case", "bearer " + plain},
		{"scheme in capitals", "BEARER " + plain},
		{"blanks around the token", "Bearer   " + plain + "  "},
		{"a second before exp", "Bearer " + companyToken(t, apiKey, secret, noon.Add(time.Second), never)},
		{"exactly at nbf", "Bearer " + companyToken(t, apiKey, secret, never, noon)},
		{"claims that nobody knows", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "secretKey": "x", "aud": []string{"a"}}, []byte(secret))},
		{"issued in the future", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "iat": noon.Add(time.Hour).Unix()}, []byte(secret))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := gate(newCompanies())
			for call := range 2 { // the second time from the cache
				if account, err := g.Company(test.header); err != nil || account.ID != "c" {
					t.Errorf("call %d: %+v, %v", call+1, account, err)
				}
			}
		})
	}
}

func TestCompanyRefuses(t *testing.T) {
	t.Parallel()
	var never time.Time
	good := companyToken(t, apiKey, secret, never, never)
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"apiKey": apiKey, "iat": noon.Unix()}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	mapClaims := jwt.MapClaims{"apiKey": apiKey}
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	tests := []struct{ name, header string }{
		{"no header", ""},
		{"Bearer alone", "Bearer"},
		{"Bearer and a blank", "Bearer "},
		{"Bearer and blanks", "Bearer    "},
		{"no scheme", good},
		{"another scheme", "Basic " + good},
		{"scheme and token in one", "Bearer" + good},
		{"no token", "Bearer token"},
		{"one dot", "Bearer " + head + "." + body},
		{"three dots", "Bearer " + good + ".x"},
		{"four empty parts", "Bearer ..."},
		{"empty signature", "Bearer " + head + "." + body + "."},
		{"cut signature", "Bearer " + good[:len(good)-2]},
		{"signature of another token", "Bearer " + companyTokenHead(t) + "." + signature},
		{"padding", "Bearer " + good + "="},
		{"another spelling of the signature", "Bearer " + respelled(t, good)},
		{"an unknown critical extension", "Bearer " + critical(t)},
		{"alg none", "Bearer " + unsigned},
		{"alg None", "Bearer " + parts(`{"alg":"None","typ":"JWT"}`, `{"apiKey":"mz_key"}`, "")},
		{"alg none with the right signature", "Bearer " + parts(`{"alg":"none"}`, `{"apiKey":"mz_key"}`, signature)},
		{"alg HS512", "Bearer " + signed(t, jwt.SigningMethodHS512, mapClaims, []byte(secret))},
		{"alg HS384", "Bearer " + signed(t, jwt.SigningMethodHS384, mapClaims, []byte(secret))},
		{"alg ES256", "Bearer " + signed(t, jwt.SigningMethodES256, mapClaims, key)},
		{"alg RS256 in name only", "Bearer " + parts(`{"alg":"RS256","typ":"JWT"}`, `{"apiKey":"mz_key"}`, signature)},
		{"no alg", "Bearer " + parts(`{"typ":"JWT"}`, `{"apiKey":"mz_key"}`, signature)},
		{"alg is a number", "Bearer " + parts(`{"alg":256}`, `{"apiKey":"mz_key"}`, signature)},
		{"header is no object", "Bearer " + parts(`[]`, `{"apiKey":"mz_key"}`, signature)},
		{"payload is no object", "Bearer " + parts(`{"alg":"HS256"}`, `[]`, signature)},
		{"payload is no JSON", "Bearer " + parts(`{"alg":"HS256"}`, `{`, signature)},
		{"another key", "Bearer " + companyToken(t, apiKey, secret+"x", never, never)},
		{"empty key", "Bearer " + companyToken(t, apiKey, "", never, never)},
		{"unknown apiKey", "Bearer " + companyToken(t, "mz_other", secret, never, never)},
		{"no apiKey", "Bearer " + companyToken(t, "", secret, never, never)},
		{"apiKey is a number", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": 1}, []byte(secret))},
		{"apiKey in a list", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": []string{apiKey}}, []byte(secret))},
		{"expired", "Bearer " + companyToken(t, apiKey, secret, noon.Add(-time.Second), never)},
		{"exactly at exp", "Bearer " + companyToken(t, apiKey, secret, noon, never)},
		{"exp in 1970", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "exp": 0}, []byte(secret))},
		{"exp is a text", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "exp": "tomorrow"}, []byte(secret))},
		{"not yet valid", "Bearer " + companyToken(t, apiKey, secret, never, noon.Add(time.Second))},
		{"huge", "Bearer " + good + strings.Repeat("x", identity.MaxToken)},
		{"huge and well formed", "Bearer " + signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "x": strings.Repeat("x", identity.MaxToken)}, []byte(secret))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := gate(newCompanies())
			for call := range 2 {
				if account, err := g.Company(test.header); !errors.Is(err, identity.ErrUnauthorized) || account != (identity.Company{}) {
					t.Errorf("call %d: %+v, %v", call+1, account, err)
				}
			}
		})
	}
}

// A refusal says what is wrong with the token.
func TestCompanySaysWhy(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	user, err := identity.UserToken(map[string]any{"userId": "u"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"": "is missing",
		companyToken(t, apiKey, secret, never, never):        "must be the word Bearer, a space",
		"Bearer " + strings.Repeat("x", identity.MaxToken+1): "has 16385 bytes, at most 16384",
		"Bearer ey.no.jwt": "is not a JWT",
		"Bearer " + parts(`{"alg":"HS256"}`, `{"apiKey":"mz_key","exp":"2027-01-01"}`, "eA"): "exp and nbf must be numbers of seconds",
		"Bearer " + parts(`{"alg":"HS256"}`, `{"apiKey":"mz_key","exp":1}`, "?"):             "is not a JWT",
		"Bearer " + user: "a user's token belongs into x-user-token",
		"Bearer " + companyToken(t, "mz_other", secret, never, never):               "no company has its apiKey",
		"Bearer " + companyToken(t, apiKey, "another", never, never):                "was not made with the company's secretKey",
		"Bearer " + parts(`{"alg":"none"}`, `{"apiKey":"mz_key"}`, "eA"):            "its algorithm is none, it must be HS256",
		"Bearer " + parts(`{"alg":"HS256","crit":[]}`, `{"apiKey":"mz_key"}`, "eA"): "crit",
		"Bearer " + companyToken(t, apiKey, secret, noon.Add(-time.Second), never):  "expired at 2026-06-01T11:59:59Z; the company's clock is at 2026-06-01T12:00:00Z",
		"Bearer " + companyToken(t, apiKey, secret, never, noon.Add(time.Second)):   "is not valid before 2026-06-01T12:00:01Z",
	} {
		if _, err := gate(newCompanies()).Company(header); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", header, err, want)
		}
	}
}

// companyTokenHead is header and payload of a token for another apiKey.
func companyTokenHead(t *testing.T) string {
	token := companyToken(t, "mz_other", secret, time.Time{}, time.Time{})
	return token[:strings.LastIndexByte(token, '.')]
}

// A token that was good once is judged anew whenever the company has changed or time has passed.
func TestCompanyOutOfTheCache(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	tests := []struct {
		name   string
		change func(*companies)
		want   error
	}{
		{"nothing", func(*companies) {}, nil},
		{"secret changed", func(c *companies) { c.account.Secret = "another-secret-of-that-company" }, identity.ErrUnauthorized},
		{"company deleted", func(c *companies) { c.deleted = true }, identity.ErrUnauthorized},
		{"expired", func(c *companies) { c.account.Now = later }, identity.ErrUnauthorized},
		{"a millisecond before", func(c *companies) { c.account.Now = later.Add(-time.Millisecond) }, nil},
		{"clock before nbf", func(c *companies) { c.account.Now = noon.Add(-time.Second) }, identity.ErrUnauthorized},
		{"password expired", func(c *companies) { c.account.PasswordExpired = true }, identity.ErrPasswordExpired},
		{"moved to another company", func(c *companies) { c.account.ID = "d" }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCompanies()
			g, header := gate(c), "Bearer "+companyToken(t, apiKey, secret, later, noon)
			if _, err := g.Company(header); err != nil {
				t.Fatal(err)
			}
			before := c.account
			test.change(c)
			account, err := g.Company(header)
			if !errors.Is(err, test.want) || err == nil && account != c.account {
				t.Errorf("%+v, %v; want %v", account, err, test.want)
			}
			c.account, c.deleted = before, false // put back: the same token is good again
			if _, err := g.Company(header); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A refused token leaves nothing behind that a later call could find.
func TestCompanyRefusedThenRegistered(t *testing.T) {
	t.Parallel()
	c := newCompanies()
	c.deleted = true
	g, header := gate(c), "Bearer "+companyToken(t, apiKey, secret, time.Time{}, time.Time{})
	if _, err := g.Company(header); !errors.Is(err, identity.ErrUnauthorized) {
		t.Fatal(err)
	}
	c.deleted = false
	if _, err := g.Company(header); err != nil {
		t.Error(err)
	}
}

func TestPasswordExpiredOnlyForValidTokens(t *testing.T) {
	t.Parallel()
	c := newCompanies()
	c.account.PasswordExpired = true
	g := gate(c)
	if _, err := g.Company("Bearer " + companyToken(t, apiKey, "wrong", time.Time{}, time.Time{})); !errors.Is(err, identity.ErrUnauthorized) {
		t.Errorf("a bad token: %v", err)
	}
	if _, err := g.Company("Bearer " + companyToken(t, apiKey, secret, time.Time{}, time.Time{})); !errors.Is(err, identity.ErrPasswordExpired) {
		t.Errorf("a good token: %v", err)
	}
}

// The caches begin anew when they are full; no token is forgotten for good.
func TestMoreTokensThanTheCacheHolds(t *testing.T) {
	t.Parallel()
	g := gate(newCompanies())
	first := "Bearer " + companyToken(t, apiKey, secret, time.Time{}, time.Time{})
	for i := range 5000 {
		token := signed(t, jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey, "n": i}, []byte(secret))
		if _, err := g.Company("Bearer " + token); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.Company(first); err != nil {
		t.Error(err)
	}
}

func FuzzCompanyToken(f *testing.F) {
	good := companyToken(f, apiKey, secret, noon.Add(time.Hour), noon)
	for _, seed := range []string{
		"", "Bearer", "Bearer ", good, "Bearer " + good, "bearer " + good, "Bearer " + good + ".", "Bearer ...", "Bearer " + good[:20],
		"Bearer " + parts(`{"alg":"none"}`, `{"apiKey":"mz_key"}`, ""), "Bearer " + parts(`{"alg":"HS256"}`, `{"apiKey":"mz_key","exp":1e400}`, "x"),
	} {
		f.Add(seed)
	}
	g := gate(newCompanies())
	f.Fuzz(func(t *testing.T, header string) {
		account, err := g.Company(header)
		if err == nil {
			// Nobody but who knows the secret makes a token; the fuzzer knows one, and how to write blanks around it.
			if _, token, _ := strings.Cut(header, " "); strings.TrimSpace(token) != good {
				t.Fatalf("%q was taken for %+v", header, account)
			}
			return
		}
		if !typed(err) || account != (identity.Company{}) {
			t.Fatal(fmt.Errorf("%q: %w", header, err))
		}
	})
}

// respelled changes the last character of a token in bits that decoding drops.
func respelled(t *testing.T, token string) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	if last%4 != 0 {
		t.Fatalf("the token's last character %c is not canonical", token[len(token)-1])
	}
	return token[:len(token)-1] + alphabet[last+1:last+2]
}

// critical is a token with the right signature whose header demands an extension.
func critical(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"apiKey": apiKey})
	token.Header["crit"], token.Header["b64"] = []string{"b64"}, true
	text, err := token.SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
