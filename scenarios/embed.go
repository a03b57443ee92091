package scenarios

import "embed"

// Files are the ready scenarios.
//
//go:embed *
var Files embed.FS
