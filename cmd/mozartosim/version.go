package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/openapi"
)

func newVersion() *cobra.Command {
	return cli.Local(&cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of the contract",
		Args:  cli.NoArgs,
	}, "print JSON", func(_ context.Context, out *cli.Output, _ []string) error { return showVersion(out) })
}

func showVersion(out *cli.Output) error {
	contract, err := openapi.Version()
	b := buildOf(contract)
	return out.Print(b, err, func() { out.Say("%s", b) })
}

// build is what `mozartosim version --json` prints.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`   // of the source, if it was built from a repository
	Modified bool   `json:"modified,omitempty"` // whether the source was changed since
	Date     string `json:"date,omitempty"`     // of the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Contract string `json:"contract"` // version of the Cashier API's contract
}

// String is the one line for people.
func (b build) String() string {
	details := []string{b.Platform, b.Go}
	if b.Commit != "" {
		details = append(details, strings.TrimSpace("commit "+b.Commit[:min(12, len(b.Commit))]+" "+b.Date))
	}
	if b.Modified {
		details = append(details, "modified")
	}
	return fmt.Sprintf("mozartosim %s (%s), contract %s", b.Version, strings.Join(details, ", "), b.Contract)
}

// What the linker sets in a release: the version, and the commit with its date, which a build elsewhere knows from the toolchain.
var release, commit, date string

// version is the program's version: the release that was built, the module's, or devel.
func version() string { return buildOf("").Version }

func buildOf(contract string) build {
	b := build{
		Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Contract: contract, Commit: commit, Date: date,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	switch module := info.Main.Version; {
	case release != "":
		b.Version = release
	case module != "" && module != "(devel)":
		b.Version = module
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(commit, s.Value)
		case "vcs.time":
			b.Date = cmp.Or(date, s.Value)
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}
