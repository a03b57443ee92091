package simtest_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// A merchant's test starts a simulator, lets its shop call it, moves the clock, and asserts what arrived.
func Example() {
	_ = func(t *testing.T) { // func TestDeposit(t *testing.T)
		sim := simtest.Start(t)
		deposit(sim.URL, sim.CompanyToken, sim.UserToken(t, "user-1001"))
		sim.Advance(t, time.Hour)
		if paid := sim.Payments(t); len(paid) != 1 || paid[0].Status != "approved" {
			t.Errorf("payments: %+v", paid)
		}
	}
}

// deposit stands for the merchant's shop.
func deposit(string, string, string) {}

// A program that is no test opens a simulator and closes it.
func ExampleOpen() {
	sim, err := simtest.Open(simtest.Default())
	if err != nil {
		log.Fatal(err)
	}
	clock, err := sim.Demo.Advance(context.Background(), adminapi.AdvanceInput{By: "30d"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clock.Now.Format(time.DateOnly))
	if err := sim.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: 2026-01-31
}
