package backoffice

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// File reads all companies of a configuration file. Errors are *openapi.LineError, joined, from the file's top to its end.
func (r Reader) File(name string, text []byte) ([]Company, error) {
	y, err := openapi.DecodeYAML(name, text)
	if err != nil {
		return nil, err
	}
	problems := slices.DeleteFunc(r.Control.Problems("ConfigurationFile", y.Document), func(p openapi.Problem) bool {
		return strings.HasPrefix(p.Path, "companies.") // companies are read, and their problems listed, one by one
	})
	list, _ := y.Fields["companies"].([]any)
	companies := make([]Company, 0, len(list))
	owners := owners{}
	for i, item := range list {
		prefix := fmt.Sprintf("companies.%d", i)
		fields, ok := item.(map[string]any)
		if !ok {
			problems.Add(prefix, "must be an object")
			continue
		}
		c, err := r.Company(openapi.Document{Fields: fields})
		var broken *openapi.Invalid
		if errors.As(err, &broken) {
			problems = append(problems, broken.Problems.Below(prefix)...)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, prefix, err)
		}
		problems = append(problems, owners.claim(prefix, &c)...)
		companies = append(companies, c)
	}
	if problems != nil {
		return nil, y.Located(problems)
	}
	return companies, nil
}

// Observed returns the files of observations that a configuration file names, which stand beside it. What is wrong with the file is
// said when its companies are read.
func Observed(name string) (files []string) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	y, err := openapi.DecodeYAML(name, text)
	if err != nil {
		return nil
	}
	list, _ := y.Fields["observed"].([]any)
	for _, item := range list {
		if file, ok := item.(string); ok && !filepath.IsAbs(file) {
			item = filepath.Join(filepath.Dir(name), file)
		}
		files = append(files, fmt.Sprint(item))
	}
	return files
}

// owners remembers which company of a file has a name, an id or an apiKey: field and value → path.
type owners map[[2]string]string

func (o owners) claim(prefix string, c *Company) (problems openapi.Problems) {
	for _, claimed := range [][2]string{{"id", c.ID}, {"name", c.Name}, {"credentials.apiKey", c.Credentials.APIKey}} {
		if claimed[1] == "" {
			continue
		}
		if owner, taken := o[claimed]; taken {
			problems.Add(prefix+"."+claimed[0], "must not be that of %s too", owner)
			continue
		}
		o[claimed] = prefix
	}
	return problems
}
