package certify

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"mozartosim/features/runner"
)

// Check is one thing that must be true of a merchant's system: a scenario of the features in checks, made for each flow that it
// applies to. Its first tag is its id, its description the advice; @points: says what it is worth.
type Check struct {
	ID         string
	Capability string
	Name       string // what must be true, as a sentence
	Points     int    // 3 where money is at stake, else 1
	Advice     string // for when it fails

	tags      []string
	flows     string // of @for:, that it applies to; "" = every flow that has webhooks
	opens     bool   // of @opens: finds out whether the flow's payments can be started at all
	once      bool   // of @once: only for the first flow, since the result does not depend on the provider
	refusable bool   // of @refusable: what comes of a start, or is sent as it is, may be refused
}

//go:embed checks
var files embed.FS

// Checks are all checks, in the order in which they are made. The first is that a simple payment works; those of the last
// capability judge the webhooks of all others.
func Checks() ([]Check, error) {
	scenarios, err := runner.Read(files)
	if err != nil {
		return nil, err
	}
	var all []Check
	for _, s := range scenarios {
		c := Check{ID: strings.TrimPrefix(s.Tags[0], "@"), Capability: s.Feature.Name, Name: s.Name, Advice: s.Description, tags: s.Tags}
		for _, tag := range s.Tags[1:] {
			switch name, value, _ := strings.Cut(tag, ":"); name {
			case "@points":
				c.Points, err = strconv.Atoi(value)
			case "@for":
				c.flows = value
			case "@opens":
				c.opens = true
			case "@once":
				c.once = true
			case "@refusable":
				c.refusable = true
			default:
				err = fmt.Errorf("check %s has the unknown tag %s", c.ID, tag)
			}
			if err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// Capabilities are what can be selected and is graded, in the order of the checks: each has a file, which begins with its number.
func Capabilities() []string {
	names, _ := fs.Glob(files, "checks/*.feature") // the pattern is well-formed
	for i, name := range names {
		_, name, _ = strings.Cut(name, "-")
		names[i] = strings.ReplaceAll(strings.TrimSuffix(name, ".feature"), "-", " ")
	}
	return names
}

// expression selects the checks of a flow by their tags, but those that are made once and were for an earlier flow; "" when there are none.
func expression(checks []Check, capabilities []string, f *flow, earlier []*flow) string {
	var chosen []string
	for _, c := range checks {
		selected := len(capabilities) == 0 || slices.Contains(capabilities, c.Capability)
		done := c.once && slices.ContainsFunc(earlier, func(e *flow) bool { return e.is(c.flows) })
		if selected && f.is(c.flows) && !done {
			chosen = append(chosen, "("+strings.Join(c.tags, " and ")+")")
		}
	}
	return strings.Join(chosen, " or ")
}
