// Package replay answers calls of the Cashier API with recordings of the vendor's own answers, where one fits, and leaves all
// others to the simulator.
//
// A recording is a real answer of the vendor, so it comes before the simulator's own checks of the body: a call that the
// contract refuses gets the recorded refusal. The company token is checked all the same, since recordings have none: an answer
// other than 401 goes only to callers with a valid token. A call that names a scenario (the header Mozartosim-Scenario, or
// merchantReference "sim:…") always goes to the simulator.
//
// A replayed call makes no payment: nothing of it is in the journal, and no webhook follows.
package replay
