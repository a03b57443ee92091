package openapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	control := contracts(t)["control"]
	tests := []struct {
		method, path, query string
		want                map[string]string
		problems            []string
	}{
		{"GET", "/v1/companies", "", map[string]string{"limit": "50", "cursor": "", "reveal": "false"}, nil},
		{"GET", "/v1/companies", "limit=5&reveal=true&cursor=Mg", map[string]string{"limit": "5", "cursor": "Mg", "reveal": "true"}, nil},
		{"GET", "/v1/companies", "limit=&reveal=", map[string]string{"limit": "50", "cursor": "", "reveal": "false"}, nil}, // empty = absent
		{"GET", "/v1/companies", "limit=0", nil, []string{"limit must be at least 1"}},
		{"GET", "/v1/companies", "limit=501", nil, []string{"limit must be at most 500"}},
		{"GET", "/v1/companies", "limit=-1", nil, []string{"limit must be at least 1"}},
		{"GET", "/v1/companies", "limit=ten", nil, []string{"limit must be an integer"}},
		{"GET", "/v1/companies", "limit=1.5", nil, []string{"limit must be an integer"}},
		{"GET", "/v1/companies", "limit=1e2", nil, []string{"limit must be an integer"}},
		{"GET", "/v1/companies", "limit=010", nil, []string{"limit must be an integer"}},
		{"GET", "/v1/companies", "limit=99999999999999999999999", nil, []string{"limit must be an integer"}},
		{"GET", "/v1/companies", "reveal=1", nil, []string{"reveal must be a boolean"}},
		{"GET", "/v1/companies", "reveal=TRUE", nil, []string{"reveal must be a boolean"}},
		{"GET", "/v1/companies", "limit=5&limit=5", nil, []string{"limit must be set only once"}},
		{"GET", "/v1/companies", "zzz=1&limti=5&limit=x", nil, []string{
			"limit must be an integer", "limti must not be set: known are limit, ", "zzz must not be set: known are ",
		}},
		{"GET", "/v1/requests", "refused=true", nil, []string{"refused must not be set; did you mean outcome=refused?"}},
		{"GET", "/healthz", "", map[string]string{}, nil},
		{"GET", "/healthz", "a=1", nil, []string{"a must not be set"}},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path+"?"+test.query, func(t *testing.T) {
			t.Parallel()
			given, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := control.Query(test.method, test.path, given)
			if test.problems == nil {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				return
			}
			problems := invalid(t, err).Problems.Texts()
			same := len(problems) == len(test.problems)
			for i := range problems {
				same = same && strings.HasPrefix(problems[i], test.problems[i])
			}
			if !same {
				t.Errorf("got %q, want %q", problems, test.problems)
			}
		})
	}
	for _, where := range [][2]string{{"DELETE", "/healthz"}, {"GET", "/nowhere"}, {"get", "/healthz"}} {
		if _, err := control.Query(where[0], where[1], nil); err == nil {
			t.Errorf("%v is not in the contract", where)
		}
	}
}

// Complaints are for people: everything at once, absent fields first.
func TestComplaints(t *testing.T) {
	t.Parallel()
	c := contracts(t)["control"]
	doc := decode(t, `{"nmae":"x","seed":-1,"email":"x","rules":[{"psp":"PAYPAL"},{"brand":"b","actvie":true},7],"credentials":{"secretKey":"short"}}`)
	var got []string
	for _, p := range c.Problems("CompanyInput", doc).Texts() {
		p, _, _ = strings.Cut(p, ": known are ")
		got = append(got, p)
	}
	want := []string{
		"name must not be missing", "rules.1.psp must not be missing",
		"email must be a valid email", "credentials.secretKey must be at least 16 characters", "seed must be at least 0",
		"rules.2 must be an object",
		"rules.0.psp must be one of: FORUMPAY, GIGADAT, WORLDPAY_EU, TRUST, CLEO, PAYONE, NEOSURF, FLEXEPIN, BRITE, EMERCHANTPAY",
		"rules.1.actvie must not be set", "nmae must not be set",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := c.Problems("CompanyInput", decode(t, `{"name":"x"}`)); len(got) > 0 {
		t.Errorf("a good company is complained about: %q", got)
	}
}

// A large broken body doesn't ask for a huge answer.
func TestComplaintsAreBounded(t *testing.T) {
	t.Parallel()
	c := contracts(t)["control"]
	for _, body := range []string{
		`{"companies":[` + strings.TrimSuffix(strings.Repeat(`{},`, 5000), ",") + `]}`,
		`{"companies":[` + strings.TrimSuffix(strings.Repeat(`{"name":""},`, 5000), ",") + `]}`,
	} {
		if got := len(c.Problems("ConfigurationFile", decode(t, body))); got == 0 || got > 200 {
			t.Errorf("%d complaints", got)
		}
	}
}

var _ error = (*openapi.LineError)(nil)
