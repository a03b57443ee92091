package sqljournal

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// filled makes a file with n payments and closes it.
func filled(t *testing.T, n int64) string {
	t.Helper()
	p := aFile(t)
	j := hasty(t, p.journal(t, Options{}))
	for i := range n {
		add(t, j, payment("acme", i))
	}
	shut(t, j)
	return p.file
}

// spoil changes a file.
func spoil(t *testing.T, file string, how func([]byte) []byte) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, how(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := aFile(t).file
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// script makes or changes a file with SQLite alone.
func script(t *testing.T, file string, texts ...string) string {
	t.Helper()
	connection, err := (&sqlite.Driver{}).Open(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &sqliteConn{conn: connection}
	for _, text := range texts {
		err = errors.Join(err, s.exec(context.Background(), text))
	}
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	return file
}

// Each way in which a file can be wrong is an error that names the file, what is wrong, and what to do.
func TestFileErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file func(t *testing.T) string
		kind error
		says []string
	}{
		"no name":         {func(*testing.T) string { return "" }, ErrMissing, []string{"mozartosim.db"}},
		"no folder":       {func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "x.db") }, ErrMissing, []string{"none", "make it"}},
		"a folder":        {func(t *testing.T) string { return t.TempDir() }, ErrForeign, []string{"it is a folder"}},
		"a short text":    {func(t *testing.T) string { return write(t, "companies: []\n") }, ErrForeign, []string{"a name that is free"}},
		"a long text":     {func(t *testing.T) string { return write(t, strings.Repeat("companies: []\n", 1000)) }, ErrForeign, []string{"a name that is free"}},
		"another program": {func(t *testing.T) string { return script(t, aFile(t).file, "CREATE TABLE t (x)") }, ErrForeign, []string{"another program"}},
		"another id":      {func(t *testing.T) string { return script(t, aFile(t).file, "PRAGMA application_id = 7") }, ErrForeign, []string{"another program"}},
		"a newer schema": {newer, ErrNewer, []string{
			"has version 99", fmt.Sprint("this program's has ", version), "use mozartosim v9.9 or a newer one",
		}},
		"an older schema": {older, ErrOlder, []string{
			"has version 2", "can't be read by this version", "keep it for the mozartosim devel", "start with another --data FILE",
		}},
		"the schema before": {before, ErrOlder, []string{
			"has version 3", "export it by `data export` of the mozartosim v0.3", "mozartosim data import", "another --data FILE",
		}},
		"cut in half": {func(t *testing.T) string {
			return spoil(t, filled(t, 50), func(b []byte) []byte { return b[:len(b)/2] })
		}, ErrDamaged, []string{"data import"}},
		"cut to one page": {func(t *testing.T) string { return spoil(t, filled(t, 50), func(b []byte) []byte { return b[:8192] }) }, ErrDamaged, nil},
		"cut in a page":   {func(t *testing.T) string { return spoil(t, filled(t, 50), func(b []byte) []byte { return b[:5000] }) }, ErrDamaged, nil},
		"head overwritten": {func(t *testing.T) string {
			return spoil(t, filled(t, 5), func(b []byte) []byte { clear(b[:100]); return b })
		}, ErrForeign, nil},
		"a page zeroed": {func(t *testing.T) string {
			return spoil(t, filled(t, 50), func(b []byte) []byte { clear(b[8192*3 : 8192*4]); return b })
		}, ErrDamaged, nil},
		"emptied":        {emptied, ErrDamaged, []string{"it is empty", "test.db-wal"}},
		"gone":           {removed, ErrDamaged, []string{"gone", "-wal"}},
		"open elsewhere": {held, ErrLocked, []string{"end that process", "another --data FILE", "postgres://"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := test.file(t)
			j, err := OpenFile(context.Background(), file, Options{damageSearch: time.Minute})
			if err == nil {
				shut(t, j)
				t.Fatal("it opens")
			}
			var told *FileError
			if !errors.Is(err, test.kind) || !errors.As(err, &told) || told.Remedy == "" {
				t.Fatalf("got %v, want %v", err, test.kind)
			}
			for _, part := range append(test.says, file) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func newer(t *testing.T) string {
	return script(t, filled(t, 1), "INSERT INTO writers VALUES (99, 'v9.9')", "PRAGMA user_version = 99")
}

func before(t *testing.T) string {
	return script(t, filled(t, 1), "UPDATE writers SET version = 3, program = 'v0.3'", "PRAGMA user_version = 3")
}

// older is a file that the engine before this one wrote.
func older(t *testing.T) string {
	packed, err := os.Open(filepath.Join("testdata", "version2.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, string(data))
}

// emptied is a file of which only what had not been written into it yet is left.
func emptied(t *testing.T) string {
	p := aFile(t)
	add(t, p.journal(t, Options{}), payment("acme", 1))
	return spoil(t, duplicate(t, p.file), func([]byte) []byte { return nil })
}

// removed is a file that was moved away without what is beside it.
func removed(t *testing.T) string {
	file := emptied(t)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// held is open in another process.
func held(t *testing.T) string {
	file := filled(t, 1)
	cmd, out := child(t, "hold", file)
	if !out.Scan() || out.Text() != "open" {
		t.Fatalf("the other process says %q", out.Text())
	}
	t.Cleanup(func() {
		_ = cmd.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		place{file: file}.journal(t, Options{}) // it is free again
	})
	return file
}

// The same process can't open a file twice either, and the second try takes nothing from the first.
func TestOpenTwice(t *testing.T) {
	t.Parallel()
	p := aFile(t)
	j := p.journal(t, Options{})
	if _, err := p.open(Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("the second time: %v", err)
	}
	add(t, j, payment("acme", 1))
	cmd, out := child(t, "hold", p.file)
	defer cmd.in.Close()
	if out.Scan() {
		t.Errorf("another process says %q", out.Text())
	}
	if err := cmd.Wait(); err == nil {
		t.Error("another process could open it")
	}
}

// A user who may not write is told so.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for name, modes := range map[string]struct{ dir, file os.FileMode }{
		"file and folder": {0o555, 0o444},
		"the file":        {0o777, 0o444},
		"the folder":      {0o555, 0o666},
		"a new file":      {0o555, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filled(t, 1)
			if modes.file == 0 {
				file += ".new"
			} else if err := os.Chmod(file, modes.file); err != nil {
				t.Fatal(err)
			}
			for dir, mode := filepath.Dir(file), modes.dir; strings.Contains(dir, "TestReadOnly"); dir, mode = filepath.Dir(dir), 0o755 {
				if err := os.Chmod(dir, mode); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(file), 0o755) })
			cmd, out := child(t, "open as nobody", file)
			out.Scan()
			if got := out.Text(); !strings.Contains(got, ErrReadOnly.Error()) || !strings.Contains(got, file) || !strings.Contains(got, "must be able to write") {
				t.Errorf("it says %q", got)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

const flippedPayments = 8

// readAll reads everything there is, as a text; an error is one of damage.
func readAll(t *testing.T, file string) (text string, err error) {
	t.Helper()
	ctx := context.Background()
	j, err := OpenFile(ctx, file, Options{damageSearch: time.Minute})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	c, err := journaltest.Export(ctx, j, "acme")
	if err != nil {
		return "", err
	}
	text = fmt.Sprint(c)
	settings, err := j.Settings(ctx, journal.SettingQuery{})
	text += fmt.Sprint(settings)
	for i := range int64(flippedPayments) {
		a := payment("acme", i)
		entries, err1 := j.Entries(ctx, "acme", a.Stream)
		found, err2 := j.Find(ctx, a.Keys[0])
		listed, err3 := j.List(ctx, "acme", journal.Query{Labels: a.Labels[3:5]})
		text += fmt.Sprint(entries, found, listed)
		err = errors.Join(err, err1, err2, err3)
	}
	return text, err
}

// A bit that has flipped anywhere in the file is noticed, or changes nothing that is read.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	p := place{file: filled(t, flippedPayments)}
	j := p.journal(t, Options{})
	if _, err := j.PutSetting(context.Background(), journal.Setting{Company: "acme", Name: "clock", Data: []byte("noon")}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Ordinal(context.Background(), "acme", journal.AnyRev); err != nil {
		t.Fatal(err)
	}
	shut(t, j)
	want, err := readAll(t, duplicate(t, p.file))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(p.file)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for i := int64(0); i < info.Size(); i += 6007 {
		flipped := spoil(t, duplicate(t, p.file), func(b []byte) []byte { b[i] ^= 1 << (i % 8); return b })
		got, err := readAll(t, flipped)
		switch {
		case err != nil:
			noticed++
			var told *FileError
			if !errors.As(err, &told) || errors.Is(err, journal.ErrNotFound) {
				t.Errorf("byte %d: %v", i, err)
			}
		case got != want:
			t.Errorf("byte %d: a wrong answer", i)
		}
	}
	if noticed == 0 {
		t.Error("nothing was noticed")
	}
}

// Check notices what the checksums of rows can't: rows that are missing, and columns that say something else than the data.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a stream":       "DELETE FROM streams WHERE no & 255 = 3",
		"an append":      "DELETE FROM appends WHERE stream & 255 = 3",
		"a job":          "DELETE FROM jobs WHERE no & 255 = 3",
		"a company":      "DELETE FROM companies",
		"a label":        "UPDATE streams SET psp = 'BRITE' WHERE no & 255 = 3",
		"its place":      "UPDATE streams SET final = no WHERE no & 255 = 3",
		"a stream's row": "UPDATE streams SET no = no + 100 WHERE no & 255 = 3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, err := OpenFile(context.Background(), script(t, filled(t, 5), change), Options{})
			if err == nil {
				err = j.Check(context.Background())
				shut(t, j)
			}
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A file that is deleted, or replaced, while it is open takes no more appends: they would be nowhere.
func TestGone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(file string) error{
		"deleted": os.Remove,
		"replaced": func(file string) error {
			return errors.Join(os.Rename(file, file+".old"), os.WriteFile(file, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := aFile(t)
			j, err := p.open(Options{})
			if err != nil {
				t.Fatal(err)
			}
			add(t, j, payment("acme", 1))
			if err := spoil(p.file); err != nil {
				t.Fatal(err)
			}
			err = j.Append(context.Background(), payment("acme", 2))
			if !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), p.file) || !strings.Contains(err.Error(), "put it back") {
				t.Errorf("got %v", err)
			}
			_ = j.Close() // it has nowhere to write to
		})
	}
}

// A file that can't grow is not ready, before a payment finds out; when there is room again, it is.
func TestReadyWithoutRoom(t *testing.T) {
	t.Parallel()
	j := aFile(t).journal(t, Options{})
	add(t, j, payment("acme", 1))
	limit := func(pages string) {
		t.Helper()
		if err := j.db.(*sqliteFile).conn.exec(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // as many as there are
	if err := j.Ready(t.Context()); !errors.Is(err, ErrFull) || !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("without room: %v", err)
	}
	limit("100000")
	for range 2 {
		if err := j.Ready(t.Context()); err != nil {
			t.Errorf("with room: %v", err)
		}
	}
	sound(t, j)
}

// A file that was made before there was the index of labels gets it when it is opened: lists by labels read it, not the streams.
func TestIndexOfLabels(t *testing.T) {
	t.Parallel()
	p := aFile(t)
	j := hasty(t, p.journal(t, Options{}))
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Labels: journal.Labels{{Name: "status", Value: "pending"}}})
	if err := j.db.(*sqliteFile).conn.exec(t.Context(), "DROP INDEX streams_labels"); err != nil {
		t.Fatal(err)
	}
	pending := journal.Query{Labels: journal.Labels{{Name: "status", Value: "pending"}}}
	if _, err := j.List(t.Context(), "c", pending); err == nil {
		t.Error("the list did not need the index")
	}
	shut(t, j)
	j = p.journal(t, Options{})
	if found, err := j.List(t.Context(), "c", pending); err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
}
