// Package backoffice is what a merchant sets up before the first payment: the company with its credentials and brands,
// PSP configurations, and orchestration rules that lead a payment to a provider.
//
// A Directory has all companies of a process and is read on every call; it replaces a whole company at a time. File
// reads companies from mozartosim.yaml; Demo makes the company that exists without any file.
package backoffice
