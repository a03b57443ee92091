package replay

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/random"
	"mozartosim/simulator/requestlog"
)

// Header names, on a replayed answer, the file that it comes from.
const Header = "Mozartosim-Replayed"

// Config configures the handler. All fields are required.
type Config struct {
	Recordings *recorded.Set
	Contract   *openapi.Contract
	Next       http.Handler                                    // answers calls without a recording
	Company    func(authorization string) (id string, ok bool) // of a valid company token
	MaxBody    int64                                           // bytes of a call's body; a larger one is Next's
	Seed       uint64                                          // of the fake values of masked tokens
	Requests   requestlog.Keeper                               // keeps every call
	Log        *slog.Logger
}

type handler struct {
	Config
	replayed atomic.Uint64
}

// New makes the handler in front of the Cashier API.
func New(config Config) http.Handler { return &handler{Config: config} }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != openapi.CashierPath || r.Header.Get("Content-Encoding") != "" {
		h.Next.ServeHTTP(w, r)
		return
	}
	body, recording := h.find(r)
	if recording == nil {
		h.Next.ServeHTTP(w, r)
		return
	}
	h.record(w, r, body, recording)
	h.answer(w, r, recording.File, recording.Answer, recording.Render(body, h.draw()))
}

// record keeps a replayed call, as refused when the recording says so.
func (h *handler) record(w http.ResponseWriter, r *http.Request, body openapi.Document, recording *recorded.Recording) {
	c := requestlog.NewCall(h.Requests.NewID(), r)
	c.At, c.Status, c.Replayed = clock.Wall(), recording.Answer.Status, recording.File
	c.Sent, c.BodyBytes = body, int64(len(body.Raw))
	c.Company, _ = h.Company(r.Header.Get("Authorization"))
	c.PSP, c.Type = body.Text("pspType"), body.Text("type")
	if c.Status >= http.StatusBadRequest {
		c.Stage, c.Reason = "replay", "the recording was refused with this status"
	}
	w.Header()[requestlog.Header] = []string{c.ID}
	h.Requests.Record(c)
}

// draw returns a stream of its own for each replay.
func (h *handler) draw() *random.Stream {
	return random.New(h.Seed, "replay", strconv.FormatUint(h.replayed.Add(1), 10))
}

// find reads the call, puts its body back, and finds the recording that fits; nil when none does.
func (h *handler) find(r *http.Request) (body openapi.Document, fits *recorded.Recording) {
	text, err := io.ReadAll(io.LimitReader(r.Body, h.MaxBody+1))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}
	if err != nil || int64(len(text)) > h.MaxBody {
		return body, nil
	}
	body, err = openapi.Decode(text)
	if err != nil || r.Header.Get("Mozartosim-Scenario") != "" || strings.HasPrefix(body.Text("merchantReference"), "sim:") {
		return body, nil
	}
	match := recorded.MatchOf(h.Contract, r.Header, body)
	recording, ok := h.Recordings.Peek(match)
	if _, valid := h.Company(r.Header.Get("Authorization")); !ok || recording.Answer.Status != http.StatusUnauthorized && !valid {
		return body, nil
	}
	fits, _ = h.Recordings.Find(match)
	return body, fits
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request, file string, answer recorded.Answer, body []byte) {
	header := w.Header()
	for name, value := range answer.Headers {
		header.Set(name, value)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set(Header, file)
	w.WriteHeader(answer.Status)
	_, _ = w.Write(body) // the caller has left
	h.Log.InfoContext(r.Context(), "call replayed", "file", file, "status", answer.Status)
}
