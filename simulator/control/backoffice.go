package control

import (
	"context"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

func listPSPs(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	list := []adminapi.Psp{}
	for _, code := range r.Reader.Cashier.PSPs() {
		if _, configured := c.PSPs[code]; !configured {
			continue
		}
		view, err := viewPSP(r, c, code)
		if err != nil {
			return nil, err
		}
		list = append(list, view)
	}
	return map[string][]adminapi.Psp{"psps": list}, nil
}

// viewPSP is a configuration as it is answered.
func viewPSP(r *request, c *backoffice.Company, code string) (adminapi.Psp, error) {
	psp, configured := c.PSPs[code]
	if !configured {
		return adminapi.Psp{}, noPSP(r.Reader.Cashier, c, code)
	}
	fields, err := r.fields(code, psp)
	return adminapi.Psp{PSP: code, Configuration: fields, Warnings: psp.Warnings(code)}, err
}

func noPSP(cashier *openapi.Contract, c *backoffice.Company, code string) error {
	if known := cashier.PSPs(); !slices.Contains(known, code) {
		return notFound("there is no provider %s: known are %s%s", code, strings.Join(known, ", "), openapi.DidYouMean(code, known))
	}
	return notFound("company %s has no configuration of %s", c.Name, code)
}

func readPSP(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	return viewPSP(r, c, r.path["psp"])
}

func putPSP(ctx context.Context, r *request) (any, error) {
	doc, err := r.document()
	if err != nil {
		return nil, err
	}
	code := r.path["psp"]
	changed, err := r.change(ctx, func(c backoffice.Company) (backoffice.Company, error) {
		if r.Reader.Cashier.ConfigurationOf(code) == "" {
			return c, noPSP(r.Reader.Cashier, &c, code)
		}
		if problems := r.unmaskPSP("", code, doc.Fields, &c); problems != nil {
			return c, problems.Err()
		}
		psp, err := r.Reader.PSP(code, openapi.Document{Fields: doc.Fields})
		if err != nil {
			return c, err
		}
		others := maps.Clone(c.PSPs)
		if others == nil {
			others = map[string]backoffice.PSP{}
		}
		others[code] = psp
		c.PSPs = others
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	return viewPSP(r, changed, code)
}

func deletePSP(ctx context.Context, r *request) (any, error) {
	code := r.path["psp"]
	_, err := r.change(ctx, func(c backoffice.Company) (backoffice.Company, error) {
		if _, configured := c.PSPs[code]; !configured {
			return c, noPSP(r.Reader.Cashier, &c, code)
		}
		c.PSPs = maps.Clone(c.PSPs)
		delete(c.PSPs, code)
		return c, nil
	})
	return adminapi.Deleted{Deleted: code}, err
}

func listRules(_ context.Context, _ *request, c *backoffice.Company) (any, error) {
	return map[string][]adminapi.Rule{"rules": orEmpty(c.Rules)}, nil
}

// indexOf finds a rule by id.
func indexOf(c *backoffice.Company, id string) (int, error) {
	i := slices.IndexFunc(c.Rules, func(r adminapi.Rule) bool { return r.ID == id })
	if i < 0 {
		return 0, notFound("company %s has no rule %s", c.Name, id)
	}
	return i, nil
}

func readRule(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	i, err := indexOf(c, r.path["rule"])
	if err != nil {
		return nil, err
	}
	return c.Rules[i], nil
}

// sentRule reads the rule of a body.
func sentRule(r *request) (adminapi.Rule, error) {
	doc, err := r.document()
	if err != nil {
		return adminapi.Rule{}, err
	}
	return r.Reader.Rule(doc)
}

func createRule(ctx context.Context, r *request) (any, error) {
	rule, err := sentRule(r)
	if err != nil {
		return nil, err
	}
	changed, err := r.change(ctx, func(c backoffice.Company) (backoffice.Company, error) {
		if rule.ID == "" {
			rule.ID = c.FreeRuleID(len(c.Rules) + 1)
		}
		if _, err := indexOf(&c, rule.ID); err == nil {
			return c, conflict("company %s has a rule %s already", c.Name, rule.ID)
		}
		c.Rules = slices.Concat(c.Rules, []adminapi.Rule{rule})
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	return created{below(changed, "rules", rule.ID), rule}, nil
}

func replaceRule(ctx context.Context, r *request) (any, error) {
	rule, err := sentRule(r)
	if err != nil {
		return nil, err
	}
	id := r.path["rule"]
	if rule.ID != "" && rule.ID != id {
		return nil, openapi.InvalidAt("id", "must be %s: it can't be changed", id)
	}
	rule.ID = id
	return rule, editRules(ctx, r, func(rules []adminapi.Rule, i int) []adminapi.Rule {
		rules[i] = rule
		return rules
	})
}

func deleteRule(ctx context.Context, r *request) (any, error) {
	return adminapi.Deleted{Deleted: r.path["rule"]}, editRules(ctx, r, func(rules []adminapi.Rule, i int) []adminapi.Rule {
		return slices.Delete(rules, i, i+1)
	})
}

// editRules changes a copy of the rules at the place of the one that the path names.
func editRules(ctx context.Context, r *request, edit func(rules []adminapi.Rule, i int) []adminapi.Rule) error {
	_, err := r.change(ctx, func(c backoffice.Company) (backoffice.Company, error) {
		i, err := indexOf(&c, r.path["rule"])
		if err == nil {
			c.Rules = edit(slices.Clone(c.Rules), i)
		}
		return c, err
	})
	return err
}
