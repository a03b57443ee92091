package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// FileKinds lists the kinds of files that people write for the simulator and its harness: each has a JSON Schema.
func FileKinds() []string {
	return []string{"certify", "configuration", "contract", "ignore", "observed", "scenario"}
}

// FileForm is the contract with the schemas of certify.yaml (Config), contract.yaml (Profile), an ignore file (Ignored) or an
// observations file (Observations); kind is "certify", "contract", "ignore" or "observed".
func FileForm(kind string) (*Contract, error) {
	merged, err := Merge(forms, "files/"+kind+".yaml")
	if err != nil {
		return nil, err
	}
	return Parse(merged)
}

// FileSchema writes the JSON Schema of a kind of file, for editors; id is its $id, the URL that it is served at. It permits what
// the file's own check permits, but for rules about several fields, which only the check knows.
func FileSchema(kind, id string) (json.RawMessage, error) {
	var e *schemaExport
	var root *yaml.Node
	switch kind {
	case "scenario", "configuration":
		control, err := Control()
		if err != nil {
			return nil, err
		}
		if kind == "scenario" {
			return control.JSONSchema("Scenario", id)
		}
		e, root, err = configurationSchema(control)
		if err != nil {
			return nil, err
		}
	case "certify", "contract", "ignore", "observed":
		form, err := FileForm(kind)
		if err != nil {
			return nil, err
		}
		e = &schemaExport{bundle: form.bundle, seen: map[string]bool{}, numbersAsText: kind == "certify"}
		root = e.export(form.bundle.node("schemas/" + map[string]string{"certify": "Config", "contract": "Profile", "ignore": "Ignored", "observed": "Observations"}[kind]))
	default:
		return nil, fmt.Errorf("there is no schema %q: use one of %s", kind, strings.Join(FileKinds(), ", "))
	}
	return e.write(root, id)
}

// configurationSchema is that of companies; the PSP configurations are those of the Cashier API, of which a company may leave
// fields out.
func configurationSchema(control *Contract) (*schemaExport, *yaml.Node, error) {
	cashier, err := Cashier()
	if err != nil {
		return nil, nil, err
	}
	e := &schemaExport{bundle: control.bundle, seen: map[string]bool{}}
	root := e.export(control.bundle.node("schemas/ConfigurationFile"))
	defs := e.definitions()
	psps := &yaml.Node{Kind: yaml.MappingNode}
	providers := &schemaExport{bundle: cashier.bundle, seen: map[string]bool{}}
	for _, psp := range cashier.PSPs() {
		name := cashier.ConfigurationOf(psp)
		providers.refer(name)
		psps.Content = append(psps.Content, scalar(psp), mapping("$ref", scalar("#/$defs/"+name)))
	}
	for name, schema := range members(providers.definitions()) {
		if strings.HasSuffix(name, "Configuration") {
			without(schema, "required")
		}
		if member(defs, name) == nil {
			defs.Content = append(defs.Content, scalar(name), schema)
		}
	}
	company := member(member(defs, "CompanyInput"), "properties")
	*member(company, "psps") = *mapping("type", scalar("object"), "additionalProperties", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"}, "properties", psps)
	e.defs = defs
	return e, root, nil
}
