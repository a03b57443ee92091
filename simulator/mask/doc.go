// Package mask hides what must not be written anywhere in clear: card numbers, security codes, voucher PINs, passwords and
// tokens. It is the one place that knows what is secret; whatever is kept, logged, printed or recorded goes through it.
//
// In fields (Fields, Value) it knows secrets by their names. In text of any form (Text, Cards, Tokens) it knows tokens by
// their form or by the name before them, and cards by prefix, length and check digit. In the fields for card numbers it hides
// every number; anywhere else the test numbers that providers publish stay, and so do ids, which stand in no field for cards
// and have no card's form. Of headers (Header) it knows credentials by their names, and leaves what tells two of them apart.
//
// What is about a person (PersonalName) is not secret, but goes where a recording or a bundle leaves a team.
//
// It also escapes what must not reach a terminal (Printable, Line, Terminal): what a merchant or a shopper wrote is shown and does
// nothing.
package mask
