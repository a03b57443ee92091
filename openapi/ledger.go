package openapi

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Basis says where a rule comes from.
type Basis string

// The three marks of the contract.
const (
	Documented Basis = "documented" // a page of the vendor shows it
	Provider   Basis = "provider"   // public material of the payment provider shows it
	Assumed    Basis = "assumed"    // nobody shows it; our choice
)

// Provenance is the mark that every rule of the contract bears, `x-provenance`.
type Provenance struct {
	Basis  Basis  `json:"basis" yaml:"basis"`
	Source string `json:"source,omitempty" yaml:"source"`
	Note   string `json:"note,omitempty" yaml:"note"`
}

// Entry is a line of the ledger: a rule, what it says, and how it is known.
type Entry struct {
	// ID names the entry, once and for good, so that features and reports can refer to it: a behaviour and a rule of every
	// call by its name, an operation as "POST /v1/api/mozarto/cashier", a schema by its name, a field as
	// "PayonePayInRequest.phone", a schema's rule as "PayonePayInRequest/payone-currency".
	ID          string     `json:"id,omitempty"`
	Rule        string     `json:"rule"` // e.g. "PayonePayInRequest.phone", or "payone-currency"
	Description string     `json:"description"`
	Provenance  Provenance `json:"provenance"`
	// Inherited says that the mark is that of the field's schema, or of the field around it: there is no decision of its own.
	Inherited bool `json:"inherited,omitempty"`
}

// Ledger lists every rule of the contract with its mark: behaviours, operations, schemas, fields and named rules, in the
// document's order. A field without a mark of its own has its schema's.
func (c *Contract) Ledger() []Entry {
	var entries []Entry
	entries = append(entries, c.behaviours()...)
	entries = append(entries, c.paths()...)
	for _, part := range c.bundle.order {
		name, found := strings.CutPrefix(part, "schemas/")
		if !found {
			continue
		}
		node := c.bundle.node(part)
		mark, _ := nodeProvenance(node)
		entries = append(entries, Entry{ID: name, Rule: name, Description: schemaSays(node), Provenance: mark})
		entries = append(entries, c.fieldEntries(name, node, mark)...)
		entries = append(entries, ruleEntries(name+"/", member(node, "x-rules"))...)
	}
	return entries
}

// behaviours are the rules that belong to no schema: the order of checks, the hang, the retry schedule.
func (c *Contract) behaviours() []Entry { return ruleEntries("", c.bundle.node("x-behaviours")) }

func (c *Contract) paths() []Entry {
	var entries []Entry
	for _, section := range []string{"paths", "webhooks"} {
		paths := c.bundle.node(section)
		for i := 0; paths != nil && i < len(paths.Content); i += 2 {
			item := paths.Content[i+1]
			for j := 0; j < len(item.Content); j += 2 {
				operation := item.Content[j+1]
				if member(operation, "responses") == nil {
					continue
				}
				mark, _ := nodeProvenance(operation)
				rule := strings.ToUpper(item.Content[j].Value) + " " + paths.Content[i].Value
				entries = append(entries, Entry{ID: rule, Rule: rule, Description: text(member(operation, "summary")), Provenance: mark})
				entries = append(entries, ruleEntries("", member(operation, "x-rules"))...)
			}
		}
	}
	return entries
}

func (c *Contract) fieldEntries(path string, node *yaml.Node, inherited Provenance) []Entry {
	required := map[string]bool{}
	if list := member(node, "required"); list != nil {
		for _, n := range list.Content {
			required[n.Value] = true
		}
	}
	var entries []Entry
	properties := member(node, "properties")
	for i := 0; properties != nil && i < len(properties.Content); i += 2 {
		name, written := properties.Content[i].Value, properties.Content[i+1]
		own, marked := nodeProvenance(written)
		mark := inherited
		if marked {
			mark = own
		}
		says := "optional"
		if required[name] {
			says = "required"
		}
		if _, target := c.bundle.resolve(written); target != "" {
			says += ", " + article([]string{strings.TrimPrefix(target, "schemas/")})
		} else if what := schemaSays(written); what != "" {
			says += ", " + what
		}
		entries = append(entries, Entry{ID: path + "." + name, Rule: path + "." + name, Description: says, Provenance: mark, Inherited: !marked})
		if member(written, "$ref") == nil {
			entries = append(entries, c.fieldEntries(path+"."+name, written, mark)...)
		}
	}
	return entries
}

// ruleEntries lists named rules; owner comes before their names in their ids.
func ruleEntries(owner string, rules *yaml.Node) []Entry {
	if rules != nil && rules.Kind == yaml.AliasNode {
		rules = rules.Alias
	}
	if rules == nil {
		return nil
	}
	var entries []Entry
	for _, rule := range rules.Content {
		mark, _ := nodeProvenance(rule)
		name := text(member(rule, "name"))
		entries = append(entries, Entry{ID: owner + name, Rule: name, Description: text(member(rule, "description")), Provenance: mark})
	}
	return entries
}

// schemaSays puts a schema's keywords into one line.
func schemaSays(node *yaml.Node) string {
	var parts []string
	for _, keyword := range []string{"type", "enum", "x-must", "pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum"} {
		value := member(node, keyword)
		switch {
		case value == nil, keyword == "pattern" && member(node, "x-must") != nil:
		case keyword == "type":
			parts = append(parts, list(value, " or "))
		case keyword == "enum":
			parts = append(parts, "one of "+list(value, ", "))
		case keyword == "x-must":
			parts = append(parts, "must "+value.Value)
		default:
			parts = append(parts, keyword+" "+value.Value)
		}
	}
	if description := text(member(node, "description")); len(parts) == 0 && description != "" {
		return description
	}
	return strings.Join(parts, "; ")
}

func list(node *yaml.Node, separator string) string {
	if node.Kind == yaml.ScalarNode {
		return node.Value
	}
	words := make([]string, len(node.Content))
	for i, n := range node.Content {
		words[i] = n.Value
	}
	return strings.Join(words, separator)
}

func text(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

func nodeProvenance(node *yaml.Node) (Provenance, bool) {
	var mark Provenance
	written := member(node, "x-provenance")
	if written == nil || written.Decode(&mark) != nil {
		return Provenance{}, false
	}
	return mark, true
}

// Count counts a ledger's entries by basis.
func Count(entries []Entry) map[Basis]int {
	counts := map[Basis]int{}
	for _, e := range entries {
		counts[e.Provenance.Basis]++
	}
	return counts
}

// MarshalText keeps an unmarked entry visible instead of printing nothing.
func (b Basis) MarshalText() ([]byte, error) {
	if b == "" {
		return nil, fmt.Errorf("a rule of the contract bears no x-provenance")
	}
	return []byte(b), nil
}
