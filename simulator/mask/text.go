package mask

import (
	"regexp"
	"strings"
	"sync"
)

var (
	jwt = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`)
	})
	parameter = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[?&;"'\s])([A-Za-z0-9_-]{2,40})=["']?([^&#"'<>\\\s]+)`)
	}) // ?name=value
	member = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\\?"([A-Za-z0-9_-]{2,40})\\?"\s*:\s*(?:\\?"([^"\\]+)|([0-9]+(?:\.[0-9]+)?))`)
	}) // "name": "value"
)

// Text returns text of any form with everything secret in it hidden: passwords of URLs, tokens, card numbers.
func Text(text string) string {
	return Cards(Tokens(passwords(text), nil))
}

// Tokens returns text with replace's result for each token in it: each JWT, and each value after a secret's name, as in
// ?token=x and "token": "x". A nil replace hides them.
func Tokens(text string, replace func(token string) string) string {
	if replace == nil {
		replace = func(string) string { return hidden }
	}
	if strings.Contains(text, "eyJ") {
		text = jwt().ReplaceAllStringFunc(text, replace)
	}
	if strings.Contains(text, "=") {
		text = replaceNamed(text, parameter(), replace)
	}
	if strings.Contains(text, `"`) && strings.Contains(text, ":") {
		text = replaceNamed(text, member(), replace)
	}
	return text
}

// replaceNamed replaces the values after secret names. What follows another name is searched too: it may be a URL.
func replaceNamed(text string, form *regexp.Regexp, replace func(string) string) string {
	var out strings.Builder
	for {
		found := form.FindStringSubmatchIndex(text)
		if found == nil {
			out.WriteString(text)
			return out.String()
		}
		from, to := found[4], found[5]
		if from < 0 {
			from, to = found[6], found[7]
		}
		out.WriteString(text[:from])
		if SecretName(text[found[2]:found[3]]) {
			out.WriteString(replace(text[from:to]))
			from = to
		}
		text = text[from:]
	}
}

// JWTs are the JWTs in a text.
func JWTs(text string) []string { return jwt().FindAllString(text, -1) }

var email = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:[A-Za-z0-9._%+-]+@|[A-Za-z0-9._+-]+%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
})

// Emails returns text with replace's result for each email address in it, as it is or as URLs write it.
func Emails(text string, replace func(address string) string) string {
	return email().ReplaceAllStringFunc(text, func(found string) string {
		address := found
		if !strings.Contains(found, "@") {
			address = strings.Replace(found, "%40", "@", 1)
		}
		if by := replace(address); by != address {
			return by
		}
		return found
	})
}

// The password of a URL, which need not be a correct one: that of a database may have anything in it.
var (
	password = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s:@/?#"']*:)[^\s@/?#"']*@`)
	})
	databasePassword = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(postgres(?:ql)?:/{0,2}[^\s:@/"']*:)[^\s"']*@`) })
)

// passwords returns text with the passwords of URLs hidden.
func passwords(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return password().ReplaceAllString(databasePassword().ReplaceAllString(text, "${1}***@"), "${1}***@")
}
