package openapi_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mozartosim/openapi"
)

// The files that people edit are as the encoder writes them, with their comments and empty lines, so that a program that edits one
// thing changes nothing else. -update writes them so.
func TestFilesAreCanonical(t *testing.T) {
	t.Parallel()
	entries, err := filepath.Glob("files/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range append(entries, "cashier.yaml", "control.yaml") {
		files, err := openapi.ReadFiles(os.DirFS("."), entry)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := files.Edited(files.Editor())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			if !*update {
				t.Errorf("%s is written otherwise than the encoder writes it: run go test ./openapi -run 'TestFilesAreCanonical$' -update", name)
			} else if err := os.WriteFile(name, texts[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
