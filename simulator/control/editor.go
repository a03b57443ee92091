package control

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/mask"
)

// A company is changed by putting a whole new one in its place, by one call at a time. Its secrets are masked in what is answered,
// and put back into what is sent.

// change replaces the company that the path names by what edit makes of it. edit gets a copy, whose maps and slices it must
// not write to.
func (r *request) change(ctx context.Context, edit func(backoffice.Company) (backoffice.Company, error)) (*backoffice.Company, error) {
	done, err := r.Settings.Exclusive(ctx, "")
	if err != nil {
		return nil, err
	}
	defer done()
	current, err := r.find(r.path["company"])
	if err != nil {
		return nil, err
	}
	next, err := edit(*current)
	if err != nil {
		return nil, err
	}
	doc, err := asInput(&next)
	if err != nil {
		return nil, err
	}
	// The change of a part may break a bound of the whole, such as the number of rules.
	if problems := r.Reader.Control.Problems("CompanyInput", doc); problems != nil {
		return nil, problems.Err()
	}
	return r.Companies.Put(next, current.Created)
}

// asInput writes a company as it might have been sent.
func asInput(c *backoffice.Company) (openapi.Document, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return openapi.Document{}, fmt.Errorf("write company %s: %w", c.Name, err)
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return openapi.Document{}, fmt.Errorf("read company %s: %v", c.Name, err) //nolint:errorlint // no fault of the caller's body
	}
	delete(doc.Fields, "created")
	return doc, nil
}

// view is a company as it is answered.
func (r *request) view(c *backoffice.Company) (adminapi.Company, error) {
	out := adminapi.Company{Profile: c.Profile, PSPs: map[string]map[string]any{}, Rules: orEmpty(c.Rules), Warnings: c.Warnings()}
	if !r.reveal() {
		out.Credentials.SecretKey = mask.Secret(c.Credentials.SecretKey)
	}
	for code, psp := range c.PSPs {
		fields, err := r.fields(code, psp)
		if err != nil {
			return out, err
		}
		out.PSPs[code] = fields
	}
	return out, nil
}

// fields are those of a PSP configuration; those that the contract marks as secret are masked.
func (r *request) fields(code string, psp backoffice.PSP) (map[string]any, error) {
	text, err := json.Marshal(psp)
	if err != nil {
		return nil, fmt.Errorf("write the configuration of %s: %w", code, err)
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %v", code, err) //nolint:errorlint // no fault of the caller's body
	}
	if !r.reveal() {
		for _, path := range secrets(r.Reader.Cashier, r.Reader.Cashier.ConfigurationOf(code)) {
			replace(doc.Fields, path, mask.Secret)
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

// replace changes the text at a dotted path, if there is one.
func replace(fields map[string]any, path string, by func(string) string) {
	value, _ := openapi.Lookup(fields, path)
	if text, ok := value.(string); ok {
		_ = openapi.Set(fields, path, by(text)) // it is there
	}
}

// unmask puts the secrets back into a company that was read, edited and sent again: a masked value stands for the secret
// that current has there. Masked values that stand for nothing are refused, so that none is ever kept as a secret.
func (r *request) unmask(doc openapi.Document, current *backoffice.Company) error {
	problems := unmaskFields("", doc.Fields, secrets(r.Reader.Control, "CompanyInput"), func(string) string {
		return current.Credentials.SecretKey
	})
	configurations := doc.Object("psps")
	for _, code := range slices.Sorted(maps.Keys(configurations)) {
		fields, _ := configurations[code].(map[string]any)
		problems = append(problems, r.unmaskPSP("psps."+code+".", code, fields, current)...)
	}
	return problems.Err()
}

func (r *request) unmaskPSP(prefix, code string, fields map[string]any, current *backoffice.Company) openapi.Problems {
	paths := secrets(r.Reader.Cashier, r.Reader.Cashier.ConfigurationOf(code))
	return unmaskFields(prefix, fields, paths, current.PSPs[code].Text)
}

func unmaskFields(prefix string, fields map[string]any, paths []string, secret func(path string) string) (problems openapi.Problems) {
	for _, path := range paths {
		replace(fields, path, func(sent string) string {
			known := secret(path)
			switch {
			case known != "" && sent == mask.Secret(known):
				return known
			case strings.HasPrefix(sent, "***"):
				problems.Add(prefix+path, "must not be a masked value: reveal=true shows secrets in clear")
			}
			return sent
		})
	}
	return problems
}
