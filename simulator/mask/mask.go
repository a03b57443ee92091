package mask

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// secretName says whether values of fields of that name are never shown; name is a plainName.
func secretName(name string) bool {
	switch name {
	case "cvv", "cvc", "cvv2", "cvc2", "securitycode", "pin", "voucherpin", "password", "secret", "apikey", "secretkey",
		"token", "accesstoken", "paymenttoken", "authorization", "webhooksecret", "macsecret", "xmlpassword",
		"sitesecuritypassword", "chileapikey", "peruapikey", "mexicoapikey", "customerexternalkeyforcleo",
		"expmonth", "expyear":
		return true
	}
	return false
}

// cardName says whether fields of that name are card numbers; name is a plainName.
func cardName(name string) bool {
	switch name {
	case "pan", "cardnumber", "number", "cardno":
		return true
	}
	return false
}

// Fields returns the body's text with everything secret in fields hidden; raw itself when there is nothing to hide.
// fields must be raw decoded, numbers as json.Number; neither is changed.
func Fields(raw []byte, fields map[string]any) []byte {
	masked, changed := hide("", fields)
	if !changed {
		return raw
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text) // it sorts the names and writes a json.Number unchanged
	enc.SetEscapeHTML(false)
	if enc.Encode(masked) != nil {
		return []byte(`{}`)
	}
	return bytes.TrimRight(text.Bytes(), "\n")
}

// Value returns the value of a field of that name, its secrets hidden.
func Value(name string, value any) any {
	masked, _ := hide(name, value)
	return masked
}

// hide returns value with its secrets hidden, copied where that changes it.
func hide(name string, value any) (masked any, changed bool) {
	switch value {
	case nil, true, false, "":
		return value, false
	}
	plain := plainName(name)
	if secretName(plain) { // of any type
		return "***", true
	}
	switch value := value.(type) {
	case string:
		return card(plain, value)
	case json.Number:
		if masked, ok := card(plain, string(value)); ok {
			return masked, true
		}
	case map[string]any:
		return hideObject(value)
	case []any:
		return hideArray(name, value)
	}
	return value, false
}

func hideObject(object map[string]any) (any, bool) {
	var copied map[string]any
	for name, value := range object {
		masked, changed := hide(name, value)
		if !changed {
			continue
		}
		if copied == nil {
			copied = maps.Clone(object)
		}
		copied[name] = masked
	}
	if copied == nil {
		return object, false
	}
	return copied, true
}

func hideArray(name string, array []any) (any, bool) {
	var copied []any
	for i, value := range array {
		masked, changed := hide(name, value)
		if !changed {
			continue
		}
		if copied == nil {
			copied = slices.Clone(array)
		}
		copied[i] = masked
	}
	if copied == nil {
		return array, false
	}
	return copied, true
}

// card returns value with a card number hidden; name is a plainName.
func card(name, value string) (any, bool) {
	if cardName(name) && len(Digits(value)) >= 12 || LooksLikeCard(value) {
		return Card(value), true
	}
	return value, false
}

// plainName returns name in lower case without - and _.
func plainName(name string) string {
	plain := make([]byte, 0, 32)
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'A' <= c && c <= 'Z':
			plain = append(plain, c+'a'-'A')
		default:
			plain = append(plain, c)
		}
	}
	return string(plain)
}

// Secret hides a secret except for its last four characters; a short one is hidden completely.
func Secret(value string) string {
	if len(value) < 12 {
		return "***"
	}
	return "***" + value[len(value)-4:]
}

// Card keeps the first six and the last four digits of a card number.
func Card(number string) string {
	digits := Digits(number)
	if len(digits) < 12 {
		return "***"
	}
	return digits[:6] + strings.Repeat("*", len(digits)-10) + digits[len(digits)-4:]
}

// Digits returns the digits of text, other characters left out.
func Digits(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0 {
		return text
	}
	var out bytes.Buffer
	for i := range len(text) {
		if '0' <= text[i] && text[i] <= '9' {
			out.WriteByte(text[i])
		}
	}
	return out.String()
}

// LooksLikeCard says whether text is 13 to 19 digits (blanks and dashes between them allowed) that begin with 2 to 6
// and pass the Luhn check.
func LooksLikeCard(text string) bool {
	if len(text) < 13 || len(text) > 40 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && c != ' ' && c != '-' {
			return false
		}
	}
	digits := Digits(text)
	return len(digits) >= 13 && len(digits) <= 19 && digits[0] >= '2' && digits[0] <= '6' && Luhn(digits)
}

// Luhn says whether digits pass the Luhn check.
func Luhn(digits string) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return len(digits) > 0 && sum%10 == 0
}
