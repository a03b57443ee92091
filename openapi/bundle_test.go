package openapi

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

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
