// Package clients holds the published contracts against generators that aren't ours: oapi-codegen makes clients of both OpenAPI 3.0
// documents, ogen one of the Cashier API's, which are compiled and call a simulator. All published documents are linted, and what a simulator answers is held against
// those of 3.0. simtest's TestGeneratedClients writes the documents of a simulator into generated/, generates and tests. It is a module of
// its own, so that the generators' dependencies stay out of the simulator's.
package clients

//go:generate go tool oapi-codegen -package cashier -generate models,client -o generated/oapi/cashier/client.go generated/cashier.json
//go:generate go tool oapi-codegen -package control -generate models,client -o generated/oapi/control/client.go generated/control.json
//go:generate go tool ogen --config ogen.yml --loglevel error --clean --package cashier --target generated/ogen/cashier generated/cashier.json
