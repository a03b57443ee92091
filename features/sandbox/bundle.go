package sandbox

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/natefinch/atomic"

	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/features/report"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// readme says what a bundle is, for the reader that gets it.
const readme = `A run of mozartosim's features against %s, without secrets and without personal data.

run.json       what was sent and what came back
report.html    the same, for a browser
observed.yaml  where the target differs from the contract, as "mozartosim serve --observed" takes it
undecided.txt  differences that only a person can decide about
plan.txt       what was to be sent
about.json     by which program, when, against which contract

mozartosim contract drift SIMULATOR.json BUNDLE.zip    compares
mozartosim contract learn BUNDLE.zip --to observed.yaml
`

// part is a file of the bundle.
type part struct {
	name string
	text []byte
}

// writeBundle writes the zip file, which is replaced only when everything could be written. Where a secret is left in it, it is not.
func (s *Session) writeBundle(seen *evidence.Run) error {
	hidden := newHidden(s.Profile, s.Target.Environment.Masker, s.Folder != "")
	clean, err := hidden.cleaned(seen)
	if err != nil {
		return err
	}
	parts, err := s.parts(clean)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	zipped := zip.NewWriter(&file)
	for _, p := range parts {
		if what := hidden.left(string(p.text)); what != "" {
			return fmt.Errorf("--bundle %s is not written: %s would have %s in it; please report that", s.Bundle, p.name, what)
		}
		w, err := zipped.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: seen.Started})
		if err == nil {
			_, err = w.Write(p.text)
		}
		if err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := atomic.WriteFile(s.Bundle, &file); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// cleaned is a copy of a run without secrets and personal data.
func (h *hidden) cleaned(seen *evidence.Run) (*evidence.Run, error) {
	var text bytes.Buffer
	if err := evidence.Write(&text, seen); err != nil {
		return nil, err
	}
	clean, err := evidence.Read(&text)
	if err != nil {
		return nil, err
	}
	h.clean(clean)
	return clean, nil
}

// parts are the files of the bundle, made of a run that is clean already.
func (s *Session) parts(clean *evidence.Run) ([]part, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	codec, err := observed.NewCodec(contract)
	if err != nil {
		return nil, err
	}
	learned := observe.Learn(s.simulated, []*evidence.Run{clean}, observed.File{}, nil, contract)
	observations, err := codec.Write(learned.File)
	if err != nil {
		return nil, err
	}
	var undecided, run, page, plan bytes.Buffer
	for _, text := range append(learned.Undecided, learned.Contradictions...) {
		fmt.Fprintln(&undecided, text)
	}
	about, aboutFailed := json.MarshalIndent(map[string]any{
		"tool": clean.Tool, "contract": clean.Contract, "target": clean.Where(), "started": clean.Started, "stopped": clean.Stopped,
	}, "", "  ")
	if err := errors.Join(
		aboutFailed, evidence.Write(&run, clean), report.Write("html", &page, clean, report.Options{}), s.plan.Write(&plan),
	); err != nil {
		return nil, err
	}
	return []part{
		{"README.txt", fmt.Appendf(nil, readme, clean.Where())}, {evidence.Bundled, run.Bytes()}, {"report.html", page.Bytes()},
		{"observed.yaml", observations}, {"undecided.txt", undecided.Bytes()}, {"plan.txt", plan.Bytes()}, {"about.json", about},
	}, nil
}
