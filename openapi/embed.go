package openapi

import "embed"

//go:embed cashier.yaml common.yaml control.yaml providers/*.yaml
var files embed.FS
