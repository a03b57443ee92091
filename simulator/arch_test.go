package simulator

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers lists the packages of the simulator and its programs: imports only go down, and packages of one layer don't know each
// other. The harness under features has rules of its own (TestHarness).
func layers() map[string]int {
	all := map[string]int{}
	for layer, packages := range [][]string{
		{"simulator/adminapi"},
		{"simulator/clock", "simulator/random", "simulator/money", "simulator/mask", "simulator/heap", "simulator/chart", "simulator/design", "simulator/sequence", "simulator/snippet", "openapi", "scenarios"},
		{"simulator/payment", "simulator/words", "simulator/condition", "simulator/journal", "simulator/listener", "simulator/egress", "simulator/tracing", "fixtures", "fixtures/recorded", "openapi/observed"},
		{"simulator/identity", "simulator/backoffice", "simulator/inprocess", "simulator/scenario", "simulator/metrics", "simulator/journal/journaltest", "fixtures/recipes",
			"simulator/journal/sql", "simulator/journal/portable", "simulator/journal/pgtest"},
		{"simulator/provider", "simulator/webhook", "simulator/data", "simulator/merchant"},
		{"simulator/company", "simulator/refusal", "simulator/requestlog", "simulator/observed"},
		{"simulator/payments"},
		{"simulator/cashier", "simulator/lifecycle", "simulator/scheduler", "simulator/query", "simulator/snapshot",
			"simulator/docs"},
		{"simulator/api", "simulator/pages", "simulator/control", "simulator/console", "simulator/replay", "simulator/mcp"},
		{"simulator"},
		{"cmd/mozartosim/cli", "simulator/doctor", "simulator/watch", "simulator/simtest", "simulator/browsertest", "openapi/internal/merge", "openapi/internal/schema"},
		{"cmd/mozartosim", "cmd/mozartobench", "cmd/mozartosoak"},
	} {
		for _, name := range packages {
			all["mozartosim/"+name] = layer
		}
	}
	return all
}

type goPackage struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "mozartosim/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	levels := layers()
	for _, p := range packages(t) {
		level, known := levels[p.ImportPath]
		if !known {
			if strings.HasPrefix(p.ImportPath, "mozartosim/features") {
				continue
			}
			t.Errorf("%s has no layer: add it to layers", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			below, ours := levels[imported]
			if ours && below >= level {
				t.Errorf("%s (layer %d) imports %s (layer %d): imports only go down", p.ImportPath, level, imported, below)
			}
		}
	}
}

// The harness sees a simulator over HTTP: of the simulator's packages it knows the admin API and small ones, and only its targets
// start one.
func TestHarness(t *testing.T) {
	t.Parallel()
	known := []string{"adminapi", "clock", "design", "egress", "mask", "money", "sequence", "webhook", "words"}
	starters := []string{"mozartosim/features/target"}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, "mozartosim/features") {
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, "mozartosim/simulator")
			name = strings.TrimPrefix(name, "/")
			starts := (name == "" || name == "simtest") && slices.Contains(starters, p.ImportPath)
			if ours && !starts && !slices.Contains(known, name) {
				t.Errorf("%s imports %s: the harness sees a simulator over HTTP", p.ImportPath, imported)
			}
			if strings.HasPrefix(imported, "mozartosim/cmd") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// Only openapi may know kin-openapi, which breaks its API often.
func TestOneImporterOfKinOpenAPI(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if strings.Contains(imported, "kin-openapi") && p.ImportPath != "mozartosim/openapi" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// Time comes from clock, chance from random: nothing else in the simulator looks at the machine's clock, sleeps, sets
// timers, or draws from a global source.
func TestTimeAndChance(t *testing.T) {
	t.Parallel()
	forbidden := []string{
		"time.Now", "time.Sleep", "time.After", "time.AfterFunc", "time.NewTimer", "time.NewTicker", "time.Tick",
		"time.Since", "time.Until", "rand.*",
	}
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, "mozartosim/simulator") || p.ImportPath == "mozartosim/simulator/clock" {
			continue
		}
		for _, name := range p.GoFiles {
			for _, call := range calls(t, filepath.Join(p.Dir, name)) {
				pkg, _, _ := strings.Cut(call, ".")
				random := pkg == "rand" && p.ImportPath != "mozartosim/simulator/random"
				if slices.Contains(forbidden, call) || random {
					t.Errorf("%s/%s uses %s", p.ImportPath, name, call)
				}
			}
		}
	}
}

// calls lists "package.Name" for every selector in a file.
func calls(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		var missing *fs.PathError
		if errors.As(err, &missing) {
			return nil
		}
		t.Fatal(err)
	}
	keys := slices.ContainsFunc(parsed.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"crypto/rand"` })
	var found []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := selector.X.(*ast.Ident); ok && !(keys && pkg.Name == "rand") { // keys are not chance
				found = append(found, pkg.Name+"."+selector.Sel.Name)
			}
		}
		return true
	})
	return found
}
