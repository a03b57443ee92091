package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

type pspView struct {
	Company    adminapi.Company
	Provider   adminapi.Provider
	Configured bool
	Revealed   bool
	Groups     []pspGroup
	Warnings   []string
}

// pspGroup is a group of fields of a PSP configuration.
type pspGroup struct {
	Name   string
	Fields []pspField
}

// pspField is a field of a PSP configuration.
type pspField struct {
	adminapi.ContractField
	Control string // by the field's type: text, select, flag, lines or secret
	Value   string
}

// split parts what the field means from what holds while it is not set, which the contract says as "…; 10s unless set."
func (f pspField) split() (means, otherwise string) {
	before, after, said := strings.Cut(f.Description, " unless set")
	if !said {
		return f.Description, ""
	}
	at := strings.LastIndexAny(before, ".;") + 1
	return strings.TrimRight(before[:at], ".;") + after, strings.TrimSpace(before[at:])
}

// Default is what holds while the field is not set; "" = nothing, or the contract does not say.
func (f pspField) Default() string {
	_, otherwise := f.split()
	if f.Control == "flag" {
		return map[string]string{"true": "yes", "": "no"}[otherwise]
	}
	return otherwise
}

// Hint says what the field means, and what its value must do.
func (f pspField) Hint() string {
	means, _ := f.split()
	if f.Must != "" {
		means += " It must " + f.Must + "."
	}
	if f.Control == "lines" {
		means += " `" + emptyList + "` is an empty list."
	}
	return strings.TrimSpace(strings.TrimPrefix(means, "."))
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
	if err != nil && adminapi.StatusOf(err) != http.StatusNotFound {
		return nil, err
	}
	v.Configured, v.Warnings = err == nil, kept.Warnings
	v.Groups = []pspGroup{{Name: "Webhooks"}, {Name: "Credentials"}, {Name: "Other settings"}}
	for _, f := range provider.Configuration {
		if f.Type != "object" {
			g := &v.Groups[groupOfField(f)]
			value, _ := openapi.Lookup(kept.Configuration, f.Path)
			g.Fields = append(g.Fields, pspField{f, controlOf(f), formatValue(value)})
		}
	}
	return &page{template: "psp", Title: provider.Name + " of " + v.Company.Name, Nav: "companies", Data: v}, nil
}

// groupOfField is the index of a field's group: webhooks, credentials, other settings.
func groupOfField(f adminapi.ContractField) int {
	switch {
	case strings.Contains(strings.ToLower(f.Path), "webhook") || f.Path == "retrySchedule":
		return 0
	case f.Secret || f.Required && f.Path != "siteUrl":
		return 1
	}
	return 2
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

// emptyList is how a form writes a list that is set to nothing, which is not the same as one that is not set.
const emptyList = "none"

// formatValue writes a value of a configuration; a list has an element a line.
func formatValue(value any) (text string) {
	switch value := value.(type) {
	case nil:
	case []any:
		if len(value) == 0 {
			return emptyList
		}
		for _, one := range value {
			text += fmt.Sprintln(one)
		}
	default:
		text = fmt.Sprint(value)
	}
	return text
}

// savePSP makes the configuration from the form. An empty field is left out; a masked secret that was not changed keeps its
// value, as everywhere in the API.
func savePSP(r *request) (*page, error) {
	provider := r.provider(r.PathValue("psp"))
	configuration := map[string]any{}
	for _, f := range provider.Configuration {
		value := r.field("field:" + f.Path)
		if f.Type == "object" || value == "" {
			continue
		}
		var typed any = value
		switch controlOf(f) {
		case "flag":
			typed = value == "true"
		case "lines":
			if typed = strings.Fields(value); value == emptyList {
				typed = []string{}
			}
		}
		if err := openapi.Set(configuration, f.Path, typed); err != nil {
			return nil, err
		}
	}
	_, err := r.named().BackOffice().PutPSP(r.Context(), provider.PSP, configuration)
	return r.toCompany("saved"), err
}

func deletePSP(r *request) (*page, error) {
	_, err := r.named().BackOffice().DeletePSP(r.Context(), r.PathValue("psp"))
	return r.toCompany("deleted"), err
}

// testWebhook makes a payment that is approved at once, and leads to it: its webhook goes where the provider's go.
func testWebhook(r *request) (*page, error) {
	company, err := r.named().BackOffice().Company(r.Context(), adminapi.Masked)
	if err != nil {
		return nil, err
	}
	r.Company = company
	flows := flowsOf(r.provider(r.PathValue("psp")))
	i := slices.IndexFunc(flows, func(f flow) bool { return f.Webhook != "" && f.Type == "PAYIN" })
	if i < 0 {
		return nil, badRequest("this provider sends no webhook")
	}
	examples, err := r.examples(flows[i], 1)
	if err != nil {
		return nil, err
	}
	sent, err := callCashier(r, string(examples[0].Request), manualScenario)
	if err != nil {
		return nil, err
	}
	if sent.Payment == "" {
		return nil, badRequest("the test payment was refused", pretty(sent.Answer.Body))
	}
	_, err = r.current().Decide(r.Context(), sent.Payment, adminapi.DecisionInput{Action: "approve"})
	if adminapi.StatusOf(err) == http.StatusConflict { // it was decided at once
		err = nil
	}
	return r.done("tested", "payments", sent.Payment), err
}
