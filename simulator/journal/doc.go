// Package journal keeps everything that happened: append-only streams of entries, one for each payment, and the work that is
// scheduled because of it. Beside them a company has a few settings, which say how things are: its configuration, its clock.
//
// What an entry says is none of its business; it keeps the bytes. It knows just enough to find a stream again: labels to
// filter by, keys that are unique (a hosted page's session), the order of creation. Every reader (the payment itself, the
// console's lists, a timeline) makes its picture from here; there is no second store of truth.
//
// journaltest holds the conformance suite that every Journal passes.
package journal
