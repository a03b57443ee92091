package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (c *console) deliveryPages() map[string]show {
	return map[string]show{"/deliveries": deliveries, "/deliveries/{id}": oneDelivery, "/inbox": inbox}
}

func (c *console) deliveryForms() map[string]form {
	return map[string]form{
		"/deliveries/{id}/resend": {"resend", resend, afterDelivery},
		"/deliveries/{id}/cancel": {"cancel", cancelDelivery, afterDelivery},
		"/inbox/program":          {"program", setProgram, inbox},
	}
}

type deliveriesView struct {
	listView
	Deliveries []delivery `json:"deliveries"`
	NextPage   string     `json:"next"`
}

func deliveries(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Deliveries", nav: "deliveries"}, nil
	}
	l, query := v.list("state", "payment")
	shown := deliveriesView{listView: l}
	p := &page{template: "deliveries", title: "Deliveries", nav: "deliveries", live: "all"}
	if err := v.get("/v1/deliveries", query, &shown); err != nil {
		if p.why = v.told(err); p.why.Status != http.StatusBadRequest && p.why.Status != http.StatusNotFound {
			return nil, err
		}
		p.failed, p.status = "filter", p.why.Status
	}
	v.paged(&shown.listView, "/deliveries", shown.NextPage)
	p.data = shown
	return p, nil
}

func oneDelivery(v *visit) (*page, error) {
	var shown delivery
	if err := v.get(pathOf("v1", "deliveries", v.in("id")), v.ofCompany(), &shown); err != nil {
		return nil, err
	}
	return &page{template: "delivery", title: "Delivery " + shown.ID, nav: "deliveries", live: shown.Payment, data: shown}, nil
}

// afterDelivery is the page on which the form stood: the payment's timeline or the delivery's own.
func afterDelivery(v *visit) (*page, error) {
	if v.said("from") == "delivery" {
		return oneDelivery(v)
	}
	payment, _, _ := strings.Cut(v.in("id"), "-")
	v.Request.SetPathValue("id", payment)
	return timeline(v)
}

// goOn leads to the delivery that something was done to, on the page on which the form stood.
func (v *visit) goOn(id, done string) outcome {
	if v.said("from") == "delivery" {
		return outcome{to: v.link(pathOf("deliveries", id), "done", done)}
	}
	payment, _, _ := strings.Cut(id, "-")
	return outcome{to: v.link(pathOf("payments", payment), "done", done)}
}

func resend(v *visit) (outcome, error) {
	var body any
	if v.PostForm.Has("body") {
		body = map[string]string{"body": strings.ReplaceAll(v.PostForm.Get("body"), "\r\n", "\n")}
	}
	var made delivery
	err := v.do(http.MethodPost, v.onCompany(pathOf("v1", "deliveries", v.in("id"), "resend")), body, &made)
	return v.goOn(made.ID, "resent"), err
}

func cancelDelivery(v *visit) (outcome, error) {
	err := v.do(http.MethodPost, v.onCompany(pathOf("v1", "deliveries", v.in("id"), "cancel")), nil, nil)
	return v.goOn(v.in("id"), "cancelled"), err
}

// received is a webhook in the inbox.
type received struct {
	At       time.Time         `json:"at"`
	Delivery string            `json:"delivery"`
	Payment  string            `json:"payment"`
	N        int               `json:"n"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Status   int               `json:"status"`
	Error    string            `json:"error"`
}

// reply is one way in which the inbox answers.
type reply struct {
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Delay  string `json:"delay,omitempty"`
	HangUp bool   `json:"hangUp,omitempty"`
	Times  int    `json:"times,omitempty"`
}

// String writes a reply as readReplies reads it.
func (r reply) String() string {
	parts := []string{"200"}
	if r.Status != 0 {
		parts[0] = strconv.Itoa(r.Status)
	}
	if r.HangUp {
		parts[0] = "hang up"
	}
	if r.Times > 1 {
		parts = append(parts, "x"+strconv.Itoa(r.Times))
	}
	if r.Delay != "" {
		parts = append(parts, "after "+r.Delay)
	}
	if r.Body != "" {
		parts = append(parts, "body "+r.Body)
	}
	return strings.Join(parts, " ")
}

type inboxView struct {
	listView
	Received []received `json:"received"`
	NextPage string     `json:"next"`
	Replies  []reply    `json:"replies"`
}

// Program is what is left of the program, as it can be written.
func (i inboxView) Program() string {
	var lines []string
	for _, r := range i.Replies {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

func inbox(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Inbox", nav: "inbox"}, nil
	}
	l, query := v.list()
	shown := inboxView{listView: l}
	if err := v.get("/v1/inbox", query, &shown); err != nil {
		return nil, err
	}
	if err := v.get(v.path("inbox"), nil, &shown); err != nil {
		return nil, err
	}
	v.paged(&shown.listView, "/inbox", shown.NextPage)
	return &page{template: "inbox", title: "Inbox", nav: "inbox", live: "all", data: shown}, nil
}

func setProgram(v *visit) (outcome, error) {
	replies, err := readReplies(v.PostForm.Get("replies"))
	if err != nil {
		return outcome{}, err
	}
	err = v.do(http.MethodPut, v.path("inbox"), map[string]any{"replies": replies}, nil)
	return outcome{to: v.link("/inbox", "done", "program")}, err
}

// readReplies reads a program, one reply for each line: `500`, `500 x2`, `200 after 3s`, `hang up`, `500 body {"a": 1}`, or
// the JSON of one. The error is a *problem that names the line.
func readReplies(text string) ([]reply, error) {
	replies := []reply{}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		r, err := readReply(line)
		if err != nil {
			return nil, &problem{
				Status: http.StatusBadRequest, Message: fmt.Sprintf("line %d is not a reply: %v", i+1, err),
				Problems: []string{"a line is such as 500, or 500 x2, or 200 after 3s, or hang up, or 500 body {\"error\": true}"},
			}
		}
		replies = append(replies, r)
	}
	return replies, nil
}

func readReply(line string) (r reply, err error) {
	if strings.HasPrefix(line, "{") {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		return r, dec.Decode(&r)
	}
	if rest, ok := strings.CutPrefix(line, "hang up"); ok {
		r.HangUp, line = true, strings.TrimSpace(rest)
	} else {
		first, rest, _ := strings.Cut(line, " ")
		if r.Status, err = strconv.Atoi(first); err != nil {
			return r, fmt.Errorf("%q is no HTTP status", first)
		}
		line = strings.TrimSpace(rest)
	}
	for line != "" {
		word, rest, _ := strings.Cut(line, " ")
		switch times, isTimes := strings.CutPrefix(word, "x"); {
		case isTimes:
			if r.Times, err = strconv.Atoi(times); err != nil {
				return r, fmt.Errorf("%q must be such as x2", word)
			}
		case word == "after":
			r.Delay, rest, _ = strings.Cut(rest, " ")
		case word == "body":
			r.Body, rest = rest, ""
		default:
			return r, fmt.Errorf("%q is not understood", word)
		}
		line = strings.TrimSpace(rest)
	}
	return r, nil
}
