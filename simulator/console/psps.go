package console

import (
	"fmt"
	"net/http"
	"strings"

	"mozartosim/simulator/adminapi"
)

type pspView struct {
	Company    adminapi.Company
	Provider   adminapi.Provider
	Configured bool
	Revealed   bool
	Fields     []pspField
	Warnings   []string
}

// pspField is a field of a PSP configuration.
type pspField struct {
	adminapi.ContractField
	Control string // by the field's type: text, select, flag, lines or secret
	Value   string
}

// pspForm shows the form of a PSP configuration. It is made from the contract, so a field that is added there appears here.
func pspForm(r *request) (*page, error) {
	provider := r.provider(r.PathValue("psp"))
	if provider.Configuration == nil {
		return nil, &adminapi.Error{Status: http.StatusNotFound, Message: "there is no provider " + provider.PSP}
	}
	v := pspView{Provider: provider, Revealed: bool(r.secrets())}
	var err error
	if v.Company, err = r.named().BackOffice().Company(r.Context(), adminapi.Masked); err != nil {
		return nil, err
	}
	kept, err := r.named().BackOffice().PSP(r.Context(), provider.PSP, r.secrets())
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return nil, err
	}
	v.Configured, v.Warnings = err == nil, kept.Warnings
	for _, f := range provider.Configuration {
		if f.Type != "object" {
			v.Fields = append(v.Fields, pspField{f, controlOf(f), formatValue(valueAt(kept.Configuration, f.Path))})
		}
	}
	return &page{template: "psp", title: provider.Name + " of " + v.Company.Name, nav: "companies", data: v}, nil
}

func controlOf(f adminapi.ContractField) string {
	switch {
	case strings.Contains(f.Type, "boolean"):
		return "flag"
	case len(f.Enum) > 0:
		return "select"
	case strings.Contains(f.Type, "array"):
		return "lines"
	case f.Secret:
		return "secret"
	}
	return "text"
}

// formatValue writes a value of a configuration; a list has an element a line.
func formatValue(value any) (text string) {
	switch value := value.(type) {
	case nil:
	case []any:
		for _, one := range value {
			text += fmt.Sprintln(one)
		}
	default:
		text = fmt.Sprint(value)
	}
	return text
}

// valueAt returns the value at a dotted path, nil when there is none.
func valueAt(values map[string]any, path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return values[head]
	}
	inner, _ := values[head].(map[string]any)
	return valueAt(inner, rest)
}

// setValue sets the value at a dotted path.
func setValue(values map[string]any, path string, value any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		values[head] = value
		return
	}
	inner, ok := values[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		values[head] = inner
	}
	setValue(inner, rest, value)
}

// savePSP makes the configuration from the form. An empty field is left out; a masked secret that was not changed keeps its
// value, as everywhere in the API.
func savePSP(r *request) (result, error) {
	provider := r.provider(r.PathValue("psp"))
	configuration := map[string]any{}
	for _, f := range provider.Configuration {
		value := r.field("field:" + f.Path)
		if f.Type == "object" || value == "" {
			continue
		}
		switch controlOf(f) {
		case "flag":
			setValue(configuration, f.Path, value == "true")
		case "lines":
			setValue(configuration, f.Path, strings.Fields(value))
		default:
			setValue(configuration, f.Path, value)
		}
	}
	_, err := r.named().BackOffice().PutPSP(r.Context(), provider.PSP, configuration)
	return r.toCompany("saved"), err
}

func deletePSP(r *request) (result, error) {
	_, err := r.named().BackOffice().DeletePSP(r.Context(), r.PathValue("psp"))
	return r.toCompany("deleted"), err
}
