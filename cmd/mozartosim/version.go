package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

// build is what `mozartosim version --json` prints.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source, if it was built from a repository
	Modified bool   `json:"modified,omitempty"` // whether the source was changed since
	Time     string `json:"time,omitempty"`     // of the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Contract string `json:"contract"` // version of the Cashier API's contract
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of the contract",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return showVersion(cmd.OutOrStdout(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showVersion(out io.Writer, asJSON bool) error {
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	b := buildOf(contract.Version())
	if asJSON {
		return writeJSON(out, b)
	}
	_, err = fmt.Fprintln(out, b)
	return err
}

// release is the program's version as the Makefile knows it; the linker sets it.
var release string

// version is the program's version: the release that was built, the module's, or devel.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func buildOf(contract string) build {
	b := build{Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Contract: contract}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is the one line for people.
func (b build) String() string {
	details := []string{b.Platform, b.Go}
	if b.Revision != "" {
		details = append(details, "revision "+b.Revision[:min(12, len(b.Revision))])
	}
	if b.Modified {
		details = append(details, "modified")
	}
	return fmt.Sprintf("mozartosim %s (%s), contract %s", b.Version, strings.Join(details, ", "), b.Contract)
}

// writeJSON prints a value as indented JSON, nothing in it escaped for HTML.
func writeJSON(out io.Writer, value any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
