// Figures counts what the code consists of: lines, files, types, packages, exported identifiers, the type with the most methods,
// the package with the most files, the largest cycle of files within a package, the longest function. Generated files and testdata
// are left out; files that end in _test.go count as tests. Run it in the repository's root:
//
//	go run ./.ci/figures           a table
//	go run ./.ci/figures -check    the same, and an error for each bound that is not kept; an aim is only told
//	go run ./.ci/figures -packages lines, files and types of every package
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// goPackage is what `go list` says of a package.
type goPackage struct {
	ImportPath, Dir, Export                string
	GoFiles, TestGoFiles, XTestGoFiles     []string
	EmbedFiles, IgnoredGoFiles, OtherFiles []string
	Standard                               bool
}

// figure is one line of the table: what it counts, the count, where the largest one is, and its bound or what we aim at (0 = none).
type figure struct {
	name  string
	n     int
	at    string
	bound int
	aim   int
}

// figures are all of them.
type figures struct {
	lines, testLines, files, testFiles, types, packages, exported figure
	methods, packageFiles, cycle, function, command, wiring       figure

	each bool // list every package
}

func newFigures() *figures {
	return &figures{
		lines: figure{name: "lines", aim: 48_000}, testLines: figure{name: "lines of tests"},
		files: figure{name: "files"}, testFiles: figure{name: "files of tests"},
		types: figure{name: "types", aim: 520}, packages: figure{name: "packages"},
		exported: figure{name: "exported identifiers"},
		methods:  figure{name: "most methods on a type", bound: 25}, packageFiles: figure{name: "most files in a package", bound: 20},
		cycle: figure{name: "largest cycle of files", bound: 6}, function: figure{name: "longest function, lines", bound: 60},
		command: figure{name: "lines of cmd/mozartosim", bound: 5_000}, wiring: figure{name: "lines of simulator", bound: 1_300},
	}
}

func (f *figures) all() []*figure {
	return []*figure{
		&f.lines, &f.testLines, &f.files, &f.testFiles, &f.types, &f.packages, &f.exported, &f.methods, &f.packageFiles, &f.cycle,
		&f.function, &f.command, &f.wiring,
	}
}

func (f *figure) largest(n int, at string) {
	if n > f.n {
		f.n, f.at = n, at
	}
}

func main() {
	check := flag.Bool("check", false, "fail when a bound is not kept")
	each := flag.Bool("packages", false, "list every package")
	flag.Parse()
	if err := run(*check, *each); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(check, each bool) error {
	packages, exports, err := list()
	if err != nil {
		return err
	}
	f := newFigures()
	f.each = each
	for _, p := range packages {
		before := *f
		if err := f.count(p, exports); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		if each {
			fmt.Printf("%-42s %6d lines %4d files %4d types %6d lines of tests\n", strings.TrimPrefix(p.ImportPath, "mozartosim/"),
				f.lines.n-before.lines.n, f.files.n-before.files.n, f.types.n-before.types.n, f.testLines.n-before.testLines.n)
		}
	}
	var errs []error
	for _, one := range f.all() {
		bound := ""
		if one.aim > 0 {
			bound = fmt.Sprintf("aim %d", one.aim)
		}
		if one.bound > 0 {
			bound = fmt.Sprintf("at most %d", one.bound)
			if check && one.n > one.bound {
				errs = append(errs, fmt.Errorf("%s: %d, at most %d allowed (%s)", one.name, one.n, one.bound, one.at))
			}
		}
		fmt.Printf("%-26s %7d  %-15s %s\n", one.name, one.n, bound, one.at)
	}
	return errors.Join(errs...)
}

// list returns the module's packages, and where the compiled packages of all imports are.
func list() (own []goPackage, exports map[string]string, err error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	exports = map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return own, exports, nil
		} else if err != nil {
			return nil, nil, err
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath == "mozartosim" || strings.HasPrefix(p.ImportPath, "mozartosim/") {
			own = append(own, p)
		}
	}
}

