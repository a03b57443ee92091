package design

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Assets are style sheets, scripts and icons, under names that change with their content: a browser may keep them for ever.
type Assets struct {
	Names map[string]string // by the file's name: style.css -> style.<hash>.css
	texts map[string]asset  // by the hashed name
}

type asset struct {
	text   []byte
	packed func() []byte // compressed when it is first asked for: a start does not wait for it
}

// ReadAssets reads the files of the folder assets. The design's style sheet is put before the one that is named.
func ReadAssets(files fs.FS, styleSheet string) (Assets, error) {
	all := Assets{map[string]string{}, map[string]asset{}}
	listed, err := fs.ReadDir(files, "assets")
	if err != nil {
		return all, fmt.Errorf("assets: %w", err)
	}
	for _, entry := range listed {
		text, err := fs.ReadFile(files, "assets/"+entry.Name())
		if err != nil {
			return all, fmt.Errorf("assets: %w", err)
		}
		if entry.Name() == styleSheet {
			text = append([]byte(CSS()), text...)
		}
		sum := sha256.Sum256(text)
		ext := path.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		all.Names[entry.Name()], all.texts[name] = name, asset{text, sync.OnceValue(func() []byte { return pack(text) })}
	}
	return all, nil
}

func pack(text []byte) []byte {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is known
	_, _ = w.Write(text)                                       // a buffer takes everything
	_ = w.Close()
	return packed.Bytes()
}

// Serve answers with the asset of a hashed name, compressed for those who can read that.
func (a Assets) Serve(w http.ResponseWriter, r *http.Request, name string) {
	one, ok := a.texts[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header, text := w.Header(), one.text
	header.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		text = one.packed()
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client has gone
	}
}
