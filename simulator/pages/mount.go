package pages

import (
	"fmt"
	"net/http"

	"mozartosim/simulator/design"

	"github.com/gorilla/mux"
)

// Mount adds the pages to the public router. Errors mean that what is embedded is broken.
func Mount(router *mux.Router, c Config) error {
	p := &pages{Config: c, actions: &actions{c}, forgery: http.NewCrossOriginProtection()}
	assets, err := design.ReadAssets(files, "style.css")
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	p.drawer = &drawer{assets: assets, base: c.Base}
	const page = "/pay/{psp}/{session}"
	router.HandleFunc("/pay/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		assets.Serve(w, r, mux.Vars(r)["name"])
	}).Methods(http.MethodGet, http.MethodHead)
	for _, path := range []string{page, page + "/deposit"} {
		router.HandleFunc(path, p.show).Methods(http.MethodGet, http.MethodHead)
		router.HandleFunc(path, p.act).Methods(http.MethodPost)
	}
	router.HandleFunc(page+"/return", p.leave).Methods(http.MethodGet)
	router.HandleFunc(page+"/state", p.state).Methods(http.MethodGet)
	router.Path("/").MatcherFunc(browser).HandlerFunc(p.showFront)
	if p.Shop != nil {
		(&shop{p}).mount(router)
	}
	return nil
}
