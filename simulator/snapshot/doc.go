// Package snapshot copies everything of a company but its configuration to a JSON document, puts such a copy back, and resets a
// company.
package snapshot
