package drift

import (
	"slices"
	"strings"
)

// rename is a field that has another path in b.
type rename struct{ from, to string }

// renames finds what only one of two bodies has. A field that is missing while another with its format stands next to it was
// renamed; so was one whose name stands elsewhere; and where everything in an object was moved together, the object was. What is
// left is missing or added, reported by its outermost path.
func (c *contract) renames(p place, a, b body) (renames []rename, missing, added []string) {
	lost, found := onlyIn(a, b), onlyIn(b, a)
	pairs := c.pairs(p, a, b, withoutObjects(a, lost), withoutObjects(b, found))
	var from, to []string
	for _, r := range pairs {
		from, to = append(from, r.from), append(to, r.to)
	}
	return joined(a, lost, pairs), outermost(a, lost, from), outermost(b, found, to)
}

// onlyIn lists what a has and b lacks, without what is inside of something that has another kind in b.
func onlyIn(a, b body) []string {
	var paths []string
	for _, path := range a.paths() {
		above := parent(path)
		other, known := b.fields[above]
		switch _, both := b.fields[path]; {
		case both, above != "" && known && other.Kind != a.fields[above].Kind:
		case above != "" && !known && !slices.Contains(paths, above): // inside of something that was left out
		default:
			paths = append(paths, path)
		}
	}
	return paths
}

func withoutObjects(b body, paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return b.fields[path].Kind == "object" })
}

// pairs matches what is missing with what is added: first what is certain, then what is the only possibility.
func (c *contract) pairs(p place, a, b body, lost, found []string) []rename {
	var pairs []rename
	free := func(path string) bool {
		return !slices.ContainsFunc(pairs, func(r rename) bool { return r.from == path || r.to == path })
	}
	for _, certain := range []bool{true, false} {
		for _, from := range lost {
			var fits []string
			for _, to := range found {
				if free(to) && c.alike(p, a, b, rename{from, to}, certain) {
					fits = append(fits, to)
				}
			}
			if free(from) && len(fits) > 0 && (certain || len(fits) == 1) {
				pairs = append(pairs, rename{from, fits[0]})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y rename) int { return slices.Index(lost, x.from) - slices.Index(lost, y.from) })
	return pairs
}

// alike reports whether a field may have been renamed so: it has its name elsewhere, or stands next to its old place and has
// its value (then it is certain) or its format.
func (c *contract) alike(p place, a, b body, r rename, certain bool) bool {
	x, y := a.fields[r.from], b.fields[r.to]
	switch {
	case x.Kind != y.Kind:
		return false
	case base(r.from) == base(r.to):
		return true
	case parent(r.from) != parent(r.to), x.Kind == "array":
		return false
	case x.Kind == "null":
		return !certain
	case x.Text != "" && (x.Text == y.Text || share(p.from.echo(x), p.to.echo(y))):
		return true
	case certain, x.Kind != "string":
		return false
	}
	format := c.format(x.Text)
	return format != "" && format == c.format(y.Text)
}

// outermost lists the paths that were not renamed, without those inside of another that is listed.
func outermost(b body, paths, renamed []string) []string {
	var left []string
	for _, path := range paths {
		inside := func(top string) bool { return below(path, top) }
		partly := func(part string) bool { return below(part, path) }
		switch {
		case slices.Contains(renamed, path), slices.ContainsFunc(left, inside):
		case b.fields[path].Kind == "object" && slices.ContainsFunc(renamed, partly): // what is left of it is listed by itself
		default:
			left = append(left, path)
		}
	}
	return left
}

// joined makes one rename of those that moved everything in an object to one other place.
func joined(a body, lost []string, pairs []rename) []rename {
	if to, ok := destination("", pairs); ok && len(pairs) > 2 && len(pairs) == len(lost) {
		return []rename{{"", to}}
	}
	for _, object := range lost {
		inside := func(r rename) bool { return below(r.from, object) }
		if to, ok := destination(object, pairs); ok && a.fields[object].Kind == "object" {
			return append(slices.DeleteFunc(slices.Clone(pairs), inside), rename{object, to})
		}
	}
	return pairs
}

// destination is where an object ("" = the whole body) was moved, when everything in it was moved the same way; "" is the top.
func destination(object string, pairs []rename) (to string, ok bool) {
	n := 0
	for _, r := range pairs {
		rest := "." + r.from // ".url"
		if object != "" {
			if !below(r.from, object) {
				continue
			}
			rest = r.from[len(object):]
		}
		top, found := strings.CutSuffix("."+r.to, rest)
		if top = strings.TrimPrefix(top, "."); !found || n > 0 && top != to {
			return "", false
		}
		to = top
		n++
	}
	return to, n > 1
}
