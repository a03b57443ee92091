package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/mask"
)

// companyShown is a company as it is answered: secrets masked, lists always there.
type companyShown struct {
	backoffice.Company
	PSPs     map[string]any    `json:"psps"`
	Rules    []backoffice.Rule `json:"rules"`
	Warnings []string          `json:"warnings"`
}

func (s *server) show(c *backoffice.Company, reveal bool) (companyShown, error) {
	shown := companyShown{Company: *c, PSPs: map[string]any{}, Rules: append([]backoffice.Rule{}, c.Rules...), Warnings: c.Warnings()}
	if !reveal {
		shown.Credentials.SecretKey = mask.Secret(c.Credentials.SecretKey)
	}
	for code, psp := range c.PSPs {
		fields, err := s.fields(code, psp, reveal)
		if err != nil {
			return companyShown{}, err
		}
		shown.PSPs[code] = fields
	}
	return shown, nil
}

// fields are a PSP configuration's, those that the contract marks as secret masked.
func (s *server) fields(code string, psp backoffice.PSP, reveal bool) (map[string]any, error) {
	text, err := json.Marshal(psp)
	if err != nil {
		return nil, fmt.Errorf("write the configuration of %s: %w", code, err)
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %v", code, err) // no fault of the caller's body
	}
	if !reveal {
		for _, path := range secrets(s.Reader.Cashier, s.Reader.Cashier.ConfigurationOf(code)) {
			set(doc.Fields, path, mask.Secret)
		}
	}
	return doc.Fields, nil
}

// secrets are the dotted paths of a schema's fields that are marked as secret.
func secrets(contract *openapi.Contract, schema string) (paths []string) {
	for _, f := range contract.FieldsOf(schema) {
		if f.Secret {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// set changes the text at a dotted path, if there is one.
func set(fields map[string]any, path string, to func(string) string) {
	head, rest, nested := strings.Cut(path, ".")
	if nested {
		if below, ok := fields[head].(map[string]any); ok {
			set(below, rest, to)
		}
		return
	}
	if text, ok := fields[head].(string); ok {
		fields[head] = to(text)
	}
}

// unmask puts the secrets back into a company that was read, edited and sent again: a masked value stands for the secret
// that current has there. Masked values that stand for nothing are refused, so that none is ever kept as a secret.
func (s *server) unmask(doc openapi.Document, current *backoffice.Company) error {
	if current == nil {
		current = &backoffice.Company{}
	}
	problems := unmaskFields("", doc.Fields, secrets(s.Reader.Control, "CompanyInput"), func(string) string {
		return current.Credentials.SecretKey
	})
	configurations := doc.Object("psps")
	for _, code := range slices.Sorted(maps.Keys(configurations)) {
		fields, _ := configurations[code].(map[string]any)
		problems = append(problems, s.unmaskPSP("psps."+code+".", code, fields, current)...)
	}
	if problems != nil {
		return &openapi.Invalid{Problems: problems}
	}
	return nil
}

func (s *server) unmaskPSP(prefix, code string, fields map[string]any, current *backoffice.Company) []string {
	paths := secrets(s.Reader.Cashier, s.Reader.Cashier.ConfigurationOf(code))
	return unmaskFields(prefix, fields, paths, current.PSPs[code].Text)
}

func unmaskFields(prefix string, fields map[string]any, paths []string, secret func(path string) string) (problems []string) {
	for _, path := range paths {
		set(fields, path, func(sent string) string {
			known := secret(path)
			switch {
			case known != "" && sent == mask.Secret(known):
				return known
			case strings.HasPrefix(sent, "***"):
				problems = append(problems, prefix+path+" must not be a masked value: reveal=true shows secrets in clear")
			}
			return sent
		})
	}
	return problems
}
