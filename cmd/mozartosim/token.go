package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

func newToken() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Mint the JWTs that a call needs, good ones and bad ones",
		Long: `Mint the JWTs that a call needs: the company's for Authorization, the user's for x-user-token. Flags make
bad ones for negative tests. The token stands alone on the output, so that $(mozartosim token company) works.

The credentials are the first company's: the demo company's unless --config or --seed, or a running simulator
(MOZARTOSIM_ADMIN_URL), says otherwise. Without a time flag a token has no end and is the same on every call.`,
		Args: noSuchCommand,
		RunE: showHelp,
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
		Args: noArgs,
	}
	whose := newCompanyFlags(cmd.Flags())
	how := newMintFlags(cmd.Flags(), whose, "sign with this key instead of the company's")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := how.check(); err != nil {
			return err
		}
		company, err := whose.company(cmd.Context())
		if err != nil {
			return err
		}
		t, err := how.times(cmd.Context(), company)
		if err != nil {
			return err
		}
		secret := company.Credentials.SecretKey
		if how.secret != "" {
			secret = how.secret
		}
		token, err := identity.CompanyToken(company.Credentials.APIKey, secret, t.issued, t.expires, t.notBefore)
		if err != nil {
			return fmt.Errorf("company token: %w", err)
		}
		return printToken(cmd, how, token)
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
		Args: noArgs,
	}
	flags := cmd.Flags()
	whose := newCompanyFlags(flags)
	how := newMintFlags(flags, whose, "sign with this key; nobody checks it")
	var user string
	var without []string
	flags.StringVar(&user, "user", "", "take this user of the configuration (default: its first, or Jane Doe)")
	for _, claim := range backoffice.UserClaims() {
		flags.String(claimFlag(claim), "", "the claim "+claim)
	}
	flags.StringArrayVar(&without, "without", nil, "leave this claim out; may be given several times")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := how.check(); err != nil {
			return err
		}
		company, err := whose.company(cmd.Context())
		if err != nil {
			return err
		}
		t, err := how.times(cmd.Context(), company)
		if err != nil {
			return err
		}
		claims, err := claimsOf(company, user)
		if err != nil {
			return err
		}
		if err := changeClaims(cmd, claims, without); err != nil {
			return err
		}
		setTimes(claims, t)
		return mintUser(cmd, how, claims)
	}
	return cmd
}

func mintUser(cmd *cobra.Command, how *mintFlags, claims map[string]any) error {
	secret := userSecret
	if how.secret != "" {
		secret = how.secret
	}
	token, err := identity.UserToken(claims, secret)
	if err != nil {
		return fmt.Errorf("user token: %w", err)
	}
	return printToken(cmd, how, token)
}

// claimFlag is the flag of a claim: --first-name for firstName.
func claimFlag(claim string) string {
	var flag strings.Builder
	for _, r := range claim {
		if r >= 'A' && r <= 'Z' {
			flag.WriteString("-" + strings.ToLower(string(r)))
			continue
		}
		flag.WriteRune(r)
	}
	return flag.String()
}

// changeClaims sets the claims that flags name and takes away those that --without names.
func changeClaims(cmd *cobra.Command, claims map[string]any, without []string) error {
	for _, claim := range backoffice.UserClaims() {
		if f := cmd.Flags().Lookup(claimFlag(claim)); f.Changed {
			claims[claim] = f.Value.String()
		}
	}
	for _, claim := range without {
		if !slices.Contains(backoffice.UserClaims(), claim) {
			return wrong("--without %q must be one of: %s", claim, strings.Join(backoffice.UserClaims(), ", "))
		}
		delete(claims, claim)
	}
	return nil
}

// setTimes adds the registered claims; a user token that was asked for no time has none of them.
func setTimes(claims map[string]any, t tokenTimes) {
	if t.expires.IsZero() && t.notBefore.IsZero() {
		return
	}
	claims["iat"] = t.issued.Unix()
	if !t.expires.IsZero() {
		claims["exp"] = t.expires.Unix()
	}
	if !t.notBefore.IsZero() {
		claims["nbf"] = t.notBefore.Unix()
	}
}

func printToken(cmd *cobra.Command, how *mintFlags, token string) error {
	token, err := how.signed(token)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
	return err
}
