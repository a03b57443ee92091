package setup

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"mozartosim/features/steps"
	"mozartosim/fixtures"
	"mozartosim/openapi"
)

//go:embed templates
var templates embed.FS

// File is one that is to be written.
type File struct {
	Name string // its path
	Text string
}

// values are what the templates are filled with.
type values struct {
	Company, Shop, Handler, BaseURL, Credentials, WebhookURL, Shopper string

	PSPs           []string
	Configurations []string // PSP: {…}
	Flows          []flow
}

// flow is a small payment that the contract's examples make.
type flow struct{ PSP, Type, Amount, Currency string }

// Files makes the files of a kind from answers; what has no answer is as proposed. Errors name the flag.
func (k Kind) Files(answers map[string]string) (made []File, err error) {
	if err := check(k.Questions(), answers); err != nil {
		return nil, err
	}
	v := values{
		Company: answers["company"], Shop: strings.TrimRight(answers["shop"], "/"), Handler: answers["handler"], BaseURL: answers["base-url"],
		Credentials: answers["credentials"], WebhookURL: answers["webhook-url"], Shopper: answers["shopper"], PSPs: list(answers["psps"]),
	}
	if err := v.addProviders(); err != nil {
		return nil, err
	}
	for _, name := range k.files {
		to := name
		switch tool := strings.TrimSuffix(name, ".yaml"); {
		case tool != "github" && tool != "gitlab":
		case tool != answers["ci"]:
			continue
		case tool == "github":
			to = ".github/workflows/mozartosim.yml"
		default:
			to = ".gitlab-ci.mozartosim.yml"
		}
		text, err := v.fill(name)
		if err != nil {
			return nil, err
		}
		made = append(made, File{filepath.FromSlash(to), text})
	}
	return made, nil
}

func (v *values) fill(name string) (string, error) {
	functions := template.FuncMap{
		"join": func(all []string) string { return strings.Join(all, ", ") },
		"quoted": func(text string) (string, error) { // JSON is YAML
			quoted, err := json.Marshal(text)
			return string(quoted), err
		},
	}
	filled, err := template.New(name).Funcs(functions).ParseFS(templates, "templates/"+name)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	err = filled.Execute(&text, v)
	return text.String(), err
}

// addProviders adds what the contract says of the providers.
func (v *values) addProviders() error {
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	for _, psp := range v.PSPs {
		made, err := steps.Configuration(contract, psp, v.Handler, v.Shop)
		if err != nil {
			return err
		}
		var line yaml.Node
		if err := line.Encode(map[string]any{psp: made}); err != nil {
			return err
		}
		line.Content[1].Style = yaml.FlowStyle
		text, err := yaml.Marshal(&line)
		if err != nil {
			return err
		}
		v.Configurations = append(v.Configurations, strings.TrimSpace(string(text)))
		body, err := fixtures.Example(psp, "PAYIN", "", "minimal")
		if err != nil { // it has no pay-ins
			continue
		}
		request := struct {
			Baseamount float64
			Currency   string
		}{Currency: "CAD"} // of the company, where a provider's requests have none
		if err := json.Unmarshal(body, &request); err != nil {
			return err
		}
		v.Flows = append(v.Flows, flow{psp, "PAYIN", strconv.FormatFloat(request.Baseamount, 'f', 2, 64), request.Currency})
	}
	return nil
}

// Taken says that a file is in the way.
type Taken struct{ Name string }

func (t *Taken) Error() string {
	return fmt.Sprintf("%s exists already, and is left as it is; nothing is written: move it away, or name another place", t.Name)
}

// Write writes files below a folder: all of them, or none. It overwrites nothing; the error is a *Taken where one is in the way.
func Write(dir string, files []File) (err error) {
	for _, file := range files {
		if _, err := os.Lstat(filepath.Join(dir, file.Name)); !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return err
			}
			return &Taken{filepath.Join(dir, file.Name)}
		}
	}
	var written []string
	defer func() {
		for _, name := range written {
			if err != nil {
				_ = os.Remove(name) // it was made just now
			}
		}
	}()
	for _, file := range files {
		name := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a team reads it
			return err
		}
		out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a container and a team read it: no secret stands in it
		if errors.Is(err, fs.ErrExist) {
			return &Taken{name}
		}
		if err != nil {
			return err
		}
		written = append(written, name)
		_, err = out.WriteString(file.Text)
		if err = errors.Join(err, out.Close()); err != nil {
			return err
		}
	}
	return nil
}
