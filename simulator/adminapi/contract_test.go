package adminapi_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// wireTypes are the Go types of the contract's object schemas, which have the same names.
var wireTypes = []any{
	adminapi.AdvanceInput{}, adminapi.AdvanceResult{}, adminapi.Attempt{}, adminapi.Brand{}, adminapi.Candidate{},
	adminapi.CheckInput{}, adminapi.CheckResult{}, adminapi.Clock{}, adminapi.ClockInput{}, adminapi.Company{},
	adminapi.CompanyInput{}, adminapi.CompanyList{}, adminapi.CompletedJob{},
	adminapi.Credentials{}, adminapi.Counts{}, adminapi.CountSeries{}, adminapi.ProviderCounts{}, adminapi.CredentialsInput{}, adminapi.Decision{}, adminapi.DecisionInput{},
	adminapi.ChosenScenario{}, adminapi.Override{}, adminapi.PaymentNext{}, adminapi.PaymentRetry{}, adminapi.UnsetResult{},
	adminapi.Deleted{}, adminapi.Delivery{}, adminapi.DeliveryList{}, adminapi.Event{},
	adminapi.ExampleRequest{}, adminapi.Flow{}, adminapi.InboxReplies{},
	adminapi.InboxReply{}, adminapi.InboxNextInput{}, adminapi.InboxNext{}, adminapi.InboxAnswer{}, adminapi.Job{}, adminapi.LeftOut{}, adminapi.Ledger{},
	adminapi.LineProblem{}, adminapi.NamedRule{}, adminapi.ContractField{}, adminapi.Provenance{}, adminapi.LedgerEntry{}, adminapi.NearMiss{}, adminapi.Notification{}, adminapi.Outage{},
	adminapi.OutageInput{}, adminapi.OverrideInput{}, adminapi.OverrideResult{},
	adminapi.PageReturn{}, adminapi.PageVisit{}, adminapi.Payment{}, adminapi.PaymentList{}, adminapi.PaymentSummary{},
	adminapi.Provider{}, adminapi.PublicURL{}, adminapi.Psp{},
	adminapi.Received{}, adminapi.ReceivedList{},
	adminapi.Request{}, adminapi.RequestHeader{}, adminapi.RequestList{}, adminapi.RequestSummary{},
	adminapi.ResetResult{}, adminapi.RestoreResult{}, adminapi.Rule{}, adminapi.RuleInput{},
	adminapi.ScenarioSummary{}, adminapi.StreamEvent{}, adminapi.Tokens{},
	adminapi.User{}, adminapi.VerifyInput{}, adminapi.VerifyResult{}, adminapi.Version{},
	adminapi.WaitInput{}, adminapi.WaitResult{},
}

// others are the schemas of one field, which have no Go type.
var others = map[string]any{
	"ExampleList": []adminapi.ExampleRequest{}, "JobList": []adminapi.Job{}, "OutageList": []adminapi.Outage{}, "OverrideList": []adminapi.Override{},
	"ProviderList": []adminapi.Provider{}, "PspList": []adminapi.Psp{}, "RuleList": []adminapi.Rule{}, "ScenarioList": []adminapi.ScenarioSummary{},
	"Dropped": int(0), "Error": adminapi.Error{}, "Health": "", "PublicURLInput": "", "RejectionInput": "", "ResendInput": "", "TokensInput": "",
}

// plainObjects are the object schemas that have no Go type: the package passes them on as JSON.
var plainObjects = []string{
	"CompanyPatch", "ConfigurationFile", "HttpArchive", "OpenApiDocument", "PspFields", "ScenarioFields", "Snapshot",
}

// schema is what the test reads of a JSON schema.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Enum       []any             `json:"enum"`
	Items      *schema           `json:"items"`
}

