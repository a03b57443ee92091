package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth bounds how deep objects and arrays of a request may nest (assumed; the documented requests need 2).
const MaxDepth = 32

// Document is a JSON object as it was received: the text, and its fields. Numbers are json.Number, so that rules see the digits
// as they were written; no binary floating point is involved.
type Document struct {
	Raw    []byte
	Fields map[string]any
}

// SyntaxError says why a body is not one JSON object, in words for its sender.
type SyntaxError struct{ Reason string }

func (e *SyntaxError) Error() string { return "body " + e.Reason }

// Decode reads raw as exactly one JSON object (RFC 8259, UTF-8, no duplicate names, nothing after it). Errors are
// *SyntaxError. The document keeps raw, which the caller must not change afterwards.
func Decode(raw []byte) (Document, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return Document{}, &SyntaxError{"must not be empty"}
	}
	if bytes.HasPrefix(raw, []byte("\ufeff")) {
		return Document{}, &SyntaxError{"must not begin with a byte order mark"}
	}
	dec := decoder{text: string(raw)}
	dec.Reset(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	value, err := dec.value()
	if errors.Is(err, errTwice) { // read again so that the error says where, which costs more
		dec.Reset(bytes.NewBuffer(raw))
		value, err = dec.value()
	}
	if err != nil {
		return Document{}, syntaxError(raw, err)
	}
	end := dec.InputOffset()
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Document{}, &SyntaxError{"must be one JSON object with nothing after it (" + position(raw, next(raw, end)) + ")"}
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return Document{}, &SyntaxError{"must be a JSON object, not " + article([]string{TypeOf(value)})}
	}
	return Document{Raw: raw, Fields: fields}, nil
}

// decoder reads a text; the strings that it returns are parts of it, which saves two allocations for each field.
type decoder struct {
	jsontext.Decoder
	text string
}

// string returns the string that has just been read.
func (dec *decoder) string(token jsontext.Token) string {
	end := int(dec.InputOffset()) - len(`"`)
	begin := strings.LastIndexByte(dec.text[:end], '"') + 1
	if content := dec.text[begin:end]; strings.IndexByte(content, '\\') < 0 && (begin < 2 || dec.text[begin-2] != '\\') {
		return content
	}
	return token.String() // escapes are written out
}

// number returns the number that has just been read.
func (dec *decoder) number() string {
	text := dec.text[:dec.InputOffset()]
	return text[len(strings.TrimRight(text, "0123456789+-.eE")):]
}

func (dec *decoder) value() (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return dec.string(token), nil
	case '0':
		return json.Number(dec.number()), nil
	case '{':
		return dec.object()
	default:
		return dec.array()
	}
}

var (
	errTooDeep = fmt.Errorf("nests deeper than %d levels", MaxDepth)
	errTwice   = errors.New("names a field twice")
)

func (dec *decoder) object() (any, error) {
	if dec.StackDepth() > MaxDepth {
		return nil, errTooDeep
	}
	object := map[string]any{}
	if dec.StackDepth() == 1 {
		object = make(map[string]any, 14) // a request; nested objects are smaller, or many
	}
	members := 0
	for ; dec.PeekKind() != '}'; members++ {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := dec.string(name)
		if object[key], err = dec.value(); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	if err == nil && members != len(object) {
		err = errTwice
	}
	return object, err
}

func (dec *decoder) array() (any, error) {
	if dec.StackDepth() > MaxDepth {
		return nil, errTooDeep
	}
	array := []any{}
	for dec.PeekKind() != ']' {
		value, err := dec.value()
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := dec.ReadToken()
	return array, err
}

// syntaxError describes the decoder's error, with the line and column where it stopped.
func syntaxError(raw []byte, err error) *SyntaxError {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooDeep):
		return &SyntaxError{fmt.Sprintf("must not nest deeper than %d levels", MaxDepth)}
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		path := strings.Join(slices.Collect(syntactic.JSONPointer.Tokens()), ".")
		if path == "" {
			path = `""`
		}
		return &SyntaxError{"must not name the field " + path + " twice (" + position(raw, syntactic.ByteOffset) + ")"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &SyntaxError{"must be valid JSON: it ends too early"}
	case errors.As(err, &syntactic):
		reason := strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
		return &SyntaxError{"must be valid JSON: " + reason + " (" + position(raw, syntactic.ByteOffset) + ")"}
	}
	return &SyntaxError{"must be valid JSON"}
}

// next returns the offset of the first byte from offset on that is neither white space nor a comma.
func next(raw []byte, offset int64) int64 {
	for int(offset) < len(raw) && bytes.IndexByte([]byte(" \t\r\n,"), raw[offset]) >= 0 {
		offset++
	}
	return offset
}

func position(raw []byte, offset int64) string {
	before := raw[:min(max(int(offset), 0), len(raw))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// TypeOf names the type of a decoded value as schemas do.
func TypeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// Into decodes the fields into a value, as encoding/json does.
func (d Document) Into(value any) error {
	text, err := json.Marshal(d.Fields)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	return err
}

// Text returns the field's value as text: strings as they are, numbers as they were written, "" for anything else.
// Nested names are dotted: "address.country".
func (d Document) Text(name string) string {
	switch value := d.value(name).(type) {
	case string:
		return value
	case json.Number:
		return string(value)
	}
	return ""
}

// Object returns the nested object under name, or nil.
func (d Document) Object(name string) map[string]any {
	object, _ := d.value(name).(map[string]any)
	return object
}

// Has says whether the field is there and not null.
func (d Document) Has(name string) bool { return d.value(name) != nil }

func (d Document) value(name string) any {
	fields := d.Fields
	for {
		head, rest, nested := strings.Cut(name, ".")
		if !nested {
			return fields[head]
		}
		fields, _ = fields[head].(map[string]any)
		name = rest
	}
}

// Lookup returns the value at a dotted path; entries of arrays are named by their number, from 0.
func Lookup(value any, path string) (_ any, there bool) {
	for name := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			if value, there = in[name]; !there {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			value = in[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// Set puts a value at a dotted path and makes the objects on the way. An error says what of it is no object.
func Set(fields map[string]any, path string, value any) error {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		switch next := fields[name].(type) {
		case map[string]any:
			fields = next
		case nil:
			made := map[string]any{}
			fields[name] = made
			fields = made
		default:
			return fmt.Errorf("%s of %s is no object", name, path)
		}
	}
	fields[names[len(names)-1]] = value
	return nil
}

// Remove takes the value at a dotted path away and says whether there was one.
func Remove(fields map[string]any, path string) bool {
	at := strings.LastIndexByte(path, '.')
	if at >= 0 {
		holder, _ := Lookup(fields, path[:at])
		below, ok := holder.(map[string]any)
		if !ok {
			return false
		}
		fields, path = below, path[at+1:]
	}
	_, ok := fields[path]
	delete(fields, path)
	return ok
}
