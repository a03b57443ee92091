package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

// Field is a named value of an answer or a webhook: string, bool, nil, Fields, []string, money.Amount, Secret, or any other value of
// JSON as it is written, json.RawMessage.
type Field struct {
	Name  string
	Value any
}

// Fields are a JSON object in the order in which the vendor writes it.
type Fields []Field

// Secret is a text that only the caller gets in clear: the journal and logs get Masked.
type Secret struct{ Clear, Masked string }

// Append writes the object to dst, secrets and card numbers in clear, or masked.
func (f Fields) Append(dst []byte, masked bool) []byte {
	dst = append(dst, '{')
	for i, field := range f {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, field.Name)
		dst = append(dst, ':')
		dst = appendValue(dst, field.Value, masked)
	}
	return append(dst, '}')
}

// Has says whether the object has a field of that name.
func (f Fields) Has(name string) bool {
	return slices.ContainsFunc(f, func(field Field) bool { return field.Name == name })
}

// Secret says whether there is a Secret in the object.
func (f Fields) Secret() bool {
	return slices.ContainsFunc(f, func(field Field) bool {
		nested, _ := field.Value.(Fields)
		_, secret := field.Value.(Secret)
		return secret || nested.Secret()
	})
}

func appendValue(dst []byte, value any, masked bool) []byte {
	switch value := value.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		if masked {
			value = mask.Cards(value)
		}
		return appendText(dst, value)
	case bool:
		return strconv.AppendBool(dst, value)
	case money.Amount:
		return append(dst, value.String()...)
	case json.RawMessage:
		return append(dst, value...)
	case Fields:
		return value.Append(dst, masked)
	case []string:
		return appendTexts(dst, value)
	case Secret:
		if masked {
			return appendText(dst, value.Masked)
		}
		return appendText(dst, value.Clear)
	}
	panic(fmt.Sprintf("provider: a field can't be a %T", value))
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, text)
	}
	return append(dst, ']')
}

// appendText writes a JSON string; invalid UTF-8 becomes U+FFFD.
func appendText(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}
