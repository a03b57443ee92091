package steps

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"mozartosim/openapi"
)

// Received is one webhook as it arrived.
type Received struct {
	Header   http.Header
	Body     []byte
	Doc      openapi.Document // empty when the body is no JSON object
	At       time.Time        // real time
	Answered int              // what it was answered
}

// Mailbox takes a company's webhooks and plays its verify-user. It is safe for concurrent use.
type Mailbox struct {
	URL string // of the webhooks, as the target reaches it; verify-user is beside it

	mu       sync.Mutex
	arrived  []Received
	changed  chan struct{}
	replies  []reply
	verify   reply
	verified []Received
}

// reply is how the merchant's server answers.
type reply struct {
	status int
	body   string
}

// NewMailbox makes an empty mailbox.
func NewMailbox(url string) *Mailbox {
	return &Mailbox{URL: url, changed: make(chan struct{}), verify: reply{status: http.StatusOK}}
}

// Deliver takes a webhook in and says how to answer it.
func (m *Mailbox) Deliver(header http.Header, body []byte, at time.Time) (status int, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer := reply{status: http.StatusOK}
	if len(m.replies) > 0 {
		answer, m.replies = m.replies[0], m.replies[1:]
	}
	doc, _ := openapi.Decode(body) // what is no JSON object is kept as text
	m.arrived = append(m.arrived, Received{Header: header, Body: bytes.Clone(body), Doc: doc, At: at, Answered: answer.status})
	close(m.changed)
	m.changed = make(chan struct{})
	return answer.status, answer.body
}

// Verify plays the merchant's verify-user: by default every shopper is known.
func (m *Mailbox) Verify(header http.Header, body []byte, at time.Time) (status int, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	doc, _ := openapi.Decode(body)
	m.verified = append(m.verified, Received{Header: header, Body: bytes.Clone(body), Doc: doc, At: at, Answered: m.verify.status})
	if m.verify.body != "" || m.verify.status != http.StatusOK {
		return m.verify.status, m.verify.body
	}
	user, _ := json.Marshal(map[string]any{"userId": doc.Text("userId"), "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe"})
	return http.StatusOK, string(user)
}

// all returns what has arrived so far, and a channel that is closed when more does.
func (m *Mailbox) all() ([]Received, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.arrived[:len(m.arrived):len(m.arrived)], m.changed
}

func (m *Mailbox) program(replies []reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replies = replies
}

func (m *Mailbox) programVerify(answer reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.verify = answer
}

func (m *Mailbox) verifications() []Received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.verified[:len(m.verified):len(m.verified)]
}