// schemas returns the contract's schemas by name.
func schemas(t *testing.T) map[string]schema {
	t.Helper()
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(control.Bundled(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

func TestTypesAreTheContracts(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	covered := map[string]bool{}
	for _, value := range wireTypes {
		name := reflect.TypeOf(value).Name()
		covered[name] = true
		if _, ok := all[name]; !ok {
			t.Errorf("the contract has no schema %s", name)
			continue
		}
		compare(t, all, name, all[name], reflect.TypeOf(value))
	}
	for name, value := range others {
		covered[name] = true
		if len(all[name].Properties) != 1 {
			t.Errorf("%s has not one field, but %v", name, all[name].Properties)
		}
		for field, property := range all[name].Properties {
			compare(t, all, name+"."+field, property, reflect.TypeOf(value))
		}
	}
	for name, s := range all {
		if s.Type == "object" && !covered[name] && !slices.Contains(plainObjects, name) && !strings.HasPrefix(name, "Scenario") {
			t.Errorf("schema %s has no Go type", name)
		}
	}
}

// compare holds a Go type against a schema: same properties, the required ones always written, types that fit.
func compare(t *testing.T, all map[string]schema, path string, s schema, goType reflect.Type) {
	t.Helper()
	for s.Ref != "" {
		s = all[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	for goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	if want := kindsOf(s.Type); want != nil && !slices.Contains(want, kindOf(goType)) {
		t.Errorf("%s is %v in the contract, %s in Go", path, s.Type, goType)
		return
	}
	switch {
	case s.Items != nil && goType.Kind() == reflect.Slice:
		compare(t, all, path+"[]", *s.Items, goType.Elem())
	case s.Properties != nil && goType.Kind() == reflect.Struct && kindOf(goType) == "object":
		compareFields(t, all, path, s, goType)
	}
}

func compareFields(t *testing.T, all map[string]schema, path string, s schema, goType reflect.Type) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range reflect.VisibleFields(goType) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" {
			continue
		}
		seen[name] = true
		property, known := s.Properties[name]
		if !known {
			t.Errorf("%s.%s is in Go, but not in the contract", path, name)
			continue
		}
		if required, always := slices.Contains(s.Required, name), options == ""; required != always {
			t.Errorf("%s.%s: required in the contract: %v, always written in Go: %v", path, name, required, always)
		}
		compare(t, all, path+"."+name, property, f.Type)
	}
	for name := range s.Properties {
		if !seen[name] {
			t.Errorf("%s.%s is in the contract, but not in Go", path, name)
		}
	}
}

// kindsOf lists the types that a schema allows; nil = any.
func kindsOf(types any) (kinds []string) {
	switch types := types.(type) {
	case string:
		kinds = []string{types}
	case []any:
		for _, one := range types {
			kinds = append(kinds, one.(string))
		}
	default:
		return nil
	}
	return append(kinds, "any")
}

// kindOf is the JSON type of a Go type, "any" for one that takes all.
func kindOf(goType reflect.Type) string {
	switch goType {
	case reflect.TypeFor[time.Time]():
		return "string"
	case reflect.TypeFor[json.RawMessage]():
		return "any"
	case reflect.TypeFor[json.Number]():
		return "number"
	}
	switch goType.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		return "array"
	case reflect.Interface:
		return "any"
	}
	return "object"
}

// The lists of words are the contract's enumerations.
func TestWords(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	for name, c := range map[string]struct {
		schema schema
		words  []string
	}{
		"PaymentStatuses": {all["PaymentStatus"], adminapi.PaymentStatuses()},
		"PaymentTypes":    {all["PaymentSummary"].Properties["type"], adminapi.PaymentTypes()},
		"DeliveryStates":  {all["DeliveryState"], adminapi.DeliveryStates()},
		"WebhookStates":   {all["WebhooksState"], adminapi.WebhookStates()},
		"OutageKinds":     {all["OutageKind"], adminapi.OutageKinds()},
		"Bases":           {all["Basis"], adminapi.Bases()},
	} {
		var enum []string
		for _, value := range c.schema.Enum {
			enum = append(enum, fmt.Sprint(value))
		}
		if !slices.Equal(enum, c.words) {
			t.Errorf("%s are %q, the contract has %q", name, c.words, enum)
		}
	}
}
