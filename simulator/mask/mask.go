package mask

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// hidden stands for what is not shown at all.
const hidden = "***"

// SecretName says whether values of fields, or of a URL's parameters, of that name are never shown.
func SecretName(name string) bool {
	var room [shortName]byte
	return secretName(plainName(room[:0], name))
}

// secretName is SecretName of a plainName.
func secretName(name []byte) bool {
	switch string(name) {
	case "cvv", "cvc", "cvv2", "cvc2", "securitycode", "pin", "voucherpin", "password", "secret", "apikey", "secretkey",
		"token", "accesstoken", "paymenttoken", "refreshtoken", "idtoken", "usertoken", "sessiontoken", "jwt", "ticket", "otp",
		"authorization", "signature", "sig", "mac", "hmac", "clientsecret", "webhooksecret", "macsecret", "xmlpassword",
		"sitesecuritypassword", "chileapikey", "peruapikey", "mexicoapikey", "customerexternalkeyforcleo",
		"expmonth", "expyear":
		return true
	}
	return false
}

// SecretHeader says whether values of headers, or of a URL's parameters, of that name are secret: credentials, cookies, sessions.
func SecretHeader(name string) bool {
	var room [shortName]byte
	plain := plainName(room[:0], name)
	for _, word := range [...]string{"authorization", "token", "cookie", "secret", "password", "apikey", "session"} {
		if bytes.Contains(plain, []byte(word)) {
			return true
		}
	}
	return secretName(plain)
}

// Header returns the value of a header, or of a URL's parameter, as it may be kept: of credentials the scheme and the last characters of
// the secret, to tell two apart, of any other without card numbers.
func Header(name, value string) string {
	if !SecretHeader(name) {
		var room [shortName]byte
		return cardOf(plainName(room[:0], name), value)
	}
	if scheme, secret := Scheme(value); scheme != "" {
		return scheme + " " + Secret(secret)
	}
	return Secret(value)
}

// Scheme splits the value of a secret header into the scheme of its credentials, such as Bearer, and the secret. Without a scheme all of it
// is the secret: several cookies have spaces between them too.
func Scheme(value string) (scheme, secret string) {
	scheme, secret, found := strings.Cut(value, " ")
	if !found || strings.ContainsFunc(scheme, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return "", value
	}
	return scheme, secret
}

// PersonalName says whether values of fields of that name are about a person. They are not masked; what leaves a team is without them.
func PersonalName(name string) bool {
	var room [shortName]byte
	plain := plainName(room[:0], name)
	switch string(plain) {
	case "name", "nameoncard", "username", "city", "zip", "zipcode", "dob", "ip", "document", "documentnumber",
		"accountnumber", "transitnumber", "taxid", "cpf", "curp", "rut":
		return true
	}
	plain = bytes.TrimRight(plain, "0123456789")
	for _, end := range [...]string{
		"email", "phone", "mobile", "phonenumber", "street", "address", "addressline", "postalcode", "postcode", "birthdate", "birthday",
		"dateofbirth", "iban", "userip", "clientip", "nationalid", "ssn", "firstname", "lastname", "middlename", "fullname", "holdername",
		"ownername", "customername", "payername", "accountname", "familyname", "givenname",
	} {
		for _, plural := range [...]string{"", "s", "es"} { // of a list
			if bytes.HasSuffix(bytes.TrimSuffix(plain, []byte(plural)), []byte(end)) {
				return true
			}
		}
	}
	return false
}

// idName says whether fields of that name are a transaction's id, which is never a card number; name is a plainName.
func idName(name []byte) bool {
	switch string(name) {
	case "transactionid", "psptransactionid", "databasetransactionid":
		return true
	}
	return false
}

// cardName says whether fields of that name are card numbers; name is a plainName.
func cardName(name []byte) bool {
	switch string(name) {
	case "pan", "card", "cardnumber", "number", "cardno", "creditcard":
		return true
	}
	return false
}

// Fields returns the body's text with everything secret in fields hidden; raw itself when there is nothing to hide.
// fields must be raw decoded, numbers as json.Number; neither is changed.
func Fields(raw []byte, fields map[string]any) []byte { return rewritten(raw, fields) }

// rewritten is Fields for any value.
func rewritten(raw []byte, value any) []byte {
	masked, changed := hide("", value)
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

// JSON returns a JSON text with everything secret in it hidden, nil when it is no JSON.
func JSON(raw []byte) []byte {
	var value any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if !json.Valid(raw) || dec.Decode(&value) != nil {
		return nil
	}
	return rewritten(raw, value)
}

// Value returns the value of a field of that name, its secrets hidden.
func Value(name string, value any) any {
	masked, _ := hide(name, value)
	return masked
}

// hide returns value with its secrets hidden, copied where that changes it.
func hide(name string, value any) (masked any, changed bool) {
	switch value := value.(type) {
	case nil, bool:
		return value, false
	case string:
		if value == "" {
			return value, false
		}
	}
	var room [shortName]byte
	plain := plainName(room[:0], name)
	if secretName(plain) { // of any type
		return hidden, true
	}
	switch typed := value.(type) {
	case string:
		if masked := cardOf(plain, typed); masked != typed {
			return masked, true
		}
	case json.Number:
		if masked := cardOf(plain, string(typed)); masked != string(typed) {
			return masked, true
		}
	case map[string]any:
		return hideObject(typed)
	case []any:
		return hideArray(name, typed)
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

// cardOf returns the value of a field with the card numbers in it hidden; name is a plainName.
func cardOf(name []byte, value string) string {
	switch {
	case len(value) < shortest || idName(name):
		return value
	case cardName(name) && len(Digits(value)) >= shortest:
		return Card(value)
	}
	return Cards(value)
}

// shortName is how long most names are: those are made plain without an allocation.
const shortName = 32

// plainName appends name in lower case without - and _.
func plainName(plain []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'A' <= c && c <= 'Z':
			plain = append(plain, c+'a'-'A')
		default:
			plain = append(plain, c)
		}
	}
	return plain
}

// Secret hides a secret except for its last characters, as many whole ones as four bytes have; a short one is hidden completely.
func Secret(value string) string {
	if len(value) < 12 {
		return hidden
	}
	return hidden + strings.ToValidUTF8(value[len(value)-4:], "")
}
