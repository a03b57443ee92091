// Package money holds amounts as decimals, never as binary floating point, and knows the active ISO 4217 currencies.
package money
