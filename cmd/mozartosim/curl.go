package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"mozartosim/fixtures"
	"mozartosim/openapi"
)

// defaultURL is where `serve` puts the Cashier API unless told otherwise.
const defaultURL = "http://127.0.0.1:8080"

// cashierURL is where the Cashier API is: what a flag says, the environment, or the default.
func cashierURL(flag string) string {
	if flag != "" {
		return trimURL(flag)
	}
	return trimURL(environment("MOZARTOSIM_URL", defaultURL))
}

// curlLine is a call with the smallest valid request of a flow, as one line for a shell. It reads no contract: serve is
// in a hurry.
func curlLine(baseURL string, by tokens, psp, flow, variant string) (string, error) {
	requests, err := fixtures.Requests()
	if err != nil {
		return "", err
	}
	for _, r := range requests {
		if r.PSP == psp && r.Type == flow && r.Variant == variant && r.Kind == "minimal" {
			return curl(baseURL, by, r.Body)
		}
	}
	return "", fmt.Errorf("the fixtures have no minimal request of %s %s %s", psp, flow, variant)
}

// curl is a call with the request as one line for a shell.
func curl(baseURL string, by tokens, request json.RawMessage) (string, error) {
	var body bytes.Buffer
	if err := json.Compact(&body, request); err != nil {
		return "", fmt.Errorf("curl: %w", err)
	}
	words := []string{
		"curl", "-sS", quote(trimURL(baseURL) + openapi.CashierPath),
		"-H", quote("Authorization: Bearer " + by.company),
		"-H", quote("x-user-token: Bearer " + by.user),
		"-H", quote("Content-Type: application/json"),
		"-d", quote(body.String()),
	}
	return strings.Join(words, " "), nil
}

// quote makes one word of text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
