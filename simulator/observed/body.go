package observed

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	seen "mozartosim/openapi/observed"
	"mozartosim/simulator/money"
	"mozartosim/simulator/provider"
)

// Body is what is different about the fields of a body.
type Body struct{ edits []edit }

// edit changes one field.
type edit struct {
	kind    string   // of seen.Observation
	path    []string // of the field
	to      []string // of a renamed one
	name    string   // of the field, as readers see it: dotted, after it was renamed
	form    seen.Form
	value   any            // the constant, or the example of an added one
	instead map[string]any // with constants that replace one value only: each by that value, as text
	numeric bool           // what the form makes is a number
}

// Payment is what the values of forms are made from.
type Payment struct {
	ID  string
	Now time.Time
}

func (b *Body) add(kind, path string, o *seen.Observation) {
	e := edit{kind: kind, path: strings.Split(path, "."), name: path}
	switch kind {
	case "renamed":
		e.to, e.name = strings.Split(o.Renamed, "."), o.Renamed
	case "added":
		e = added(path, *o.Added)
	case "form":
		e.form = o.Form
	case "constant":
		if o.InsteadOf != nil {
			b.addInstead(e, textOf(valueOf(o.InsteadOf)), valueOf(o.Constant))
			return
		}
		e.value = valueOf(o.Constant)
	}
	b.edits = append(b.edits, e)
}

// addInstead adds a constant that replaces one value of a field, in one edit with the others of that field: what one makes is not what
// another replaces.
func (b *Body) addInstead(e edit, old string, constant any) {
	for i := range b.edits {
		if same := &b.edits[i]; same.instead != nil && same.name == e.name {
			same.instead[old] = constant
			return
		}
	}
	e.instead = map[string]any{old: constant}
	b.edits = append(b.edits, e)
}

func added(within string, a seen.Added) edit {
	path := strings.TrimPrefix(within+"."+a.Field, ".")
	e := edit{kind: "added", path: strings.Split(path, "."), name: path, form: a.Form, value: valueOf(a.Example)}
	_, e.numeric = e.value.(json.RawMessage)
	return e
}

