package listener

import (
	"io"
	"net/http"
	"time"

	"mozartosim/simulator/clock"
)

// LimitBody gives every request's body a time to arrive in, which grows with what has arrived: a large body may take long, a slow one
// may not. The time counts for a body that next doesn't read too: net/http waits for the rest of it before it closes the connection.
func LimitBody(within time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			b := &body{ReadCloser: r.Body, control: *http.NewResponseController(w), deadline: clock.Wall()}
			b.extend(within)
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

type body struct {
	io.ReadCloser
	control  http.ResponseController
	deadline time.Time
}

// bodyRate is how many bytes of a body give it another second.
const bodyRate = 64 << 10

// Read implements io.Reader.
func (b *body) Read(p []byte) (n int, err error) {
	n, err = b.ReadCloser.Read(p)
	if err == nil { // at the end net/http has taken the deadline away
		b.extend(time.Duration(n) * time.Second / bodyRate)
	}
	return n, err
}

func (b *body) extend(by time.Duration) {
	b.deadline = b.deadline.Add(by)
	_ = b.control.SetReadDeadline(b.deadline) // only a test's writer has none
}
