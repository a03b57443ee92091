package console

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/openapi"
	ready "mozartosim/scenarios"
	scenariofile "mozartosim/simulator/scenario"
)

func TestAsYAML(t *testing.T) {
	t.Parallel()
	got, err := asYAML([]byte(`{"name":"yes","match":{"psp":"PAYONE","when":"a == \"1\""},"chance":0.10,"then":[{"after":"30d","status":"Declined","raw":"34"},{"x":{"y":[1,"2"]}}],"empty":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "name: yes\nmatch:\n  psp: PAYONE\n  when: a == \"1\"\nchance: 0.10\nthen:\n  - after: 30d\n    status: Declined\n    raw: \"34\"\n  - x: {y: [1, \"2\"]}\nempty: []\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTextsAsYAML is a property: whatever a scenario's text is, it is the same when its YAML is saved again.
func TestTextsAsYAML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("a1 \n\n\r\t:-#'\"\\|>{[,!&*%@~\x00\x01\x7f\u0085\u00a0\u2028\ufeff\ufffeé😀"))).Draw(t, "text")
		source, err := json.Marshal(map[string]any{"name": "a", "description": text, "answer": []any{map[string]any{"body": []any{text}}}, text: text})
		if err != nil {
			t.Fatal(err)
		}
		written, err := asYAML(source)
		if err != nil {
			t.Fatal(err)
		}
		read, err := openapi.DecodeYAML("again.yaml", []byte(written))
		if err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		if again, err := json.Marshal(read.Fields); err != nil || string(again) != string(source) {
			t.Fatalf("%s became %s (%v):\n%s", source, again, err, written)
		}
	})
}

// Each ready scenario that the console writes as YAML is read as the same scenario.
func TestReadyScenariosAsYAML(t *testing.T) {
	t.Parallel()
	cashier, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	reader := scenariofile.Reader{Cashier: cashier, Control: control}
	all, err := reader.Dir(ready.Files)
	if err != nil || len(all) < 150 {
		t.Fatal(len(all), err)
	}
	for _, s := range all {
		text, err := asYAML(s.Source())
		if err != nil {
			t.Fatal(err)
		}
		again, err := reader.File("again.yaml", []byte(text))
		if err != nil || len(again) != 1 {
			t.Errorf("%s: %v\n%s", s.Name, err, text)
			continue
		}
		var was, is any
		if err := errors.Join(json.Unmarshal(s.Source(), &was), json.Unmarshal(again[0].Source(), &is)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(was, is) {
			t.Errorf("%s was\n%s\nand is\n%s", s.Name, s.Source(), again[0].Source())
		}
	}
}
