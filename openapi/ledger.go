package openapi

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/simulator/adminapi"
)

// The parts of a contract that the admin API tells as they are.
type (
	// Basis says where a rule comes from.
	Basis = adminapi.Basis
	// Provenance is the mark of every rule, `x-provenance`.
	Provenance = adminapi.Provenance
	// Rule is a named rule, of `x-rules`.
	Rule = adminapi.NamedRule
	// Field describes one field of a schema.
	Field = adminapi.ContractField
)

// The marks of the contract, and of a contract with observations.
const (
	Documented Basis = "documented" // a page of the vendor shows it
	Provider   Basis = "provider"   // public material of the payment provider shows it
	Assumed    Basis = "assumed"    // no public source shows it; our choice
	Observed   Basis = "observed"   // a real target was seen to do it: see package observed
	Own        Basis = "own"        // a setting of the simulator's own, which says nothing about the vendor; counted nowhere
)

// Entry is a line of the ledger, and what stands around it in the contract.
type Entry struct {
	adminapi.LedgerEntry
	// Form is the schema that a field is one of; "" for everything else.
	Form string `json:"-"`
	// Expected is the description of a field whose schema has a name, in the words of that schema; "" for all others.
	Expected string `json:"-"`
	// Group is what the entry stands under: "Behaviours", "Calls and webhooks", or a schema's name, which is that of the schema's own entry.
	Group string `json:"-"`
}

// entryOf is an entry of nothing but what the ledger says.
func entryOf(id, rule, description string, mark Provenance) Entry {
	return Entry{LedgerEntry: adminapi.LedgerEntry{ID: id, Rule: rule, Description: description, Provenance: mark}}
}

// Ledger lists every rule of the contract with its mark: behaviours (rules that belong to no schema: the order of checks,
// the hang, the retry schedule), operations, schemas, fields and named rules, in the document's order.
func (c *Contract) Ledger() []Entry {
	entries := grouped("Behaviours", ruleEntries("", c.bundle.node("x-behaviours")))
	for _, section := range []string{"paths", "webhooks"} {
		entries = append(entries, grouped("Calls and webhooks", operationEntries(c.bundle.node(section)))...)
	}
	for _, part := range c.bundle.order {
		name, found := strings.CutPrefix(part, "schemas/")
		if !found {
			continue
		}
		node := c.bundle.node(part)
		mark, _ := provenance(node, Provenance{})
		itself := []Entry{entryOf(name, name, describeSchema(node), mark)}
		entries = append(entries, grouped(name, slices.Concat(itself, c.fieldEntries(name, node, mark), ruleEntries(name+"/", member(node, "x-rules"))))...)
	}
	return entries
}

func grouped(name string, entries []Entry) []Entry {
	for i := range entries {
		entries[i].Group = name
	}
	return entries
}

func operationEntries(paths *yaml.Node) (entries []Entry) {
	for path, item := range members(paths) {
		for method, operation := range members(item) {
			if member(operation, "responses") == nil {
				continue
			}
			mark, _ := provenance(operation, Provenance{})
			rule := strings.ToUpper(method) + " " + path
			entries = append(entries, entryOf(rule, rule, text(member(operation, "summary")), mark))
			entries = append(entries, ruleEntries("", member(operation, "x-rules"))...)
		}
	}
	return entries
}

func (c *Contract) fieldEntries(path string, node *yaml.Node, inherited Provenance) (entries []Entry) {
	required := requiredFields(node)
	for name, written := range members(member(node, "properties")) {
		mark, own := c.bundle.fieldMark(written, inherited)
		description, form, expected := "optional", "", ""
		if required[name] {
			description = "required"
		}
		if schema, target := c.bundle.resolve(written); target != "" {
			if words := cmp.Or(text(member(schema, "description")), describeSchema(schema)); words != "" {
				expected = description + "; " + strings.TrimSuffix(words, ".")
			}
			form = strings.TrimPrefix(target, "schemas/")
			description += ", " + article([]string{form})
		} else if what := describeSchema(written); what != "" {
			description += ", " + what
		}
		field := path + "." + name
		entry := entryOf(field, field, description, mark)
		entry.Form, entry.Expected, entry.Inherited = form, expected, !own
		entries = append(entries, entry)
		if member(written, "$ref") == nil {
			entries = append(entries, c.fieldEntries(field, written, mark)...)
		}
	}
	return entries
}

// ByID is a ledger by its ids; the first of an id counts.
func ByID(ledger []Entry) map[string]Entry {
	all := make(map[string]Entry, len(ledger))
	for _, e := range slices.Backward(ledger) {
		all[e.ID] = e
	}
	return all
}

// ruleEntries lists named rules; owner stands before their names in their ids.
func ruleEntries(owner string, rules *yaml.Node) (entries []Entry) {
	for _, rule := range content(rules) {
		mark, _ := provenance(rule, Provenance{})
		name := text(member(rule, "name"))
		entries = append(entries, entryOf(owner+name, name, text(member(rule, "description")), mark))
	}
	return entries
}

// describeSchema puts a schema's keywords into one line; the description stands for a schema without any.
func describeSchema(node *yaml.Node) string {
	var parts []string
	for _, keyword := range []string{"type", "enum", "x-must", "pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum"} {
		value := member(node, keyword)
		switch {
		case value == nil, member(node, "x-must") != nil && (keyword == "pattern" || keyword == "enum"):
		case keyword == "type":
			parts = append(parts, join(value, " or "))
		case keyword == "enum":
			parts = append(parts, "one of "+join(value, ", "))
		case keyword == "x-must":
			parts = append(parts, "must "+value.Value)
		default:
			parts = append(parts, keyword+" "+value.Value)
		}
	}
	if parts == nil {
		return text(member(node, "description"))
	}
	return strings.Join(parts, "; ")
}

// join writes a scalar, or a list's scalars with a separator.
func join(node *yaml.Node, separator string) string {
	if node.Kind == yaml.ScalarNode {
		return node.Value
	}
	words := make([]string, len(node.Content))
	for i, n := range node.Content {
		words[i] = n.Value
	}
	return strings.Join(words, separator)
}

// provenance returns a node's own mark, else the inherited one.
func provenance(node *yaml.Node, inherited Provenance) (mark Provenance, own bool) {
	written := member(node, "x-provenance")
	if written == nil || written.Decode(&mark) != nil {
		return inherited, false
	}
	return mark, true
}

// fieldMark returns a field's own mark, else the one around it. A source covers what it shows: a setting of the simulator's own is one
// wherever it is used, even within a schema that is documented.
func (b *bundle) fieldMark(written *yaml.Node, around Provenance) (mark Provenance, own bool) {
	if mark, own = provenance(written, around); own {
		return mark, true
	}
	target, _ := b.resolve(written)
	if form, _ := provenance(target, Provenance{}); form.Basis == Own {
		return form, false
	}
	return mark, false
}

// Count counts a ledger's entries by basis; settings of the simulator's own are not counted.
func Count(entries []Entry) map[Basis]int {
	counts := map[Basis]int{}
	for _, e := range entries {
		if e.Provenance.Basis != Own {
			counts[e.Provenance.Basis]++
		}
	}
	return counts
}
