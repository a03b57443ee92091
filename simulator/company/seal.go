package company

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
)

// newCipher makes a cipher of a passphrase of any length: AES-256. What a company's configuration holds (credentials, webhook secrets) is
// unreadable in the journal under a key that is not kept there; it opens for the company alone that it was sealed for.
func newCipher(passphrase string) (cipher.Block, error) {
	key := sha256.Sum256([]byte("mozartosim data " + passphrase))
	return aes.NewCipher(key[:])
}

// Originals keep what a merchant wrote where masking changed it, such as an order number that looks like a card's, so that
// webhooks and returns have the merchant's own words. They are sealed under the data key: what is kept shows nothing of them.
type Originals struct {
	aead cipher.AEAD
	key  []byte
}

// NewOriginals makes Originals with a passphrase; without one they can be read by this process alone.
func NewOriginals(passphrase string) (*Originals, error) {
	if passphrase == "" {
		passphrase = rand.Text()
	}
	block, err := newCipher(passphrase)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return &Originals{aead, []byte(passphrase)}, err
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
	nonce := mac.Sum(nil)[:o.aead.NonceSize()]
	return o.aead.Seal(nonce, nonce, plain, []byte(id)), nil
}

// Reveal returns text, made of a payment's terms, with the originals in place of what was masked; as it is when they were sealed
// with another key.
func (o *Originals) Reveal(t payment.Terms, text []byte) []byte {
	n := o.aead.NonceSize()
	if len(t.Sealed) < n {
		return text
	}
	var originals []string
	if plain, err := o.aead.Open(nil, t.Sealed[:n], t.Sealed[n:], []byte(t.ID)); err != nil || json.Unmarshal(plain, &originals) != nil {
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
