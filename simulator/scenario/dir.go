package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"mozartosim/openapi"
)

// The bounds of a folder of scenarios.
const (
	maxFile  = 1 << 20
	maxFiles = maxDocuments
	maxLinks = 16 // symbolic links on the way to one file
)

// Dir reads every *.yaml and *.yml below fsys, in the order of their names, except files and folders whose names begin with a
// dot. A symbolic link to a file below fsys is followed, any other is an error, and folders are never reached through links.
// Names are unique across files. Errors are *openapi.LineError, joined, of all files; the valid scenarios are returned even
// then.
func (r Reader) Dir(fsys fs.FS) ([]*Scenario, error) {
	var found []*Scenario
	var lines []*openapi.LineError
	names := owners{}
	err := eachFile(fsys, func(name string, text []byte, err error) error {
		var scenarios []*Scenario
		var problems []*openapi.LineError
		if err == nil {
			scenarios, problems = r.file(name, text, names)
			found = append(found, scenarios...)
			if len(found) > maxDocuments {
				err = fmt.Errorf("there must be at most %d scenarios in a folder", maxDocuments)
			}
		}
		lines = append(lines, problems...)
		if err != nil {
			lines = append(lines, &openapi.LineError{File: name, Line: 1, Column: 1, Reason: err.Error()})
		}
		if len(found) > maxDocuments || len(lines) > maxProblems {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read scenarios: %w", err)
	}
	return found, openapi.JoinLines(lines)
}

// eachFile calls do for every scenario file below fsys, with its text or with why it can't be read.
func eachFile(fsys fs.FS, do func(name string, text []byte, err error) error) error {
	files := 0
	return fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir(), strings.HasPrefix(entry.Name(), "."), path.Ext(name) != ".yaml" && path.Ext(name) != ".yml":
			return nil
		}
		if files++; files > maxFiles {
			return fmt.Errorf("there must be at most %d files", maxFiles)
		}
		text, err := readFile(fsys, name, entry)
		return do(name, text, err)
	})
}

func readFile(fsys fs.FS, name string, entry fs.DirEntry) ([]byte, error) {
	target := name
	if entry.Type()&fs.ModeSymlink != 0 {
		var err error
		if target, err = follow(fsys, name); err != nil {
			return nil, err
		}
	}
	info, err := fs.Stat(fsys, target)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular(): // opening a pipe would wait for a writer
		return nil, errors.New("must be an ordinary file")
	}
	file, err := fsys.Open(target)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(text) > maxFile:
		return nil, errors.New("must be at most 1 MiB")
	}
	return text, nil
}

// unreadable drops the path of an error: the line that reports it begins with the path.
func unreadable(err error) error {
	var where *fs.PathError
	if errors.As(err, &where) {
		err = where.Err
	}
	return fmt.Errorf("must be readable: %w", err)
}

// follow returns the file that a symbolic link leads to. It goes step by step, so that no link leaves fsys.
func follow(fsys fs.FS, name string) (string, error) {
	done, rest, links := ".", strings.Split(name, "/"), 0
	for len(rest) > 0 {
		next := path.Join(done, rest[0])
		rest = rest[1:]
		if !fs.ValidPath(next) {
			return "", errors.New("must not be a link that leads out of the folder")
		}
		info, err := fs.Lstat(fsys, next)
		if err != nil {
			return "", unreadable(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		target, err := fs.ReadLink(fsys, next)
		if links++; err != nil || links > maxLinks {
			return "", errors.New("must not be a link that leads nowhere")
		}
		if path.IsAbs(target) {
			return "", errors.New("must not be a link that leads out of the folder")
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return done, nil
}

// Fingerprint changes with any scenario file below fsys: its name, its text, whether it can be read. Comparing it now and
// then is all that hot reload needs.
func Fingerprint(fsys fs.FS) (string, error) {
	sum := sha256.New()
	err := eachFile(fsys, func(name string, text []byte, err error) error {
		fmt.Fprintf(sum, "%q %d %v\n", name, len(text), err)
		sum.Write(text)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read scenarios: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