func (f *figures) count(p goPackage, exports map[string]string) error {
	f.packages.n++
	for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
		n, _, err := lines(filepath.Join(p.Dir, name))
		if err != nil {
			return err
		}
		f.testFiles.n++
		f.testLines.n += n
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file := filepath.Join(p.Dir, name)
		n, generated, err := lines(file)
		if err != nil {
			return err
		}
		if generated {
			continue
		}
		tree, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, tree)
		f.files.n++
		f.lines.n += n
		if strings.HasPrefix(p.ImportPath+"/", "mozartosim/cmd/mozartosim/") {
			f.command.n += n
		}
		if p.ImportPath == "mozartosim/simulator" { // the root package alone, which is to be wiring
			f.wiring.n += n
		}
	}
	f.packageFiles.largest(len(parsed), p.ImportPath)
	f.declarations(p.ImportPath, fset, parsed)
	n, cycle, err := largestCycle(p, fset, parsed, exports)
	if f.cycle.largest(n, p.ImportPath+": "+strings.Join(cycle, " ")); f.each && n > f.cycle.bound {
		fmt.Printf("%-42s cycle of %d files: %s\n", strings.TrimPrefix(p.ImportPath, "mozartosim/"), n, strings.Join(cycle, " "))
	}
	return err
}

// lines counts a file's lines and says whether it is generated.
func lines(file string) (n int, generated bool, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false, err
	}
	for scan := bufio.NewScanner(bytes.NewReader(text)); scan.Scan(); {
		n++
		generated = generated || strings.HasPrefix(scan.Text(), "// Code generated ")
	}
	return n, generated, nil
}

// declarations counts types, exported identifiers, methods by type, and lines by function.
func (f *figures) declarations(path string, fset *token.FileSet, files []*ast.File) {
	methods := map[string]int{}
	for _, file := range files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				long := fset.Position(d.End()).Line - fset.Position(d.Pos()).Line + 1
				f.function.largest(long, fset.Position(d.Pos()).String()+" "+d.Name.Name)
				if d.Name.IsExported() {
					f.exported.n++
				}
				if d.Recv != nil && len(d.Recv.List) == 1 {
					methods[receiver(d.Recv.List[0].Type)]++
				}
			case *ast.GenDecl:
				f.specs(d)
			}
		}
	}
	for name, n := range methods {
		f.methods.largest(n, path+"."+name)
	}
}

func (f *figures) specs(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			f.types.n++
			if s.Name.IsExported() {
				f.exported.n++
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() {
					f.exported.n++
				}
			}
		}
	}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// largestCycle returns the largest set of files of a package that all use each other, directly or through others.
func largestCycle(p goPackage, fset *token.FileSet, files []*ast.File, exports map[string]string) (int, []string, error) {
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	if _, err := config.Check(p.ImportPath, fset, files, info); err != nil {
		return 0, nil, err
	}
	uses := map[string]map[string]bool{}
	for id, object := range info.Uses {
		if object.Pkg() == nil || object.Pkg().Path() != p.ImportPath || !object.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(object.Pos()).Filename)
		if from != to {
			if uses[from] == nil {
				uses[from] = map[string]bool{}
			}
			uses[from][to] = true
		}
	}
	var largest []string
	for _, component := range components(uses) {
		if len(component) > len(largest) {
			largest = component
		}
	}
	slices.Sort(largest)
	return len(largest), largest, nil
}

// components are the strongly connected ones with more than one member, by Tarjan's algorithm.
func components(edges map[string]map[string]bool) (found [][]string) {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(string)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v] = index[v]
		stack, on[v] = append(stack, v), true
		for w := range edges[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		if len(stack)-at > 1 {
			found = append(found, slices.Clone(stack[at:]))
		}
		for _, w := range stack[at:] {
			on[w] = false
		}
		stack = stack[:at]
	}
	for v := range edges {
		if index[v] == 0 {
			visit(v)
		}
	}
	return found
}
