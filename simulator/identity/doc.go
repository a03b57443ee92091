// Package identity answers who calls and for whom: the company's JWT, and the shopper by x-user-token or by a call to the
// company's own verify-user endpoint.
//
// It knows nothing of companies beyond the small Accounts interface that it declares.
package identity
