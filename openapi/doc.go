// Package openapi holds the contract and is its only reader: cashier.yaml with one file per provider, and control.yaml for the
// simulator's own admin API.
//
// Both halves of the project depend on it. The simulator validates requests with it (Select, then Validate) and, in tests and
// with --validate-answers, its own answers and webhooks (ValidateAs). The harness compares what it observes with it. People
// read it through `mozartosim contract`.
//
//	files ──▶ bundle ──▶ kin-openapi ──▶ shapes (fields in order) ──▶ Operation.Validate
//	             │
//	             └──▶ Ledger (every rule with its mark), Bundled (one JSON file for other tools)
//
// Required fields, types, enums, patterns and examples are written only in the YAML. What OpenAPI can't say is a named rule
// (`x-rules`), written there in words and in the provider's file in code. Every operation, schema and rule has `x-provenance`;
// a field without one has the mark around it, unless its schema is the simulator's own.
//
// Nothing else imports kin-openapi. Its openapi3filter and its JSON Schema 2020-12 validator stay off the hot path: they
// compile the schema again at every call. The documents therefore use only keywords that its built-in validator enforces.
package openapi
