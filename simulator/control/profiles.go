package control

import (
	"net/http"
	"net/http/pprof"

	"github.com/gorilla/mux"
)

// profiles adds Go's own profiles, behind the same guard as everything else here; but for the command line, which may hold
// the admin token.
func profiles(router *mux.Router) {
	for name, handler := range map[string]http.HandlerFunc{
		"profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace,
	} {
		router.HandleFunc("/debug/pprof/"+name, handler)
	}
	router.PathPrefix("/debug/pprof/").HandlerFunc(pprof.Index)
}
