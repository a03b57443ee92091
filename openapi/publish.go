package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// The versions of OpenAPI that a contract is published in: the one that it is written in, and one for generators that don't know it.
const (
	Version31 = "3.1.0"
	Version30 = "3.0.3"
)

// Published returns the contract as one JSON document for other tools and client generators, with url as its only server: where the
// API that answers is reached. It says what the behaviour is and the files don't repeat at each place: fields that may be absent may
// be null in requests, objects without listed members may have any, and a PSP configuration is one of the providers'. What no
// operation needs is left out. version is Version31 or Version30.
func (c *Contract) Published(version, url string) ([]byte, error) {
	made, _ := c.published.LoadOrStore(version, sync.OnceValues(func() ([]byte, error) { return publish(c, version) }))
	text, err := made.(func() ([]byte, error))()
	if err != nil {
		return nil, err
	}
	servers, err := json.Marshal([]map[string]string{{"url": url, "description": "mozartosim"}})
	if err != nil {
		return nil, err
	}
	before, after, _ := bytes.Cut(text, c.bundle.texts["servers"])
	return slices.Concat(before, servers, after), nil
}

func publish(c *Contract, version string) ([]byte, error) {
	p, err := newPublication(c)
	if err != nil {
		return nil, err
	}
	root := p.root
	if version == Version30 {
		callBack(root)
		p.flatten()
		eachSchema(root, p.unite)
	}
	eachSchema(root, freeForm)
	p.permitNull()
	p.prune()
	if version == Version30 {
		put(root, "openapi", scalar(Version30))
		without(member(root, "info"), "summary")
		without(member(member(root, "info"), "license"), "identifier")
		eachSchema(root, downgrade)
	}
	eachSchema(root, double)
	return nodeJSON(root)
}

// publication is a document that is being made from a contract.
type publication struct{ root, schemas *yaml.Node }

// newPublication begins with the contract itself; that of the admin API says what PSP configurations are.
func newPublication(c *Contract) (*publication, error) {
	p := &publication{root: c.bundle.tree()}
	p.schemas = member(member(p.root, "components"), "schemas")
	if member(p.schemas, "PspFields") == nil {
		return p, nil
	}
	return p, p.linkConfigurations()
}

// linkConfigurations says what a company's PSP configurations are, by provider, in the Cashier API's words. Of those that a required
// field lacks the admin API says that they count as not found, so none is required here.
func (p *publication) linkConfigurations() error {
	cashier, err := Cashier()
	if err != nil {
		return err
	}
	properties, any := mapping(), &yaml.Node{Kind: yaml.SequenceNode}
	for _, psp := range cashier.PSPs() {
		name := cashier.ConfigurationOf(psp)
		p.adopt(cashier, name)
		without(member(p.schemas, name), "required")
		properties.Content = append(properties.Content, scalar(psp), reference(name))
		any.Content = append(any.Content, reference(name))
	}
	one := member(p.schemas, "PspFields")
	without(one, "type")
	put(one, "anyOf", any)
	psps := member(member(member(p.schemas, "CompanyInput"), "properties"), "psps")
	put(psps, "properties", properties)
	put(psps, "additionalProperties", boolean(false))
	return nil
}

// adopt copies a component schema of another contract, and what it refers to.
func (p *publication) adopt(from *Contract, name string) {
	if member(p.schemas, name) != nil {
		return
	}
	schema := cloned(from.bundle.node("schemas/" + name))
	put(p.schemas, name, schema)
	for _, ref := range references(schema) {
		p.adopt(from, schemaName(ref))
	}
}

// freeForm says of an object whose members the contract doesn't list that it may have any: generators take it for an empty one.
func freeForm(schema *yaml.Node) {
	kind := member(schema, "type")
	if kind != nil && strings.Contains(join(kind, " "), "object") && member(schema, "properties") == nil && member(schema, "additionalProperties") == nil {
		put(schema, "additionalProperties", boolean(true))
	}
}

// double says that a number is one of 64 bits: generators take 32 where nothing is said, which is too few for an amount.
func double(schema *yaml.Node) {
	kind := member(schema, "type")
	if kind != nil && strings.TrimSuffix(join(kind, " "), " null") == "number" && member(schema, "format") == nil {
		put(schema, "format", scalar("double"))
	}
}

