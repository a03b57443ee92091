package sqljournal

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"mozartosim/simulator/journal"
)

// What can be wrong with a file or a database; compare with errors.Is.
var (
	ErrLocked   = errors.New("another process has it open")
	ErrForeign  = errors.New("it is not a file of the simulator")
	ErrNewer    = errors.New("it was written by a newer version")
	ErrOlder    = errors.New("it was written by an older version")
	ErrDamaged  = errors.New("it is damaged")
	ErrReadOnly = errors.New("it can't be written")
	ErrFull     = errors.New("the disk is full")
	ErrMissing  = errors.New("there is no such folder")
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

// Unwrap returns the kind and the cause.
func (e *FileError) Unwrap() (all []error) {
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

func remedy(kind error) string {
	switch {
	case errors.Is(kind, ErrLocked):
		return "end that process, give this one another --data FILE, or let both share --data postgres://…"
	case errors.Is(kind, ErrForeign):
		return "--data wants a file that mozartosim made, or a name that is free"
	case errors.Is(kind, ErrDamaged):
		return "nothing was answered from it; put a copy in its place (`mozartosim data import` reads what `data export` wrote), or begin with a new file. `mozartosim data check` tells more"
	case errors.Is(kind, ErrReadOnly):
		return "the user that runs mozartosim must be able to write to the file and to its folder, where -wal is beside it, and the file system must know locks, which some network ones don't"
	case errors.Is(kind, ErrFull):
		return "nothing of the last call was kept; free some space, or move the file to another disk, and go on"
	case errors.Is(kind, ErrMissing):
		return "make it, or choose another --data FILE"
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
	kind := kindOf(err)
	return &FileError{File: file, Kind: kind, Found: err.Error(), Remedy: remedy(kind), Err: err}
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
