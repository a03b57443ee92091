package observed

import (
	"fmt"
	"os"

	"mozartosim/openapi"
)

// IsFile says whether a file is meant as an observations file: its top has the key observations.
func IsFile(name string) bool {
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	y, err := openapi.DecodeYAML(name, text)
	return err == nil && y.Fields["observations"] != nil
}

// ReadFile reads an observations file; see Read.
func (c *Codec) ReadFile(name string) (File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return File{}, fmt.Errorf("observations: %w", err)
	}
	return c.Read(name, text)
}

// ReadFiles reads several files for a contract as one. Where two of them say something else about the same, the error names both.
func ReadFiles(contract *openapi.Contract, names []string) (all File, err error) {
	c, err := NewCodec(contract)
	if err != nil {
		return File{}, err
	}
	owner := map[string]string{}
	for _, name := range names {
		f, err := c.ReadFile(name)
		if err != nil {
			return File{}, err
		}
		for _, o := range f.Observations {
			if other := owner[o.Key()]; other != "" {
				return File{}, fmt.Errorf("observations: %s and %s both have %s, %s: keep one of them", other, name, o.Rule, o.Kind())
			}
			owner[o.Key()] = name
		}
		all.Observations = append(all.Observations, f.Observations...)
	}
	return all, nil
}

// Read reads observations strictly: everything that is written must be known and fit the rule of the contract that it names, and
// nothing may be said twice. Errors are *openapi.LineError, joined, and say what would be right.
func (c *Codec) Read(name string, text []byte) (File, error) {
	y, err := openapi.DecodeYAML(name, text)
	if err != nil {
		return File{}, err
	}
	if problems := c.form.Problems("Observations", y.Document); len(problems) > 0 {
		return File{}, y.Located(problems)
	}
	var f File
	if err := y.Into(&f); err != nil {
		return File{}, fmt.Errorf("observations: %s: %w", name, err)
	}
	for i := range f.Observations {
		f.Observations[i].at = y.At(openapi.Problem{Path: fmt.Sprintf("observations.%d", i)})
	}
	return f, y.Located((&checker{Codec: c}).check(f))
}
