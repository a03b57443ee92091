package backoffice

import (
	"fmt"
	"strings"

	"mozartosim/openapi"
)

// UserClaims are the claims of an x-user-token in the contract's order.
func UserClaims() []string {
	return []string{"userId", "email", "firstName", "lastName", "phone", "countryCode", "emailVerified"}
}

// UnknownUser says that a company has no user of an id.
type UnknownUser struct {
	Company, User string
	Known         []string // ids of the users that it has
}

func (e *UnknownUser) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("company %q has no users in its configuration", e.Company)
	}
	return fmt.Sprintf("company %q has no user %q: use one of %s", e.Company, e.User, strings.Join(e.Known, ", "))
}

// Claims returns the claims of an x-user-token for a user of the company: the user of that id, for "" the first one, or the demo
// company's when it has none. The error is *UnknownUser.
func (c *Company) Claims(id string) (map[string]any, error) {
	users := c.Users
	if id == "" && len(users) == 0 {
		demo, err := openapi.DecodeYAML("demo.yaml", demoFile)
		if err != nil {
			return nil, fmt.Errorf("demo company: %w", err)
		}
		for _, user := range demo.Fields["users"].([]any) {
			users = append(users, user.(map[string]any))
		}
	}
	var ids []string
	for _, user := range users {
		known := fmt.Sprint(user["userId"])
		if id != "" && known != id {
			ids = append(ids, known)
			continue
		}
		claims := map[string]any{}
		for _, name := range UserClaims() {
			if value, ok := user[name]; ok {
				claims[name] = value
			}
		}
		return claims, nil
	}
	return nil, &UnknownUser{c.Name, id, ids}
}
