package simulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A data file that has lost its content, and one that has lost its key, are refused before anything is written.
func TestDataFileEdges(t *testing.T) {
	t.Parallel()
	config := func(file string) Config {
		c := Default()
		c.PublicAddr, c.AdminAddr, c.Data = "127.0.0.1:0", "", file
		return c
	}
	filled := func(t *testing.T) string {
		file := filepath.Join(t.TempDir(), "x.db")
		s, err := New(config(file))
		must(t, err)
		must(t, s.journal.Close())
		return file
	}
	refused := func(t *testing.T, c Config, want string) {
		t.Helper()
		s, err := New(c)
		if err == nil {
			must(t, s.journal.Close())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	t.Run("emptied", func(t *testing.T) {
		t.Parallel()
		file := filled(t)
		must(t, os.WriteFile(file, nil, 0o600))
		refused(t, config(file), "x.db is empty, but")
		if info, err := os.Stat(file); err != nil || info.Size() > 0 {
			t.Errorf("the file is %+v, %v", info, err)
		}
	})
	t.Run("without its key", func(t *testing.T) {
		t.Parallel()
		file := filled(t)
		key, err := os.ReadFile(file + ".key")
		must(t, err)
		must(t, os.Remove(file+".key"))
		refused(t, config(file), "x.db.key is missing, and the data file has companies")
		if _, err := os.Stat(file + ".key"); err == nil {
			t.Error("another key was made")
		}
		c := config(file)
		c.DataKey = strings.TrimSpace(string(key))
		s, err := New(c)
		must(t, err)
		must(t, s.journal.Close())
	})
	t.Run("deleted, to begin anew", func(t *testing.T) {
		t.Parallel()
		file := filled(t)
		must(t, os.Remove(file))
		s, err := New(config(file))
		must(t, err)
		must(t, s.journal.Close())
	})
}

// A manual clock starts where there is room for all that is scheduled from there.
func TestClockStartEdges(t *testing.T) {
	t.Parallel()
	for at, valid := range map[string]bool{
		"1969-12-31T23:59:59Z": false, "1970-01-01T00:00:00Z": true, "2162-01-01T00:00:00Z": true, "2162-01-01T00:00:01Z": false,
		"9999-12-31T23:59:59Z": false,
	} {
		c := Default()
		c.ClockStart, _ = time.Parse(time.RFC3339, at)
		if err := c.Validate(); (err == nil) != valid || err != nil && !strings.Contains(err.Error(), "clock-start "+at+" must be between") {
			t.Errorf("%s: %v", at, err)
		}
	}
}
