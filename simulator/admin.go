package simulator

import "net/http"

// Admin returns the handler of the admin listener.
func (s *Simulator) Admin() (http.Handler, error) { return http.NotFoundHandler(), nil }
