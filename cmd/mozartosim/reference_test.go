package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/simulator/backoffice"
)

var update = flag.Bool("update", false, "write what is made of the verbs")

// TestReference holds README.md against the verbs. With -update it writes the part that is made of them.
func TestReference(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const marker = "-update`. -->\n"
	before, after, found := strings.Cut(string(text), marker)
	if !found {
		t.Fatalf("README.md has no %s", marker)
	}
	var want strings.Builder
	describeVerbs(&want, newRoot())
	if *update {
		if err := os.WriteFile("README.md", []byte(before+marker+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if after != want.String() {
		t.Error("README.md is older than the verbs: run go test ./cmd/mozartosim -run TestReference -update, and read the difference")
	}
}

// describeVerbs writes a list of the verbs that have commands of their own, and then each of them.
func describeVerbs(out *strings.Builder, root *cobra.Command) {
	var verbs []*cobra.Command
	var collect func(cmd *cobra.Command)
	collect = func(cmd *cobra.Command) {
		if cmd.Runnable() && cmd != root && cmd.Name() != "help" && cmd.Name() != "completion" {
			verbs = append(verbs, cmd)
		}
		for _, sub := range cmd.Commands() {
			collect(sub)
		}
	}
	collect(root)
	out.WriteString("\n## Commands\n\n| Command | |\n|---|---|\n")
	for _, cmd := range verbs {
		anchor := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		fmt.Fprintf(out, "| [`%s`](#%s) | %s |\n", strings.TrimPrefix(cmd.CommandPath(), "mozartosim "), anchor, cmd.Short)
	}
	for _, cmd := range verbs {
		describeVerb(out, cmd)
	}
}

var indented = regexp.MustCompile(`(?m)^  `)

func describeVerb(out *strings.Builder, cmd *cobra.Command) {
	fmt.Fprintf(out, "\n## %s\n\n", cmd.CommandPath())
	description := cmd.Long
	if description == "" {
		description = cmd.Short + "."
	}
	for i, paragraph := range strings.Split(strings.TrimSpace(description), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		if strings.HasPrefix(paragraph, "  ") { // lines that stand as they are
			paragraph = "```text\n" + indented.ReplaceAllString(paragraph, "") + "\n```"
		}
		out.WriteString(strings.TrimRight(paragraph, "\n") + "\n")
	}
	fmt.Fprintf(out, "\n```text\n%s\n", cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(out, "\n%s\n", indented.ReplaceAllString(cmd.Example, ""))
	}
	out.WriteString("```\n")
	var rows strings.Builder
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + kind)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && !strings.Contains(usage, "(default") {
			usage += " (default `" + f.DefValue + "`)"
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
	if rows.Len() > 0 {
		out.WriteString("\n| Flag | |\n|---|---|\n" + rows.String())
	}
}

// The configuration that README.md shows is one, without a warning.
func TestReadmeConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("README.md has no configuration")
	}
	reader, err := backoffice.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	companies, err := reader.File("README.md", block[1])
	if err != nil || len(companies) != 1 {
		t.Fatalf("%d companies: %v", len(companies), err)
	}
	if warnings := companies[0].Warnings(); len(warnings) > 0 {
		t.Errorf("the configuration has warnings: %v", warnings)
	}
}
