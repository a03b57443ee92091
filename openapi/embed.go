package openapi

import (
	"embed"
	"io/fs"
)

// The merged documents are what the binary carries; the YAML files beside them are what people edit.
//
//go:generate go run ./internal/merge
//go:embed merged/cashier.json merged/control.json
var documents embed.FS

//go:embed *.yaml providers/*.yaml
var sources embed.FS

// forms describe the files that people write for the harness.
//
//go:embed files/*.yaml
var forms embed.FS

// Sources returns the YAML files that the contract was merged from, by their names below openapi/, for tools that propose a
// change to the contract.
func Sources() fs.FS { return sources }
