package sqljournal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mozartosim/simulator/journal"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// openSQLite opens a file, makes it when it is new, searches it for damage for a while, and reads the streams' names.
func openSQLite(ctx context.Context, file string, o Options) (*sqliteFile, error) {
	fresh, unwritten, err := look(file)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, explain(file, err)
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if o.fileSystem != "" {
		name.RawQuery = "vfs=" + o.fileSystem
	}
	connection, err := (&sqlite.Driver{}).Open(name.String())
	if err != nil {
		return nil, explain(file, err)
	}
	c := &sqliteConn{conn: connection, prepared: map[string]driver.Stmt{}, names: map[digest]int64{}, before: map[digest]int64{}}
	if err := c.begin(ctx, file, fresh, o); err != nil {
		return nil, explain(file, errors.Join(err, c.close()))
	}
	if unwritten {
		o.Log.Info("the data file was not closed in order; all that had been accepted is there", "file", file)
	}
	opened, err := os.Stat(file)
	if err != nil {
		return nil, explain(file, errors.Join(err, c.close()))
	}
	return &sqliteFile{name: file, conn: c, opened: opened}, nil
}

// look looks at a file from outside, and makes it when it isn't there. It must not open one that is: closing it again would
// take SQLite's lock on it away. Unwritten says that not all is in the file itself: it was not closed in order.
func look(file string) (empty, unwritten bool, err error) {
	if file == "" {
		return false, false, &FileError{File: `""`, Kind: ErrMissing, Remedy: "--data wants the name of a file, such as mozartosim.db"}
	}
	wal, err := os.Stat(file + "-wal")
	unwritten = err == nil && wal.Size() > 0
	info, err := os.Stat(file)
	empty = err != nil || info.Size() == 0
	switch {
	case empty && unwritten:
		return empty, unwritten, fileError(file, ErrDamaged, "it is empty, or gone, but %d bytes of it are in %s", wal.Size(), filepath.Base(file)+"-wal")
	case errors.Is(err, os.ErrNotExist):
		dir := filepath.Dir(file)
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return empty, unwritten, fileError(file, ErrMissing, "%s", dir)
		}
		return empty, unwritten, explain(file, create(file))
	case err != nil:
		return empty, unwritten, explain(file, err)
	case info.IsDir():
		return empty, unwritten, fileError(file, ErrForeign, "it is a folder")
	}
	return empty, unwritten, nil
}

// create makes an empty file that only its owner can read, as what SQLite puts beside it will be.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// begin takes the file for this process, makes the schema in a new one, and looks at what is in an old one.
func (c *sqliteConn) begin(ctx context.Context, file string, fresh bool, o Options) error {
	settings := []string{"locking_mode = EXCLUSIVE", "busy_timeout = 200", "temp_store = MEMORY", "cache_size = -16384"}
	if fresh {
		settings = append(settings, "page_size = 8192")
	}
	for _, setting := range append(settings, "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 2000", "journal_size_limit = 67108864") {
		if err := c.run(ctx, ask("PRAGMA "+setting)); err != nil {
			return err
		}
	}
	found, err := c.version(ctx, file)
	if err != nil {
		return err
	}
	switch found {
	case 0:
		err = c.define(ctx, schema, o.Version)
	case version - 1:
		err = c.define(ctx, sqliteUpgrade, o.Version)
	}
	if err == nil {
		err = c.run(ctx, ask(labelsIndex))
	}
	if err != nil || found == 0 {
		return err
	}
	// Processes that read settings begin afresh: what was removed before is of no use to them, but for its number.
	err = c.run(ctx, ask("DELETE FROM settings WHERE gone = 1 AND rev < (SELECT max(rev) FROM settings)"))
	if err == nil {
		err = c.loadNames(ctx)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.damageSearch)
	defer cancel()
	err = checkStructure(ctx, c)
	if interrupted(err) {
		o.Log.Debug("the data file was searched for damage in part; `mozartosim data check` looks at all of it", "file", file)
		return nil
	}
	return err
}

// labelsIndex has a tenth of what the streams have: a list passes over those quickly that have other labels.
const labelsIndex = "CREATE INDEX IF NOT EXISTS streams_labels ON streams (no, psp, type, status, deliveries)"

// applicationID marks a file as the simulator's, in SQLite's own place for that: "moza".
const applicationID = 0x6d6f7a61

