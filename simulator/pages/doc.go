// Package pages is the shopper's door: the hosted page behind a payment's redirect URL, /pay/<psp>/<session>.
//
// So far it says which payment the page belongs to and that nothing can be decided on it yet.
package pages
