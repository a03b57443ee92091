package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// lookFor is how long Open looks through a file for damage. What it doesn't see in this time is found when it is read, by
// its checksum, or by Check.
const lookFor = 150 * time.Millisecond

// openFile opens a file, makes it when it is new, brings it to the newest schema and looks through it.
func openFile(ctx context.Context, file string, o Options) (*connection, error) {
	found, err := stat(file)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, explain(file, err)
	}
	conn, err := connect((&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String())
	if err != nil {
		return nil, explain(file, err)
	}
	if err := conn.prepareFile(ctx, file, found.empty, o); err != nil {
		return nil, explain(file, errorsJoinClose(err, conn))
	}
	if found.unwritten {
		o.Log.Info("the data file was not closed in order; whatever had been accepted is there", "file", file)
	}
	return conn, nil
}

func errorsJoinClose(err error, conn *connection) error { return errors.Join(err, conn.close()) }

// appearance is how a file looks from outside.
type appearance struct {
	empty     bool
	unwritten bool // not all of it stands in the file itself: it was not closed in order
}

// stat looks at a file from outside, and makes it when it isn't there. It must not open one that is: closing it again would
// take SQLite's lock on it away.
func stat(file string) (found appearance, err error) {
	if file == "" {
		return found, &Trouble{File: `""`, Kind: ErrMissing, Do: "--data wants the name of a file, such as mozartosim.db"}
	}
	wal, err := os.Stat(file + "-wal")
	found.unwritten = err == nil && wal.Size() > 0
	info, err := os.Stat(file)
	found.empty = err != nil || info.Size() == 0
	switch {
	case found.empty && found.unwritten:
		return found, troubled(file, ErrDamaged, "it is empty, or gone, but %d bytes of it stand in %s", wal.Size(), filepath.Base(file)+"-wal")
	case errors.Is(err, os.ErrNotExist):
		dir := filepath.Dir(file)
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return found, troubled(file, ErrMissing, "%s", dir)
		}
		return found, explain(file, create(file))
	case err != nil:
		return found, explain(file, err)
	case info.IsDir():
		return found, troubled(file, ErrForeign, "it is a folder")
	}
	return found, nil
}

// create makes an empty file that only its owner can read, as what SQLite puts beside it will be.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// prepareFile takes the file for this process, and sees to it that it is as this program wants it.
func (c *connection) prepareFile(ctx context.Context, file string, fresh bool, o Options) error {
	settings := []string{"locking_mode = EXCLUSIVE", "busy_timeout = 200", "temp_store = MEMORY", "cache_size = -16384"}
	if fresh {
		settings = append(settings, "page_size = 8192")
	}
	for _, setting := range append(settings, "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 2000", "journal_size_limit = 67108864") {
		if err := c.once("PRAGMA " + setting); err != nil {
			return err
		}
	}
	version, err := c.version(file)
	if err != nil {
		return err
	}
	if err := c.migrate(version, o); err != nil {
		return err
	}
	if fresh {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.lookFor, lookFor))
	defer cancel()
	err = c.look(ctx)
	if interrupted(err) {
		o.Log.Debug("the data file was looked through in part; `mozartosim data check` looks at all of it", "file", file)
		return nil
	}
	return err
}

// version returns the version of the file's schema, 0 when there is none yet.
func (c *connection) version(file string) (int, error) {
	if err := c.once("BEGIN IMMEDIATE; ROLLBACK"); err != nil { // takes the lock, and tells whether writing is possible
		return 0, err
	}
	owner, err := c.pragma("application_id")
	if err != nil {
		return 0, err
	}
	version, err := c.pragma("user_version")
	if err != nil {
		return 0, err
	}
	tables, err := c.row("SELECT count(*) FROM sqlite_master")
	if err != nil {
		return 0, err
	}
	switch empty := number(tables[0]) == 0; {
	case owner == applicationID && version > Version():
		return 0, c.newer(file, version)
	case owner == applicationID && version > 0:
		return version, nil
	case owner == 0 && version == 0 && empty:
		return 0, nil
	}
	return 0, troubled(file, ErrForeign, "it is the SQLite file of another program")
}

// newer says which program is needed; every version of the schema keeps the table that tells.
func (c *connection) newer(file string, version int) error {
	program := "the mozartosim that wrote it"
	if row, err := c.row("SELECT program FROM writers ORDER BY version DESC LIMIT 1"); err == nil && row != nil && text(row[0]) != "" {
		program = "mozartosim " + text(row[0])
	}
	t := troubled(file, ErrNewer, "its schema has the version %d, this program knows them up to %d", version, Version())
	t.Do = fmt.Sprintf("use %s or a newer one, or move what is in it with its `mozartosim data export` to a new file", program)
	return t
}

func interrupted(err error) bool {
	var failed *sqlite.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &failed) && failed.Code() == codes.SQLITE_INTERRUPT
}
