package webhook

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"mozartosim/simulator/mask"
)

// Bounds of what is stored of an answer, and of what is read of it at all.
const (
	bodyLimit    = 4 << 10
	drainLimit   = 256 << 10 // a longer answer is not read to its end, so its connection can't be used again
	headerLimit  = 1 << 10
	headersLimit = 32
)

// spare is how much more than the limit is read, so that what is masked and lies across the limit is read whole.
const spare = 64

// read puts the answer into result, with what is secret in it masked; above all the attempt's own secret, if it is repeated.
func read(answer *http.Response, secret string, result *Result) error {
	result.Header = bounded(answer.Header, func(_, value string) string { return hide(value, secret) })
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return nil // what follows is no body
	}
	limit := bodyLimit + len(secret) + spare
	head, err := io.ReadAll(io.LimitReader(answer.Body, int64(limit)))
	result.Truncated = len(head) > bodyLimit
	if len(head) == limit {
		head = bytes.TrimRight(head, "0123456789 -") // the beginning of a card number
		if err == nil {
			_, err = io.CopyN(io.Discard, answer.Body, drainLimit)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	result.Body = cut(hide(string(head), secret), bodyLimit)
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
	names := slices.AppendSeq(make([]string, 0, len(header)), maps.Keys(header))
	slices.Sort(names)
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

// hide masks text, and replaces a secret wherever text repeats it. Short secrets stay: they could be in text by chance.
func hide(text, secret string) string {
	if len(secret) >= 8 {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return mask.Text(text)
}
