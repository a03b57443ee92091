// Package identity finds out who calls, and for which shopper: the company's JWT, and the shopper by x-user-token or by a call to the
// company's own verify-user endpoint.
//
// It gets companies by the small Companies interface that it declares.
package identity
