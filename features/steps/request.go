package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand"
	"slices"
	"strings"

	"mozartosim/fixtures"
	"mozartosim/openapi"
)

// draft is the request that the merchant is about to send.
type draft struct {
	op     *openapi.Operation
	fields map[string]any
	raw    []byte // instead of fields, when a step has written the body itself
}

func (d *draft) body() ([]byte, error) {
	if d.raw != nil {
		return d.raw, nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text) // it writes a json.Number with the digits that it has
	enc.SetEscapeHTML(false)
	err := enc.Encode(d.fields)
	return bytes.TrimRight(text.Bytes(), "\n"), err
}

// operationOf finds the contract's request of a provider and a flow such as "PAYIN" or "PAYOUT ETO".
func (w *World) operationOf(psp, flow string) (*openapi.Operation, error) {
	kind, variant, _ := strings.Cut(flow, " ")
	op, ok := w.env.Contract.Operation(psp, kind, variant)
	if !ok {
		return nil, fmt.Errorf("the contract has no %s %s; its providers are %s", psp, flow, strings.Join(w.env.Contract.PSPs(), ", "))
	}
	return op, nil
}

// take makes the fixture of that kind the request.
func (w *World) take(psp, flow, kind string) error {
	op, err := w.operationOf(psp, flow)
	if err != nil {
		return err
	}
	all, err := w.env.fixtures()
	if err != nil {
		return err
	}
	var known []string
	for _, r := range all {
		if r.PSP != op.PSP || r.Type != op.Type || r.Variant != op.Variant {
			continue
		}
		if r.Kind == kind {
			return w.use(op, r.Body)
		}
		known = append(known, r.Kind)
	}
	return fmt.Errorf("there is no %s request of %s %s: there are %s", kind, psp, flow, strings.Join(known, ", "))
}