// permitNull lets the optional fields of requests be null, which counts as absent.
func (p *publication) permitNull() {
	wanted := map[string]bool{} // components of which there must be one that may be null
	seen := map[*yaml.Node]bool{}
	var visit func(node *yaml.Node)
	visit = func(node *yaml.Node) {
		if node = p.target(node); seen[node] {
			return
		}
		seen[node] = true
		eachSchema(node, func(schema *yaml.Node) {
			if ref := member(schema, "$ref"); ref != nil {
				visit(schema)
			}
			required := requiredFields(schema)
			for name, field := range members(member(schema, "properties")) {
				if ref := member(field, "$ref"); required[name] {
					continue
				} else if ref == nil {
					nullable(field)
				} else if target := p.target(field); member(target, "type") != nil {
					visit(field)
					wanted[schemaName(ref.Value)] = true
					ref.Value += orNull
				}
			}
		})
	}
	for _, item := range members(member(p.root, "paths")) {
		for _, operation := range members(item) {
			for _, media := range members(member(member(operation, "requestBody"), "content")) {
				visit(member(media, "schema"))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		schema := cloned(member(p.schemas, name))
		nullable(schema)
		put(p.schemas, name+orNull, schema)
	}
}

// orNull ends the name of a component that is like another and may be null.
const orNull = "OrNull"

func nullable(schema *yaml.Node) {
	kind := member(schema, "type")
	if kind == nil || strings.Contains(join(kind, " "), "null") {
		return
	}
	kinds := &yaml.Node{Kind: yaml.SequenceNode}
	if kind.Kind == yaml.ScalarNode {
		kinds.Content = append(kinds.Content, kind, scalar("null"))
	} else {
		kinds.Content = append(slices.Clone(kind.Content), scalar("null"))
	}
	put(schema, "type", kinds)
	if enum := member(schema, "enum"); enum != nil {
		put(schema, "enum", &yaml.Node{Kind: yaml.SequenceNode, Content: append(slices.Clone(enum.Content), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"})})
	}
}

// target follows a $ref within the document.
func (p *publication) target(node *yaml.Node) *yaml.Node {
	for ref := member(node, "$ref"); ref != nil; ref = member(node, "$ref") {
		node = partOf(p.root, componentName(ref.Value))
	}
	return node
}

// prune leaves out the components that nothing refers to.
func (p *publication) prune() {
	kept := map[string]bool{}
	var keep func(node *yaml.Node)
	keep = func(node *yaml.Node) {
		for _, ref := range references(node) {
			if !kept[ref] {
				kept[ref] = true
				keep(partOf(p.root, componentName(ref)))
			}
		}
	}
	for name, node := range members(p.root) {
		if name != "components" {
			keep(node)
		}
	}
	for kind, components := range members(member(p.root, "components")) {
		left := mapping()
		for name, component := range members(components) {
			if kept["#/components/"+kind+"/"+name] || kind == "securitySchemes" {
				put(left, name, component)
			}
		}
		components.Content = left.Content
	}
}

// callBack makes callbacks of the webhooks, which OpenAPI 3.0 doesn't know; their URL is written in a PSP configuration.
func callBack(root *yaml.Node) {
	webhooks := member(root, "webhooks")
	if webhooks == nil {
		return
	}
	callbacks := mapping()
	for name, item := range members(webhooks) {
		put(callbacks, name, mapping("https://merchant.example/webhooks/"+name, item))
	}
	put(member(member(member(root, "paths"), CashierPath), "post"), "callbacks", callbacks)
	without(root, "webhooks")
}

// flatten makes one object of each provider's requests: generators choose by one discriminator, and not by another below it.
func (p *publication) flatten() {
	for psp, ref := range members(member(member(member(p.schemas, rootSchema), "discriminator"), "mapping")) {
		one := p.target(reference(schemaName(ref.Value)))
		united := cloned(p.flows(one))
		put(united, "description", scalar("A request of "+psp+". Required is what each of its flows requires; the OpenAPI 3.1 document has the flows one by one."))
		one.Content = united.Content
	}
}

// flows is the union of the requests that a discriminator chooses among.
func (p *publication) flows(node *yaml.Node) (united *yaml.Node) {
	node = p.target(node)
	if member(node, "oneOf") == nil {
		return node
	}
	for _, flow := range member(node, "oneOf").Content {
		if flow = p.flows(flow); united != nil {
			flow = p.union(united, flow)
		}
		united = flow
	}
	return united
}

// unite makes one object of those that a schema may be any of, with the fields of all: generators can't tell objects apart that nothing
// names. Of alternatives that only require fields nothing is left.
func (p *publication) unite(schema *yaml.Node) {
	alternatives := member(schema, "anyOf")
	if alternatives == nil {
		return
	}
	without(schema, "anyOf")
	if first := p.target(alternatives.Content[0]); member(first, "properties") != nil {
		united := first
		for _, other := range alternatives.Content[1:] {
			united = p.union(united, other)
		}
		for _, keyword := range []string{"type", "required", "properties", "additionalProperties"} {
			if value := member(united, keyword); value != nil {
				put(schema, keyword, cloned(value))
			}
		}
	}
}

// union is a schema that permits what either of two does: for objects the fields of both, required where both require them; else what
// both say, with the words of both enums.
func (p *publication) union(a, b *yaml.Node) *yaml.Node {
	if of := text(member(a, "$ref")); sameNodes(a, b) || of != "" && of == text(member(b, "$ref")) {
		return a
	}
	a, b = p.target(a), p.target(b)
	united := mapping()
	for _, keyword := range []string{"type", "format", "items", "additionalProperties"} {
		if value := member(a, keyword); value != nil && member(b, keyword) != nil && sameNodes(value, member(b, keyword)) {
			put(united, keyword, value)
		}
	}
	if words := member(a, "enum"); words != nil && member(b, "enum") != nil {
		isNew := func(word *yaml.Node) bool {
			return !slices.ContainsFunc(words.Content, func(w *yaml.Node) bool { return sameNodes(w, word) })
		}
		all := slices.Clone(words.Content)
		for _, word := range member(b, "enum").Content {
			if isNew(word) {
				all = append(all, word)
			}
		}
		put(united, "enum", &yaml.Node{Kind: yaml.SequenceNode, Content: all})
	}
	if member(a, "properties") == nil || member(b, "properties") == nil {
		return united
	}
	properties := mapping()
	for name, field := range members(member(a, "properties")) {
		put(properties, name, field)
	}
	for name, field := range members(member(b, "properties")) {
		if there := member(properties, name); there != nil {
			field = p.union(there, field)
		}
		put(properties, name, field)
	}
	put(united, "properties", properties)
	inB := requiredFields(b)
	for name := range requiredFields(a) {
		if inB[name] {
			require(united, name, true)
		}
	}
	if list := member(united, "required"); list != nil { // in an order of its own, the same each time
		slices.SortFunc(list.Content, func(a, b *yaml.Node) int { return strings.Compare(a.Value, b.Value) })
	}
	return united
}

// keywordsOf are those that judge values of one type.
var keywordsOf = map[string][]string{
	"string": {"minLength", "maxLength", "pattern", "format"}, "number": {"minimum", "maximum", "exclusiveMinimum"},
	"integer": {"minimum", "maximum", "exclusiveMinimum"}, "object": {"properties", "required", "additionalProperties"}, "array": {"items", "minItems", "maxItems"},
}

// downgrade writes a schema as OpenAPI 3.0 has it.
func downgrade(schema *yaml.Node) {
	if ref := member(schema, "$ref"); ref != nil {
		schema.Content = mapping("$ref", ref).Content // nothing may stand beside it
		return
	}
	if shown := member(schema, "examples"); shown != nil && shown.Kind == yaml.SequenceNode && len(shown.Content) > 0 {
		without(schema, "examples")
		put(schema, "example", shown.Content[0])
	}
	if text(member(schema, "type")) == "null" { // which is no type there
		put(schema, "type", scalar("string"))
		put(schema, "nullable", boolean(true))
	}
	if kinds := member(schema, "type"); kinds != nil && kinds.Kind == yaml.SequenceNode {
		oneType(schema, slices.Clone(kinds.Content))
	}
	if least := member(schema, "exclusiveMinimum"); least != nil && least.Tag != "!!bool" {
		put(schema, "minimum", least)
		put(schema, "exclusiveMinimum", boolean(true))
	}
}

// oneType takes a list of types apart: null is a keyword of its own, others are alternatives, each with what judges it.
func oneType(schema *yaml.Node, kinds []*yaml.Node) {
	isNull := func(kind *yaml.Node) bool { return kind.Value == "null" }
	mayBeNull := slices.ContainsFunc(kinds, isNull)
	kinds = slices.DeleteFunc(kinds, isNull)
	if len(kinds) > 1 {
		alternatives := &yaml.Node{Kind: yaml.SequenceNode}
		for _, kind := range kinds {
			alternative := mapping("type", kind)
			for _, keyword := range keywordsOf[kind.Value] {
				if value := member(schema, keyword); value != nil {
					put(alternative, keyword, value)
				}
			}
			if freeForm(alternative); mayBeNull && len(alternatives.Content) == 0 {
				put(alternative, "nullable", boolean(true))
			}
			alternatives.Content = append(alternatives.Content, alternative)
		}
		for _, kind := range kinds {
			for _, keyword := range keywordsOf[kind.Value] {
				without(schema, keyword)
			}
		}
		without(schema, "type")
		put(schema, "oneOf", alternatives)
		return
	}
	put(schema, "type", kinds[0])
	if mayBeNull {
		put(schema, "nullable", boolean(true))
	}
}
