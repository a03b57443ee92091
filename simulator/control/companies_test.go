package control

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const payone = `{"accountName": "a", "apiKey": "payone-secret-key-1", "webhookUrl": "http://127.0.0.1:9090/?a=1&b=2", "siteUrl": "https://shop.example"}`

func TestCreateCompany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	small := b.create(`{"name": "shard 1"}`).is("name", "shard 1", "created", "2026-06-01T12:00:00Z")
	if got := small.header.Get("Location"); got != "/v1/companies/"+small.doc.Text("id") {
		t.Errorf("Location %q", got)
	}
	secret := small.doc.Text("credentials.secretKey")
	if len(secret) != 64 {
		t.Errorf("the created company's secret is not shown: %s", small.text)
	}
	read := b.call("GET", small.header.Get("Location"), "").want(200).is("credentials.secretKey", "***"+secret[60:])
	b.call("GET", "/v1/companies/shard%201", "").want(200).is("id", read.doc.Text("id"))
	b.call("GET", "/v1/companies/shard%201?reveal=true", "").is("credentials.secretKey", secret)

	example, ok := contracts().Control.Example("CompanyInput")
	if !ok {
		t.Fatal("no example")
	}
	full := b.create(string(example)).is("credentials.secretKey", "3f0b1c9d8e7a6b5c4d3e2f1a", "psps.PAYONE.apiKey", "***ey-7", "country", "CA", "seed", "7")
	if full.texts("warnings") != "" {
		t.Errorf("warnings %s", full.text)
	}
}

func TestCreateCompanyIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	one, two := newBench(t).create(`{"name": "shard"}`), newBench(t).create(`{"name": "shard"}`)
	if one.text != two.text {
		t.Errorf("%s\n%s", one.text, two.text)
	}
}

func TestCreateCompanyRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, test := range []struct{ body, problem string }{
		{`{}`, "name must not be missing"},
		{`{"nmae": "x"}`, "nmae must not be set: known are name"},
		{`{"nmae": "x"}`, "name must not be missing"},
		{`{"name": ""}`, "name must not be empty"},
		{`{"name": "a/b"}`, "name must begin with a letter or a digit"},
		{`{"name": "` + strings.Repeat("n", 65) + `"}`, "name must be at most 64 characters"},
		{`{"name": 7}`, "name must be a string"},
		{`{"name": "n", "id": "XYZ"}`, "id must be 24 lower-case hexadecimal digits"},
		{`{"name": "n", "credentials": {"secretKey": "short"}}`, "credentials.secretKey must be at least 16 characters"},
		{`{"name": "n", "credentials": {"secret": "x"}}`, "credentials.secret must not be set: known are secretKey, apiKey"},
		{`{"name": "n", "credentials": {"secretKey": "***1234"}}`, "credentials.secretKey must not be a masked value"},
		{`{"name": "n", "userAuthUrl": "ftp://x"}`, "userAuthUrl must be an http or https URL"},
		{`{"name": "n", "seed": -1}`, "seed must be at least 0"},
		{`{"name": "n", "seed": 1.5}`, "seed must be an integer"},
		{`{"name": "n", "seed": 18446744073709551616}`, "seed must be a whole number below 2^64"},
		{`{"name": "n", "created": "2026-06-01T12:00:00Z"}`, "created must not be set"},
		{`{"name": "n", "psps": {"PAYTWO": {}}}`, "psps.PAYTWO must be one of: FORUMPAY"},
		{`{"name": "n", "psps": {"PAYONE": []}}`, "psps.PAYONE must be an object"},
		{`{"name": "n", "psps": {"PAYONE": {"apikey": "x"}}}`, "psps.PAYONE.apikey must not be set: known are apiKey"},
		{`{"name": "n", "psps": {"PAYONE": {"siteUrl": "x"}}}`, "psps.PAYONE.siteUrl must be an http or https URL"},
		{`{"name": "n", "psps": {"PAYONE": {"apiKey": "***"}}}`, "psps.PAYONE.apiKey must not be a masked value"},
		{`{"name": "n", "psps": []}`, "psps must be an object"},
		{`{"name": "n", "rules": [{"psp": "PAYONE"}, {"psp": "X"}]}`, "rules.1.psp must be one of: FORUMPAY"},
		{`{"name": "n", "rules": [{"psp": "PAYONE"}, "X"]}`, "rules.1 must be an object"},
		{`{"name": "n", "rules": [{"id": "a", "psp": "PAYONE"}, {"id": "a", "psp": "TRUST"}]}`, "rules.1.id must not be written twice"},
		{`{"name": "n", "brands": [{"id": "a"}, {"id": "a"}]}`, "brands.1.id must not be written twice"},
		{`{"name": "n", "brands": [{}]}`, "brands.0.id must not be missing"},
		{`{"name": "n", "rules": [` + strings.Repeat(`{"psp": "PAYONE"},`, 1000) + `{"psp": "PAYONE"}]}`, "rules must have at most 1000 entries"},
		{`{"name": "n", "users": [{"userId": "u", "shoe": 7}]}`, "users.0.shoe must not be set"},
	} {
		b.call("POST", "/v1/companies", test.body).fails(400, "invalid", test.problem)
	}
	b.call("POST", "/v1/companies", `{"z": 1, "y": 1, "name": "n"}`).is("error.message", "the request breaks the contract")
}

