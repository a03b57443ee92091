// Package refusal words refused calls as the vendor does, typos included: it turns the typed errors of a call's stages into HTTP
// status and body. What is the simulator's own, and no behaviour of the vendor's, has the header ErrorHeader. No other package picks a status code of the Cashier API.
package refusal
