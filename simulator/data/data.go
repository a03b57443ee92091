package data

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"mozartosim/simulator/journal"
	sqljournal "mozartosim/simulator/journal/sql"
	"mozartosim/simulator/mask"
)

// Open opens what --data names: "" is memory, a postgres:// URL is a database that other processes may share, anything
// else is a file of this process's own. version is the program's. Errors say what is wrong with the place and what to do.
func Open(ctx context.Context, data string, limits journal.Limits, version string, log *slog.Logger) (journal.Journal, error) {
	var j *sqljournal.Journal
	var err error
	o := sqljournal.Options{Limits: limits, Log: log, Version: version}
	switch {
	case data == "":
		return journal.NewMemoryWith(limits), nil
	case IsDatabase(data):
		j, err = sqljournal.OpenDatabase(ctx, data, o)
	case strings.Contains(data, "://"):
		err = fmt.Errorf("%s must be a file, or a URL that begins with postgres://", mask.Text(data))
	default:
		j, err = sqljournal.OpenFile(ctx, data, o)
	}
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return j, nil
}

// IsDatabase says whether data is the URL of a database and not a file, by how it begins: the rest may be mistyped.
func IsDatabase(data string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(data), ":")
	return found && (scheme == "postgres" || scheme == "postgresql")
}

// TempFolder is where a snapshot's temporary file goes: beside the data file, where room for what is kept has to be; else where
// the system has temporary files.
func TempFolder(data string) string {
	if data == "" || IsDatabase(data) {
		return ""
	}
	return filepath.Dir(data)
}

// Lost says when a data file has lost what was in it, before a new one is made in its place: it is empty, and its key
// is not.
func Lost(file string) error {
	if IsDatabase(file) {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil || info.Size() > 0 {
		return nil //nolint:nilerr // it will be opened, or made
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		return nil
	}
	if _, err := os.Stat(file + ".key"); err != nil {
		return nil //nolint:nilerr // there was nothing to lose
	}
	return fmt.Errorf("data: %[1]s is empty, but %[1]s.key is beside it, so it has lost what it had: put a copy back, or remove %[1]s to begin anew", file)
}

// Key returns the passphrase under which companies are sealed: the configured one; else, beside a file, one of its own, which is
// made the first time, as long as nothing is sealed. A shared database needs one that all its processes know.
func Key(data, configured string, sealed bool) (string, error) {
	switch {
	case configured != "" || data == "":
		return configured, nil
	case IsDatabase(data):
		return "", errors.New("data-key must be set with a database: any passphrase, the same for every process that shares it; companies' secrets are sealed under it")
	}
	return fileKey(data+".key", sealed)
}

// fileKey reads a key file, or makes one that only its owner can read.
func fileKey(name string, sealed bool) (string, error) {
	text, err := os.ReadFile(name)
	if err == nil {
		if key := strings.TrimSpace(string(text)); key != "" {
			return key, nil
		}
		return "", fmt.Errorf("data-key: %s is empty: put the key back, or set --data-key", name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("data-key: %w", err)
	}
	if sealed {
		return "", fmt.Errorf("data-key: %s is missing, and the data file has companies whose secrets are sealed under it: put it back, or set --data-key", name)
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", fmt.Errorf("data-key: %w", err)
	}
	key := hex.EncodeToString(secret[:])
	if err := os.WriteFile(name, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("data-key: %w", err)
	}
	return key, nil
}
