package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/data"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/words"
)

// clocks checks for manual clocks for which jobs wait.
func clocks(_ context.Context, s Setup) (found []words.Finding) {
	const check = "clocks"
	if s.Running == nil {
		return []words.Finding{words.Unclear.Finding(check, "not checked, because no simulator runs", "start one and check again")}
	}
	for _, company := range slices.Sorted(maps.Keys(s.Running.Clocks)) {
		c := s.Running.Clocks[company]
		if c.Mode != "manual" || c.Waiting == 0 {
			continue
		}
		overdue := ""
		if !c.Next.IsZero() && c.Next.Before(s.Wall()) {
			overdue = ", the next since " + c.Next.Format(time.DateTime)
		}
		found = append(found, words.Warning.Finding(check, fmt.Sprintf("the clock of %s is manual and stands at %s; jobs that wait for it: %d%s", company, c.Now.Format(time.DateTime), c.Waiting, overdue),
			fmt.Sprintf("mozartosim clock advance --company %s 1h, or clock set real", company)))
	}
	if len(found) == 0 {
		found = append(found, words.Fine.Finding(check, "no job waits for a manual clock", ""))
	}
	return found
}

// tokens checks whether the given tokens are valid, and for which company.
func tokens(_ context.Context, s Setup) (found []words.Finding) {
	if s.CompanyToken != "" {
		found = append(found, companyToken(s))
	}
	if s.UserToken != "" {
		found = append(found, userToken(s.UserToken))
	}
	return found
}

func companyToken(s Setup) words.Finding {
	const check = "company token"
	claims, err := claimsOf(s.CompanyToken)
	if err != nil {
		return words.Problem.Finding(check, err.Error(), "mint one: mozartosim token company")
	}
	key, _ := claims["apiKey"].(string)
	i := slices.IndexFunc(s.Companies, func(c *backoffice.Company) bool { return c.Credentials.APIKey == key })
	if i < 0 {
		return words.Problem.Finding(check, fmt.Sprintf("its apiKey belongs to none of the %d companies here: every call is answered 401", len(s.Companies)), "mint one for one of them: mozartosim token company --company NAME")
	}
	c := s.Companies[i]
	gate := identity.New(identity.Config{Companies: named{c, s}})
	if _, err := gate.Company("Bearer " + s.CompanyToken); err != nil {
		return words.Problem.Finding(check, fmt.Sprintf("it names company %s and is not valid: %v", c.Name, err), "mint one: mozartosim token company --company "+c.Name)
	}
	return words.Fine.Finding(check, "it is valid for company "+c.Name, "")
}

// named is the one company that a token names.
type named struct {
	company *backoffice.Company
	setup   Setup
}

// Company implements identity.Companies.
func (n named) Company(string) (identity.Company, bool) {
	return identity.Company{ID: n.company.ID, Secret: n.company.Credentials.SecretKey, Now: n.setup.now(n.company.Name)}, true
}

// now is a company's time, as far as it is known.
func (s Setup) now(company string) time.Time {
	if s.Running != nil {
		if c, known := s.Running.Clocks[company]; known {
			return c.Now
		}
	}
	return s.Wall()
}

func userToken(token string) words.Finding {
	const check = "user token"
	claims, err := claimsOf(token)
	if err != nil {
		return words.Problem.Finding(check, err.Error()+": a call with it hangs and ends in a 504", "mint one: mozartosim token user")
	}
	var missing []string
	for _, name := range backoffice.UserClaims() {
		if text, _ := claims[name].(string); text == "" && name != "emailVerified" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return words.Problem.Finding(check, "it lacks "+strings.Join(missing, ", "), "mint one: mozartosim token user")
	}
	return words.Fine.Finding(check, "it has all required claims", "")
}

// claimsOf reads the claims of a JWT without checking its signature.
func claimsOf(token string) (claims map[string]any, err error) {
	parts := strings.Split(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(token), "Bearer ")), ".")
	if len(parts) != 3 {
		return nil, errors.New("it is no JWT, which has three parts with dots between them")
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return nil, errors.New("it is no JWT: its middle part is not JSON in base64url")
	}
	return claims, nil
}

// kept checks what --data names, unless a running simulator has it.
func kept(ctx context.Context, s Setup) []words.Finding {
	if s.Config.Data == "" {
		return []words.Finding{words.Fine.Finding("data", "in memory: payments end with the process", "")}
	}
	var stats journal.Stats
	j, err := data.Open(ctx, s.Config.Data, journal.Limits{}, s.Config.Version, nil)
	if err != nil && s.Running != nil {
		return []words.Finding{words.Fine.Finding("data", "it is in use by the running simulator", "")}
	}
	if err == nil {
		stats, err = j.Stats(ctx, "")
		err = errors.Join(err, j.Close())
	}
	if err != nil {
		return []words.Finding{words.Problem.Finding("data", err.Error(), "mozartosim data check shows more; data export and import move payments to another file or database")}
	}
	return []words.Finding{words.Fine.Finding("data", fmt.Sprintf("it can be opened, with %d payments and %d scheduled jobs", stats.Streams, stats.Jobs), "")}
}
