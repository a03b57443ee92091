package features

import (
	"embed"
	"io/fs"
)

//go:embed */*.feature
var files embed.FS

// All returns the features that the binary carries, one folder for each capability.
func All() fs.FS { return files }
