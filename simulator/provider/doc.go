// Package provider holds the ten payment service providers, one file each, and what they have in common.
//
// A Provider is a value: what it is called, where its redirect URL stands, how it words its states, and for each flow the
// named rules of the contract that OpenAPI can't say, and the answer to a valid call. The list is explicit (All); a test
// walks it against the contract and the fixtures, both ways.
//
// What stands in the contract (required fields, types, enums) is not repeated here.
package provider