// use makes a body the request. Where a profile names the shopper, the request is the shopper's own.
func (w *World) use(op *openapi.Operation, body []byte) error {
	doc, err := openapi.Decode(body)
	if err != nil {
		return err
	}
	w.request = &draft{op: op, fields: doc.Fields}
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

func validRequest(w *World, a Args) error   { return w.take(a.Values[0], a.Values[1], "minimal") }
func fullRequest(w *World, a Args) error    { return w.take(a.Values[0], a.Values[1], "full") }
func fixtureRequest(w *World, a Args) error { return w.take(a.Values[0], a.Values[1], a.Values[2]) }
func requestWithout(w *World, a Args) error {
	return w.takeAndDrop(a.Values[0], a.Values[1], a.Values[2])
}
func changedRequest(w *World, a Args) error { return w.takeAndSet(a.Values[0], a.Values[1], a.Table) }
func changeRequest(w *World, a Args) error  { return w.change(a.Table) }
func changeOneField(w *World, a Args) error { return w.change([][]string{{a.Values[0], a.Values[1]}}) }
func dropField(w *World, a Args) error      { return w.drop(a.Values[0]) }
func otherAmount(w *World, a Args) error    { return w.change([][]string{{"baseamount", a.Values[0]}}) }
func otherReference(w *World, a Args) error {
	return w.change([][]string{{"merchantReference", a.Values[0]}})
}

func (w *World) takeAndDrop(psp, flow, path string) error {
	if err := w.take(psp, flow, "full"); err != nil {
		return err
	}
	return w.drop(path)
}

func (w *World) takeAndSet(psp, flow string, table [][]string) error {
	if err := w.take(psp, flow, "minimal"); err != nil {
		return err
	}
	return w.change(table)
}

// ready returns the request, or tells the author that there is none.
func (w *World) ready() (*draft, error) {
	if w.request == nil {
		return nil, fmt.Errorf("there is no request yet: \"Given a valid PAYONE PAYIN request\" must come before")
	}
	return w.request, nil
}

func (w *World) drop(path string) error {
	d, err := w.ready()
	if err != nil {
		return err
	}
	if !remove(d.fields, path) {
		return fmt.Errorf("the request has no %s to leave out", path)
	}
	return nil
}

// change sets fields of the request by a table of two columns, field and value.
func (w *World) change(table [][]string) error {
	d, err := w.ready()
	if err != nil {
		return err
	}
	d.fields = copied(d.fields).(map[string]any) // what has been sent stays as it was
	for i, row := range table {
		if len(row) != 2 {
			return fmt.Errorf("a row of the table must have two cells, field and value; row %d has %d", i+1, len(row))
		}
		if i == 0 && row[0] == "field" {
			continue
		}
		if row[1] == "(absent)" {
			remove(d.fields, row[0])
			continue
		}
		value, err := w.written(d.op, row[0], row[1])
		if err != nil {
			return err
		}
		if err := set(d.fields, row[0], value); err != nil {
			return err
		}
	}
	return nil
}

// written turns a cell into a value: by the field's type in the contract, "text" in quotes is always text, `json:` begins
// any JSON, (empty) and (null) are what they say, {unique} is replaced by something that no other scenario has.
func (w *World) written(op *openapi.Operation, path, cell string) (any, error) {
	cell = strings.ReplaceAll(cell, "{unique}", w.key)
	switch {
	case cell == "(empty)":
		return "", nil
	case cell == "(null)":
		return nil, nil
	case len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"':
		return unquote(cell[1 : len(cell)-1]), nil
	case strings.HasPrefix(cell, "json:"):
		return parsed(strings.TrimPrefix(cell, "json:"))
	}
	if document, from, ok := reference(strings.Trim(cell, "<>")); ok && strings.HasPrefix(cell, "<") {
		value, there := w.referred(document, from)
		if !there {
			return nil, fmt.Errorf("the %s has no %s", document, from)
		}
		return value, nil
	}
	kind := ""
	if op != nil {
		if i := slices.IndexFunc(op.Fields(), func(f openapi.Field) bool { return f.Path == path }); i >= 0 {
			kind = op.Fields()[i].Type
		}
	}
	for _, plain := range []string{"number", "integer", "boolean", "object", "array"} {
		if !strings.Contains(kind, plain) || strings.Contains(kind, "string") {
			continue
		}
		if value, err := parsed(cell); err == nil {
			return value, nil
		}
	}
	return cell, nil
}

func parsed(text string) (any, error) {
	doc, err := openapi.Decode([]byte(`{"value":` + text + `}`))
	if err != nil {
		return nil, fmt.Errorf("%q must be JSON: %w", strings.TrimSpace(text), err)
	}
	return doc.Fields["value"], nil
}

// copied copies a JSON value.
func copied(value any) any {
	switch value := value.(type) {
	case map[string]any:
		twin := maps.Clone(value)
		for name, below := range twin {
			twin[name] = copied(below)
		}
		return twin
	case []any:
		twin := slices.Clone(value)
		for i, below := range twin {
			twin[i] = copied(below)
		}
		return twin
	}
	return value
}

// randomRequest makes the n-th generated request of a flow: the same one in every run.
func randomRequest(w *World, a Args) error {
	op, err := w.operationOf(a.Values[1], a.Values[2])
	if err != nil {
		return err
	}
	h := fnv.New64a()
	fmt.Fprint(h, w.id, a.Values[0])
	g, err := fixtures.NewGenerator(rand.NewSource(int64(h.Sum64() >> 1)).(rand.Source64))
	if err != nil {
		return err
	}
	body, err := g.Request(op)
	if err != nil {
		return err
	}
	return w.use(op, body)
}

// rawBody makes a text the body, whatever it is.
func rawBody(w *World, a Args) error {
	if !a.IsText {
		return fmt.Errorf("the body must be written below the step, between lines of \"\"\"")
	}
	return w.writeBody([]byte(a.Text))
}

func emptyBody(w *World, _ Args) error { return w.writeBody([]byte{}) }

// hugeBody pads the request beyond a size in KiB.
func hugeBody(w *World, a Args) error {
	d, err := w.ready()
	if err != nil {
		return err
	}
	d.fields = copied(d.fields).(map[string]any)
	d.fields["padding"] = strings.Repeat("x", a.Int(0)<<10)
	return nil
}

func (w *World) writeBody(body []byte) error {
	doc, _ := openapi.Decode(body) // what is no JSON object has no fields
	w.request = &draft{fields: doc.Fields, raw: body}
	return nil
}
