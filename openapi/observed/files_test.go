package observed

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	goyaml "github.com/pb33f/go-yaml"
	overlays "github.com/pb33f/jsonpath/pkg/overlay"

	"mozartosim/openapi"
)

// sources is a copy of the files that the contract is merged from.
func sources(t *testing.T) fstest.MapFS {
	t.Helper()
	copied := fstest.MapFS{}
	err := fs.WalkDir(openapi.Sources(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(openapi.Sources(), name)
		copied[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// applied applies an observations file to files, as they are then, and returns the contract that they are merged to and the names of
// those that changed.
func applied(t *testing.T, fsys fstest.MapFS, text string) (contract *openapi.Contract, changed []string) {
	t.Helper()
	files, contract := opened(t, fsys)
	c, err := NewCodec(contract)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Read("observed.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := ApplyToFiles(files, f)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		fsys[name], changed = &fstest.MapFile{Data: text}, append(changed, name)
	}
	_, contract = opened(t, fsys)
	return contract, changed
}

func opened(t *testing.T, fsys fstest.MapFS) (*openapi.Files, *openapi.Contract) {
	t.Helper()
	files, err := openapi.ReadFiles(fsys, "cashier.yaml")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := files.Contract()
	if err != nil {
		t.Fatal(err)
	}
	return files, contract
}

// sightings are written like those of files that people have.
const sightings = "    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 1}]\n"

// Files that observations are applied to are merged to the contract that has the observations, byte for byte; a second time nothing
// changes; the files are as the encoder writes them, and their examples match the schemas. The overlay makes the published document, too.
func TestApplyToFiles(t *testing.T) {
	t.Parallel()
	all, err := os.ReadFile(filepath.Join("testdata", "every-kind.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"every kind": string(all),
		"a field whose mark others repeat": "observations:\n  - rule: BritePayInRequest.email\n    request: {enforced: false}\n" + sightings +
			"  - rule: BritePayInAnswer.data.url\n    renamed: data.links.url\n" + sightings +
			"  - rule: ForumpayPayOutAnswer.data.network_processing_fee\n    form: text with two decimals\n" + sightings,
		"an object and what is in it": "observations:\n  - rule: CleoPayInAnswer.data\n    renamed: payload\n" + sightings +
			"  - rule: CleoPayInAnswer.data.url\n    renamed: data.redirectUrl\n" + sightings +
			"  - rule: CleoPayInAnswer.data.amount\n    form: text in minor units\n" + sightings +
			"  - rule: CleoPayInAnswer.data.status\n    absent: true\n" + sightings +
			"  - rule: CleoPayInAnswer.data\n    added: {field: fee.amount, form: '{digits:2}', example: '12'}\n" + sightings,
		"texts that YAML would read otherwise": "observations:\n  - rule: GigadatPayOutAnswer.message\n    constant: 'yes: no'\n" + sightings +
			"  - rule: PayonePayInAnswer.message\n    constant: 'null'\n" + sightings +
			"  - rule: CleoPayInAnswer.message\n    constant: \"a\\nb # c\"\n" + sightings +
			"  - rule: CleoPayOutAnswer.message\n    constant: '12'\n" + sightings +
			"  - rule: BritePayInAnswer.message\n    constant: 12.50\n" + sightings,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, err := openapi.Cashier()
			if err != nil {
				t.Fatal(err)
			}
			f, err := codec(t).Read("observed.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			want, err := Apply(base, f)
			if err != nil {
				t.Fatal(err)
			}
			copied := sources(t)
			got, changed := applied(t, copied, text)
			if !bytes.Equal(got.Bundled(), want.Bundled()) || len(changed) == 0 {
				t.Errorf("the files %v are merged to another contract:\n%s\nwant\n%s", changed, differing(got.Bundled(), want.Bundled()), differing(want.Bundled(), got.Bundled()))
			}
			if _, changed := applied(t, copied, text); len(changed) > 0 {
				t.Errorf("the second time %v change", changed)
			}
			if with, err := Apply(got, f); err != nil || !bytes.Equal(with.Bundled(), got.Bundled()) {
				t.Errorf("the observations change the contract that has them: %v", err)
			}
			files, _ := opened(t, copied)
			if texts, err := files.Edited(files.Editor()); err != nil || len(texts) > 0 {
				t.Errorf("%d files are written otherwise than the encoder writes them, %v", len(texts), err)
			}
			examplesHold(t, got)
			if overlaid := overlaid(t, base, f); !reflect.DeepEqual(overlaid, decoded(t, publishedDocument(t, want))) {
				t.Errorf("the overlay makes another document: %s", cmp.Diff(decoded(t, publishedDocument(t, want)), overlaid))
			}
		})
	}
}

// overlaid is the document that a contract publishes, with the overlay of observations, by an applier that isn't ours.
func overlaid(t *testing.T, base *openapi.Contract, f File) any {
	t.Helper()
	text, err := Overlay(base, f)
	if again, _ := Overlay(base, f); err != nil || !bytes.Equal(again, text) {
		t.Fatalf("two overlays of the same: %v", err)
	}
	name := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := overlays.Parse(name)
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		t.Fatal(err)
	}
	var doc goyaml.Node
	var got any
	if err := errors.Join(goyaml.Unmarshal(publishedDocument(t, base), &doc), o.ApplyTo(&doc), doc.Decode(&got)); err != nil {
		t.Fatal(err)
	}
	made, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, made)
}

// publishedDocument is what a contract publishes.
func publishedDocument(t *testing.T, c *openapi.Contract) []byte {
	t.Helper()
	text, err := c.Published(openapi.Version31, server)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// differing is where a text begins to differ from another.
func differing(text, other []byte) []byte {
	i := 0
	for i < min(len(text), len(other)) && text[i] == other[i] {
		i++
	}
	return text[max(i-200, 0):min(i+200, len(text))]
}

func examplesHold(t *testing.T, c *openapi.Contract) {
	t.Helper()
	for _, op := range c.Operations() {
		for _, schema := range []string{op.Answer, op.Webhook} {
			text, ok := c.Example(schema)
			if !ok {
				continue
			}
			doc, err := openapi.Decode(text)
			if err == nil {
				err = c.ValidateAs(schema, doc)
			}
			if err != nil {
				t.Errorf("the example %s: %v\n%s", schema, err, text)
			}
		}
	}
}

// What does not fit is told with the line of the observation and that of the contract, and nothing is changed.
func TestApplyToFilesRefuses(t *testing.T) {
	t.Parallel()
	c := codec(t)
	for _, test := range []struct{ name, entry, want string }{
		{"another field is there", "rule: PayonePayInAnswer.data.redirect_url\n    renamed: data.message", `o.yaml:2:5: observation of PayonePayInAnswer.data.redirect_url: providers/payone.yaml:`},
		{"two rename one field", "rule: PayonePayInAnswer.data.amount\n    renamed: data.sum\n" + sightings + "  - rule: PayonePayInAnswer.data.success\n    renamed: data.sum", `o.yaml:5:5: observation of PayonePayInAnswer.data.success: providers/payone.yaml:`},
	} {
		f, err := c.Read("o.yaml", []byte("observations:\n  - "+test.entry+"\n"+sightings))
		if err != nil {
			t.Fatal(err)
		}
		files, _ := opened(t, sources(t))
		texts, err := ApplyToFiles(files, f)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || texts != nil {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
	}
}
