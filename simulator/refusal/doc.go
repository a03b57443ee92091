// Package refusal words refused calls as the vendor does, typos included: it turns the typed errors of a call's stages into HTTP
// status and body. No other package picks a status code of the Cashier API.
package refusal
