// Package scenarios is the folder of ready scenarios: YAML files that say what the simulator shall do with a payment.
// README.md teaches the format; schema.json describes it to editors.
package scenarios

//go:generate go run mozartosim/openapi/internal/schema schema.json
