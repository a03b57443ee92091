package openapi_test

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"

	"mozartosim/openapi"
)

// tokens reads a JSON text in its order, which maps lose.
type tokens struct {
	t   *testing.T
	dec *json.Decoder
}

func newTokens(t *testing.T, text []byte) *tokens {
	return &tokens{t, json.NewDecoder(bytes.NewReader(text))}
}

func (d *tokens) token() json.Token {
	d.t.Helper()
	token, err := d.dec.Token()
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

// descend goes to the value under the names.
func (d *tokens) descend(names ...string) {
	d.t.Helper()
	for _, name := range names {
		d.token() // {
		for d.token() != name {
			d.skip()
		}
	}
}

func (d *tokens) skip() {
	var value json.RawMessage
	if err := d.dec.Decode(&value); err != nil {
		d.t.Fatal(err)
	}
}

// names returns the names of the object that comes next.
func (d *tokens) names() (names []string) {
	d.t.Helper()
	d.token() // {
	for d.dec.More() {
		names = append(names, d.token().(string))
		d.skip()
	}
	return names
}

var bundles sync.Map // name → object

// bundledOnce is bundled, read once: nobody may change it.
func bundledOnce(t testing.TB, name string, c *openapi.Contract) object {
	t.Helper()
	if doc, ok := bundles.Load(name); ok {
		return doc.(object)
	}
	doc, _ := bundles.LoadOrStore(name, bundled(t, c))
	return doc.(object)
}
