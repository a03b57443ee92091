package backoffice

import (
	"encoding/json"
	"fmt"
	"strings"
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
func (c *Company) Claims(id string) (claims map[string]any, err error) {
	users := c.Users
	if id == "" && len(users) == 0 {
		demo, err := Demo(Reader{}, InboxURL, "")
		if err != nil {
			return nil, err
		}
		users = demo.Users
	}
	var ids []string
	for _, user := range users {
		if id != "" && user.UserID != id {
			ids = append(ids, user.UserID)
			continue
		}
		text, err := json.Marshal(user)
		if err != nil {
			return nil, fmt.Errorf("claims of user %s: %w", user.UserID, err)
		}
		err = json.Unmarshal(text, &claims)
		return claims, err
	}
	return nil, &UnknownUser{c.Name, id, ids}
}
