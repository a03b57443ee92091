package company

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
)

// sealer keeps what a company's configuration holds (credentials, webhook secrets) unreadable in the journal: AES-256-GCM
// under a key that is not kept there.
type sealer struct{ aead cipher.AEAD }

// errSealed says that something was sealed with another key, or was tampered with.
var errSealed = errors.New("it was sealed with another key")

// newSealer makes a sealer of a passphrase of any length.
func newSealer(passphrase string) (sealer, error) {
	key := sha256.Sum256([]byte("mozartosim data " + passphrase))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return sealer{}, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, err
}

// seal hides text; the same text never looks the same twice. about is bound to it: it opens under the same only.
func (s sealer) seal(text []byte, about string) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return s.aead.Seal(nonce, nonce, text, []byte(about)), nil
}

// open is the reverse of seal. The error is errSealed.
func (s sealer) open(sealed []byte, about string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errSealed
	}
	text, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(about))
	if err != nil {
		return nil, errSealed
	}
	return text, nil
}

// Originals keep what a merchant wrote where masking changed it, such as an order number that looks like a card's, so that
// webhooks and returns have the merchant's own words. They are sealed under the data key: what is kept shows nothing of them.
type Originals struct {
	sealer sealer
	key    []byte
}

// NewOriginals makes Originals with a passphrase; without one they can be read by this process alone.
func NewOriginals(passphrase string) (*Originals, error) {
	if passphrase == "" {
		passphrase = rand.Text()
	}
	sealer, err := newSealer(passphrase)
	return &Originals{sealer, []byte(passphrase)}, err
}

// Seal seals those of a payment's texts that masking changes; nil when there are none. The same texts of the same payment are sealed
// the same way, so that runs can be repeated.
func (o *Originals) Seal(id string, texts ...string) ([]byte, error) {
	var changed []string
	for _, text := range texts {
		if mask.Cards(text) != text {
			changed = append(changed, text)
		}
	}
	if changed == nil {
		return nil, nil
	}
	plain, err := json.Marshal(changed)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	mac := hmac.New(sha256.New, o.key)
	fmt.Fprintf(mac, "%s %s", id, plain)
	nonce := mac.Sum(nil)[:o.sealer.aead.NonceSize()]
	return o.sealer.aead.Seal(nonce, nonce, plain, []byte(id)), nil
}

// Reveal returns text, made of a payment's terms, with the originals in place of what was masked; as it is when they were sealed
// with another key.
func (o *Originals) Reveal(t payment.Terms, text []byte) []byte {
	if len(t.Sealed) == 0 {
		return text
	}
	var originals []string
	if plain, err := o.sealer.open(t.Sealed, t.ID); err != nil || json.Unmarshal(plain, &originals) != nil {
		return text
	}
	for _, original := range originals {
		text = bytes.ReplaceAll(text, inJSON(mask.Cards(original)), inJSON(original))
	}
	return text
}

// inJSON is a text as it stands in a JSON string.
func inJSON(text string) []byte {
	quoted, _ := jsontext.AppendQuote(nil, text) // invalid UTF-8 is replaced
	return quoted[1 : len(quoted)-1]
}
