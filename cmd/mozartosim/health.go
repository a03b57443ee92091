package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// defaultAdminURL is where `serve` puts the admin API unless told otherwise.
const defaultAdminURL = "http://127.0.0.1:8081"

// adminTimeout bounds a client verb's call to the admin API.
const adminTimeout = 5 * time.Second

func newHealth() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running simulator whether it is ready (for HEALTHCHECK)",
		Long: `Ask a running simulator whether it is ready: exit code 0 if it is, 1 if not.

In a Dockerfile: HEALTHCHECK CMD ["/mozartosim", "health"]`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" {
				url = environment("MOZARTOSIM_ADMIN_URL", defaultAdminURL)
			}
			answer, err := askAdmin(cmd.Context(), url, "/readyz")
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("the simulator at %s is not ready: it answered %s", url, answer.Status)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&url, "url", "", "the admin API (default MOZARTOSIM_ADMIN_URL, or "+defaultAdminURL+")")
	return cmd
}

// trimURL takes the slash off a base URL.
func trimURL(url string) string { return strings.TrimRight(url, "/") }