// version returns the version of the file's schema, 0 when there is none yet.
func (c *sqliteConn) version(ctx context.Context, file string) (int64, error) {
	if err := c.exec(ctx, "BEGIN IMMEDIATE; ROLLBACK"); err != nil { // takes the lock, and tells whether writing is possible
		return 0, err
	}
	var owner, found, tables int64
	err := c.run(ctx, ask("PRAGMA application_id").into(&owner), ask("PRAGMA user_version").into(&found),
		ask("SELECT count(*) FROM sqlite_master").into(&tables))
	switch {
	case err != nil:
		return 0, err
	case owner == 0 && found == 0 && tables == 0:
		return 0, nil
	case owner != applicationID || found <= 0:
		return 0, fileError(file, ErrForeign, "it is the SQLite file of another program")
	case found != version && found != version-1:
		return 0, c.otherVersion(ctx, file, found)
	}
	return found, nil
}

// otherVersion says which program is needed; every version of the schema has the table that tells.
func (c *sqliteConn) otherVersion(ctx context.Context, file string, found int64) error {
	program := "mozartosim that wrote it"
	var named string
	err := c.run(ctx, ask("SELECT program FROM writers ORDER BY version DESC LIMIT 1").into(&named))
	if err == nil && named != "" {
		program = "mozartosim " + named
	}
	kind := ErrOlder
	if found > version {
		kind = ErrNewer
	}
	e := fileError(file, kind, "its schema has version %d, this program's has %d", found, version)
	e.Remedy = fmt.Sprintf("use %s or a newer one", program)
	if errors.Is(kind, ErrOlder) {
		e.Remedy = olderRemedy(found, program, "start with another --data FILE")
	}
	return e
}

// sqliteUpgrade brings version 4 of the schema to this one. SQLite can't drop what made the requests' ids unique but with their table.
const sqliteUpgrade = `
DROP INDEX requests_company;
ALTER TABLE requests RENAME TO requests_before;` + requestsSchema + `
INSERT INTO requests SELECT r.*, d.data FROM requests_before r JOIN request_details d ON d.id = r.id ORDER BY r.no;
DELETE FROM sqlite_sequence WHERE name = 'requests';
UPDATE sqlite_sequence SET name = 'requests' WHERE name = 'requests_before';
DROP TABLE requests_before;
DROP TABLE request_details;
`

// define makes the tables, or brings them to this version, as a program of that version.
func (c *sqliteConn) define(ctx context.Context, tables, program string) error {
	words := strings.NewReplacer("{int}", "INTEGER", "{bytes}", "BLOB", "{key}", "INTEGER PRIMARY KEY",
		"{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{hot}", "", "{warm}", "")
	err := c.exec(ctx, "BEGIN IMMEDIATE;"+words.Replace(tables)+fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
	if err != nil {
		return err
	}
	return c.run(ctx, ask("INSERT INTO writers (version, program) VALUES ($1, $2)", version, program), ask("COMMIT"))
}

// loadNames reads the names of all streams.
func (c *sqliteConn) loadNames(ctx context.Context) error {
	companies := map[int64]string{}
	var no, encoding int64
	var data []byte
	return c.run(ctx,
		scanCompanies(ask(selectCompanies), func(found *company) error {
			companies[found.no] = found.name
			return nil
		}),
		ask("SELECT "+streamColumns+" FROM streams").scan(func() error {
			return eachName(companies[no>>shift], no, encoding, data, func(d digest) { c.names[d] = no })
		}, &no, &encoding, &data))
}

// check implements database; the names are in memory alone.
func (*sqliteFile) check(ctx context.Context, c conn, _ int) error { return checkStructure(ctx, c) }

// checkStructure looks at the file's structure.
func checkStructure(ctx context.Context, c conn) error {
	var found string
	if err := c.run(ctx, ask("PRAGMA integrity_check(1)").into(&found)); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, found)
	}
	return nil
}

func interrupted(err error) bool {
	var failed *sqlite.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &failed) && failed.Code() == codes.SQLITE_INTERRUPT
}

// fault is what can be wrong with a file or a database, and what to do.
type fault struct{ text, remedy string }

func (f *fault) Error() string { return f.text }

