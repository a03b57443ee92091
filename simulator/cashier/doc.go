// Package cashier answers calls of the Cashier API: it takes each call through its stages.
//
//	identify   who calls, for whom                               package identity
//	validate   is the body valid by the contract                 package openapi
//	route      orchestration rule, PSP configuration             package backoffice
//	judge      rules that OpenAPI can't say                      package provider
//	plan       what shall happen: scenario, test data, defaults  package scenario
//	answer     the provider's answer, kept before it leaves      packages provider, payments, lifecycle
//
// The order is the contract's (assumed: rule check-order). Method, path, size and JSON are checked before, by package api.
// An error of a stage ends the call there; package refusal words it.
package cashier
