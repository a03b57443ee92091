// Package snippet writes a call of an HTTP API as it is made by curl, Node.js, Python and Go, and a JSON document as lines that
// show what differs from another. What it writes can be pasted and runs; headers may name variables of the environment instead of
// secrets.
package snippet
