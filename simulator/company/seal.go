package company

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
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
