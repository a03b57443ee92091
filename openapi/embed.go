package openapi

import "embed"

// The merged documents are what the binary carries; the YAML files beside them are what people edit.
//
//go:generate go run ./internal/merge
//go:embed merged/cashier.json merged/control.json
var documents embed.FS
