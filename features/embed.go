package features

import (
	"embed"
	"io/fs"
)

//go:embed */*.feature
var files embed.FS

// All returns the features that the binary carries, one folder for each capability.
func All() fs.FS { return files }

//go:embed README.md certify/README.md
var guides embed.FS

// Guides returns the README of this folder, and of certify.
func Guides() fs.FS { return guides }
