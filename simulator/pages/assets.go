package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gorilla/mux"

	"mozartosim/simulator/design"
)

//go:embed assets templates
var files embed.FS

// assets are the pages' style sheet, script and icon, under names that change with their content.
type assets struct {
	names map[string]string // style.css -> style.<hash>.css
	texts map[string][]byte // by the hashed name
}

func readAssets() (assets, error) {
	all := assets{map[string]string{}, map[string][]byte{}}
	listed, err := files.ReadDir("assets")
	if err != nil {
		return all, fmt.Errorf("assets: %w", err)
	}
	for _, entry := range listed {
		text, err := files.ReadFile("assets/" + entry.Name())
		if err != nil {
			return all, fmt.Errorf("assets: %w", err)
		}
		if entry.Name() == "style.css" {
			text = append([]byte(design.CSS()), text...)
		}
		sum := sha256.Sum256(text)
		ext := path.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		all.names[entry.Name()], all.texts[name] = name, text
	}
	return all, nil
}

// serve answers with an asset, which a browser may cache for ever: changed content has another name.
func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	name := mux.Vars(r)["name"]
	text, ok := a.texts[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodHead {
		_, _ = w.Write(text)
	}
}
