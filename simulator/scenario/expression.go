package scenario

// Expression is a compiled condition over a request.
type Expression struct{}
