package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/merchant"
)

func newToken() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Mint the JWTs that a call needs, valid ones and invalid ones",
		Long: `Mint the JWTs that a call needs: the company's for Authorization, the user's for x-user-token. Flags make invalid ones
for negative tests. The output is the token and nothing else, so that $(mozartosim token company) works.

The credentials are those of the first company: of the demo company, unless --config or --seed, or a running simulator
(MOZARTOSIM_ADMIN_URL), says otherwise. Without a time flag a token does not expire and is the same on every call.`,
		Args: cli.SubcommandsOnly,
		RunE: cli.ShowHelp,
	}
	cmd.AddCommand(newTokenCompany(), newTokenUser())
	return cmd
}

func newTokenCompany() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "company",
		Short: "Mint the company's JWT (Authorization)",
		Example: `  curl -H "Authorization: Bearer $(mozartosim token company)" …
  mozartosim token company --expired            # refused with 401
  mozartosim token company --alg none           # refused with 401
  mozartosim token company --secret wrong       # refused with 401`,
		Args: cli.NoArgs,
	}
	how := newTokenFlags(cmd.Flags(), "sign with this key instead of the company's")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		company, t, err := how.companyAndTimes(cmd.Context())
		if err != nil {
			return err
		}
		secret := cmp.Or(how.secret, company.Settings.Credentials.SecretKey)
		token, err := identity.CompanyToken(company.Settings.Credentials.APIKey, secret, t.issued, t.expires, t.notBefore)
		if err != nil {
			return fmt.Errorf("company token: %w", err)
		}
		return how.print(cmd, token)
	}
	return cmd
}

func newTokenUser() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Mint a user's JWT (x-user-token)",
		Example: `  curl -H "x-user-token: Bearer $(mozartosim token user)" …
  mozartosim token user --user-id player-7 --phone 6475550142
  mozartosim token user --without phone         # refused with 400`,
		Args: cli.NoArgs,
	}
	flags := cmd.Flags()
	how := newTokenFlags(flags, "sign with this key; the signature is not checked")
	var user string
	var without []string
	flags.StringVar(&user, "user", "", "a user of the configuration, by userId (default: the first, or Jane Doe)")
	for _, claim := range backoffice.UserClaims() {
		flags.String(claimFlag(claim), "", "the claim "+claim)
	}
	flags.StringArrayVar(&without, "without", nil, "leave this claim out; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		company, t, err := how.companyAndTimes(cmd.Context())
		if err != nil {
			return err
		}
		claims, err := claimsOf(company.Settings, user)
		if err != nil {
			return err
		}
		if err := changeClaims(flags, claims, without); err != nil {
			return err
		}
		if !t.expires.IsZero() || !t.notBefore.IsZero() { // otherwise it has none of the times
			identity.AddTimes(claims, t.issued, t.expires, t.notBefore)
		}
		token, err := identity.UserToken(claims, how.secret)
		if err != nil {
			return fmt.Errorf("user token: %w", err)
		}
		return how.print(cmd, token)
	}
	return cmd
}

// claimFlag is the flag of a claim: first-name for firstName.
func claimFlag(claim string) string {
	var flag strings.Builder
	for _, r := range claim {
		if r >= 'A' && r <= 'Z' {
			flag.WriteRune('-')
		}
		flag.WriteRune(r)
	}
	return strings.ToLower(flag.String())
}

// changeClaims sets the claims that flags name and removes those that --without names.
func changeClaims(flags *pflag.FlagSet, claims map[string]any, without []string) error {
	for _, claim := range backoffice.UserClaims() {
		if f := flags.Lookup(claimFlag(claim)); f.Changed {
			claims[claim] = f.Value.String()
		}
	}
	for _, claim := range without {
		if !slices.Contains(backoffice.UserClaims(), claim) {
			known := backoffice.UserClaims()
			return cli.Usagef("--without %q must be one of: %s%s", claim, strings.Join(known, ", "), openapi.DidYouMean(claim, known))
		}
		delete(claims, claim)
	}
	return nil
}

// longAgo is the `iat` of expired tokens: an hour later is past for every simulator's clock.
func longAgo() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// claimsOf returns a user's claims: those of the named user, of the first one, or, without any, of Jane Doe.
func claimsOf(c *backoffice.Company, id string) (map[string]any, error) {
	claims, err := c.Claims(id)
	var unknown *backoffice.UnknownUser
	if errors.As(err, &unknown) && len(unknown.Known) == 0 {
		return nil, fmt.Errorf("%w: set the claims by flag, as in --user-id %s", unknown, id)
	}
	return claims, err
}

// tokenFlags are those that company and user tokens share.
type tokenFlags struct {
	*companyFlags
	expired              bool
	notBefore, expiresIn time.Duration
	at                   time.Time
	alg, secret          string
}

