package openapi

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// maxSimilar bounds how many names Similar returns.
const maxSimilar = 5

// Similar returns the known names that a wrong one may have been meant to be: a few letters off, or with the same beginning;
// the closest first, at most five.
func Similar(name string, known []string) (names []string) {
	name = Shorten(name)
	for _, k := range byDistance(name, slices.Values(known)) {
		begins := len(name) >= 3 && strings.HasPrefix(strings.ToLower(k), strings.ToLower(name))
		if begins || distance(name, k) <= (min(len(name), len(k))+2)/3 {
			names = append(names, k)
		}
	}
	return names[:min(len(names), maxSimilar)]
}

// known lists all names that would have been right, the closest to the wrong one first.
func known(name string, names map[string]bool) string {
	return "known are " + strings.Join(byDistance(name, maps.Keys(names)), ", ")
}

func byDistance(name string, names iter.Seq[string]) []string {
	return slices.SortedFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(distance(name, a), distance(name, b)), strings.Compare(a, b))
	})
}

// distance is the number of single-letter edits between a and b, case apart.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		previous := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := previous
			if a[i-1] != b[j-1] {
				cost++
			}
			previous = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// Shorten cuts a name that is too long to be shown whole.
func Shorten(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
