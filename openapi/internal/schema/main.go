// Command schema writes the JSON Schema of a scenario, which editors read, from the contract's component. Run it by
// `go generate ./scenarios` after `go generate ./openapi`; a test fails when it was forgotten.
package main

import (
	"fmt"
	"os"

	"mozartosim/openapi"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	control, err := openapi.Control()
	if err != nil {
		return err
	}
	text, err := control.JSONSchema("Scenario")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
