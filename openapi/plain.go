package openapi

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// obvious says that a value is valid without asking kin-openapi, which costs more: a boolean that may be any; a text within its
// length that is one of the enum, or has the format and matches the pattern; a short decimal above zero. Every other value is validated, and its
// problem worded, by kin-openapi. Counting bytes is safe, since no text has fewer bytes than characters.
func (p *plain) obvious(value any) bool {
	switch value := value.(type) {
	case bool:
		return p.boolean
	case string:
		return p.text && p.accepts(value)
	case json.Number:
		return p.number && aboveZero(string(value))
	}
	return false
}

// aboveZero says whether a number is written with at most 15 digits, perhaps with a point, no sign, no exponent, and isn't 0.
func aboveZero(number string) bool {
	zero := true
	for i := range len(number) {
		c := number[i]
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
		zero = zero && (c == '0' || c == '.')
	}
	return !zero && len(number) <= 16
}

// plain is what obvious needs of a schema; with the zero value nothing is obvious.
type plain struct {
	boolean, text, number bool
	low, high             int
	enum                  []string
	many                  map[string]bool // the enum, where it is long
	fits                  func(text string) bool
	pattern               *regexp.Regexp
}

// few is the longest enum that is searched word by word.
const few = 8

func (p *plain) accepts(value string) bool {
	return len(value) >= p.low && len(value) <= p.high &&
		(p.enum == nil || p.many[value] || p.many == nil && slices.Contains(p.enum, value)) &&
		(p.fits == nil || p.fits(value)) && (p.pattern == nil || p.pattern.MatchString(value))
}

// plainOf reads a schema for obvious. Nothing is obvious when the schema has more than types, a length from 0 or 1 on, an enum
// of texts, a format, a pattern, and numbers above 0.
func plainOf(schema *openapi3.Schema) plain {
	above := schema.ExclusiveMin.Value
	if schema.Type == nil || schema.MinLength > 1 || above != nil && *above != 0 ||
		schema.Min != nil || schema.Max != nil || schema.ExclusiveMax.Value != nil || schema.MultipleOf != nil {
		return plain{}
	}
	p := plain{
		boolean: schema.Type.Includes(openapi3.TypeBoolean) && len(schema.Enum) == 0,
		text:    schema.Type.Includes(openapi3.TypeString),
		number:  schema.Type.Includes(openapi3.TypeNumber) && len(schema.Enum) == 0,
		low:     int(schema.MinLength), high: math.MaxInt,
	}
	if schema.MaxLength != nil {
		p.high = int(*schema.MaxLength)
	}
	for _, value := range schema.Enum {
		text, ok := value.(string)
		if !ok {
			return plain{}
		}
		p.enum = append(p.enum, text)
	}
	if len(p.enum) > few {
		p.many = map[string]bool{}
		for _, word := range p.enum {
			p.many[word] = true
		}
	}
	enforced := formatOf(schema.Format)
	p.fits = enforced.fits
	if schema.Pattern != "" && !enforced.whole {
		var err error
		if p.pattern, err = regexp.Compile(schema.Pattern); err != nil {
			return plain{}
		}
	}
	return p
}
