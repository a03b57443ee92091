package observed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Form is how a value is written: converted from what it would be, or made by a template.
type Form struct {
	Convert string // one of Conversions; "" = by Parts
	Parts   []Part
	err     error // why what was read is none, which is for the checker to say
}

// IsZero reports whether it is no form.
func (f Form) IsZero() bool { return f.Convert == "" && f.Parts == nil && f.err == nil }

// String writes a form as ParseForm reads it.
func (f Form) String() string {
	text := f.Convert
	for _, p := range f.Parts {
		switch {
		case p.Text != "":
			text += p.Text
		case p.N > 0:
			text += fmt.Sprintf("{%s:%d}", p.Name, p.N)
		default:
			text += "{" + p.Name + "}"
		}
	}
	return text
}

// MarshalText implements encoding.TextMarshaler.
func (f Form) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It reads any text: the checker knows where a wrong one stands.
func (f *Form) UnmarshalText(text []byte) error {
	form, err := ParseForm(string(text))
	form.err = err
	*f = form
	return nil
}

// Part is a piece of a template: text, or something to fill in.
type Part struct {
	Text string // as it is; "" = fill in Name
	Name string // hex, HEX, digits, letters, uuid, time, date, unix, unixms, value, or the dotted path of a field of the body
	N    int    // how many characters, of hex, HEX, digits and letters
}

// Conversions are the forms that convert the value that the field would have.
func Conversions() []string {
	return []string{
		"text", "number", "text with two decimals", "number with two decimals", "text without zeros", "number without zeros",
		"text in minor units", "number in minor units", "upper case", "lower case",
	}
}

// filling is a regular expression for what stands in the place of a name, and an example; of names with a size for one character of it.
func filling(name string) (pattern, example string) {
	switch name {
	case "hex":
		return "[0-9a-f]", "9f2c4e7a1b3d5086"
	case "HEX":
		return "[0-9A-F]", "9F2C4E7A1B3D5086"
	case "digits":
		return "[0-9]", "4165550123"
	case "letters":
		return "[A-Za-z]", "qRtKwZbNcD"
	case "uuid":
		return `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "9f2c4e7a-1b3d-4086-9c1d-2e7f4a6b8c0d"
	case "time":
		return `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`, "2026-11-28T12:00:00.000Z"
	case "date":
		return `[0-9]{4}-[0-9]{2}-[0-9]{2}`, "2026-11-28"
	case "unix":
		return `[0-9]+`, "1795867200"
	case "unixms":
		return `[0-9]+`, "1795867200000"
	}
	return `.*`, ""
}

var (
	placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([^{}]*)\}`) })
	sized       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(hex|HEX|digits|letters):([1-9][0-9]{0,2})$`) })
	fieldPath   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$`)
	})
)

// ParseForm reads a form: one of Conversions, or a template such as PAY/{hex:12}, which fills in
//
//	{hex:N} {HEX:N} {digits:N} {letters:N} {uuid}   drawn, the same for the same payment and value
//	{time} {date} {unix} {unixms}                   now
//	{value}                                         what the field would be
//	{data.transactionId}                            another field of the body
//
// The error says what a form must be.
func ParseForm(text string) (Form, error) {
	if slices.Contains(Conversions(), text) {
		return Form{Convert: text}, nil
	}
	var parts []Part
	end := 0
	for _, at := range placeholder().FindAllStringSubmatchIndex(text, -1) {
		if at[0] > end {
			parts = append(parts, Part{Text: text[end:at[0]]})
		}
		part, err := fillIn(text[at[2]:at[3]])
		if err != nil {
			return Form{}, err
		}
		parts, end = append(parts, part), at[1]
	}
	if rest := text[end:]; rest != "" {
		parts = append(parts, Part{Text: rest})
	}
	if end == 0 || strings.ContainsAny(placeholder().ReplaceAllString(text, ""), "{}") {
		return Form{}, fmt.Errorf("must be a template such as PAY/{hex:12}, or one of: %s", strings.Join(Conversions(), ", "))
	}
	return Form{Parts: parts}, nil
}

func fillIn(name string) (Part, error) {
	if size := sized().FindStringSubmatch(name); size != nil {
		n, err := strconv.Atoi(size[2])
		return Part{Name: size[1], N: n}, err
	}
	if !fieldPath().MatchString(name) || sized().MatchString(name+":1") {
		return Part{}, fmt.Errorf("must not have {%s}: known are {hex:N}, {HEX:N}, {digits:N}, {letters:N}, {uuid}, {time}, {date}, {unix}, {unixms}, {value} and a field of the body, such as {data.transactionId}", name)
	}
	return Part{Name: name}, nil
}

// Pattern is a regular expression for what a template makes; "" for a conversion that says nothing about the characters.
func (f Form) Pattern() string {
	switch f.Convert {
	case "":
	case "text with two decimals":
		return `^[0-9]+\.[0-9]{2}$`
	case "text in minor units":
		return `^[0-9]+$`
	default:
		return ""
	}
	var out strings.Builder
	for _, p := range f.Parts {
		out.WriteString(p.pattern())
	}
	return "^" + out.String() + "$"
}

func (p Part) pattern() string {
	pattern, _ := filling(p.Name)
	switch {
	case p.Text != "":
		return regexp.QuoteMeta(p.Text)
	case p.N > 0:
		return fmt.Sprintf("%s{%d}", pattern, p.N)
	}
	return pattern
}

// example is a value of the form, made of another one.
func (f Form) example(old json.RawMessage) json.RawMessage {
	if f.Convert != "" {
		to, number, ok := Converted(f.Convert, text(old))
		if !ok || number && !json.Valid([]byte(to)) {
			return old
		}
		if number {
			return json.RawMessage(to)
		}
		return quoted(to)
	}
	var out strings.Builder
	for _, p := range f.Parts {
		out.WriteString(p.example(text(old)))
	}
	return quoted(out.String())
}

func quoted(text string) json.RawMessage {
	raw, _ := json.Marshal(text) // no text fails
	return raw
}

func (p Part) example(old string) string {
	_, example := filling(p.Name)
	if p.N > 0 {
		return strings.Repeat(example, p.N/len(example)+1)[:p.N]
	}
	return cmp.Or(p.Text, example, old)
}

// Converted writes a scalar's text in one of Conversions; number says whether it is a number then. ok is false when it can't be
// written so.
func Converted(conversion, text string) (to string, number, ok bool) {
	kind, how, _ := strings.Cut(conversion, " ")
	number = kind == "number"
	switch {
	case kind == "upper", kind == "lower":
		return cased(kind, text), false, true
	case how == "":
		return text, number, true
	}
	if to, ok := amount(text); ok && how == "with two decimals" {
		return to, number, true
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || len(text) > 40 || strings.ContainsAny(text, "eE/") {
		return text, number, false
	}
	switch how {
	case "with two decimals":
		to = n.FloatString(2)
	case "without zeros":
		to = strings.TrimSuffix(strings.TrimRight(n.FloatString(8), "0"), ".")
	case "in minor units":
		to = n.Mul(n, big.NewRat(100, 1)).FloatString(0)
	}
	return to, number, true
}

// amount writes a plain number of at most two decimals with two of them, as amounts are; ok is false for any other text.
func amount(text string) (to string, ok bool) {
	const digits = "0123456789"
	whole, part, _ := strings.Cut(text, ".")
	if len(text) > 40 || whole == "" || len(whole) > 1 && whole[0] == '0' || len(part) > 2 || strings.Trim(whole, digits)+strings.Trim(part, digits) != "" {
		return "", false
	}
	return whole + "." + part + "00"[len(part):], true
}
