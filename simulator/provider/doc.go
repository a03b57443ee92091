// Package provider has the payment service providers, one file each, and what they have in common.
//
// A Provider is a value: its code and name, where its redirect URL stands, its words for the states of a payment, and for each
// flow the named rules of the contract that OpenAPI can't say and the answer to a valid call. What is in the contract (required
// fields, types, enums) is not repeated here. Each provider's words, reasons and messages stand only in its file.
//
// To add a provider:
//
//  1. openapi/providers/<psp>.yaml: request, answer, webhook, <Psp>Configuration and their examples, each with x-provenance; its
//     line in openapi/cashier.yaml and its code in the enums of control.yaml and scenario.yaml; then `make contract`.
//  2. <psp>.go in this package: a function that returns the Provider, and its line in All.
//  3. fixtures/requests/<psp> and fixtures/answers/<psp>: a minimal, a full and invalid requests, answers; its test cards,
//     names, amounts or vouchers in fixtures/cards.yaml and vouchers.yaml.
//  4. scenarios/providers/<psp>.yaml, features for what it answers, refuses and notifies of, and a numbered feature in
//     features/assumptions for each assumed rule; its configuration and rule in simulator/backoffice/demo.yaml.
//
// Tests compare the list with the contract (here), the contract with fixtures (package fixtures), scenarios (package simulator)
// and features (package features), both ways, and name what is missing.
package provider
