// Command schema writes the JSON Schema of a scenario, which editors read, from the contract's component. Run it by
// `go generate ./scenarios` after `go generate ./openapi`; a test fails when it was forgotten. Its $id is where a simulator
// without configuration serves it.
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
	text, err := openapi.FileSchema("scenario", "http://127.0.0.1:8081/schemas/scenario.json")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
