package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// admin is the admin API of a running simulator, as client verbs use it.
type admin struct {
	url     string
	company string // by name or id; "" = the first
	json    bool   // print the API's answer as it is
}

// newAdmin adds the flags that every client verb has.
func newAdmin(cmd *cobra.Command) *admin {
	a := &admin{}
	flags := cmd.Flags()
	flags.StringVar(&a.url, "admin-url", "", "the admin API of the running simulator (default MOZARTOSIM_ADMIN_URL, or "+defaultAdminURL+")")
	flags.StringVar(&a.company, "company", "", "the company, by name or id (default MOZARTOSIM_COMPANY, or the first)")
	flags.BoolVar(&a.json, "json", false, "print the admin API's answer as it is")
	return a
}

// settle fills in what the command line left to the environment.
func (a *admin) settle() {
	if a.url == "" {
		a.url = environment("MOZARTOSIM_ADMIN_URL", defaultAdminURL)
	}
	if a.company == "" {
		a.company = environment("MOZARTOSIM_COMPANY", "")
	}
}

// longest bounds a call that carries out due work: advancing a clock waits for every webhook on the way.
const longest = time.Hour

// query makes query parameters of names and values; empty ones are left out.
func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// of adds the company to query parameters.
func (a *admin) of(q url.Values) url.Values {
	a.settle()
	if a.company != "" {
		q.Set("company", a.company)
	}
	return q
}

// path makes a path below a company, which must be named in it: the first one when none was asked for.
func (a *admin) path(ctx context.Context, parts ...string) (string, error) {
	a.settle()
	if a.company == "" {
		first, err := a.first(ctx)
		if err != nil {
			return "", err
		}
		a.company = first
	}
	return join(append([]string{"v1", "companies", a.company}, parts...)...), nil
}

// first names the company that is meant when none is named.
func (a *admin) first(ctx context.Context) (string, error) {
	var list struct {
		Companies []struct {
			Name string `json:"name"`
		} `json:"companies"`
	}
	if _, err := a.ask(ctx, http.MethodGet, "/v1/companies", query("limit", "1"), nil, &list); err != nil {
		return "", err
	}
	if len(list.Companies) == 0 {
		return "", fmt.Errorf("the simulator at %s has no company: make one by its admin API", a.url)
	}
	return list.Companies[0].Name, nil
}

// join makes a path of names.
func join(parts ...string) string {
	path := ""
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// ask calls the admin API: in, if any, goes as JSON; the answer is decoded into out, if any, and returned as it came.
// Errors are one sentence.
func (a *admin) ask(ctx context.Context, method, path string, q url.Values, in, out any) (json.RawMessage, error) {
	timeout := adminTimeout
	if method != http.MethodGet {
		timeout = longest
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := a.call(ctx, method, path, q, in)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("the simulator at %s broke its answer off: %w", a.url, cause(err))
	}
	if answer.StatusCode >= 300 {
		return nil, a.refused(answer, text)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			return nil, fmt.Errorf("the answer of %s must be JSON of mozartosim's admin API: %w", a.url, err)
		}
	}
	return text, nil
}

// call sends a request to the admin API, with MOZARTOSIM_ADMIN_TOKEN if it is set.
func (a *admin) call(ctx context.Context, method, path string, q url.Values, in any, headers ...string) (*http.Response, error) {
	a.settle()
	base, err := url.Parse(a.url)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, wrong("the admin URL %q must be an http or https URL, such as %s", a.url, defaultAdminURL)
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	target := trimURL(a.url) + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if token := os.Getenv("MOZARTOSIM_ADMIN_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := adminClient().Do(request)
	if err != nil {
		return nil, &unreachable{a.url, cause(err)}
	}
	return answer, nil
}

// unreachable says that nobody answers where the simulator should be.
type unreachable struct {
	url string
	err error
}

func (e *unreachable) Error() string {
	if trouble := certificateTrouble(e.url, e.err); trouble != nil {
		return trouble.Error()
	}
	return fmt.Sprintf("no simulator answers at %s: start one with \"mozartosim serve\", or say where it is (%v)", e.url, e.err)
}

func (e *unreachable) Unwrap() error { return e.err }

// refusal is an error that the admin API answered.
type refusal struct {
	status int
	says   string
}

func (e *refusal) Error() string { return e.says }

// refused makes one sentence of an error's answer.
func (a *admin) refused(answer *http.Response, text []byte) error {
	var body struct {
		Error struct {
			Message  string   `json:"message"`
			Problems []string `json:"problems"`
		} `json:"error"`
	}
	says := ""
	if json.Unmarshal(text, &body) == nil && body.Error.Message != "" {
		says = body.Error.Message
		if len(body.Error.Problems) > 0 {
			says += ": " + strings.Join(body.Error.Problems, "; ")
		}
	}
	switch {
	case tryTLS(a.url, answer.StatusCode, text) != nil:
		says = tryTLS(a.url, answer.StatusCode, text).Error()
	case answer.StatusCode == http.StatusUnauthorized && os.Getenv("MOZARTOSIM_ADMIN_TOKEN") != "":
		says = fmt.Sprintf("the simulator at %s has another admin token: MOZARTOSIM_ADMIN_TOKEN is set, but wrong; set it to what serve printed", a.url)
	case answer.StatusCode == http.StatusTooManyRequests:
		says = fmt.Sprintf("the admin token was wrong too often for the simulator at %s: wait a minute, then try again with what serve printed", a.url)
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden && says == "":
		says = fmt.Sprintf("the simulator at %s asks for its admin token: set MOZARTOSIM_ADMIN_TOKEN to what serve printed", a.url)
	case says == "":
		says = fmt.Sprintf("%s should have answered as mozartosim's admin API does, but answered %s: is it another program?", a.url, answer.Status)
	}
	return &refusal{answer.StatusCode, says}
}

// status returns the status of a refusal, 0 for any other error.
func status(err error) int {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.status
	}
	return 0
}

// print writes an answer as it came when --json was given, and says whether it did.
func (a *admin) print(out io.Writer, answer json.RawMessage) (done bool, err error) {
	if !a.json {
		return false, nil
	}
	_, err = fmt.Fprintf(out, "%s\n", bytes.TrimSpace(answer))
	return true, err
}

// untilInterrupted ends with Ctrl-C, so that a long call is given up in order.
func untilInterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// oneOf words a choice that was wrong.
func oneOf(what, given string, known []string) error {
	return wrong("there is no %s %q: use one of %s", what, given, strings.Join(known, ", "))
}
