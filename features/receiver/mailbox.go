package receiver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"mozartosim/openapi"
)

// Call is a webhook, or a verify-user call, as it arrived.
type Call struct {
	Header   http.Header
	Body     []byte
	Doc      openapi.Document // empty when the body is no JSON object
	At       time.Time        // real time
	Answered int              // what it was answered
}

// Reply is how the merchant's server answers.
type Reply struct {
	Status int
	Body   string
}

// Mailbox takes a company's webhooks and plays its verify-user. It is safe for concurrent use.
type Mailbox struct {
	URL string // the company's part of the receiver, as the target reaches it; webhooks and verify-user are below it

	mu       sync.Mutex
	webhooks []Call
	changed  chan struct{}
	replies  []Reply
	verify   Reply
	verified []Call
}

func newMailbox(url string) *Mailbox {
	return &Mailbox{URL: url, changed: make(chan struct{}), verify: Reply{Status: http.StatusOK}}
}

// Webhooks returns the webhooks that have arrived, and a channel that is closed when the next one does.
func (m *Mailbox) Webhooks() ([]Call, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.webhooks[:len(m.webhooks):len(m.webhooks)], m.changed
}

// Verifications returns the verify-user calls that have arrived.
func (m *Mailbox) Verifications() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.verified[:len(m.verified):len(m.verified)]
}

// ReplyWebhooks sets how the next webhooks are answered, one after the other; those after them are answered 200.
func (m *Mailbox) ReplyWebhooks(replies ...Reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replies = replies
}

// ReplyVerify sets how verify-user calls are answered.
func (m *Mailbox) ReplyVerify(reply Reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.verify = reply
}

// takeWebhook keeps a webhook and returns how to answer it.
func (m *Mailbox) takeWebhook(header http.Header, body []byte, at time.Time) Reply {
	m.mu.Lock()
	defer m.mu.Unlock()
	reply := Reply{Status: http.StatusOK}
	if len(m.replies) > 0 {
		reply, m.replies = m.replies[0], m.replies[1:]
	}
	m.webhooks = append(m.webhooks, newCall(header, body, at, reply))
	close(m.changed)
	m.changed = make(chan struct{})
	return reply
}

// takeVerify keeps a verify-user call. Unless a reply was set, every shopper is known.
func (m *Mailbox) takeVerify(header http.Header, body []byte, at time.Time) Reply {
	m.mu.Lock()
	defer m.mu.Unlock()
	call := newCall(header, body, at, m.verify)
	m.verified = append(m.verified, call)
	if m.verify.Body != "" || m.verify.Status != http.StatusOK {
		return m.verify
	}
	user, _ := json.Marshal(map[string]any{"userId": call.Doc.Text("userId"), "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe"})
	return Reply{http.StatusOK, string(user)}
}

func newCall(header http.Header, body []byte, at time.Time, reply Reply) Call {
	doc, _ := openapi.Decode(body) // what is no JSON object is kept as text
	return Call{Header: header, Body: bytes.Clone(body), Doc: doc, At: at, Answered: reply.Status}
}
