package openapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"mozartosim/openapi"
)

var (
	cashierOnce = sync.OnceValues(openapi.Cashier)
	controlOnce = sync.OnceValues(openapi.Control)
)

func cashier(t testing.TB) *openapi.Contract {
	t.Helper()
	c, err := cashierOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contracts are both documents, by name.
func contracts(t testing.TB) map[string]*openapi.Contract {
	t.Helper()
	control, err := controlOnce()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*openapi.Contract{"cashier": cashier(t), "control": control}
}

func decode(t testing.TB, text string) openapi.Document {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

// example is a fresh copy of an operation's example, so that a test may change it.
func example(t testing.TB, c *openapi.Contract, name string) openapi.Document {
	t.Helper()
	text, ok := c.Example(name)
	if !ok {
		t.Fatalf("there is no example %s", name)
	}
	return decode(t, string(text))
}

// holder returns the object that holds the last name of a dotted path, and that name.
func holder(t testing.TB, doc openapi.Document, path string) (map[string]any, string) {
	t.Helper()
	object := doc.Fields
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		next, ok := object[name].(map[string]any)
		if !ok {
			t.Fatalf("the example has no object on the way to %s: it can't show what is required there", path)
		}
		object = next
	}
	return object, names[len(names)-1]
}

// invalid is an error's content; a test fails when it is another error.
func invalid(t testing.TB, err error) openapi.Invalid {
	t.Helper()
	var broken *openapi.Invalid
	if !errors.As(err, &broken) {
		t.Fatalf("got %v, want an *Invalid", err)
	}
	return *broken
}

// object is any JSON object, read with the standard library: the tests' own view of the bundled documents.
type object = map[string]any

func bundled(t testing.TB, c *openapi.Contract) object {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(c.Bundled()))
	dec.UseNumber()
	var doc object
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// under follows names down a document; nil when there is nothing.
func under(doc object, names ...string) object {
	for _, name := range names {
		doc, _ = doc[name].(object)
	}
	return doc
}

// resolve follows a $ref inside of a bundled document.
func resolve(t testing.TB, doc object, value any) object {
	t.Helper()
	found, _ := value.(object)
	for found["$ref"] != nil {
		ref := found["$ref"].(string)
		names := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		if found = under(doc, names...); found == nil || !strings.HasPrefix(ref, "#/") {
			t.Fatalf("%s leads nowhere", ref)
		}
	}
	return found
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
