package docs

import (
	"compress/gzip"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

// Asset serves style sheets and scripts: this package's own, and those of Swagger UI, which its module has compressed.
func (d *Docs) Asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "swagger-ui") {
		if packed, err := static.FS.Open(name + ".gz"); err == nil {
			defer packed.Close()
			servePacked(w, r, packed)
			return
		}
	}
	http.ServeFileFS(w, r, files, "assets/"+path.Base(name))
}

// servePacked serves a file that is compressed already; clients that can't read that get it unpacked.
func servePacked(w http.ResponseWriter, r *http.Request, packed fs.File) {
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.Copy(w, packed) // the client has gone
		return
	}
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		http.Error(w, "something went wrong in the simulator", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, unpacked) //nolint:gosec // the file is this binary's own
}
