package steps

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"slices"
	"strings"

	"mozartosim/features/cells"
	"mozartosim/fixtures"
	"mozartosim/openapi"
)

// operationOf finds the contract's request of a provider and a flow such as "PAYIN" or "PAYOUT ETO".
func operationOf(contract *openapi.Contract, psp, flow string) (*openapi.Operation, error) {
	kind, variant, _ := strings.Cut(flow, " ")
	op, ok := contract.Operation(psp, kind, variant)
	if !ok {
		return nil, fmt.Errorf("the contract has no %s %s; its providers are %s", psp, flow, strings.Join(contract.PSPs(), ", "))
	}
	return op, nil
}

// fixtureRequest makes the fixture of that kind the request.
func fixtureRequest(w *World, psp, flow, kind string) error {
	op, err := operationOf(w.env.Contract, psp, flow)
	if err != nil {
		return err
	}
	all, err := w.env.Fixtures()
	if err != nil {
		return err
	}
	var known []string
	for _, r := range all {
		if r.PSP != op.PSP || r.Type != op.Type || r.Variant != op.Variant {
			continue
		}
		if r.Kind == kind {
			return use(w, op, r.Body)
		}
		known = append(known, r.Kind)
	}
	return fmt.Errorf("there is no %s request of %s %s: there are %s", kind, psp, flow, strings.Join(known, ", "))
}

// use makes a body the request. Where a profile names the shopper, the request is the shopper's own.
func use(w *World, op *openapi.Operation, body []byte) error {
	doc, err := openapi.Decode(body)
	if err != nil {
		return err
	}
	w.request = &request{op: op, fields: doc.Fields}
	if w.env.Fixed == nil {
		return nil
	}
	for _, name := range []string{"userId", "email", "firstName", "lastName", "phone"} {
		if value, ok := w.env.Fixed.User[name]; ok && doc.Has(name) {
			w.request.fields[name] = value
		}
	}
	return nil
}

func validRequest(w *World, psp, flow string) error { return fixtureRequest(w, psp, flow, "minimal") }
func fullRequest(w *World, psp, flow string) error  { return fixtureRequest(w, psp, flow, "full") }

func requestWithout(w *World, psp, flow, path string) error {
	if err := fullRequest(w, psp, flow); err != nil {
		return err
	}
	return dropField(w, w.request, path)
}

func requestWith(w *World, psp, flow string, t cells.Table) error {
	if err := validRequest(w, psp, flow); err != nil {
		return err
	}
	return changeRequest(w, w.request, t)
}

// changeRequest sets fields of the request, also of one whose body was given as a text.
func changeRequest(w *World, r *request, t cells.Table) error {
	if r.fields == nil {
		return errors.New("the body is no JSON object: it has no fields to change")
	}
	changed := request{op: r.op, fields: cells.Copy(r.fields).(map[string]any)} // a text is not what is sent any more
	err := setFields(changed.fields, t, func(path, cell string) (any, error) { return written(w, r.kind(path), cell) })
	if err == nil {
		w.request = &changed
	}
	return err
}

// setFields sets the fields of a table in a document, to what read makes of their cells.
func setFields(doc map[string]any, t cells.Table, read func(path, cell string) (any, error)) error {
	pairs, err := t.Pairs("field", "value")
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p[1] == "(absent)" {
			openapi.Remove(doc, p[0])
			continue
		}
		value, err := read(p[0], p[1])
		if err != nil {
			return err
		}
		if err := openapi.Set(doc, p[0], value); err != nil {
			return err
		}
	}
	return nil
}

func changeField(w *World, r *request, path, cell string) error {
	return changeRequest(w, r, cells.Table{{path, cell}})
}

// changes returns the function of a step that changes one field.
func changes(path string) func(*World, *request, string) error {
	return func(w *World, r *request, cell string) error { return changeField(w, r, path, cell) }
}

func dropField(w *World, r *request, path string) error {
	if _, there := openapi.Lookup(r.fields, path); !there {
		return fmt.Errorf("the request has no %s to leave out", path)
	}
	return changeField(w, r, path, "(absent)")
}

// kind is a field's type in the contract; "" for a field that it does not have.
func (r *request) kind(path string) string {
	if r.op != nil {
		if i := slices.IndexFunc(r.op.Fields(), func(f openapi.Field) bool { return f.Path == path }); i >= 0 {
			return r.op.Fields()[i].Type
		}
	}
	return ""
}

// written turns a cell into a value of a type.
func written(w *World, kind, cell string) (any, error) {
	return cells.Refer(w.referred).Value(strings.ReplaceAll(cell, "{unique}", w.key), kind)
}

// randomRequest makes the n-th generated request of a flow: the same one in every run.
func randomRequest(w *World, n int, psp, flow string) error {
	op, err := operationOf(w.env.Contract, psp, flow)
	if err != nil {
		return err
	}
	h := fnv.New64a()
	fmt.Fprint(h, w.id, n)
	g, err := fixtures.NewGenerator(rand.NewSource(int64(h.Sum64() >> 1)).(rand.Source64))
	if err != nil {
		return err
	}
	body, err := g.Request(op)
	if err != nil {
		return err
	}
	return use(w, op, body)
}

// rawBody makes a text the body, JSON or not.
func rawBody(w *World, body docString) error {
	doc, _ := openapi.Decode([]byte(body)) // what is no JSON object has no fields
	op, _ := w.env.Contract.Select(doc)    // nor are they always a provider's
	w.request = &request{op: op, fields: doc.Fields, raw: []byte(body)}
	return nil
}

func emptyBody(w *World) error { return rawBody(w, "") }

// padBody makes the request longer by a size in KiB.
func padBody(w *World, r *request, size int) error {
	return changeField(w, r, "padding", strings.Repeat("x", size<<10))
}
