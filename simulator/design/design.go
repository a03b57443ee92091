package design

import _ "embed"

//go:embed design.css
var css string

//go:embed examples.html
var examples string

// CSS is the style sheet, whose first comment lists tokens and components.
func CSS() string { return css }

// Examples is HTML with every component, for the inside of a page's main element.
func Examples() string { return examples }
