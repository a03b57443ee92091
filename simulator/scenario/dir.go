package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
	found, lines, err := r.dir(fsys, map[string]*Scenario{})
	if err != nil {
		return nil, err
	}
	return found, openapi.JoinLines(lines)
}

// Paths reads files of this machine, and folders as Dir does. Names are unique across all of them; File, in scenarios and in what is
// wrong, is as it can be opened from here. The error says which path has no scenarios to read.
func (r Reader) Paths(paths []string) (found []*Scenario, wrong []*openapi.LineError, err error) {
	names := map[string]*Scenario{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: name a file or a folder of scenarios", err)
		}
		var read []*Scenario
		var lines []*openapi.LineError
		folder := ""
		if info.IsDir() {
			folder = path
			read, lines, err = r.dir(os.DirFS(path), names)
		} else if !isScenarioFile(path) {
			err = fmt.Errorf("%s is no scenario file: its name must end in .yaml or .yml", path)
		} else if text, failed := os.ReadFile(path); failed != nil {
			err = failed
		} else {
			read, lines = r.file(path, text, names)
		}
		if err == nil && len(read)+len(lines) == 0 {
			err = fmt.Errorf("%s has no scenario: name a file or a folder with *.yaml or *.yml in it", path)
		}
		if err != nil {
			return nil, nil, err
		}
		for _, s := range read {
			s.File = filepath.Join(folder, s.File)
		}
		openapi.SortLines(lines)
		for _, line := range lines {
			line.File = filepath.Join(folder, line.File)
		}
		found, wrong = append(found, read...), append(wrong, lines...)
	}
	return found, wrong, nil
}

func isScenarioFile(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }

// dir is Dir among other files, whose scenarios have their names.
func (r Reader) dir(fsys fs.FS, names map[string]*Scenario) (found []*Scenario, lines []*openapi.LineError, err error) {
	err = eachFile(fsys, func(name string, text []byte, err error) error {
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
		err = fmt.Errorf("read scenarios: %w", err)
	}
	return found, lines, err
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
		case entry.IsDir(), strings.HasPrefix(entry.Name(), "."), !isScenarioFile(name):
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
