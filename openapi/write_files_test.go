package openapi_test

import (
	"os"
	"path/filepath"
	"testing"

	"mozartosim/openapi"
)

// When one file can't be written, none is, and nothing stays beside them.
func TestWriteFilesAllOrNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"a.yaml", "b.yaml"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "b.yaml.new"), 0o700); err != nil { // in the way, whoever runs the test
		t.Fatal(err)
	}
	texts := map[string][]byte{"a.yaml": []byte("new"), "b.yaml": []byte("new")}
	if err := openapi.WriteFiles(folder, texts); err == nil {
		t.Error("no error")
	}
	for name := range texts {
		if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(text) != "old" {
			t.Errorf("%s is %q, %v", name, text, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "a.yaml.new")); err == nil {
		t.Error("a.yaml.new is left")
	}
	if err := os.RemoveAll(filepath.Join(folder, "b.yaml.new")); err != nil {
		t.Fatal(err)
	}
	if err := openapi.WriteFiles(folder, texts); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "b.yaml")); err != nil || string(text) != "new" {
		t.Errorf("b.yaml is %q, %v", text, err)
	}
}
