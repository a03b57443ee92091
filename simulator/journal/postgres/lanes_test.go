package postgres

import (
	"fmt"
	"strings"
	"testing"
)

// Who comes while a flight is under way goes with the next one, together with the others of the same lane; lanes don't wait
// for each other.
func TestLanes(t *testing.T) {
	t.Parallel()
	began, land := make(chan string), make(chan bool)
	l := newLanes(3, func(name string, passengers []string) {
		began <- name + ": " + strings.Join(passengers, " ")
		<-land
	})
	board := func(name, passenger string) {
		t.Helper()
		if !l.board(name, passenger) {
			t.Fatalf("%s was left behind", passenger)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := <-began; got != want {
			t.Fatalf("flight %q, want %q", got, want)
		}
	}
	board("a", "1")
	expect("a: 1")
	for i := range 4 {
		board("a", fmt.Sprint(i+2))
	}
	board("b", "6")
	expect("b: 6")
	land <- true
	land <- true
	expect("a: 2 3 4")
	land <- true
	expect("a: 5")
	closed := make(chan bool)
	go func() {
		l.close()
		close(closed)
	}()
	land <- true
	<-closed
	if l.board("a", "7") {
		t.Error("somebody boarded after the lanes were closed")
	}
	if len(l.waiting) > 0 {
		t.Errorf("lanes are left: %v", l.waiting)
	}
}
