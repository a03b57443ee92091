package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

// clocks looks for manual clocks behind which work waits that a real one would have done.
func clocks(_ context.Context, p Patient) (found []Finding) {
	const check = "clocks"
	if p.Running == nil {
		return []Finding{{check, Unclear, "no simulator runs, so nobody could be asked", "start one and ask again"}}
	}
	for _, c := range p.Running.Clocks {
		if c.Mode != "manual" || c.Waiting == 0 {
			continue
		}
		overdue := ""
		if !c.Next.IsZero() && c.Next.Before(p.Wall()) {
			overdue = ", the next of it due at " + c.Next.Format("2006-01-02 15:04:05") + ", which has passed"
		}
		found = append(found, Finding{
			check, Warning, fmt.Sprintf("the clock of %s is manual and stands at %s; %d pieces of work wait for it%s", c.Company, c.Now.Format("2006-01-02 15:04:05"), c.Waiting, overdue),
			fmt.Sprintf("mozartosim clock advance --company %s 1h, or clock set real", c.Company),
		})
	}
	if len(found) == 0 {
		found = append(found, fine(check, "no work waits behind a manual clock"))
	}
	return found
}

// tokens looks whether the tokens that were given would be taken, and by which company.
func tokens(_ context.Context, p Patient) (found []Finding) {
	if p.CompanyToken != "" {
		found = append(found, companyToken(p))
	}
	if p.UserToken != "" {
		found = append(found, userToken(p.UserToken))
	}
	return found
}

func companyToken(p Patient) Finding {
	const check = "company token"
	claims, err := claimsOf(p.CompanyToken)
	if err != nil {
		return Finding{check, Problem, err.Error(), "mint one: mozartosim token company"}
	}
	key, _ := claims["apiKey"].(string)
	i := slices.IndexFunc(p.Companies, func(c *backoffice.Company) bool { return c.Credentials.APIKey == key })
	if i < 0 {
		return Finding{check, Problem, fmt.Sprintf("its apiKey belongs to none of the %d companies here: every call is answered 401", len(p.Companies)), "mint one for a company that is here: mozartosim token company --company NAME"}
	}
	c := p.Companies[i]
	gate := identity.New(identity.Config{Companies: one{c, p}})
	if _, err := gate.Company("Bearer " + p.CompanyToken); err != nil {
		return Finding{check, Problem, fmt.Sprintf("it names company %s and is not taken: %v", c.Name, err), "mint one: mozartosim token company --company " + c.Name}
	}
	return fine(check, "it is company "+c.Name+"'s")
}

// one shows identity the one company that a token names.
type one struct {
	company *backoffice.Company
	p       Patient
}

// Company implements identity.Companies.
func (o one) Company(string) (identity.Company, bool) {
	return identity.Company{ID: o.company.ID, Secret: o.company.Credentials.SecretKey, Now: o.p.now(o.company.Name)}, true
}

// now is a company's time, as far as it is known.
func (p Patient) now(company string) time.Time {
	if p.Running != nil {
		for _, c := range p.Running.Clocks {
			if c.Company == company {
				return c.Now
			}
		}
	}
	return p.Wall()
}

func userToken(token string) Finding {
	const check = "user token"
	claims, err := claimsOf(token)
	if err != nil {
		return Finding{check, Problem, err.Error() + ": a call with it hangs and ends in a 504", "mint one: mozartosim token user"}
	}
	var missing []string
	for _, name := range backoffice.UserClaims() {
		if text, _ := claims[name].(string); text == "" && name != "emailVerified" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return Finding{check, Problem, "it lacks " + strings.Join(missing, ", "), "mint one: mozartosim token user"}
	}
	return fine(check, "it has all that is required")
}

// claimsOf reads what a JWT says, without checking who says so.
func claimsOf(token string) (claims map[string]any, err error) {
	parts := strings.Split(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(token), "Bearer ")), ".")
	if len(parts) != 3 {
		return nil, errors.New("it is no JWT: three parts with dots between them")
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return nil, errors.New("it is no JWT: its middle part is not JSON in base64url")
	}
	return claims, nil
}

// data looks at what --data names.
func data(ctx context.Context, p Patient) []Finding {
	if p.Data == nil {
		return []Finding{fine("data", "in memory: payments end with the process")}
	}
	says, err := p.Data(ctx)
	if err != nil {
		return []Finding{{"data", Problem, err.Error(), "mozartosim data check tells more; data export and import move payments to a new place"}}
	}
	return []Finding{fine("data", says)}
}
