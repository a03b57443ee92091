package scenario

import (
	"fmt"
	"strings"
)

// Unknown is the name of a scenario that there isn't.
type Unknown struct {
	Name    string
	Similar []string // names that may have been meant, the closest first
	Where   string   // where the name stands, "Mozartosim-Scenario" or "merchantReference"; "" when nobody asked for a payment
}

func (e *Unknown) Error() string {
	text := fmt.Sprintf("there is no scenario %q", shorten(e.Name))
	if e.Where != "" {
		text = fmt.Sprintf("%s must name a scenario: %s", e.Where, text)
	}
	if len(e.Similar) > 0 {
		text += ", close matches are " + strings.Join(e.Similar, ", ")
	}
	return text
}

// Mismatch is a scenario that was named for a payment that it isn't for.
type Mismatch struct {
	Name      string
	PSP, Type string // what the scenario is for, "" for all
	Where     string // where it was named
}

func (e *Mismatch) Error() string {
	return fmt.Sprintf("%s must fit the payment: scenario %s is for %s", e.Where, e.Name, strings.TrimSpace(e.PSP+" "+e.Type))
}

// shorten cuts a name that can't be meant seriously.
func shorten(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
