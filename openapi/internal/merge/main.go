// Command merge writes openapi/merged: each document with all its files in one, as the binary carries it. Run it by
// `go generate ./openapi` (or `make contract`) after changing a YAML file; a test fails when it was forgotten.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"mozartosim/openapi"
)

func main() {
	for _, name := range []string{"cashier", "control"} {
		if err := write(name); err != nil {
			fmt.Fprintln(os.Stderr, "merge:", err)
			os.Exit(1)
		}
	}
}

func write(name string) error {
	text, err := openapi.Merge(os.DirFS("."), name+".yaml")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("merged", name+".json"), text, 0o644)
}
