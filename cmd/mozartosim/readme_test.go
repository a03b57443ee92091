package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
)

// Every README, and its commands: lines that begin with $ in a console block. The block of a file whose first line is its path in a
// comment is written to that path first.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, file := range documents(t, "README.md") {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		found := readCommands(string(text))
		commands += len(found)
		if len(found) == 0 {
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			runCommands(t, repository, file, string(text), found)
		})
	}
	if commands < 40 {
		t.Errorf("only %d commands in all READMEs", commands)
	}
}

// documents are the repository's files whose names end like that, by their paths in it; what is built is left out.
func documents(t *testing.T, end string) (all []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "reports", "screenshots"}, name) {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(name, end) {
			all = append(all, name)
		}
		return err
	})
	if err != nil || len(all) < 5 {
		t.Fatal(len(all), err)
	}
	return all
}

// command is a line of a README.
type command struct {
	line int
	text string
}

func readCommands(text string) (all []command) {
	inside := false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			all = append(all, command{i + 1, strings.TrimPrefix(line, "$ ")})
		}
	}
	return all
}

var (
	shownFile    = regexp.MustCompile("(?s)```(?:yaml|gherkin)\n# (\\S+\\.(?:yaml|feature))\n(.*?)```")
	shownFeature = regexp.MustCompile("(?s)```gherkin\n(Feature: .*?)```")
)

// runCommands runs a README's commands in a folder that has what the repository has.
func runCommands(t *testing.T, repository, file, text string, commands []command) {
	t.Helper()
	dir := t.TempDir()
	linked, err := filepath.Glob(filepath.Join(repository, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range linked {
		if err := os.Symlink(name, filepath.Join(dir, filepath.Base(name))); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{}
	for _, shown := range shownFile.FindAllStringSubmatch(text, -1) {
		files[shown[1]] = shown[2]
	}
	if feature := shownFeature.FindStringSubmatch(text); feature != nil {
		files["our-features/greeting.feature"] = feature[1]
	}
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	prelude, err := os.ReadFile("testdata/readme.sh")
	if err != nil {
		t.Fatal(err)
	}
	script := bytes.NewBuffer(prelude)
	for _, c := range commands {
		fmt.Fprintf(script, "echo '=== %s:%d'\n%s\n", file, c.line, c.text)
	}
	script.WriteString("echo '=== done'\n")
	sim := startSimulator(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // no test waits for it: a command that takes this long will not end
	defer cancel()
	run := exec.CommandContext(ctx, "bash", "-c", script.String())
	run.Dir = dir
	run.Env = append(withoutSmallCurl(os.Environ(), t.TempDir()), "REPOSITORY="+repository, "MOZARTOSIM_URL="+sim.PublicURL(),
		"MOZARTOSIM_ADMIN_URL="+sim.AdminURL(), "GORACE=atexit_sleep_ms=0")
	said, err := run.CombinedOutput()
	if err != nil || !bytes.HasSuffix(said, []byte("=== done\n")) {
		t.Errorf("%v after the last of these commands:\n%s", err, said)
	}
	if at, err := adminapi.New(sim.AdminURL(), "").Company("").Clock(t.Context()); err != nil || at.Mode != "real" {
		t.Errorf("the commands leave the clock on %s, %v", at.Mode, err)
	}
}

// withoutSmallCurl is an environment whose PATH has this test's mozartosim, and otherwise the machine's programs: testscript puts
// a curl of its own there.
func withoutSmallCurl(environment []string, bin string) []string {
	first, rest, _ := strings.Cut(os.Getenv("PATH"), string(filepath.ListSeparator))
	if err := os.Symlink(filepath.Join(first, "mozartosim"), filepath.Join(bin, "mozartosim")); err != nil {
		panic(err)
	}
	return append(environment, "PATH="+bin+string(filepath.ListSeparator)+rest)
}

// A README says what it says in a screenful or ten, and its contents lead to its headings.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 200 {
		t.Errorf("README.md has %d lines; it has at most 200", lines)
	}
}

// Links between the repository's documents lead to files that there are, and to headings in them.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, file := range documents(t, ".md") {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			name, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(name, "://") {
				continue
			}
			at := filepath.Join("../..", filepath.Dir(file), name)
			if name == "" {
				at = filepath.Join("../..", file)
			}
			target, err := os.ReadFile(at)
			if err != nil {
				if info, err := os.Stat(at); err != nil || !info.IsDir() {
					t.Errorf("%s: the link %s leads nowhere", file, found[1])
				}
				continue
			}
			if anchor != "" && !strings.Contains(anchors(string(target)), "\n"+anchor+"\n") {
				t.Errorf("%s: the link %s leads to no heading", file, found[1])
			}
		}
	}
}

// anchors are the names of a document's headings, as GitHub makes them, a line each.
func anchors(text string) string {
	all := "\n"
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all += strings.ReplaceAll(name, " ", "-") + "\n"
	}
	return all
}
