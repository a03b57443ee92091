package console

import (
	"io/fs"
	"os"
	"regexp"
	"testing"
)

// TESTIDS.md lists all names that templates have.
func TestNamesAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("TESTIDS.md")
	if err != nil {
		t.Fatal(err)
	}
	listed, used := map[string]bool{}, map[string]bool{}
	for _, found := range regexp.MustCompile("`([a-z]+(?:-[a-z]+)*)`").FindAllStringSubmatch(string(list), -1) {
		listed[found[1]] = true
	}
	err = fs.WalkDir(files, "templates", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		for _, found := range regexp.MustCompile(`(?:data-testid=|"id" )"([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
			used[found[1]] = true
			if !listed[found[1]] {
				t.Errorf("%s has %s, which TESTIDS.md does not list", name, found[1])
			}
		}
		return err
	})
	if err != nil || len(used) < 100 {
		t.Fatal(len(used), err)
	}
	for _, name := range []string{"skip", "payment-row", "edit-resend-body", "decide-action", "job-row", "cashier-page", "psp-save"} {
		if !used[name] {
			t.Errorf("no template has %s", name)
		}
	}
}
