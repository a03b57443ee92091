package main

import (
	"github.com/spf13/pflag"

	"mozartosim/simulator"
)

// storeFlags are about where everything is kept, what is let in, and how much of it.
func storeFlags(flags *pflag.FlagSet, config *simulator.Config) {
	flags.StringVar(&config.Data, "data", "", "where everything is kept: a file, or postgres://… for several processes together (default: in memory, until the process ends)")
	flags.StringVar(&config.DataKey, "data-key", "", "companies' secrets are sealed under it in --data (default: a key file beside the data file)")
	flags.IntVar(&config.MaxPayments, "max-payments", config.MaxPayments, "payments kept for each company; the oldest make room")
	flags.IntVar(&config.MaxCompanies, "max-companies", config.MaxCompanies, "how many companies there may be")
	flags.IntVar(&config.MaxConnections, "max-connections", config.MaxConnections, "connections to each listener at the same time; 0 is any number")
	flags.Int64Var(&config.MaxBody, "max-body", config.MaxBody, "bytes of a call's body")
	flags.IntVar(&config.MaxHeader, "max-header", config.MaxHeader, "bytes of a call's header")
	flags.DurationVar(&config.BodyTimeout, "body-timeout", config.BodyTimeout, "how long a call's header, and its body, may take to arrive")
	flags.DurationVar(&config.IdleTimeout, "idle-timeout", config.IdleTimeout, "how long a connection may stay idle")
	flags.StringVar(&config.TLSCert, "tls-cert", "", "a certificate in PEM; both listeners then speak TLS")
	flags.StringVar(&config.TLSKey, "tls-key", "", "its private key in PEM")
	flags.BoolVar(&config.TLSSelfSigned, "tls-self-signed", false, "TLS with a certificate made at the start; its fingerprint is printed")
	flags.BoolVar(&config.Trace, "trace", false, "tell every call's walk through the stages, and all due work, in the log")
}
