// Package ogencontrol holds the admin API's document against ogen, whose client of it is more than 100,000 lines: `make check-generated`.
package ogencontrol

//go:generate go tool ogen --config ../ogen.yml --loglevel error --clean --package control --target ../generated/ogen/control ../generated/control.json
