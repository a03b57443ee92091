package control

import (
	"errors"
	"fmt"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

// userSecret signs user tokens; nobody checks it.
const userSecret = "mozartosim-user"

// epoch is the `iat` of minted tokens, so that the same company and user always get the same ones.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// tokensShown are what a call to the Cashier API needs.
type tokensShown struct {
	URL     string `json:"url"`
	Company string `json:"company"`
	User    string `json:"user"`
}

func (s *server) mintTokens(r *request) (reply, error) {
	doc, err := s.optionalInput(r, "TokensInput")
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	claims, err := c.Claims(doc.Text("userId"))
	var unknown *backoffice.UnknownUser
	if errors.As(err, &unknown) {
		return reply{}, breaks("userId must be one of the company's users: %v", unknown)
	}
	if err != nil {
		return reply{}, err
	}
	shown := tokensShown{URL: s.PublicURL + openapi.CashierPath}
	shown.Company, err = identity.CompanyToken(c.Credentials.APIKey, c.Credentials.SecretKey, epoch(), time.Time{}, time.Time{})
	if err != nil {
		return reply{}, fmt.Errorf("company token: %w", err)
	}
	if shown.User, err = identity.UserToken(claims, userSecret); err != nil {
		return reply{}, fmt.Errorf("user token: %w", err)
	}
	return ok(shown)
}
