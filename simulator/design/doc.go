// Package design is how everything looks that mozartosim shows: the tokens (colour, space, type, radius) and the components of the
// console, the hosted pages, the reports and the documentation, light and dark, in one style sheet.
//
// The style sheet's first comment lists tokens and components. The console shows each at /style. A page that needs more has a
// style sheet of its own beside this one, made of the same tokens; a hosted page changes the accent to its provider's colour.
package design