func TestBodies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, test := range []struct{ body, says string }{
		{" ", "body must not be empty"},
		{"name=x", "body must be valid JSON"},
		{"[]", "body must be a JSON object, not an array"},
		{"null", "body must be a JSON object, not null"},
		{`{"name": "n"`, "body must be valid JSON: it ends too early"},
		{`{"name": "n"} {}`, "nothing after it"},
		{`{"name": "n", "name": "m"}`, "must not name the field name twice"},
		{"{\"name\": \"\xff\"}", "body must be valid JSON"},
		{strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "must not nest deeper than 32 levels"},
	} {
		b.call("POST", "/v1/companies", test.body).fails(400, "invalid", test.says)
	}
	b.call("POST", "/v1/companies", large(MaxBody)).fails(413, "too_large", "body must be at most 4194304 bytes")
	b.call("POST", "/v1/companies", large(MaxBody-100)).fails(400, "invalid", "name must be at most 64 characters")
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "", "nonsense/", "application/merge-patch+json"} {
		b.call("POST", "/v1/companies", `{"name": "n"}`, "Content-Type", contentType).fails(415, "unsupported_media_type", "Content-Type must be application/json")
	}
	b.call("POST", "/v1/companies", `{"name": "n"}`, "Content-Type", "application/json; charset=utf-8").want(201)
}

