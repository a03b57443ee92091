package identity_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
)

// jane are the claims of a good user token.
func jane() jwt.MapClaims {
	return jwt.MapClaims{
		"userId": "user-1001", "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe",
		"phone": "4165550123", "countryCode": "CA", "emailVerified": "true",
	}
}

// with is jane with some claims changed; nil takes one away.
func with(changes jwt.MapClaims) jwt.MapClaims {
	claims := jane()
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

func userToken(t testing.TB, claims jwt.MapClaims) string {
	t.Helper()
	token, err := identity.UserToken(claims, "nobody checks it")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

var janeDoe = identity.User{
	ID: "user-1001", Email: "jane.doe@example.com", FirstName: "Jane", LastName: "Doe", Phone: "4165550123",
	CountryCode: "CA", FromToken: true,
}

// user asks a gate without a User Auth URL.
func user(t testing.TB, g *identity.Authenticator, r identity.Request) (identity.User, error) {
	t.Helper()
	return g.User(t.Context(), identity.Company{ID: "c"}, r)
}

func TestUserTokenTakes(t *testing.T) {
	t.Parallel()
	good := userToken(t, jane())
	head, rest, _ := strings.Cut(good, ".")
	body, _, _ := strings.Cut(rest, ".")
	numbered := janeDoe
	numbered.ID = "1001"
	tests := []struct {
		name, header string
		want         identity.User
	}{
		{"signed", "Bearer " + good, janeDoe},
		{"scheme in lower case", "bearer " + good, janeDoe},
		{"blanks around it", "Bearer  " + good + " ", janeDoe},
		{"signed with any key", "Bearer " + signed(t, jwt.SigningMethodHS512, jane(), []byte("x")), janeDoe},
		{"unsigned", "Bearer " + signed(t, jwt.SigningMethodNone, jane(), jwt.UnsafeAllowNoneSignatureType), janeDoe},
		{"empty signature", "Bearer " + head + "." + body + ".", janeDoe},
		{"a signature that is no base64", "Bearer " + head + "." + body + ".!!!", janeDoe},
		{"padding", "Bearer " + padded(head) + "." + padded(body) + ".", janeDoe},
		{"no emailVerified", "Bearer " + userToken(t, with(jwt.MapClaims{"emailVerified": nil})), janeDoe},
		{"emailVerified as a boolean", "Bearer " + userToken(t, with(jwt.MapClaims{"emailVerified": true})), janeDoe},
		{"userId as a number", "Bearer " + userToken(t, with(jwt.MapClaims{"userId": 1001})), numbered},
		{"expired: its times aren't looked at", "Bearer " + userToken(t, with(jwt.MapClaims{"exp": 1})), janeDoe},
		{"claims that nobody knows", "Bearer " + userToken(t, with(jwt.MapClaims{"role": []string{"vip"}})), janeDoe},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := gate(newCompanies())
			for call := range 2 { // the second time from the cache
				got, err := user(t, g, identity.Request{UserToken: test.header, UserID: "of the body"})
				if err != nil {
					t.Fatalf("call %d: %v", call+1, err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("call %d: %s", call+1, diff)
				}
			}
		})
	}
}

// padded is a part of a token with the = that base64url leaves out in tokens.
func padded(part string) string {
	return part + strings.Repeat("=", (4-len(part)%4)%4)
}

func TestUserTokenClaims(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		claims jwt.MapClaims
		want   []string
	}{
		{"userId missing", with(jwt.MapClaims{"userId": nil}), []string{"x-user-token.userId must not be empty"}},
		{"email missing", with(jwt.MapClaims{"email": nil}), []string{"x-user-token.email must not be empty"}},
		{"firstName missing", with(jwt.MapClaims{"firstName": nil}), []string{"x-user-token.firstName must not be empty"}},
		{"lastName missing", with(jwt.MapClaims{"lastName": nil}), []string{"x-user-token.lastName must not be empty"}},
		{"phone missing", with(jwt.MapClaims{"phone": nil}), []string{"x-user-token.phone must not be empty"}},
		{"countryCode missing", with(jwt.MapClaims{"countryCode": nil}), []string{"x-user-token.countryCode must not be empty"}},
		{"none at all: the first", jwt.MapClaims{}, []string{"x-user-token.userId must not be empty"}},
		{"empty", with(jwt.MapClaims{"email": ""}), []string{"x-user-token.email must not be empty"}},
		{"not valid", with(jwt.MapClaims{"email": "jane"}), []string{"x-user-token.email must be a valid email"}},
		{"wrong types, in the contract's order", with(jwt.MapClaims{"phone": 4165550123, "firstName": true, "userId": []string{"u"}, "email": map[string]any{}}), []string{
			"x-user-token.userId must be a string or a number", "x-user-token.email must be a string",
			"x-user-token.firstName must be a string", "x-user-token.phone must be a string",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := gate(newCompanies())
			for range 2 { // a refusal isn't cached as a user
				_, err := user(t, g, identity.Request{UserToken: "Bearer " + userToken(t, test.claims)})
				var invalid *openapi.Invalid
				if !errors.As(err, &invalid) {
					t.Fatalf("got %v, want an *openapi.Invalid", err)
				}
				if diff := cmp.Diff(test.want, invalid.Problems.Texts()); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestUserTokenUndecodable(t *testing.T) {
	t.Parallel()
	good := userToken(t, jane())
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	encode := base64.RawURLEncoding.EncodeToString
	for name, token := range map[string]string{
		"a word":                      "token",
		"two parts":                   head + "." + body,
		"four parts":                  good + ".x",
		"three empty parts":           "..",
		"no header":                   "." + body + "." + signature,
		"no payload":                  head + ".." + signature,
		"header no base64":            "!." + body + "." + signature,
		"payload no base64":           head + ".a b." + signature,
		"payload in plain base64":     head + "." + "e+/+" + "." + signature,
		"payload cut":                 head + "." + body[:len(body)-3] + "." + signature,
		"header no JSON":              encode([]byte("JWT")) + "." + body + "." + signature,
		"header no object":            parts(`"JWT"`, `{}`, ""),
		"payload no JSON":             parts(`{}`, `{`, ""),
		"payload no object":           parts(`{}`, `["userId"]`, ""),
		"payload null":                parts(`{}`, `null`, ""),
		"payload names a claim twice": parts(`{}`, `{"userId":"a","userId":"b"}`, ""),
		"payload nests too deep":      parts(`{}`, `{"a":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`, ""),
		"payload not UTF-8":           parts(`{}`, "{\"userId\":\"\xff\"}", ""),
		"huge":                        good + strings.Repeat("x", identity.MaxToken),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := user(t, gate(newCompanies()), identity.Request{UserToken: "Bearer " + token, UserAuthorization: "Bearer session"})
			if !errors.Is(err, identity.ErrUndecodable) {
				t.Errorf("got %v, want %v: a good session must not help a broken token", err, identity.ErrUndecodable)
			}
		})
	}
}

func TestUserContextMissing(t *testing.T) {
	t.Parallel()
	g := gate(newCompanies())
	good := userToken(t, jane())
	tests := []struct {
		name string
		r    identity.Request
		want error
	}{
		{"no header", identity.Request{UserID: "u"}, identity.ErrUnauthorized},
		{"empty headers", identity.Request{UserToken: "Bearer ", UserAuthorization: "Bearer"}, identity.ErrUnauthorized},
		{"no schemes", identity.Request{UserToken: good, UserAuthorization: "session"}, identity.ErrUnauthorized},
		{"session only, token asked for", identity.Request{UserAuthorization: "Bearer session", TokenOnly: true}, identity.ErrUnauthorized},
		{"session, but the company has no User Auth URL", identity.Request{UserAuthorization: "Bearer session"}, identity.ErrVerifyUser},
	}
	for _, test := range tests {
		if _, err := user(t, g, test.r); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	for _, only := range []bool{false, true} { // x-user-token wins: nobody is called, and there is nobody to call
		got, err := user(t, g, identity.Request{UserToken: "Bearer " + good, UserAuthorization: "Bearer session", TokenOnly: only})
		if err != nil || got != janeDoe {
			t.Errorf("both headers, token only %t: %+v, %v", only, got, err)
		}
	}
}

func FuzzUserToken(f *testing.F) {
	good := userToken(f, jane())
	for _, seed := range []string{
		"", "Bearer", "Bearer x", "Bearer ..", "Bearer " + good, "Bearer " + good + ".", "bearer " + good,
		"Bearer " + parts(`{}`, `{"userId":1,"userId":2}`, ""), "Bearer " + parts(`{"alg":"none"}`, `{"userId":"u","email":null}`, "x"),
	} {
		f.Add(seed)
	}
	g := gate(newCompanies())
	f.Fuzz(func(t *testing.T, header string) {
		got, err := user(t, g, identity.Request{UserToken: header})
		if err != nil {
			if !typed(err) || got != (identity.User{}) {
				t.Fatal(fmt.Errorf("%q: %w", header, err))
			}
			return
		}
		if got.ID == "" || got.Email == "" || got.FirstName == "" || got.LastName == "" || got.Phone == "" || got.CountryCode == "" || !got.FromToken {
			t.Fatalf("%q was taken for %+v", header, got)
		}
	})
}
