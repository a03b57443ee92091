package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"

	"mozartosim/simulator/words"
)

// maxFile bounds what Read takes, so that a wrong file can't fill the memory.
const maxFile = 256 << 20

// Read reads one evidence file. Its error says what is wrong with the file: that it is no JSON (with line and column), of
// another version, or no evidence at all. Fields that this version does not know are let through: a newer mozartosim may add
// some without changing the version.
func Read(r io.Reader) (*Run, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("read evidence: over %d MiB, which no run makes", maxFile>>20)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("read evidence: the file is empty; `mozartosim contract run --keep FILE` writes one")
	}
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("read evidence: %w", placed(text, err))
	}
	switch {
	case head.Version == nil:
		return nil, fmt.Errorf("read evidence: it has no version; an evidence file begins with {\"version\": %d", Version)
	case *head.Version != Version:
		return nil, fmt.Errorf("read evidence: it is of version %d, this mozartosim reads version %d; run the features again with it", *head.Version, Version)
	}
	var run Run
	if err := json.Unmarshal(text, &run); err != nil {
		return nil, fmt.Errorf("read evidence: %w", placed(text, err))
	}
	if err := run.check(); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return &run, nil
}

// placed adds line and column to an error of encoding/json.
func placed(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
		if kind.Field != "" {
			err = fmt.Errorf("%s must be %s, but is a %s", kind.Field, kind.Type, kind.Value)
		}
	}
	if offset < 0 || offset > int64(len(text)) {
		return err
	}
	before := text[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := max(1, len(before)-1-bytes.LastIndexByte(before, '\n'))
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// check holds what the readers of a Run rely on: names, ids and statuses are there, and indexes point to something.
func (r *Run) check() error {
	for i, f := range r.Features {
		for j, s := range f.Scenarios {
			if err := s.check(); err != nil {
				return fmt.Errorf("features[%d].scenarios[%d].%w", i, j, err)
			}
		}
	}
	return nil
}

func (s *Scenario) check() error {
	if s.ID == "" {
		return errors.New("id must not be empty: runs are compared by it")
	}
	switch s.Status {
	case Passed, Failed, NotRun:
	default:
		return fmt.Errorf("status is %q, but must be passed, failed or notrun", s.Status)
	}
	for i, step := range s.Steps {
		switch step.Status {
		case Passed, Failed, NotRun, Skipped, Undefined:
		default:
			return fmt.Errorf("steps[%d].status is %q, but must be passed, failed, skipped, undefined or notrun", i, step.Status)
		}
	}
	for i, e := range s.Exchanges {
		if e.Step < 0 || e.Step >= max(1, len(s.Steps)) {
			return fmt.Errorf("exchanges[%d].step is %d, but there are %d steps", i, e.Step, len(s.Steps))
		}
	}
	for i, w := range s.Webhooks {
		if w.Step < 0 || w.Step >= max(1, len(s.Steps)) {
			return fmt.Errorf("webhooks[%d].step is %d, but there are %d steps", i, w.Step, len(s.Steps))
		}
	}
	return nil
}

// Write writes a run as an evidence file, indented so that it can be read and compared by people.
func Write(w io.Writer, run *Run) error {
	out := *run
	out.Version = Version
	if err := words.JSON(w, &out, " "); err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	return nil
}

// ReadFile reads the evidence file of that name, or the evidence in a bundle; its errors name the file.
func ReadFile(name string) (*Run, error) { return readFile(name, true) }

// ReadRun is ReadFile for a run of features; one of certify is about a merchant, not about the contract.
func ReadRun(name string) (*Run, error) {
	run, err := ReadFile(name)
	if err == nil && run.Kind == "certify" {
		err = fmt.Errorf("%s is a run of certify: give a run of features", name)
	}
	return run, err
}

// readFile reads an evidence file, and a bundle where bundles are right.
func readFile(name string, bundles bool) (*Run, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer file.Close()
	var run *Run
	switch zipped := isZip(file); {
	case zipped && !bundles:
		return nil, fmt.Errorf("%s is a bundle, which leaves out what is needed to resume its run: name the file of --keep", name)
	case zipped:
		run, err = readBundle(file)
	default:
		run, err = Read(file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return run, nil
}

// isZip looks at how a file begins.
func isZip(file *os.File) bool {
	head := make([]byte, 2)
	n, _ := file.ReadAt(head, 0)
	return n == 2 && string(head) == "PK"
}

// Bundled is the evidence in the zip file that contract run --bundle writes.
const Bundled = "run.json"

// readBundle reads the evidence in a bundle.
func readBundle(file *os.File) (*Run, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	bundle, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	inside, err := bundle.Open(Bundled)
	if err != nil {
		return nil, fmt.Errorf("read evidence: the zip file has no %s, as one of contract run --bundle has: %w", Bundled, err)
	}
	defer inside.Close()
	return Read(inside)
}

// MakeRoom makes the folder of a file that a run is to write at its end, and checks that the file is no folder itself.
func MakeRoom(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder", name)
	}
	return os.MkdirAll(filepath.Dir(name), 0o755) //nolint:gosec // CI and a team read what is in it
}

// WriteFile writes a run to the file of that name, which is replaced only when everything could be written.
func WriteFile(name string, run *Run) error {
	var text bytes.Buffer
	if err := Write(&text, run); err != nil {
		return err
	}
	if err := atomic.WriteFile(name, &text); err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	return nil
}
