package webhook

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of what is stored of an answer, and of what is read of it at all.
const (
	bodyLimit    = 4 << 10
	drainLimit   = 256 << 10 // a longer answer is not read to its end, so its connection can't be used again
	headerLimit  = 1 << 10
	headersLimit = 32
)

// read puts the answer into result. The attempt's secret is hidden where the answer repeats it.
func read(answer *http.Response, secret string, result *Result) error {
	result.Header = bounded(answer.Header, func(_, value string) string { return hide(value, secret) })
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return nil // what follows is no body
	}
	// A secret that lies across the limit must be read whole to be hidden.
	head, err := io.ReadAll(io.LimitReader(answer.Body, int64(bodyLimit+len(secret)+1)))
	if err == nil {
		_, err = io.CopyN(io.Discard, answer.Body, drainLimit)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	body := hide(string(head), secret)
	result.Truncated = len(body) > bodyLimit
	result.Body = cut(body, bodyLimit)
	switch {
	case err != nil:
		return err
	case answer.StatusCode/100 == 3:
		return redirectError(answer.StatusCode)
	case answer.StatusCode == http.StatusBadRequest && plainOnTLS(result.Body):
		return errPlainOnTLS
	}
	return nil
}

// bounded returns the first headersLimit headers in the order of their names, each value passed through show and cut.
func bounded(header http.Header, show func(name, value string) string) map[string]string {
	if len(header) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(header))
	kept := make(map[string]string, min(len(names), headersLimit))
	for _, name := range names[:min(len(names), headersLimit)] {
		kept[cut(name, headerLimit)] = cut(show(name, strings.Join(header[name], ", ")), headerLimit)
	}
	return kept
}

// cut returns text's first bytes up to limit as valid UTF-8, without splitting a character.
func cut(text string, limit int) string {
	if len(text) > limit {
		end := limit
		for end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// hide replaces a secret wherever text repeats it. Short secrets stay: they could be in text by chance.
func hide(text, secret string) string {
	if len(secret) < 8 {
		return text
	}
	return strings.ReplaceAll(text, secret, "***")
}
