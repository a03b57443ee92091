// Package openapi holds the contract and is its only reader: cashier.yaml with one file per provider, and control.yaml
// for the simulator's own admin API.
//
// Both halves of the project stand on it. The simulator asks it whether a request holds (Select, then Validate) and, in
// tests and with --validate-answers, whether its own answers and webhooks do (ValidateAs). The harness compares what it
// observes with it. People read it through `mozartosim contract`.
//
//	files ──▶ bundle ──▶ kin-openapi ──▶ shapes (fields in order) ──▶ Operation.Validate
//	             │
//	             └──▶ Ledger (every rule with its mark), Bundled (one JSON file for other tools)
//
// Required fields, types, enums, patterns and examples are written in the YAML alone. What OpenAPI can't say is a named
// rule (`x-rules`), written there in words and in the provider's file in code. Every operation, schema and rule bears
// `x-provenance`; a field without one has its schema's.
//
// Nothing else imports kin-openapi. Its openapi3filter and its JSON Schema 2020-12 validator stay off the hot path: they
// compile the schema again at every call. The documents therefore keep to keywords that its built-in validator enforces.
package openapi
