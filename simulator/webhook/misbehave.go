package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/random"
)

// hugePadding is what the kind huge adds: more than common limits for a body.
const hugePadding = 2 << 20

// BodyKinds lists what Mutate can do to a body.
func BodyKinds() []string {
	return []string{"malformed", "empty", "extra-fields", "missing-fields", "huge", "number-amount", "another-payments-id"}
}

// MutateBody returns the body, a webhook's JSON object, broken in the way of kind; its other fields stay as and where they
// are. What is left to chance is drawn from r. other is the transaction_id for another-payments-id; when it is "", one is
// drawn.
func MutateBody(kind string, body []byte, r *random.Stream, other string) ([]byte, error) {
	if !slices.Contains(BodyKinds(), kind) {
		return nil, fmt.Errorf("webhook body %q must be one of: %s", kind, strings.Join(BodyKinds(), ", "))
	}
	if kind == "empty" {
		return []byte{}, nil
	}
	fields, err := readMembers(body)
	if err == nil {
		switch kind {
		case "malformed":
			return truncate(body, r), nil
		case "extra-fields":
			fields = extra(fields, r)
		case "missing-fields":
			fields, err = without(fields, "transaction_status", "amount")
		case "huge":
			fields = append(fields, text("padding", strings.Repeat("x", hugePadding)))
		case "number-amount":
			err = numberAmount(fields)
		case "another-payments-id":
			err = replaceID(fields, r, other)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("webhook body %s: %w", kind, err)
	}
	return write(fields), nil
}

// member is a field of an object, its value as it is written.
type member struct {
	name  string
	value jsontext.Value
}

func text(name, value string) member {
	quoted, _ := jsontext.AppendQuote(nil, value)
	return member{name, quoted}
}

func readMembers(body []byte) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if start, err := dec.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, errors.New("it must be a JSON object")
	}
	var fields []member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		field := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		field.value = value.Clone()
		fields = append(fields, field)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it must be one JSON object")
	}
	return fields, nil
}

func write(fields []member) []byte {
	out := []byte{'{'}
	for i, field := range fields {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, field.name)
		out = append(out, ':')
		out = append(out, field.value...)
	}
	return append(out, '}')
}

// truncate cuts the object off somewhere in its second half.
func truncate(body []byte, r *random.Stream) []byte {
	body = bytes.TrimRight(body, " \t\r\n")
	half := max(len(body)/2, 1)
	return bytes.Clone(body[:half+r.IntN(len(body)-half)])
}

// extra puts fields of all shapes at drawn places.
func extra(fields []member, r *random.Stream) []member {
	for _, added := range []member{
		text("sim_extra_text", r.Hex(12)),
		{"sim_extra_number", jsontext.Value(r.Digits(6) + ".5")},
		{"sim_extra_null", jsontext.Value("null")},
		{"sim_extra_object", jsontext.Value(`{"nested":[1,null,true,{"deep":"é"}]}`)},
	} {
		fields = slices.Insert(fields, r.IntN(len(fields)+1), added)
	}
	return fields
}

func without(fields []member, names ...string) ([]member, error) {
	left := slices.DeleteFunc(slices.Clone(fields), func(m member) bool { return slices.Contains(names, m.name) })
	if len(left) == len(fields) {
		return nil, fmt.Errorf("it has no %s", strings.Join(names, " or "))
	}
	return left, nil
}

// find returns the last field of that name: the one that counts for most readers.
func find(fields []member, name string) (*member, error) {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].name == name {
			return &fields[i], nil
		}
	}
	return nil, fmt.Errorf("it has no %s", name)
}

func numberAmount(fields []member) error {
	amount, err := find(fields, "amount")
	if err != nil {
		return err
	}
	if amount.value.Kind() == '0' {
		return nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, amount.value)
	number := jsontext.Value(unquoted)
	if err != nil || number.Kind() != '0' || !number.IsValid() {
		return fmt.Errorf("its amount %s is no number", amount.value)
	}
	amount.value = number
	return nil
}

func replaceID(fields []member, r *random.Stream, other string) error {
	id, err := find(fields, "transaction_id")
	if err != nil {
		return err
	}
	if other == "" {
		other = r.Hex(24)
	}
	*id = text(id.name, other)
	return nil
}
