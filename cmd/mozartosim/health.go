package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// defaultAdminURL is where `serve` puts the admin API unless told otherwise.
const defaultAdminURL = "http://127.0.0.1:8081"

// adminTimeout bounds a client verb's call to the admin API.
const adminTimeout = 5 * time.Second

func newHealth() *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running simulator whether it is ready (for HEALTHCHECK)",
		Long: `Ask a running simulator whether it is ready: exit code 0 if it is, 1 if not.

In a Dockerfile: HEALTHCHECK CMD ["/mozartosim", "health"]`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if at == "" {
				at = environment("MOZARTOSIM_ADMIN_URL", ownAdminURL())
			}
			answer, err := probe(cmd.Context(), at)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // what is left of it says why
				if trouble := tryTLS(at, answer.StatusCode, text); trouble != nil {
					return trouble
				}
				return fmt.Errorf("the simulator at %s is not ready: it answered %s", at, answer.Status)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&at, "url", "", "the admin API (default MOZARTOSIM_ADMIN_URL, or where MOZARTOSIM_ADMIN_ADDR says, or "+defaultAdminURL+")")
	return cmd
}

// probe asks whether a simulator is ready. On this very machine any certificate will do, since nothing is told or asked that
// is worth protecting.
func probe(ctx context.Context, adminURL string) (*http.Response, error) {
	u, err := url.Parse(adminURL)
	if err != nil || u.Scheme != "https" || u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return askAdmin(ctx, adminURL, "/readyz")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, trimURL(adminURL)+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	client := clientFor(func(tls.ConnectionState) error { return nil })
	client.Timeout = adminTimeout
	answer, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("no simulator answers at %s (%w)", adminURL, cause(err))
	}
	return answer, nil
}

// trimURL takes the slash off a base URL.
func trimURL(base string) string { return strings.TrimRight(base, "/") }
