package drift

import (
	"slices"
)

// move is a field that b has under another path.
type move struct{ from, to string }

// moves finds what only one of two bodies has. A field that is missing while another of the same form stands beside it was
// renamed; one whose name stands elsewhere was moved; and where all that an object held was moved together, the object was.
// What is then left is missing or added, told by the outermost path.
func (c *comparison) moves(p place, a, b body) (moves []move, missing, added []string) {
	lost, found := onlyIn(a, b), onlyIn(b, a)
	pairs := c.renamed(p, a, b, values(a, lost), values(b, found))
	gone, come := map[string]bool{}, map[string]bool{}
	for _, m := range pairs {
		gone[m.from], come[m.to] = true, true
	}
	missing, added = outermost(a, lost, gone), outermost(b, found, come)
	return together(a, lost, pairs), missing, added
}

// onlyIn lists what a has and b has not, apart from what lies in something that is of another kind there.
func onlyIn(a, b body) []string {
	var paths []string
	for _, path := range a.paths() {
		if _, both := b.fields[path]; both {
			continue
		}
		above := parent(path)
		if other, ok := b.fields[above]; ok && above != "" && other.kind != a.fields[above].kind {
			continue
		}
		if above != "" && !slices.Contains(paths, above) {
			if _, ok := b.fields[above]; !ok {
				continue // below something that was left out above
			}
		}
		paths = append(paths, path)
	}
	return paths
}

// values leaves the objects out.
func values(b body, paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return b.fields[path].kind == "object" })
}

// renamed pairs what is missing with what is added: first what is certain, then what is the only possibility.
func (c *comparison) renamed(p place, a, b body, lost, found []string) []move {
	var pairs []move
	free := func(path string) bool {
		return !slices.ContainsFunc(pairs, func(m move) bool { return m.from == path || m.to == path })
	}
	for _, certain := range []bool{true, false} {
		for _, from := range lost {
			var fits []string
			for _, to := range found {
				if free(to) && c.alike(p, a, b, from, to, certain) {
					fits = append(fits, to)
				}
			}
			if free(from) && len(fits) > 0 && (certain || len(fits) == 1) {
				pairs = append(pairs, move{from, fits[0]})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y move) int { return slices.Index(lost, x.from) - slices.Index(lost, y.from) })
	return pairs
}

// alike says whether the field to in b may be the field from in a: it has its name elsewhere, or stands beside it and has its
// value (then it is certain) or its form.
func (c *comparison) alike(p place, a, b body, from, to string, certain bool) bool {
	x, y := a.fields[from], b.fields[to]
	if x.kind != y.kind {
		return false
	}
	if base(from) == base(to) {
		return true
	}
	if parent(from) != parent(to) || x.kind == "array" {
		return false
	}
	if x.kind == "null" {
		return !certain
	}
	if x.text != "" && (x.text == y.text || share(p.from.echo(x), p.to.echo(y))) {
		return true
	}
	if certain || x.kind != "string" {
		return false
	}
	look := c.judge.look(x.text)
	return look.name != "" && look.name == c.judge.look(y.text).name
}

// outermost lists the paths that were not moved; what lies below another that is listed goes with it.
func outermost(b body, paths []string, moved map[string]bool) []string {
	var left []string
	for _, path := range paths {
		if moved[path] || slices.ContainsFunc(left, func(top string) bool { return below(path, top) }) {
			continue
		}
		if b.fields[path].kind == "object" && partly(path, moved) {
			continue // what did not go with the rest is told by itself
		}
		left = append(left, path)
	}
	return left
}

func partly(object string, moved map[string]bool) bool {
	for path := range moved {
		if below(path, object) {
			return true
		}
	}
	return false
}

// together makes one move of those that brought what an object held to one other place.
func together(a body, lost []string, pairs []move) []move {
	for _, object := range lost {
		if a.fields[object].kind != "object" {
			continue
		}
		var inside []move
		for _, m := range pairs {
			if below(m.from, object) {
				inside = append(inside, m)
			}
		}
		to, whole := destination(object, inside)
		if !whole {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(pairs), func(m move) bool { return below(m.from, object) })
		return together(a, nil, append(rest, move{object, to}))
	}
	return pairs
}

// destination is where an object went, when everything in it went the same way; "" is the top.
func destination(object string, inside []move) (to string, whole bool) {
	for i, m := range inside {
		rest := m.from[len(object):] // ".url"
		var top string
		switch {
		case len(m.to) > len(rest) && m.to[len(m.to)-len(rest):] == rest:
			top = m.to[:len(m.to)-len(rest)]
		case "."+m.to == rest:
		default:
			return "", false
		}
		if i > 0 && top != to {
			return "", false
		}
		to = top
	}
	return to, len(inside) > 1
}
