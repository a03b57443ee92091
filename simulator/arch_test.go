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

// floors is doc.go's table: imports go down only, and rooms on one floor don't know each other.
func floors() map[string]int {
	all := map[string]int{}
	for floor, rooms := range [][]string{
		{"simulator/clock", "simulator/random", "simulator/money", "simulator/mask", "openapi", "scenarios"},
		{"simulator/payment", "simulator/journal", "fixtures", "fixtures/recorded"},
		{"simulator/identity", "simulator/backoffice", "simulator/scenario", "simulator/journal/journaltest",
			"simulator/journal/sqlite", "simulator/journal/portable", "simulator/journal/postgres", "simulator/journal/postgres/pgtest"},
		{"simulator/provider", "simulator/webhook"},
		{"simulator/api", "simulator/pages", "simulator/control", "simulator/console", "simulator/replay"},
		{"simulator"},
		{"cmd/mozartosim/doctor", "simulator/simtest", "simulator/browsertest", "openapi/internal/merge", "openapi/internal/schema"},
		{"cmd/mozartosim", "cmd/mozartobench", "cmd/mozartosoak"},
	} {
		for _, room := range rooms {
			all["mozartosim/"+room] = floor
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

func TestFloors(t *testing.T) {
	t.Parallel()
	levels := floors()
	for _, p := range packages(t) {
		level, known := levels[p.ImportPath]
		if !known {
			if strings.HasPrefix(p.ImportPath, "mozartosim/features") {
				continue // the harness stands beside the house
			}
			t.Errorf("%s has no floor: give it one in doc.go and here", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			below, ours := levels[imported]
			if ours && below >= level {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only", p.ImportPath, level, imported, below)
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
