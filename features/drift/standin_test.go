package drift_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/drift"
)

// standin is «the real Sandbox» of the tests: it answers as the simulator behind it does, but for one deviation.
type standin struct {
	upstream, receiver string
	wall               *wall
	changes            []deviation // none = faithful

	mu    sync.Mutex
	held  map[string][]*notice // by payment
	tries map[string]int
	count map[string]int
}

func newStandin(receiver string, wall *wall, changes ...deviation) *standin {
	return &standin{
		receiver: receiver, wall: wall, changes: changes,
		held: map[string][]*notice{}, tries: map[string]int{}, count: map[string]int{},
	}
}

// deviation is one way in which the stand-in is not what the simulator is.
type deviation struct {
	name      string
	psp       string                   // only for this provider; "" = all
	flow      string                   // PAYIN or PAYOUT; "" = both
	answer    func(a *answer)          // changes an answer
	notice    func(n *notice) []notice // what is sent instead of a webhook; none = nothing is
	swap      bool                     // the payment's first two webhooks change places
	refuse    int                      // how many tries of a webhook fail before it goes through
	wants     []want
	unsettled bool // no patch can say it, or not all of it
}

// want is a finding that a deviation must lead to.
type want struct {
	kind drift.Kind
	rule string
	path string // at the end of where it is
}

// answer is what the simulator said, open for changes.
type answer struct {
	psp, flow string
	status    int
	header    http.Header
	body      map[string]any
	raw       []byte // instead of body
	delay     time.Duration
}

// notice is one webhook.
type notice struct {
	payment string
	to      string // the receiver's address
	header  http.Header
	body    map[string]any
	raw     []byte
	n       int // the payment's n-th, from 1
}

// data is the answer's data object.
func (a *answer) data() map[string]any {
	data, _ := a.body["data"].(map[string]any)
	return data
}

func decode(text []byte) map[string]any {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var fields map[string]any
	if dec.Decode(&fields) != nil {
		return nil
	}
	return fields
}

func (s *standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/hook") {
		s.hook(w, r, body)
		return
	}
	s.cashier(w, r, body)
}

func (s *standin) cashier(w http.ResponseWriter, r *http.Request, body []byte) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, s.upstream+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	asked := decode(body)
	a := &answer{status: response.StatusCode, header: response.Header.Clone(), body: decode(text), raw: text}
	a.psp, _ = asked["pspType"].(string)
	a.flow, _ = asked["type"].(string)
	payment, _ := a.data()["transactionId"].(string)
	if payment == "" {
		payment, _ = a.body["transactionId"].(string)
	}
	for _, d := range s.changes {
		if d.answer == nil || d.psp != a.psp || d.flow != "" && d.flow != a.flow || a.body == nil {
			continue
		}
		a.raw = nil
		d.answer(a)
		if a.raw == nil {
			a.raw, _ = json.Marshal(a.body)
		}
	}
	s.wall.pass(a.delay)
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.Header().Set("Standin-Payment", payment)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.raw)
}

// hook hands a webhook on, changed as a deviation wants. Its path tells where it was to go, when that is not the recorder.
func (s *standin) hook(w http.ResponseWriter, r *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &notice{header: r.Header.Clone(), body: decode(body), raw: body}
	n.payment, _ = n.body["transaction_id"].(string)
	if n.to = strings.TrimPrefix(r.URL.Path, "/hook/"); n.to == r.URL.Path {
		n.to = s.receiver + "/" + n.payment
	} else {
		n.to = "http://" + n.to
	}
	i := slices.IndexFunc(s.changes, func(d deviation) bool { return d.answer == nil && d.meant(n) })
	if i < 0 {
		s.forward(r, n)
		return
	}
	d := s.changes[i]
	if s.tries[n.payment]++; s.tries[n.payment] <= d.refuse {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	s.count[n.payment]++
	n.n = s.count[n.payment]
	if d.swap {
		if s.held[n.payment] = append(s.held[n.payment], n); n.n == 2 {
			s.forward(r, s.held[n.payment][1])
			s.forward(r, s.held[n.payment][0])
		} else if n.n > 2 {
			s.forward(r, n)
		}
		return
	}
	if d.notice == nil {
		s.forward(r, n)
		return
	}
	n.raw = nil
	for _, out := range d.notice(n) {
		if out.raw == nil {
			out.raw, _ = json.Marshal(out.body)
		}
		s.forward(r, &out)
	}
}

// meant says whether a webhook is the deviating provider's; webhooks don't name theirs, but what they lack or hold does.
func (d deviation) meant(n *notice) bool {
	_, currency := n.body["currency"]
	_, method := n.body["method"]
	status, _ := n.body["status"].(string)
	switch d.psp {
	case "PAYONE":
		return !currency && !method
	case "NEOSURF":
		return method
	case "WORLDPAY_EU":
		return status == "AUTHORISED" || status == "CAPTURED"
	case "GIGADAT":
		return len(status) > 7 && status[:7] == "STATUS_"
	}
	return true
}

func (s *standin) forward(r *http.Request, n *notice) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, n.to, bytes.NewReader(n.raw))
	if err != nil {
		return
	}
	request.Header = n.header.Clone()
	request.Header.Del("Content-Length")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return
	}
	response.Body.Close()
}