func newTokenFlags(flags *pflag.FlagSet, secretHelp string) *tokenFlags {
	f := &tokenFlags{companyFlags: newCompanyFlags(flags)}
	flags.BoolVar(&f.expired, "expired", false, "an expired token")
	flags.DurationVar(&f.expiresIn, "expires-in", 0, "when it expires, such as 15m")
	flags.DurationVar(&f.notBefore, "not-before", 0, "when it becomes valid, such as 1h")
	flags.TimeVar(&f.at, "at", time.Time{}, []string{time.RFC3339}, "count times from this one, such as 2026-05-01T12:00:00Z (default: now, by the running simulator's clock if its admin URL is known)")
	flags.StringVar(&f.alg, "alg", "HS256", "HS256, or none for a token without a signature")
	flags.StringVar(&f.secret, "secret", "", secretHelp)
	return f
}

// tokenTimes are a token's iat, exp and nbf; zero times are left out of it.
type tokenTimes struct{ issued, expires, notBefore time.Time }

// companyAndTimes returns whose token it is and its times. What counts from now counts by the clock that will check the
// token.
func (f *tokenFlags) companyAndTimes(ctx context.Context) (company *merchant.Company, t tokenTimes, err error) {
	ctx, cancel := context.WithTimeout(ctx, cli.CallTimeout)
	defer cancel()
	ends, begins := f.flags.Changed("expires-in"), f.flags.Changed("not-before")
	if f.expired && ends {
		return nil, t, cli.Usagef("--expired and --expires-in exclude each other: use one of them")
	}
	if company, err = f.company(ctx); err != nil {
		return nil, t, err
	}
	t.issued = identity.Epoch()
	switch {
	case !f.at.IsZero():
		t.issued = f.at
	case ends || begins:
		if t.issued, err = company.Now(ctx); err != nil {
			return nil, t, err
		}
	}
	if ends {
		t.expires = t.issued.Add(f.expiresIn)
	}
	if begins {
		t.notBefore = t.issued.Add(f.notBefore)
	}
	switch {
	case f.expired && !f.at.IsZero():
		t.expires = t.issued.Add(-time.Hour)
	case f.expired:
		t.issued = longAgo()
		t.expires = t.issued.Add(time.Hour)
	}
	return company, t, nil
}

// print prints the token, without its signature if --alg is none.
func (f *tokenFlags) print(cmd *cobra.Command, token string) error {
	switch strings.ToLower(f.alg) {
	case "hs256":
	case "none":
		_, rest, _ := strings.Cut(token, ".")
		claims, _, _ := strings.Cut(rest, ".")
		token = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + claims + "."
	default:
		return cli.Usagef("--alg %q must be HS256 or none", f.alg)
	}
	out := cli.To(cmd)
	out.Say("%s", token)
	return out.Err()
}

// companyFlags say whose credentials a verb uses.
type companyFlags struct {
	flags    *pflag.FlagSet
	name     string
	config   simulator.Config
	adminURL string
}

func newCompanyFlags(flags *pflag.FlagSet) *companyFlags {
	c := &companyFlags{flags: flags, config: simulator.Default()}
	flags.StringVar(&c.name, "company", "", "the company, by name or id (default MOZARTOSIM_COMPANY, or the first)")
	flags.StringVar(&c.config.ConfigFile, "config", "", "the file of companies that serve was given")
	flags.Uint64Var(&c.config.Seed, "seed", c.config.Seed, "the seed that serve was given")
	flags.StringVar(&c.adminURL, "admin-url", "", "the admin API of the running simulator that has the company (default MOZARTOSIM_ADMIN_URL)")
	return c
}

// company finds it: by --config and --seed if one of them was given, else in the running simulator if its admin URL is
// known, else as MOZARTOSIM_CONFIG and MOZARTOSIM_SEED say, else it is the demo company.
func (c *companyFlags) company(ctx context.Context) (*merchant.Company, error) {
	local := c.flags.Changed("config") || c.flags.Changed("seed") // before the environment sets them, too
	if local && c.flags.Changed("admin-url") {
		return nil, cli.Usagef("--admin-url goes with neither --config nor --seed: the running simulator knows its companies")
	}
	if err := cli.FromEnvironment(c.flags, "company", "config", "seed", "admin-url"); err != nil {
		return nil, err
	}
	if c.adminURL == "" || local {
		all, err := simulator.Configured(c.config)
		if err != nil {
			return nil, err
		}
		return merchant.Named(all, c.name)
	}
	client, err := cli.NewClient(c.adminURL)
	if err != nil {
		return nil, err
	}
	return merchant.Running(ctx, client, c.adminURL, c.name)
}
