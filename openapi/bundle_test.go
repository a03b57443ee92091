package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// A bundled contract stands by itself: no file is named in it, and a strict reader takes it.
func TestBundledStandsAlone(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func() (*Contract, error){"cashier": Cashier, "control": Control} {
		c, err := load()
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(string(c.Bundled()), -1) {
			if !strings.HasPrefix(ref[1], "#/components/") {
				t.Errorf("%s refers to %s", name, ref[1])
			}
		}
		if strings.Contains(string(c.Bundled()), ".yaml#") {
			t.Errorf("%s names a file", name)
		}
		loader := openapi3.NewLoader() // external references aren't allowed by default
		doc, err := loader.LoadFromData(c.Bundled())
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if doc.Info.Version != c.Version() || doc.OpenAPI != "3.1.0" {
			t.Errorf("%s: version %s of OpenAPI %s", name, doc.Info.Version, doc.OpenAPI)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"entry.yaml": {Data: []byte(`
openapi: 3.1.0
a: {$ref: 'sub/one.yaml#/components/schemas/One'}
responses:
  200: {description: "see sub/one.yaml#/x, which is text"}
true: yes
numbers: [1.50, 1e2, -0]
components:
  schemas:
    Own: {type: string}
`)},
		"sub/one.yaml": {Data: []byte(`
components:
  schemas:
    One: {$ref: '../two.yaml#/components/schemas/Two', x-alias: &a {k: v}}
    Again: {x-alias: *a}
  examples:
    E: {value: null}
`)},
		"two.yaml": {Data: []byte(`
components:
  schemas:
    Two: {type: boolean, enum: [True, false], x-back: 'entry.yaml#/components/schemas/Own'}
`)},
	}
	got, err := Merge(files, "entry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"openapi":"3.1.0","a":{"$ref":"#/components/schemas/One"},` +
		`"responses":{"200":{"description":"see sub/one.yaml#/x, which is text"}},"true":"yes","numbers":[1.50,1e2,-0],` +
		`"components":{"schemas":{"Own":{"type":"string"},` +
		`"One":{"$ref":"#/components/schemas/Two","x-alias":{"k":"v"}},"Again":{"x-alias":{"k":"v"}},` +
		`"Two":{"type":"boolean","enum":[true,false],"x-back":"#/components/schemas/Own"}},` +
		`"examples":{"E":{"value":null}}}}`
	if diff := cmp.Diff(want, strings.TrimSpace(string(got))); diff != "" {
		t.Error(diff)
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	const entry = "components: {schemas: {A: {$ref: 'b.yaml#/components/schemas/B'}}}\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no entry", nil, "entry.yaml"},
		{"no such file", map[string]string{"entry.yaml": entry}, "b.yaml"},
		{"not YAML", map[string]string{"entry.yaml": "a: ["}, "entry.yaml: yaml:"},
		{"no mapping", map[string]string{"entry.yaml": "- a"}, "entry.yaml: must be a YAML mapping"},
		{"empty", map[string]string{"entry.yaml": "# nothing"}, "entry.yaml: must be a YAML mapping"},
		{"no components", map[string]string{"entry.yaml": "a: 1"}, "entry.yaml: has no components"},
		{"component written twice", map[string]string{"entry.yaml": entry, "b.yaml": "components:\n  schemas:\n    A: {}\n    B: {}\n"},
			"b.yaml:3: component schemas/A is written twice"},
		{"name written twice", map[string]string{"entry.yaml": "components: {}\na: {b: 1, b: 2}"}, "duplicate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for name, text := range test.files {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if _, err := Merge(files, "entry.yaml"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// Nobody but the merged documents is embedded, and each has its YAML file.
func TestMergedDocumentsHaveSources(t *testing.T) {
	t.Parallel()
	entries, err := documents.ReadDir("merged")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := os.Stat(strings.TrimSuffix(e.Name(), ".json") + ".yaml"); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
	}
}

// A document that is served names the one server that serves it, and is otherwise the same.
func TestBundledFor(t *testing.T) {
	t.Parallel()
	for _, load := range []func() (*Contract, error){Cashier, Control} {
		c, err := load()
		if err != nil {
			t.Fatal(err)
		}
		text, err := c.BundledFor("http://sim.example:1234")
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any
		if err := errors.Join(json.Unmarshal(text, &got), json.Unmarshal(c.Bundled(), &want)); err != nil {
			t.Fatal(err)
		}
		if servers := fmt.Sprint(got["servers"]); servers != "[map[description:mozartosim url:http://sim.example:1234]]" {
			t.Errorf("servers are %s", servers)
		}
		delete(got, "servers")
		delete(want, "servers")
		if !reflect.DeepEqual(got, want) {
			t.Error("the documents differ in more than servers")
		}
	}
}
