package evidence

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// Recording is a transport that gives keep each call that next makes, with its bodies as they are, when it began and ended on wall, and
// why there is no answer.
func Recording(next http.RoundTripper, wall func() time.Time, keep func(e Exchange, begun, ended time.Time, err error)) http.RoundTripper {
	return recording(func(request *http.Request) (*http.Response, error) {
		e := Exchange{Request: Message{Method: request.Method, Path: request.URL.RequestURI()}}
		if request.GetBody != nil {
			body, _ := request.GetBody() // it is in memory
			sent, _ := io.ReadAll(body)
			e.Request.Body = string(sent)
		}
		begun := wall()
		got, err := next.RoundTrip(request)
		if err == nil {
			var text []byte
			text, err = io.ReadAll(got.Body)
			_ = got.Body.Close() // it has been read
			got.Body = io.NopCloser(bytes.NewReader(text))
			e.Answer = Message{Status: got.StatusCode, Body: string(text)}
		}
		keep(e, begun, wall(), err)
		if err != nil {
			return nil, err
		}
		return got, nil
	})
}

// recording is a transport that is a function.
type recording func(*http.Request) (*http.Response, error)

func (r recording) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
