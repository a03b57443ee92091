package backoffice

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/egress"
)

// Reader makes companies of JSON and YAML, by the same rules for the configuration file and the admin API.
type Reader struct {
	Cashier *openapi.Contract // PSP configurations
	Control *openapi.Contract // everything else
}

// NewReader makes the reader of the contracts that the program has.
func NewReader() (r Reader, err error) {
	if r.Cashier, err = openapi.Cashier(); err != nil {
		return r, err
	}
	r.Control, err = openapi.Control()
	return r, err
}

// Company reads one company. Errors are *openapi.Invalid, with dotted paths and everything that is wrong.
func (r Reader) Company(doc openapi.Document) (Company, error) {
	problems := r.Control.Problems("CompanyInput", doc)
	psps, broken := r.psps(doc.Object("psps"))
	problems = append(append(problems, broken...), forbidden(doc, "userAuthUrl")...)
	if problems != nil {
		return Company{}, problems.Err()
	}
	return assemble(doc, psps)
}

// assemble makes a company of checked fields and configurations.
func assemble(doc openapi.Document, psps map[string]PSP) (Company, error) {
	var c Company
	if err := decode(doc.Fields, &c); err != nil {
		return Company{}, err
	}
	c.PSPs = psps
	if problems := c.duplicates(); problems != nil {
		return Company{}, problems.Err()
	}
	c.nameRules()
	return c, nil
}

// maxProblems bounds the problems of PSP configurations, so that a large body can't get a huge answer.
const maxProblems = 100

func (r Reader) psps(configurations map[string]any) (psps map[string]PSP, problems openapi.Problems) {
	psps = map[string]PSP{}
	for _, code := range slices.Sorted(maps.Keys(configurations)) {
		if len(problems) >= maxProblems {
			break
		}
		if r.Cashier.ConfigurationOf(code) == "" {
			known := r.Cashier.PSPs()
			problems.Add("psps."+code, "must be one of: %s%s", strings.Join(known, ", "), openapi.DidYouMean(code, known))
			continue
		}
		fields, ok := configurations[code].(map[string]any)
		if !ok {
			problems.Add("psps."+code, "must be an object")
			continue
		}
		psp, err := r.PSP(code, openapi.Document{Fields: fields})
		var broken *openapi.Invalid
		if errors.As(err, &broken) {
			problems = append(problems, broken.Problems.Below("psps."+code)...)
			continue
		}
		psps[code] = psp
	}
	return psps, problems
}

// duplicates lists brands and rules that share an id.
func (c *Company) duplicates() (problems openapi.Problems) {
	brands, rules := map[string]bool{}, map[string]bool{}
	for i, b := range c.Brands {
		if brands[b.ID] {
			problems.Add(fmt.Sprintf("brands.%d.id", i), "must not be written twice")
		}
		brands[b.ID] = true
	}
	for i, rule := range c.Rules {
		if rule.ID != "" && rules[rule.ID] {
			problems.Add(fmt.Sprintf("rules.%d.id", i), "must not be written twice")
		}
		rules[rule.ID] = true
	}
	return problems
}

// PSP reads one PSP configuration. Errors are *openapi.Invalid.
func (r Reader) PSP(code string, doc openapi.Document) (PSP, error) {
	missing, err := r.Cashier.CheckPSP(code, r.withInbox(code, doc))
	if err != nil {
		return PSP{}, err
	}
	problems := forbidden(doc, webhookURL, "siteUrl")
	if strings.ContainsFunc(doc.Text(webhookSecret), unicode.IsControl) {
		problems.Add(webhookSecret, "must not contain line breaks or other control characters: it is sent in a header")
	}
	if problems != nil {
		return PSP{}, problems.Err()
	}
	return NewPSP(doc, missing), nil
}

// Rule reads one orchestration rule. Errors are *openapi.Invalid.
func (r Reader) Rule(doc openapi.Document) (adminapi.Rule, error) {
	if problems := r.Control.Problems("RuleInput", doc); problems != nil {
		return adminapi.Rule{}, problems.Err()
	}
	var rule adminapi.Rule
	if err := decode(doc.Fields, &rule); err != nil {
		return adminapi.Rule{}, err
	}
	return rule, nil
}

// decode moves checked fields into a struct, except psps. What the contract allows and Go's types don't (a seed of 1.0, or above
// 64 bits) is an *openapi.Invalid.
func decode(fields map[string]any, target any) error {
	text, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("read checked fields: %w", err)
	}
	err = json.Unmarshal(text, target)
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		field := strings.TrimPrefix(mistyped.Field, "Profile.") // which is embedded
		return openapi.Problems{{Path: field, Reason: "must be a whole number below 2^64, written in digits"}}.Err()
	}
	return err
}

// withInbox adds the missing webhookUrl of a PSP that has webhooks: they go to the built-in inbox then, and the configuration is
// complete without the URL (assumed; the vendor requires it of most PSPs).
func (r Reader) withInbox(code string, doc openapi.Document) openapi.Document {
	has := slices.ContainsFunc(r.Cashier.FieldsOf(r.Cashier.ConfigurationOf(code)), func(f openapi.Field) bool { return f.Path == webhookURL })
	if doc.Has(webhookURL) || !has {
		return doc
	}
	fields := maps.Clone(doc.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[webhookURL] = InboxURL
	return openapi.Document{Fields: fields}
}

// forbidden lists the fields that name an address which is never called, such as a cloud's metadata.
func forbidden(doc openapi.Document, fields ...string) (problems openapi.Problems) {
	for _, field := range fields {
		if err := egress.Forbidden(doc.Text(field)); err != nil {
			problems.Add(field, "must be another address: %v", err)
		}
	}
	return problems
}

// Fields of a PSP configuration.
const (
	webhookURL    = "webhookUrl"
	webhookSecret = "webhookSecret"
)

// Shown makes a company of what the admin API shows of it with its secrets.
func (r Reader) Shown(shown adminapi.Company) (*Company, error) {
	c := &Company{}
	text, err := json.Marshal(shown)
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return nil, err
	}
	for code, fields := range shown.PSPs {
		doc := openapi.Document{Fields: fields}
		if c.PSPs[code], err = r.PSP(code, doc); err != nil { // of another version: what it says counts all the same
			c.PSPs[code] = NewPSP(doc, "")
		}
	}
	return c, nil
}
