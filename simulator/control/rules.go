package control

import (
	"fmt"
	"net/http"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// place finds a rule by id.
func place(c *backoffice.Company, id string) (int, error) {
	i := slices.IndexFunc(c.Rules, func(r backoffice.Rule) bool { return r.ID == id })
	if i < 0 {
		return 0, notFound("company %s has no rule %s", c.Name, id)
	}
	return i, nil
}

func (s *server) listRules(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"rules": append([]backoffice.Rule{}, c.Rules...)})
}

func (s *server) readRule(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	i, err := place(c, r.path["rule"])
	if err != nil {
		return reply{}, err
	}
	return ok(c.Rules[i])
}

func (s *server) createRule(r *request) (reply, error) {
	rule, err := s.sentRule(r)
	if err != nil {
		return reply{}, err
	}
	changed, err := s.change(r, func(c backoffice.Company) (backoffice.Company, error) {
		if rule.ID == "" {
			rule.ID = c.FreeRuleID(len(c.Rules) + 1)
		}
		if _, err := place(&c, rule.ID); err == nil {
			return c, conflict(fmt.Sprintf("company %s has a rule %s already", c.Name, rule.ID))
		}
		c.Rules = slices.Concat(c.Rules, []backoffice.Rule{rule})
		return c, nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: rule, location: at(changed, "rules", rule.ID)}, nil
}

func (s *server) sentRule(r *request) (backoffice.Rule, error) {
	doc, err := r.body()
	if err != nil {
		return backoffice.Rule{}, err
	}
	return s.Reader.Rule(doc)
}

func (s *server) replaceRule(r *request) (reply, error) {
	rule, err := s.sentRule(r)
	if err != nil {
		return reply{}, err
	}
	id := r.path["rule"]
	if rule.ID != "" && rule.ID != id {
		return reply{}, &openapi.Invalid{Problems: []string{fmt.Sprintf("id must be %s: it can't be changed", id)}}
	}
	rule.ID = id
	return s.editRules(r, rule, func(rules []backoffice.Rule, i int) []backoffice.Rule {
		rules[i] = rule
		return rules
	})
}

func (s *server) deleteRule(r *request) (reply, error) {
	return s.editRules(r, map[string]string{"deleted": r.path["rule"]}, func(rules []backoffice.Rule, i int) []backoffice.Rule {
		return slices.Delete(rules, i, i+1)
	})
}

// editRules changes a copy of the rules at the place of the one that the path names, and answers with body.
func (s *server) editRules(r *request, body any, edit func(rules []backoffice.Rule, i int) []backoffice.Rule) (reply, error) {
	_, err := s.change(r, func(c backoffice.Company) (backoffice.Company, error) {
		i, err := place(&c, r.path["rule"])
		if err == nil {
			c.Rules = edit(slices.Clone(c.Rules), i)
		}
		return c, err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(body)
}