// A body that may be left out may be one of a length that is not told, as streams are sent, and be empty.
func TestEmptyStream(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for text, want := range map[string]int{"": 200, `{"userId": "user-1001"}`: 200, "[]": 400} {
		r, err := http.NewRequest(http.MethodPost, b.URL+"/v1/companies/demo/tokens", io.MultiReader(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := b.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = response.Body.Close(); response.StatusCode != want {
			t.Errorf("%q is answered with %d, want %d", text, response.StatusCode, want)
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("POST", "/v1/companies", `{"name": "demo"}`).fails(409, "conflict", `belongs to another company`)
	b.call("POST", "/v1/companies", `{"name": "n", "id": "`+b.demo.ID+`"}`).fails(409, "conflict", `id "`+b.demo.ID+`" belongs to another company`)
	b.call("POST", "/v1/companies", `{"name": "n", "credentials": {"apiKey": "`+b.demo.Credentials.APIKey+`"}}`).fails(409, "conflict", "credentials.apiKey")
	b.create(`{"name": "n"}`)
	b.call("PATCH", "/v1/companies/n", `{"name": "demo"}`).fails(409, "conflict", `name "demo" belongs to another company`)
	// Nor can a name be another's id, by which calls would find that one.
	b.call("POST", "/v1/companies", `{"name": "`+b.demo.ID+`"}`).fails(409, "conflict", `name "`+b.demo.ID+`" belongs to another company`)
	b.create(`{"name": "665f1c2ab7e4d93a5c0f1a2b"}`)
	b.call("POST", "/v1/companies", `{"name": "o", "id": "665f1c2ab7e4d93a5c0f1a2b"}`).fails(409, "conflict", `id "665f1c2ab7e4d93a5c0f1a2b" belongs to another company`)
	// A renamed company keeps the id that was drawn from its first name; a new one of that name must not take its place.
	b.call("PATCH", "/v1/companies/n", `{"name": "m"}`).want(200)
	b.call("POST", "/v1/companies", `{"name": "n"}`).fails(409, "conflict")
	b.call("GET", "/v1/companies/m", "").want(200)
}

func TestListCompanies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range 5 {
		b.create(fmt.Sprintf(`{"name": "shard-%d"}`, i))
	}
	var names []string
	path := "/v1/companies?limit=2"
	for cursor := ""; ; {
		page := b.call("GET", path+"&cursor="+cursor, "").want(200)
		for _, c := range page.list("companies") {
			names = append(names, c.Text("name"))
			if c.Text("name") != "demo" { // cleaning up page by page misses none
				b.call("DELETE", "/v1/companies/"+c.Text("id"), "").want(200)
			}
		}
		if cursor = page.doc.Text("next"); cursor == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "demo shard-0 shard-1 shard-2 shard-3 shard-4" {
		t.Errorf("listed %s", got)
	}
	b.call("GET", path+"&cursor=665f1c2ab7e4d93a5c0f1aff", "").fails(400, "invalid", "the cursor leads nowhere")
	if !strings.Contains(b.call("GET", "/v1/companies?reveal=true", "").text, b.demo.Credentials.SecretKey) {
		t.Error("reveal does not reveal")
	}
	if strings.Contains(b.call("GET", "/v1/companies", "").text, b.demo.Credentials.SecretKey) {
		t.Error("secrets are shown")
	}
}

func TestReplaceCompany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.create(`{"name": "a", "email": "a@shop.example", "psps": {"PAYONE": ` + payone + `}}`)
	id, secret, key := made.doc.Text("id"), made.doc.Text("credentials.secretKey"), made.doc.Text("credentials.apiKey")
	put := b.call("PUT", "/v1/companies/a?reveal=true", `{"name": "b"}`).want(200).
		is("id", id, "name", "b", "email", "", "credentials.secretKey", secret, "credentials.apiKey", key, "seed", made.doc.Text("seed"))
	if len(put.doc.Object("psps")) != 0 {
		t.Errorf("the PSP stayed: %s", put.text)
	}
	b.call("PUT", "/v1/companies/"+id+"?reveal=true", `{"name": "b", "id": "`+id+`", "seed": 9, "credentials": {"secretKey": "0123456789abcdef"}}`).
		is("seed", "9", "credentials.secretKey", "0123456789abcdef", "credentials.apiKey", key)
	b.call("PUT", "/v1/companies/b", `{"name": "b", "id": "665f1c2ab7e4d93a5c0f1aff"}`).fails(400, "invalid", "id must be "+id+": it can't be changed")
	b.call("PUT", "/v1/companies/nobody", `{"name": "b"}`).fails(404, "not_found", "there is no company nobody")
	b.call("PUT", "/v1/companies/b", `{"email": "x"}`).fails(400, "invalid", "name must not be missing", "email must be a valid email")
}

func TestPatchCompany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.create(`{"name": "a", "email": "a@shop.example", "brands": [{"id": "x"}], "psps": {"PAYONE": ` + payone + `}}`)
	secret := made.doc.Text("credentials.secretKey")
	b.call("PATCH", "/v1/companies/a?reveal=true", `{"email": null, "psps": {"PAYONE": {"siteUrl": "https://new.example"}}}`, "Content-Type", "application/merge-patch+json").
		want(200).is("name", "a", "email", "", "credentials.secretKey", secret, "psps.PAYONE.siteUrl", "https://new.example",
		"psps.PAYONE.apiKey", "payone-secret-key-1", "psps.PAYONE.webhookUrl", "http://127.0.0.1:9090/?a=1&b=2")
	warned := b.call("PATCH", "/v1/companies/a", `{"psps": {"PAYONE": {"siteUrl": null}}, "rules": [{"psp": "PAYONE"}, {"psp": "TRUST", "brand": "y"}, {"psp": "CLEO", "active": false}]}`).want(200)
	want := "psps.PAYONE lacks siteUrl: it counts as not found\nrules.rule-2 leads to TRUST, which has no configuration\n" +
		"rules.rule-2 is for the brand y, which the company does not have"
	if got := warned.texts("warnings"); got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
	b.call("PATCH", "/v1/companies/a", `{"psps": null}`).want(200)
	b.call("PATCH", "/v1/companies/a", `{"credentials": null}`).want(200).is("credentials.secretKey", "***"+secret[60:])
	b.call("PATCH", "/v1/companies/a", `{"name": null}`).fails(400, "invalid", "name must not be missing")
	b.call("PATCH", "/v1/companies/a", `{"colour": "red"}`).fails(400, "invalid", "colour must not be set")
	b.call("PATCH", "/v1/companies/a", `[]`).fails(400, "invalid", "body must be a JSON object")
	b.call("PATCH", "/v1/companies/a", `{}`, "Content-Type", "text/plain").fails(415, "unsupported_media_type", "application/json or application/merge-patch+json")
	b.call("PATCH", "/v1/companies/nobody", `{}`).fails(404, "not_found")
}

// What is read masked may be edited and sent back: secrets stay.
func TestMaskedComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	read := b.call("GET", "/v1/companies/demo", "").want(200)
	delete(read.doc.Fields, "created")
	delete(read.doc.Fields, "warnings")
	b.call("PUT", "/v1/companies/demo?reveal=true", encode(t, read.doc.Fields)).want(200).
		is("credentials.secretKey", b.demo.Credentials.SecretKey, "psps.PAYONE.apiKey", "demo-payone-key", "psps.CLEO.cleoApiKey.peruApiKey", "demo-cleo-key-pe")
	path := "/v1/companies/demo/psps/PAYONE?reveal=true"
	b.call("PUT", path, `{"accountName": "demo", "apiKey": "der-Schlüabc", "siteUrl": "https://shop.example"}`).want(200)
	masked := b.call("GET", "/v1/companies/demo/psps/PAYONE", "").want(200).is("configuration.apiKey", "***abc").doc.Object("configuration")
	b.call("PUT", path, encode(t, masked)).want(200).is("configuration.apiKey", "der-Schlüabc")
	read.doc.Object("credentials")["secretKey"] = "***0000000000000"
	b.call("PUT", "/v1/companies/demo", encode(t, read.doc.Fields)).fails(400, "invalid", "credentials.secretKey must not be a masked value")
}

func TestDeleteCompany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.pay(b.demo, somePayment("01"))
	b.call("DELETE", "/v1/companies/demo", "").want(200).is("deleted", b.demo.ID, "payments", "1")
	b.call("DELETE", "/v1/companies/demo", "").fails(404, "not_found", "there is no company demo")
	b.call("GET", "/v1/payments", "").fails(404, "not_found", "there is no company")
	if stats, err := b.journal.Stats(b.Context(), ""); err != nil || stats.Streams != 0 {
		t.Errorf("the journal holds %+v, %v", stats, err)
	}
}

