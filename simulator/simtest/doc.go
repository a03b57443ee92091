// Package simtest starts a simulator inside a Go test: no fixed ports, a manual clock, everything stopped when the test ends.
//
//	sim := simtest.Start(t)
//	shop := myshop.New(sim.URL, sim.CompanyToken, sim.UserToken("user-1001"))
//	shop.Deposit("100.00")
//	sim.Advance(t, time.Hour)
//	payments := sim.Payments(t)
package simtest
