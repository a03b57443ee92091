// Package replay answers calls of the Cashier API with recordings of the vendor's own answers, where one fits, and leaves
// all others to the simulator.
//
// A recording is what the vendor really said, so it comes before the simulator's own checks of the body: a call that the
// contract refuses is answered with the recorded refusal. The company token is checked all the same, since a recording
// keeps none: an answer other than 401 goes to callers only whose token the simulator takes. A call that asks for a scenario
// (the header Mozartosim-Scenario, or merchantReference "sim:…") is the simulator's in any case.
//
// What is replayed opens no payment: nothing of it is in the journal, and no webhook follows.
package replay
