package openapi

import (
	"slices"
	"strings"
)

// maxClose bounds how many names Close returns.
const maxClose = 5

// Similar returns those of the known names that a wrong one may have been meant to be: a few letters off, or the same
// beginning; the closest first, at most five.
func Similar(name string, known []string) []string {
	name = Shorten(name)
	type match struct {
		name string
		off  int
	}
	var found []match
	for _, k := range known {
		off := distance(name, k)
		begins := len(name) >= 3 && strings.HasPrefix(strings.ToLower(k), strings.ToLower(name))
		if begins || off <= (min(len(name), len(k))+2)/3 {
			found = append(found, match{k, off})
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		if a.off != b.off {
			return a.off - b.off
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, m := range found[:min(len(found), maxClose)] {
		names = append(names, m.name)
	}
	return names
}
