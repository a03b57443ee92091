package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxSimilar bounds how many names are suggested for a wrong one.
const maxSimilar = 5

// Similar returns the known names that a wrong one may have been meant to be, the closest first, at most five.
func Similar(name string, known []string) []string {
	names, _ := similar(name, known)
	return names
}

// DidYouMean is what the error of a wrong name ends with: "; did you mean this or that?", with those known names that are as
// close to it as any; "" when none is close.
func DidYouMean(name string, known []string) string {
	names, closest := similar(name, known)
	if closest == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names[:closest], " or ") + "?"
}

// OneOf is the error of a value that must be one of the known ones.
func OneOf(what, given string, known []string) error {
	if len(known) == 1 {
		return fmt.Errorf("there is no %s %q: use %s", what, given, known[0])
	}
	return fmt.Errorf("there is no %s %q: use one of %s%s", what, given, strings.Join(known, ", "), DidYouMean(given, known))
}

// WebURL reads the URL of a flag or a field. The error does not show it, as a password may stand in it.
func WebURL(what, text, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%s must be an http or https URL, such as %s", what, example)
	}
	return u, nil
}

// FindPSP finds a provider by its name as people write it, in any case: worldpay for WORLDPAY_EU.
func FindPSP(c *Contract, name string) (string, error) { return find("provider", name, c.PSPs()) }

// FindType finds a type, such as pay-in for PAYIN.
func FindType(name string) (string, error) { return find("type", name, []string{"PAYIN", "PAYOUT"}) }

// FindFlow finds a flow by names as people write them; without a variant it is the first. Errors list what would have been right.
func FindFlow(c *Contract, psp, kind, variant string) (*Operation, error) {
	code, err := FindPSP(c, psp)
	if err != nil {
		return nil, err
	}
	flow, unknown := FindType(kind)
	var types, variants []string
	for _, op := range c.Operations() {
		if op.PSP != code {
			continue
		}
		if types = append(types, op.Type); op.Type == flow {
			variants = append(variants, op.Variant)
		}
	}
	op, ok := c.Operation(code, flow, strings.ToUpper(variant))
	switch {
	case unknown != nil:
		return nil, OneOf("type", kind, slices.Compact(types))
	case variants == nil:
		return nil, fmt.Errorf("%s has no %s: use PAYIN", code, flow)
	case ok:
		return op, nil
	case variants[0] == "":
		return nil, fmt.Errorf("%s %s has no variants: leave --variant out", code, flow)
	}
	return nil, fmt.Errorf("%s %s has no variant %q: use one of %s", code, flow, variant, strings.Join(variants, ", "))
}

// find finds a code by its name or by the part before the underscore; letters and digits count, in any case.
func find(what, name string, codes []string) (string, error) {
	plain := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, strings.ToLower(text))
	}
	for _, code := range codes {
		if short, _, _ := strings.Cut(code, "_"); plain(name) == plain(code) || plain(name) == plain(short) {
			return code, nil
		}
	}
	return "", OneOf(what, name, codes)
}

// meant completes those problems of fields that say "must be one of: …" by DidYouMean of the text at the path.
func meant(fields map[string]any, problems Problems) Problems {
	for i, problem := range problems {
		allowed, isChoice := strings.CutPrefix(problem.Reason, "must be one of: ")
		value, _ := Lookup(fields, problem.Path)
		if name, isText := value.(string); isText && isChoice {
			problems[i].Reason += DidYouMean(name, strings.Split(allowed, ", "))
		}
	}
	return problems
}

// known lists all names that would have been right, the closest to the wrong one first, and what was meant by it.
func known(name string, names map[string]bool) string {
	all := slices.Collect(maps.Keys(names))
	var ordered []string
	for _, c := range compared(name, all) {
		ordered = append(ordered, c.known)
	}
	return "known are " + strings.Join(ordered, ", ") + DidYouMean(name, all)
}

// similar returns the known names that are near a wrong one, and how many of them are as near as the first.
func similar(name string, known []string) (names []string, closest int) {
	all := compared(name, known)
	for _, c := range all[:min(len(all), maxSimilar)] {
		if c.nearness == far {
			break
		}
		if names = append(names, c.known); c.nearness == all[0].nearness {
			closest++
		}
	}
	return names, closest
}

// comparison is a known name compared with a wrong one.
type comparison struct {
	known           string
	nearness, edits int
}

// compared compares a wrong name with all known ones, and sorts them, the closest first.
func compared(name string, known []string) []comparison {
	name = Shorten(name)
	all := make([]comparison, len(known))
	for i, k := range known {
		edits := distance(name, k)
		all[i] = comparison{k, nearness(name, k, edits), edits}
	}
	slices.SortFunc(all, func(a, b comparison) int {
		return cmp.Or(cmp.Compare(a.nearness, b.nearness), cmp.Compare(a.edits, b.edits), strings.Compare(a.known, b.known))
	})
	return all
}

// The nearness of names that is no number of edits.
const (
	begun = 1000 + iota
	longer
	far
)

// nearness says how near a known name is to a wrong one: 0 for the same letters (world-pay, WORLDPAY); few edits, at least one
// and one in four letters; begun for the beginning of the known name, or its first word but for one edit (worldpy, WORLDPAY_EU);
// longer for a name whose first word is the known one (Trust Payments, TRUST); or else far.
func nearness(name, known string, edits int) int {
	given, right := words(name), words(known)
	a, b := strings.Join(given, ""), strings.Join(right, "")
	longest := max(len([]rune(name)), len([]rune(known)))
	switch {
	case a == "" || b == "":
		return far
	case a == b:
		return 0
	case edits <= max(longest/4, 1) && edits < longest:
		return edits
	case len(a) >= 3 && strings.HasPrefix(b, a), len(right) > 1 && len(right[0]) >= 4 && distance(a, right[0]) <= 1:
		return begun
	case len(given) > 1 && len(b) >= 3 && given[0] == b:
		return longer
	}
	return far
}

// words are the runs of letters and digits in a name, case apart.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// distance is the number of edits between a and b, case apart: letters put in, left out, replaced, or swapped with the next.
func distance(a, b string) int {
	from, to := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	width := len(to) + 1
	rows, cells := make([][]int, len(from)+1), make([]int, (len(from)+1)*width)
	for i := range rows {
		rows[i] = cells[i*width:][:width]
		rows[i][0] = i
	}
	for j := range to {
		rows[0][j+1] = j + 1
	}
	for i := range from {
		for j := range to {
			replaced := rows[i][j]
			if from[i] != to[j] {
				replaced++
			}
			rows[i+1][j+1] = min(replaced, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				rows[i+1][j+1] = min(rows[i+1][j+1], rows[i-1][j-1]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}

// Shorten cuts a name that is too long to be shown whole.
func Shorten(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
