// Package backoffice is what a merchant sets up before the first payment: the company with its credentials and brands,
// PSP configurations, and orchestration rules that lead a payment to a provider.
//
// A Directory holds all companies of a process and is read on every call; it changes as a whole company at a time. File
// reads the same from mozartosim.yaml, Demo makes the company that is there without any file.
package backoffice