// Changes of one company take turns: none is lost.
func TestConcurrentChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(`{"name": "a"}`)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			response := b.send("POST", "/v1/companies/a/rules", fmt.Sprintf(`{"id": "r%d", "psp": "PAYONE"}`, i))
			if response.StatusCode != http.StatusCreated {
				t.Errorf("rule %d: %d", i, response.StatusCode)
			}
		})
	}
	group.Wait()
	if got := len(b.call("GET", "/v1/companies/a/rules", "").list("rules")); got != 50 {
		t.Errorf("%d rules, want 50", got)
	}
}

// A body full of mistakes gets an answer of ordinary size, soon.
func TestManyMistakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var names strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&names, `"n%d": 1,`, i)
	}
	for _, body := range []string{
		`{` + names.String() + `"name": "n"}`,
		`{"name": "n", "rules": [` + strings.Repeat(`{},`, 100_000) + `{}]}`,
		`{"name": "n", "rules": [` + strings.Repeat(`{"a":1},`, 50_000) + `{}]}`,
		`{"name": "n", "` + strings.Repeat("k", 4_000_000) + `": 1}`,
		`{"name": "n", "psps": {` + names.String() + `"PAYONE": {}}}`,
		`{"name": "n", "psps": {"PAYONE": {` + names.String() + `"apiKey": 1}}}`,
		`{"name": "n", "brands": [` + strings.Repeat(`{"id":"a"},`, 999) + `{"id": "b"}]}`,
	} {
		refused := b.call("POST", "/v1/companies", body)
		refused.fails(400, "invalid", " must ")
		if len(refused.text) > 100_000 {
			t.Errorf("%.60s… is answered with %d bytes", body, len(refused.text))
		}
	}
}
