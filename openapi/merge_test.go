package openapi

import (
	"os"
	"testing"
)

// The binary carries the merged documents: they must say what the YAML files say.
func TestMergedIsCurrent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cashier", "control"} {
		want, err := Merge(os.DirFS("."), name+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		got, err := documents.ReadFile("merged/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("merged/%s.json is older than its YAML files: run make contract", name)
		}
	}
}
