package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

type pspView struct {
	Company    companyWhole
	Provider   providerInfo
	Configured bool
	Revealed   bool
	Fields     []fieldShown
	Warnings   []string
}

// fieldShown is a field of a provider's configuration and its value, made into a control by its type.
type fieldShown struct {
	field
	Control string // text, select, flag, lines, secret
	Value   string
	Depth   int // of its path
}

// pspForm draws the form of a provider's configuration from the contract: a field that the contract gets has a control here
// without anybody writing one.
func pspForm(v *visit) (*page, error) {
	providers, err := v.providers()
	if err != nil {
		return nil, err
	}
	shown := pspView{Provider: find(providers, v.in("psp")), Revealed: v.ask("reveal") == "true"}
	if shown.Provider.Configuration == nil {
		return nil, &problem{Status: http.StatusNotFound, Message: "there is no provider " + v.in("psp")}
	}
	if err := v.get(v.ofPath(), nil, &shown.Company); err != nil {
		return nil, err
	}
	var kept struct {
		Configuration map[string]any `json:"configuration"`
		Warnings      []string       `json:"warnings"`
	}
	query := url.Values{}
	if shown.Revealed {
		query.Set("reveal", "true")
	}
	err = v.get(v.ofPath("psps", v.in("psp")), query, &kept)
	if err != nil && !notThere(err) {
		return nil, err
	}
	shown.Configured, shown.Warnings = err == nil, kept.Warnings
	for _, f := range shown.Provider.Configuration {
		if f.Type != "object" {
			shown.Fields = append(shown.Fields, fieldOf(f, kept.Configuration))
		}
	}
	return &page{template: "psp", title: shown.Provider.Name + " of " + shown.Company.Name, nav: "companies", data: shown}, nil
}

func fieldOf(f field, values map[string]any) fieldShown {
	shown := fieldShown{field: f, Control: "text", Depth: strings.Count(f.Path, ".")}
	value := at(values, f.Path)
	switch {
	case strings.Contains(f.Type, "boolean"):
		shown.Control = "flag"
	case len(f.Enum) > 0:
		shown.Control = "select"
	case strings.Contains(f.Type, "array"):
		shown.Control = "lines"
	case f.Secret:
		shown.Control = "secret"
	}
	switch value := value.(type) {
	case nil:
	case []any:
		for _, one := range value {
			shown.Value += fmt.Sprintln(one)
		}
	default:
		shown.Value = fmt.Sprint(value)
	}
	return shown
}

// at returns the value at a dotted path, nil when there is none.
func at(values map[string]any, path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return values[head]
	}
	below, _ := values[head].(map[string]any)
	return at(below, rest)
}

// put sets the value at a dotted path.
func put(values map[string]any, path string, value any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		values[head] = value
		return
	}
	below, ok := values[head].(map[string]any)
	if !ok {
		below = map[string]any{}
		values[head] = below
	}
	put(below, rest, value)
}

// savePSP makes the configuration out of the form. A field left empty is left out; a masked secret that nobody touched stands
// for itself, as everywhere in the API.
func savePSP(v *visit) (outcome, error) {
	providers, err := v.providers()
	if err != nil {
		return outcome{}, err
	}
	body := map[string]any{}
	for _, f := range find(providers, v.in("psp")).Configuration {
		value := v.PostForm.Get("field:" + f.Path)
		if f.Type == "object" || strings.TrimSpace(value) == "" {
			continue
		}
		shown := fieldOf(f, nil)
		switch shown.Control {
		case "flag":
			put(body, f.Path, value == "true")
		case "lines":
			put(body, f.Path, strings.Fields(value))
		default:
			put(body, f.Path, strings.TrimSpace(value))
		}
	}
	return v.toCompany("saved"), v.do(http.MethodPut, v.ofPath("psps", v.in("psp")), body, nil)
}

func deletePSP(v *visit) (outcome, error) {
	return v.toCompany("deleted"), v.do(http.MethodDelete, v.ofPath("psps", v.in("psp")), nil, nil)
}
