package identity_test

import (
	"encoding/base64"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const (
	apiKey = "mz_key"
	secret = "a-secret-that-is-long-enough"
)

// companies is a back office of one company, which a test may change.
type companies struct {
	mu      sync.Mutex
	account identity.Company
	deleted bool
}

func (c *companies) Company(key string) (identity.Company, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.account, key == apiKey && !c.deleted
}

func newCompanies() *companies {
	return &companies{account: identity.Company{ID: "c", Secret: secret, Now: noon}}
}

var contract = sync.OnceValues(openapi.Cashier)

// claims holds the claims of a user token against the contract, as the simulator does.
func claims(doc openapi.Document) error {
	c, err := contract()
	if err != nil {
		return err
	}
	return c.ValidateAs("UserToken", doc)
}

func gate(accounts identity.Companies) *identity.Authenticator {
	return identity.New(identity.Config{Companies: accounts, Claims: claims, VerifyTimeout: time.Minute})
}

func companyToken(t testing.TB, key, secret string, expires, notBefore time.Time) string {
	t.Helper()
	token, err := identity.CompanyToken(key, secret, noon, expires, notBefore)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// signed makes a token with another algorithm, or other claims, than the simulator would.
func signed(t testing.TB, method jwt.SigningMethod, claims jwt.MapClaims, key any) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// parts puts a token together of the texts of its header and payload.
func parts(header, payload, signature string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + "." + signature
}

// typed says whether err is one of the errors that the stage declares.
func typed(err error) bool {
	var invalid *openapi.Invalid
	for _, declared := range []error{
		identity.ErrUnauthorized, identity.ErrPasswordExpired, identity.ErrUndecodable, identity.ErrVerifyUser,
	} {
		if errors.Is(err, declared) {
			return true
		}
	}
	return errors.As(err, &invalid)
}
