package openapi

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml providers/*.yaml
var sources embed.FS

// Sources returns the YAML files that the contract was merged from, by their names below openapi/: whoever proposes a change
// to the contract writes it against these.
func Sources() fs.FS { return sources }
