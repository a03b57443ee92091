// Package simtest starts a simulator inside a Go test: no fixed ports, a manual clock, everything stopped when the test ends.
//
//	sim := simtest.Start(t)
//	shop := myshop.New(sim.URL, sim.CompanyToken, sim.UserToken(t, "user-1001"))
//	shop.Deposit("100.00")
//	sim.Advance(t, time.Hour)
//	payments := sim.Payments(t)
//
// Sim.Client and Sim.Demo call the admin API for everything else: scenarios, outages, verify, wait. Open starts a simulator for
// programs that are no test.
package simtest