// valueOf is a value of JSON as a field can have it.
func valueOf(raw json.RawMessage) any {
	var text string
	switch {
	case string(raw) == "null":
		return nil
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return raw
}

// Apply changes the fields of a body, which it may do in place, and returns them with the paths of those that are different now.
func (b *Body) Apply(fields provider.Fields, of Payment) (changed provider.Fields, observed []string) {
	if len(b.edits) > 0 {
		observed = make([]string, 0, len(b.edits))
	}
	for i := range b.edits {
		var name string
		if fields, name = b.edits[i].apply(fields, of); name != "" {
			observed = append(observed, name)
		}
	}
	return fields, observed
}

// apply changes one field, and names it; name is "" when it was left as it is.
func (e *edit) apply(fields provider.Fields, of Payment) (changed provider.Fields, name string) {
	old, there := find(fields, e.path)
	switch {
	case e.kind == "added":
		return set(fields, e.path, e.made(fields, nil, of)), e.name
	case !there:
		return fields, ""
	case e.kind == "absent":
		return remove(fields, e.path), e.name
	case e.kind == "renamed" && rename(fields, e.path, e.to):
		return fields, e.name
	case e.kind == "renamed":
		return set(remove(fields, e.path), e.to, old), e.name
	case e.kind == "nullWhenEmpty":
		if old != "" {
			return fields, ""
		}
		return set(fields, e.path, nil), e.name
	case e.instead != nil:
		value, replaced := e.instead[textOf(old)]
		if !replaced {
			return fields, ""
		}
		return set(fields, e.path, value), e.name
	case e.kind == "constant":
		if _, isText := e.value.(string); isText && old == "" {
			return fields, ""
		}
		return set(fields, e.path, e.value), e.name
	}
	return set(fields, e.path, e.made(fields, old, of)), e.name
}

// made is the value that the edit's form makes of the old one; the example without a form.
func (e *edit) made(fields provider.Fields, old any, of Payment) any {
	secret, isSecret := old.(provider.Secret)
	var text string
	switch {
	case e.form.IsZero():
		return e.value
	case e.form.Convert != "":
		made := convert(e.form.Convert, old)
		if !isSecret {
			return made
		}
		text = textOf(made)
	default:
		var copied bool
		text, copied = e.filled(fields, old, of)
		isSecret = isSecret || copied
	}
	switch {
	case isSecret:
		return provider.Secret{Clear: text, Masked: secretMask(secret)}
	case e.numeric:
		return number(text)
	}
	return text
}

func secretMask(s provider.Secret) string {
	if s.Masked != "" {
		return s.Masked
	}
	return "***"
}

// filled fills in the form's template. secret says that a secret is in it. What is drawn for a field that has a value is the same
// wherever that value is.
func (e *edit) filled(fields provider.Fields, old any, of Payment) (text string, secret bool) {
	draw := stream(of.ID, e.name)
	if old != nil {
		draw = stream(textOf(old))
	}
	var out strings.Builder
	for _, p := range e.form.Parts {
		switch {
		case p.Text != "":
			out.WriteString(p.Text)
		case p.Name == "hex":
			out.WriteString(draw.Hex(p.N))
		case p.Name == "HEX":
			out.WriteString(strings.ToUpper(draw.Hex(p.N)))
		case p.Name == "digits":
			out.WriteString(draw.Text(1, "123456789") + draw.Text(p.N-1, "0123456789")) // no number begins with 0
		case p.Name == "letters":
			out.WriteString(draw.Text(p.N, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
		case p.Name == "uuid":
			out.WriteString(draw.UUID())
		case p.Name == "value":
			out.WriteString(textOf(old))
		default:
			text, isSecret := e.named(p.Name, fields, of)
			out.WriteString(text)
			secret = secret || isSecret
		}
	}
	return out.String(), secret
}

// named is what a template's name stands for: the time, or another field of the body.
func (e *edit) named(name string, fields provider.Fields, of Payment) (text string, secret bool) {
	now := of.Now.UTC()
	switch name {
	case "time":
		return now.Format("2006-01-02T15:04:05.000Z"), false
	case "date":
		return now.Format(time.DateOnly), false
	case "unix":
		return strconv.FormatInt(now.Unix(), 10), false
	case "unixms":
		return strconv.FormatInt(now.UnixMilli(), 10), false
	}
	value, _ := find(fields, strings.Split(name, "."))
	_, secret = value.(provider.Secret)
	return textOf(value), secret
}

// convert writes a value in another form; one that can't be written so stays as it is.
func convert(form string, old any) any {
	switch text, isNumber, ok := seen.Converted(form, textOf(old)); {
	case !ok:
		return old
	case isNumber:
		return number(text)
	default:
		return text
	}
}

// number is a text as a number of JSON, where it is one.
func number(text string) any {
	if raw := json.RawMessage(text); json.Valid(raw) && strings.Trim(text, "-+.0123456789eE") == "" {
		return raw
	}
	return text
}

// textOf writes a scalar as text.
func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		if value {
			return "true"
		}
		return "false"
	case money.Amount:
		return value.String()
	case provider.Secret:
		return value.Clear
	case json.RawMessage:
		return string(value)
	}
	return ""
}

func find(fields provider.Fields, path []string) (value any, there bool) {
	i := slices.IndexFunc(fields, func(f provider.Field) bool { return f.Name == path[0] })
	switch {
	case i < 0:
		return nil, false
	case len(path) == 1:
		return fields[i].Value, true
	}
	nested, _ := fields[i].Value.(provider.Fields)
	return find(nested, path[1:])
}

// set sets the field at a path, and adds it, with the objects around it, when it is not there.
func set(fields provider.Fields, path []string, value any) provider.Fields {
	i := slices.IndexFunc(fields, func(f provider.Field) bool { return f.Name == path[0] })
	if i < 0 {
		i, fields = len(fields), append(fields, provider.Field{Name: path[0]})
	}
	if len(path) > 1 {
		nested, _ := fields[i].Value.(provider.Fields)
		inner := set(nested, path[1:], value)
		if len(inner) == len(nested) { // in place
			return fields
		}
		value = inner
	}
	fields[i].Value = value
	return fields
}

// rename gives a field another name where it stands; false when it moves to another object, or there is one of that name.
func rename(fields provider.Fields, path, to []string) bool {
	i := slices.IndexFunc(fields, func(f provider.Field) bool { return f.Name == path[0] })
	switch {
	case len(path) != len(to) || len(path) > 1 && path[0] != to[0]:
		return false
	case len(path) > 1:
		nested, _ := fields[i].Value.(provider.Fields)
		return rename(nested, path[1:], to[1:])
	case there(fields, to):
		return false
	}
	fields[i].Name = to[0]
	return true
}

func remove(fields provider.Fields, path []string) provider.Fields {
	i := slices.IndexFunc(fields, func(f provider.Field) bool { return f.Name == path[0] })
	if len(path) == 1 {
		return slices.Delete(fields, i, i+1)
	}
	nested, _ := fields[i].Value.(provider.Fields)
	fields[i].Value = remove(nested, path[1:])
	return fields
}
