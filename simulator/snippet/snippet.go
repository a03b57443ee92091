package snippet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Call is an HTTP call.
type Call struct {
	Method, URL string
	Headers     []Header
	Body        string // "" = none
}

// Header is a header of a call: Value, and after it the variable of the environment that is named, if one is.
type Header struct{ Name, Value, Variable string }

// Cashier is a call of the Cashier API, whose tokens are in COMPANY_TOKEN and USER_TOKEN.
func Cashier(url, body string) Call {
	return Call{Method: http.MethodPost, URL: url, Body: body, Headers: []Header{
		{Name: "Authorization", Value: "Bearer ", Variable: "COMPANY_TOKEN"}, {Name: "x-user-token", Value: "Bearer ", Variable: "USER_TOKEN"},
		{Name: "Content-Type", Value: "application/json"},
	}}
}

// Quote makes one word of a text for a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Curl is the call as a command for a POSIX shell.
func (c Call) Curl() string {
	words := []string{"curl -sS"}
	if implied := c.Body == "" && c.Method == http.MethodGet || c.Body != "" && c.Method == http.MethodPost; !implied {
		words = append(words, "-X", Quote(c.Method))
	}
	words = append(words, Quote(c.URL))
	for _, h := range c.Headers {
		if h.Variable != "" {
			words = append(words, "-H", `"`+h.Name+": "+h.Value+"$"+h.Variable+`"`)
		} else {
			words = append(words, "-H", Quote(h.Name+": "+h.Value))
		}
	}
	if c.Body != "" {
		words = append(words, "--data-raw", Quote(c.Body))
	}
	return strings.Join(words, " ")
}

// each writes every header in a format of name and value; the value is an expression of a language in which variable names the
// environment's variable by a format of its own.
func (c Call) each(line, variable string) string {
	var out strings.Builder
	for _, h := range c.Headers {
		value := literal(h.Value)
		if h.Variable != "" {
			value += " + " + fmt.Sprintf(variable, h.Variable)
		}
		fmt.Fprintf(&out, line, literal(h.Name), value)
	}
	return out.String()
}

// literal is a text between double quotes, as JSON, JavaScript, Python and Go read it.
func literal(text string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // no text fails
	return strings.TrimSpace(out.String())
}

// Node is the call as a module for Node.js 18 or later.
func (c Call) Node() string {
	return fmt.Sprintf("const answer = await fetch(%s, {\n  method: %s,\n  headers: {\n%s  },\n  body: %s,\n});\nconsole.log(answer.status, await answer.text());\n",
		literal(c.URL), literal(c.Method), c.each("    %s: %s,\n", "process.env.%s"), literal(c.Body))
}

// Python is the call as a program for Python 3, with its standard library alone.
func (c Call) Python() string {
	return fmt.Sprintf(`import os, urllib.error, urllib.request

call = urllib.request.Request(%s, method=%s, data=%s.encode(), headers={
%s})
try:
    answer = urllib.request.urlopen(call)
except urllib.error.HTTPError as refused:
    answer = refused
print(answer.status, answer.read().decode())
`, literal(c.URL), literal(c.Method), literal(c.Body), c.each("    %s: %s,\n", `os.environ["%s"]`))
}

// Go is the call as a program in Go.
func (c Call) Go() string {
	osImport := ""
	if strings.Contains(c.each("%s%s", "\x00%s"), "\x00") {
		osImport = "\t\"os\"\n"
	}
	return fmt.Sprintf(`package main

import (
	"fmt"
	"io"
	"net/http"
%s	"strings"
)

func main() {
	call, err := http.NewRequest(%s, %s, strings.NewReader(%s))
	if err != nil {
		panic(err)
	}
%s	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(body), err)
}
`, osImport, literal(c.Method), literal(c.URL), literal(c.Body), c.each("\tcall.Header.Set(%s, %s)\n", `os.Getenv("%s")`))
}
