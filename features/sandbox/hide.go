package sandbox

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// hidden is what nobody else may see: secrets, and what the profile's users and the target's answers say of people.
type hidden struct {
	masker  *evidence.Masker
	secrets []string
	people  []person
	own     bool            // the features are a team's own, and may name real people
	known   map[string]bool // what the requests of other features say of people, which the contract's examples made up

	// How a value stands after its name: each has five parts, of which the second is the name and the fourth the value.
	fields  []*regexp.Regexp // of JSON, as it is and in a text, and of URLs: they may be about people
	written []*regexp.Regexp // as features write them, for what is secret
}

// person replaces a value of a user by one that is made up.
type person struct {
	value   string
	matches *regexp.Regexp
	by      string
}

func newHidden(p target.Profile, masker *evidence.Masker, own bool) *hidden {
	h := &hidden{
		masker: masker, own: own, known: map[string]bool{},
		fields: []*regexp.Regexp{
			regexp.MustCompile(`(")([A-Za-z_.0-9-]+)("\s*:\s*)("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)()`),
			regexp.MustCompile(`(")([A-Za-z_.0-9-]+)(\\+"\s*:\s*)(\\+"[^"\\]*\\+"|-?[0-9][0-9.eE+-]*)()`),
			regexp.MustCompile(`(^|[?&])([A-Za-z_.0-9-]+)(=)([^&\s"]+)()`),
			regexp.MustCompile(`(")([A-Za-z_.0-9-]+)("\s*:\s*)(\[(?:[^][{}"]|"(?:[^"\\]|\\.)*")+\])()`), // lists
			regexp.MustCompile(`(")([A-Za-z_.0-9-]+)(\\+"\s*:\s*)(\[[^][{}]+\])()`),
		},
		written: []*regexp.Regexp{regexp.MustCompile(`(\|)([^|\n]+)(\|)((?:[^|\\\n]|\\.)+)(\|)`), regexp.MustCompile(`(")([\w.]+)(" is ")((?:[^"\\]|\\.)*)(")`)},
	}
	for _, secret := range []string{p.CompanyToken, p.APIKey, p.SecretKey, p.WebhookSecret} {
		if secret != "" {
			h.secrets = append(h.secrets, secret)
		}
	}
	jane := steps.Jane()
	for i, user := range p.Users {
		for name, value := range user {
			text, isText := value.(string)
			instead, _ := jane[name].(string)
			if !isText || len(text) < 2 || text == instead || !mask.PersonalName(name) && name != "userId" {
				continue
			}
			if i > 0 || instead == "" {
				instead = "***"
			}
			h.people = append(h.people, person{text, wholeWord(text), instead})
		}
	}
	slices.SortFunc(h.people, func(a, b person) int { return len(b.value) - len(a.value) }) // an address before the name in it
	return h
}

// hideValues gives each value of a form that is to be hidden *** instead, 0 where it is a number of JSON, and nothing where it is a list.
func hideValues(form *regexp.Regexp, text string, hides func(name, value string) bool) string {
	return form.ReplaceAllStringFunc(text, func(found string) string {
		parts := form.FindStringSubmatch(found)
		value := strings.Trim(parts[4], `\"`)
		switch name := strings.TrimSpace(parts[2]); {
		case value == "" || !hides(name[strings.LastIndexByte(name, '.')+1:], value):
			return found
		case parts[4][0] == '[' && strings.Contains(parts[3], ":"):
			parts[4] = "[]"
		case value == parts[4] && strings.Contains(parts[3], ":"):
			parts[4] = "0"
		default:
			parts[4] = strings.Replace(parts[4], cmp.Or(strings.TrimSpace(value), value), "***", 1)
		}
		return strings.Join(parts[1:], "")
	})
}

// clean removes from a run what nobody else may see. Feature files go, which may be a team's own.
func (h *hidden) clean(run *evidence.Run) {
	for f, s := range run.Scenarios() {
		f.Source = ""
		for _, e := range s.Exchanges {
			h.know(e.Request.Body)
		}
	}
	run.Mask(h.text)
}

// know notes what a request says of people.
func (h *hidden) know(body string) {
	if h.own {
		return
	}
	hideValues(h.fields[0], h.replaced(body), func(name, value string) bool {
		h.known[value] = h.known[value] || mask.PersonalName(name)
		return false
	})
	mask.Emails(h.replaced(body), func(address string) string {
		h.known[address] = true
		return address
	})
}

// text hides what must not be seen in a text: a body, a header, a sentence.
func (h *hidden) text(text string) string {
	if text == "" {
		return ""
	}
	text = h.replaced(text)
	if _, err := openapi.Decode([]byte(text)); err == nil {
		text = h.masker.Body([]byte(text))
	} else {
		text = h.masker.Text(text)
	}
	for _, form := range h.fields {
		text = hideValues(form, text, func(name, value string) bool { return mask.PersonalName(name) && !h.known[value] })
	}
	for _, form := range h.written {
		text = hideValues(form, text, func(name, _ string) bool { return mask.SecretName(name) })
	}
	return mask.Emails(text, func(address string) string {
		if h.known[address] || madeUp(address) {
			return address
		}
		return "***@example.com"
	})
}

// replaced puts people that are made up in the place of the profile's users.
func (h *hidden) replaced(text string) string {
	for _, p := range h.people {
		text = p.matches.ReplaceAllLiteralString(text, p.by)
	}
	return text
}

// wholeWord matches a text in any case where it is no part of another word.
func wholeWord(text string) *regexp.Regexp {
	pattern, word := regexp.QuoteMeta(text), regexp.MustCompile(`^\w`)
	if word.MatchString(text) {
		pattern = `\b` + pattern
	}
	if word.MatchString(text[len(text)-1:]) {
		pattern += `\b`
	}
	return regexp.MustCompile(`(?i)` + pattern)
}

// madeUp reports whether an address is of a domain that is reserved for examples.
func madeUp(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return domain == "example.com" || strings.HasSuffix(domain, ".example") || strings.HasSuffix(domain, ".example.com")
}

// left says what of it is left in a text; "" = nothing.
func (h *hidden) left(text string) string {
	for _, secret := range h.secrets {
		if strings.Contains(text, secret) {
			return "a secret of the profile"
		}
	}
	if len(mask.JWTs(text)) > 0 {
		return "a token"
	}
	for _, p := range h.people {
		if len(p.value) > 5 && !p.matches.MatchString(p.by) && p.matches.MatchString(text) {
			return "a user's data"
		}
	}
	return ""
}
