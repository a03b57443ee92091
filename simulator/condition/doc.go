// Package condition reads and matches conditions over a JSON object, such as `baseamount >= 100 && currency in ["CAD", "USD"]`
// over a request. Scenarios use them for `match.when`, the admin API for waiting and verifying.
//
// Syntax, parser and virtual machine are expr-lang's. Three properties are added: numbers compare exactly as they were written,
// without binary floating point (0.1, 100 and 100.00, 19 digits); an absent field is nil, never an error; and the work is
// bounded by the size of the condition times that of the object. So there are comparisons and logic, but no arithmetic, no
// loops and no variables. A rewriter sees to that: it turns members, operators and functions of the parsed tree into calls of
// the functions in values.go.
package condition
