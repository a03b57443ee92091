package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

// filled makes a file with n payments and closes it.
func filled(t *testing.T, n int64) string {
	t.Helper()
	file := fresh(t)
	j := hasty(t, open(t, file, Options{}))
	for i := range n {
		add(t, j, payment(i))
	}
	shut(t, j)
	return file
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
	file := fresh(t)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// script makes a file with SQLite alone.
func script(t *testing.T, file string, texts ...string) string {
	t.Helper()
	c, err := connect(file)
	for _, text := range texts {
		if err == nil {
			err = c.once(text)
		}
	}
	if err == nil {
		err = c.close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Each way in which a file can be wrong is an error that names the file, what is wrong, and what to do.
func TestTrouble(t *testing.T) {
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
		"another program": {func(t *testing.T) string { return script(t, fresh(t), "CREATE TABLE t (x)") }, ErrForeign, []string{"another program"}},
		"another id":      {func(t *testing.T) string { return script(t, fresh(t), "PRAGMA application_id = 7") }, ErrForeign, []string{"another program"}},
		"a newer schema":  {newer, ErrNewer, []string{"version 99", fmt.Sprintf("up to %d", Version()), "use mozartosim v9.9 or a newer one", "data export"}},
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
			j, err := Open(context.Background(), file, Options{lookFor: time.Minute})
			if err == nil {
				shut(t, j)
				t.Fatal("it opens")
			}
			var trouble *Trouble
			if !errors.Is(err, test.kind) || !errors.As(err, &trouble) || trouble.Do == "" {
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

// emptied is a file of which only what had not been written into it yet is left.
func emptied(t *testing.T) string {
	file := fresh(t)
	j := open(t, file, Options{})
	add(t, j, payment(1))
	return spoil(t, duplicate(t, file), func([]byte) []byte { return nil })
}

// removed is a file that was moved away without what stands beside it.
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
		open(t, file, Options{}) // it is free again
	})
	return file
}

// The same process can't open a file twice either, and the second try takes nothing from the first.
func TestOpenTwice(t *testing.T) {
	t.Parallel()
	file := fresh(t)
	j := open(t, file, Options{})
	if _, err := Open(context.Background(), file, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("the second time: %v", err)
	}
	add(t, j, payment(1))
	cmd, out := child(t, "hold", file)
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

// openAsNobody says what is wrong with a file, for a user who isn't root.
func openAsNobody(file string) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	j, err := Open(context.Background(), file, Options{})
	if err == nil {
		err = errors.Join(errors.New("it opens"), j.Close())
	}
	_, err = fmt.Println(err)
	return err
}

// When the disk is full, an append is refused whole, and the journal goes on when there is space again.
func TestFull(t *testing.T) {
	t.Parallel()
	ctx, file := context.Background(), fresh(t)
	j := open(t, file, Options{})
	add(t, j, payment(0))
	if err := j.conn.once("PRAGMA max_page_count = 40"); err != nil {
		t.Fatal(err)
	}
	last, err := int64(0), error(nil)
	for err == nil {
		last++
		err = j.Append(ctx, payment(last))
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "free some space") {
		t.Fatalf("append %d: %v", last, err)
	}
	if _, err := j.Entries(ctx, "acme", payment(last).Stream); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the refused append: %v", err)
	}
	if _, err := j.Find(ctx, payment(last).Keys[0]); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("its key: %v", err)
	}
	if stats, err := j.Stats(ctx, "acme"); err != nil || stats.Streams != int(last) || stats.Jobs != int(2*last) {
		t.Errorf("%+v, %v", stats, err)
	}
	if err := j.conn.once("PRAGMA max_page_count = 4000"); err != nil {
		t.Fatal(err)
	}
	add(t, j, payment(last))
	shut(t, j)
	if got := copied(t, open(t, file, Options{}), "acme"); len(got.Streams) != int(last)+1 || got.Seq != uint64(3*(last+1)) {
		t.Errorf("%d streams, seq %d", len(got.Streams), got.Seq)
	}
}

// reads reads everything there is, as a text; an error is one of damage.
func reads(t *testing.T, file string) (text string, err error) {
	t.Helper()
	ctx := context.Background()
	j, err := Open(ctx, file, Options{lookFor: time.Minute})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	c, err := j.Export(ctx, "acme")
	if err != nil {
		return "", err
	}
	text = fmt.Sprint(c)
	notes, err := j.Settings(ctx, 0)
	text += fmt.Sprint(notes)
	for i := range int64(20) {
		a := payment(i)
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
	file := filled(t, 20)
	j := open(t, file, Options{})
	if _, err := j.PutSetting(context.Background(), journal.Setting{Company: "acme", Name: "clock", Data: []byte("noon")}); err != nil {
		t.Fatal(err)
	}
	shut(t, j)
	want, err := reads(t, duplicate(t, file))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for i := int64(0); i < info.Size(); i += 2503 {
		flipped := spoil(t, duplicate(t, file), func(b []byte) []byte { b[i] ^= 1 << (i % 8); return b })
		got, err := reads(t, flipped)
		switch {
		case err != nil:
			noticed++
			var trouble *Trouble
			if !errors.As(err, &trouble) || errors.Is(err, journal.ErrNotFound) {
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
