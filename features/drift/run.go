package drift

import (
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

func byID(run *evidence.Run) map[string]*evidence.Scenario {
	scenarios := map[string]*evidence.Scenario{}
	for _, s := range run.Scenarios() {
		scenarios[s.ID] = s
	}
	return scenarios
}

// call is the call of a label.
func call(s *evidence.Scenario, label string) (evidence.Exchange, bool) {
	i := slices.IndexFunc(s.Exchanges, func(e evidence.Exchange) bool { return e.Label == label && !e.Control })
	if i < 0 {
		return evidence.Exchange{}, false
	}
	return s.Exchanges[i], true
}

// isAPICall leaves out calls of the simulator's admin API, and hosted pages, which are the provider's.
func isAPICall(e evidence.Exchange) bool {
	path, _, _ := strings.Cut(e.Request.Path, "?")
	return !e.Control && (path == openapi.CashierPath || strings.Contains(header(e.Answer.Headers, "Content-Type"), "json"))
}

func header(headers map[string]string, name string) string {
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
