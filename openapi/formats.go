package openapi

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// form is a `format` that is enforced. kin-openapi knows most formats by loose patterns, or not at all.
type form struct {
	fits  func(text string) bool
	whole bool // what fits matches the schema's pattern too, which need not be asked then
}

// formatOf returns the form of a `format`; that of one which only describes has no fits.
func formatOf(format string) form {
	switch format {
	case "date":
		return form{isDate, true}
	case "date-time":
		return form{isTime, false}
	case "email":
		return form{isEmail, true}
	case "ip":
		return form{isIP, true}
	case "uri":
		return form{isURL, false}
	}
	return form{}
}

// hasFormat reports whether a schema, or an array's items, have a format.
func hasFormat(schema *openapi3.Schema) bool {
	return schema.Format != "" || schema.Items != nil && schema.Items.Value != nil && hasFormat(schema.Items.Value)
}

// formats has kin-openapi judge a schema's formats, and those of an array's items, like formatOf.
func formats() openapi3.SchemaValidationOption {
	enforced := map[string]openapi3.StringFormatValidator{}
	for _, format := range []string{"date", "date-time", "email", "ip", "uri"} {
		fits := formatOf(format).fits
		enforced[format] = openapi3.NewCallbackValidator(func(text string) error {
			if !fits(text) {
				return fmt.Errorf("is no %s", format)
			}
			return nil
		})
	}
	return openapi3.WithStringFormatValidators(enforced)
}

// isDate reports whether a text is a day of the calendar, written YYYY-MM-DD.
func isDate(text string) bool {
	if len(text) != len(time.DateOnly) {
		return false
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// isTime reports whether a text is a point of time as RFC 3339 writes it.
func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

// isIP reports whether a text is an IPv4 or IPv6 address, without a zone.
func isIP(text string) bool {
	if strings.IndexByte(text, '%') >= 0 {
		return false
	}
	_, err := netip.ParseAddr(text)
	return err == nil
}

// isURL reports whether a text is an absolute URL with a host.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != ""
}

// isEmail reports whether a text is an address as RFC 5321 and, for letters of all scripts, RFC 6531 write it, without quotes, at a
// domain with a dot.
func isEmail(text string) bool {
	at := strings.LastIndexByte(text, '@')
	if at < 1 || at > 64 || len(text)-at-1 > 253 {
		return false
	}
	return dotted(text[:at], 1, 64, "!#$%&'*+-/=?^_`{|}~") && dotted(text[at+1:], 2, 63, "-")
}

// dotted reports whether a text has at least so many parts between dots, each with 1 to most bytes: letters, digits and the signs;
// where a dash is the only sign, none begins or ends with it.
func dotted(text string, least, most int, signs string) bool {
	for more := true; more; least-- {
		var part string
		part, text, more = strings.Cut(text, ".")
		if part == "" || len(part) > most || signs == "-" && (part[0] == '-' || part[len(part)-1] == '-') {
			return false
		}
		for i := range len(part) {
			if c := part[i]; c < 0x80 && !isAlphanumeric(c) && strings.IndexByte(signs, c) < 0 {
				return false
			}
		}
	}
	return least <= 0
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
