// Package merchant calls the Cashier API of a simulator as a merchant's system does: by a company's credentials, which a
// configuration or a running simulator has, and the tokens that are made of them, over the network or in the simulator's own process.
// It finds the payment that a call made, also when the answer was lost, and drives it to an outcome.
package merchant
