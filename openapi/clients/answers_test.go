package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// What a simulator answers is as the OpenAPI 3.0 documents say: a payment, a refused one, and what the admin API then reads.
func TestAnswersFitDocuments(t *testing.T) {
	const path = "/v1/api/mozarto/cashier"
	cashier := document(t, "cashier.json").Paths.Value(path).Post
	for body, status := range map[string]int{payIn: http.StatusOK, `{"pspType":"PAYONE"}`: http.StatusBadRequest} {
		fits(t, cashier, http.MethodPost, given(t, "URL")+path, body, status)
	}
	paths, admin := document(t, "control.json").Paths, given(t, "ADMIN_URL")
	first := func(path, list string) string { // the id of the first one that is listed
		var listed map[string]json.RawMessage
		read(t, fits(t, paths.Value(strings.Replace(path, "demo", "{company}", 1)).Get, http.MethodGet, admin+path, "", http.StatusOK), &listed)
		var all []struct{ ID string }
		if read(t, string(listed[list]), &all); len(all) == 0 {
			t.Fatalf("%s lists none", path)
		}
		return all[0].ID
	}
	names := strings.NewReplacer("/examples", "/examples?psp=PAYONE&type=PAYIN", "{company}", "demo", "{psp}", "PAYONE", "{document}", "cashier.json",
		"{payment}", first("/v1/payments", "payments"), "{request}", first("/v1/requests", "requests"), "{rule}", first("/v1/companies/demo/rules", "rules"))
	count := 0
	for path, item := range paths.Map() {
		url := names.Replace(path)
		if item.Get == nil || strings.Contains(url, "{") || item.Get.Responses.Status(http.StatusOK).Value.Content["application/json"] == nil {
			continue
		}
		fits(t, item.Get, http.MethodGet, admin+url, "", http.StatusOK)
		count++
	}
	if count < 25 {
		t.Errorf("only %d paths were read", count)
	}
}

func document(t *testing.T, name string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("generated/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// fits calls an operation, holds the answer against its schema and returns it.
func fits(t *testing.T, operation *openapi3.Operation, method, url, body string, status int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Authorization": {"Bearer " + given(t, "COMPANY_TOKEN")}, "X-User-Token": {"Bearer " + given(t, "USER_TOKEN")}}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s %s: %d %s, %v", method, url, answer.StatusCode, text, err)
	}
	var value any
	read(t, string(text), &value)
	if err := operation.Responses.Status(status).Value.Content["application/json"].Schema.Value.VisitJSON(value); err != nil {
		t.Errorf("%s %s: %v\n%s", method, url, err, text)
	}
	return string(text)
}