// What can be wrong with a file or a database; compare with errors.Is.
var (
	ErrLocked = error(&fault{"another process has it open",
		"end that process, give this one another --data FILE, or let both share --data postgres://…"})
	ErrForeign = error(&fault{"it is not a file of the simulator",
		"--data wants a file that mozartosim made, or a name that is free"})
	ErrNewer   = errors.New("it was written by a newer version")
	ErrOlder   = errors.New("it was written by an older version")
	ErrDamaged = error(&fault{"it is damaged",
		"nothing was answered from it; put a copy in its place (`mozartosim data import` reads what `data export` wrote), or begin with a new file. `mozartosim data check` tells more"})
	ErrReadOnly = error(&fault{"it can't be written",
		"the user that runs mozartosim must be able to write to the file and to its folder, where -wal is beside it, and the file system must know locks, which some network ones don't"})
	ErrFull = error(&fault{"the disk is full",
		"nothing of the last call was kept; free some space, or move the file to another disk, and go on"})
	ErrMissing = error(&fault{"there is no such folder", "make it, or choose another --data FILE"})
	ErrGone    = error(&fault{"it was deleted, moved or replaced while it was open",
		"nothing more is kept in it; put it back, with the files beside it, and start mozartosim again"})
)

// FileError says what is wrong with a file, and what to do.
type FileError struct {
	File   string
	Kind   error  // one of the above, or nil when it is none of them
	Found  string // what was found, "" = Kind says it all
	Remedy string
	Err    error // what SQLite or the system said; nil when we noticed ourselves
}

func (e *FileError) Error() string {
	text := e.Found
	switch {
	case e.Kind != nil && e.Found != "":
		text = fmt.Sprintf("%s (%s)", e.Kind, e.Found)
	case e.Kind != nil:
		text = e.Kind.Error()
	}
	if e.Remedy != "" {
		text += ": " + e.Remedy
	}
	return "data file " + e.File + ": " + text
}

// Unwrap returns the kind and the cause, and that the journal is unavailable.
func (e *FileError) Unwrap() (all []error) {
	all = []error{journal.ErrUnavailable}
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

func remedy(kind error) string {
	if known, ok := errors.AsType[*fault](kind); ok {
		return known.remedy
	}
	return ""
}

func fileError(file string, kind error, format string, args ...any) *FileError {
	return &FileError{File: file, Kind: kind, Found: fmt.Sprintf(format, args...), Remedy: remedy(kind)}
}

// explain words an error about a file; the journal's own errors stay as they are.
func explain(file string, err error) error {
	var known *FileError
	if err == nil || isOwn(err) || errors.As(err, &known) {
		return err
	}
	kind, found := kindOf(err), err.Error()
	if errors.Is(kind, ErrLocked) { // the statement that met the lock says nothing more
		found = ""
	}
	return &FileError{File: file, Kind: kind, Found: found, Remedy: remedy(kind), Err: err}
}

// isOwn says whether an error is the journal's own.
func isOwn(err error) bool {
	for _, own := range []error{
		journal.ErrConflict, journal.ErrExists, journal.ErrLost, journal.ErrNotFound, journal.ErrClosed, journal.ErrBroken,
	} {
		if errors.Is(err, own) {
			return true
		}
	}
	return false
}

// kindOf sorts what SQLite, the system or a checksum say; nil is none of the kinds.
func kindOf(err error) error {
	var failed *sqlite.Error
	switch {
	case errors.Is(err, errDamaged):
		return ErrDamaged
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	case !errors.As(err, &failed):
		return nil
	}
	switch failed.Code() & 0xff {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return ErrLocked
	case codes.SQLITE_NOTADB:
		return ErrForeign
	case codes.SQLITE_CORRUPT, codes.SQLITE_CONSTRAINT, codes.SQLITE_FORMAT, codes.SQLITE_MISMATCH, codes.SQLITE_SCHEMA, codes.SQLITE_TOOBIG:
		return ErrDamaged
	case codes.SQLITE_FULL:
		return ErrFull
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_CANTOPEN:
		return ErrReadOnly
	}
	switch failed.Code() {
	case codes.SQLITE_IOERR_SHORT_READ, codes.SQLITE_IOERR_CORRUPTFS, codes.SQLITE_IOERR_DATA:
		return ErrDamaged
	case codes.SQLITE_IOERR_LOCK: // a file that can only be read can't be locked for writing
		return ErrReadOnly
	}
	return nil
}
