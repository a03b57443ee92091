package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

// tokens are what a call to the Cashier API needs.
type tokens struct{ company, user string }

// userSecret signs user tokens; nobody checks it.
const userSecret = "mozartosim-user"

// epoch is the `iat` of tokens that were not asked for any time, so that the same company's token is always the same and
// may be written into documentation and test suites.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// longAgo is the `iat` of expired tokens: whatever a simulator's clock says, an hour later is over.
func longAgo() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// mintBoth mints the tokens of a company and of its first user, both without an end.
func mintBoth(c *backoffice.Company) (tokens, error) {
	company, err := identity.CompanyToken(c.Credentials.APIKey, c.Credentials.SecretKey, epoch(), time.Time{}, time.Time{})
	if err != nil {
		return tokens{}, fmt.Errorf("company token: %w", err)
	}
	claims, err := claimsOf(c, "")
	if err != nil {
		return tokens{}, err
	}
	user, err := identity.UserToken(claims, userSecret)
	if err != nil {
		return tokens{}, fmt.Errorf("user token: %w", err)
	}
	return tokens{company: company, user: user}, nil
}

// claimsOf returns a user's claims: the named one of the company's, its first, or, if it has none, Jane Doe's.
func claimsOf(c *backoffice.Company, id string) (map[string]any, error) {
	claims, err := c.Claims(id)
	var unknown *backoffice.UnknownUser
	if errors.As(err, &unknown) && len(unknown.Known) == 0 {
		return nil, fmt.Errorf("%w: set the claims by flag, as in --user-id %s", unknown, id)
	}
	return claims, err
}

// mintFlags are those that company and user tokens share.
type mintFlags struct {
	flags     *pflag.FlagSet
	whose     *companyFlags
	expired   bool
	notBefore time.Duration
	expiresIn time.Duration
	at        string
	alg       string
	secret    string
}

func newMintFlags(flags *pflag.FlagSet, whose *companyFlags, secretHelp string) *mintFlags {
	m := &mintFlags{flags: flags, whose: whose}
	flags.BoolVar(&m.expired, "expired", false, "let it have expired")
	flags.DurationVar(&m.expiresIn, "expires-in", 0, "let it expire after this time, such as 15m")
	flags.DurationVar(&m.notBefore, "not-before", 0, "let it become valid after this time, such as 1h")
	flags.StringVar(&m.at, "at", "", "count times from this instant, such as 2026-05-01T12:00:00Z (default: now, by the running simulator's clock if its admin URL is known)")
	flags.StringVar(&m.alg, "alg", "HS256", "HS256, or none for a token without a signature")
	flags.StringVar(&m.secret, "secret", "", secretHelp)
	return m
}

// tokenTimes are a token's iat, exp and nbf; zero times are left out of it.
type tokenTimes struct{ issued, expires, notBefore time.Time }

// times settles them for a company's token. What counts from now counts by the clock that will check the token.
func (m *mintFlags) times(ctx context.Context, company *backoffice.Company) (t tokenTimes, err error) {
	ends, begins := m.flags.Changed("expires-in"), m.flags.Changed("not-before")
	t.issued = epoch()
	switch {
	case m.at != "":
		if t.issued, err = time.Parse(time.RFC3339, m.at); err != nil {
			return t, wrong("--at %q must be a time such as 2026-05-01T12:00:00Z", m.at)
		}
	case ends || begins:
		if t.issued, err = m.whose.now(ctx, company); err != nil {
			return t, err
		}
	}
	if ends {
		t.expires = t.issued.Add(m.expiresIn)
	}
	if begins {
		t.notBefore = t.issued.Add(m.notBefore)
	}
	switch {
	case m.expired && m.at != "":
		t.expires = t.issued.Add(-time.Hour)
	case m.expired:
		t.issued = longAgo()
		t.expires = t.issued.Add(time.Hour)
	}
	return t, nil
}

// check refuses flags that contradict each other, before anybody is asked for a company.
func (m *mintFlags) check() error {
	if m.expired && m.flags.Changed("expires-in") {
		return wrong("--expired and --expires-in exclude each other: use one of them")
	}
	return nil
}

// signed returns the token, or the same one unsigned when --alg is none.
func (m *mintFlags) signed(token string) (string, error) {
	switch strings.ToLower(m.alg) {
	case "hs256":
		return token, nil
	case "none":
		_, rest, _ := strings.Cut(token, ".")
		claims, _, _ := strings.Cut(rest, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + claims + ".", nil
	}
	return "", wrong("--alg %q must be HS256 or none", m.alg)
}
