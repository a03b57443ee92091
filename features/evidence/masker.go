package evidence

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// Masker hides what must not be seen in anything that is printed or kept: known secrets anywhere, fields by their names,
// card numbers, tokens.
type Masker struct {
	mu      sync.RWMutex
	secrets []string
}

// Hide adds secrets that are hidden from now on; short ones are left out, since they would hide parts of common words.
func (m *Masker) Hide(secrets ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range secrets {
		if len(s) >= 6 && !slices.Contains(m.secrets, s) {
			m.secrets = append(m.secrets, s)
		}
	}
}

// Forget removes secrets, those of a company that is deleted.
func (m *Masker) Forget(secrets ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets = slices.DeleteFunc(m.secrets, func(s string) bool { return slices.Contains(secrets, s) })
}

// Text masks any text: a failure's words, a page, a body that is no JSON.
func (m *Masker) Text(text string) string { return m.known(mask.Text(text)) }

// known hides the known secrets in a text, and escapes what would act on a terminal.
func (m *Masker) known(text string) string {
	text = mask.Printable(text)
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, s := range m.secrets {
		if strings.Contains(text, s) {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}

// Body masks a body: field by field when it is a JSON object, where ids stay, else as text. Tokens in a field's text go too.
func (m *Masker) Body(body []byte) string {
	doc, err := openapi.Decode(body)
	if err != nil {
		return m.Text(string(body))
	}
	return m.known(mask.Tokens(string(mask.Fields(body, doc.Fields)), nil))
}

// Header flattens a header, hiding credentials.
func (m *Masker) Header(header http.Header) map[string]string {
	flat := map[string]string{}
	for name, values := range header {
		value := strings.Join(values, ", ")
		if mask.SecretHeader(name) {
			scheme, _ := mask.Scheme(value)
			value = strings.TrimSpace(scheme + " ***")
		}
		flat[name] = m.Text(value)
	}
	return flat
}
