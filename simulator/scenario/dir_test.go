package scenario

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func textFile(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
}

func TestDir(t *testing.T) {
	t.Parallel()
	list, err := reader().Dir(fstest.MapFS{
		"b.yaml":            textFile("name: b1\n---\nname: b2\n"),
		"a/z.yml":           textFile("name: z\n"),
		"a/deep/y.yaml":     textFile("name: y\n"),
		"notes.txt":         textFile("name: no\n"),
		"schema.json":       textFile("{}"),
		".hidden.yaml":      textFile("{"),
		"..data/real.yaml":  textFile("name: real\n"), // as Kubernetes mounts a ConfigMap
		"mounted.yaml":      link("..data/real.yaml"),
		"c.yaml":            textFile("name: c\n"),
		"a/up-and-down.yml": link("../.kept/d.yaml"),
		".kept/d.yaml":      textFile("name: d\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s:%d %s", s.File, s.Line, s.Name))
	}
	want := []string{"a/deep/y.yaml:1 y", "a/up-and-down.yml:1 d", "a/z.yml:1 z", "b.yaml:1 b1", "b.yaml:3 b2", "c.yaml:1 c", "mounted.yaml:1 real"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list, err := reader().Dir(fstest.MapFS{}); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := reader().Dir(os.DirFS(filepath.Join(t.TempDir(), "nowhere"))); err == nil || !strings.HasPrefix(err.Error(), "read scenarios: ") {
		t.Error(err)
	}
}

// All files are read, and all that is wrong is said; what holds is returned.
func TestDirErrors(t *testing.T) {
	t.Parallel()
	list, err := reader().Dir(fstest.MapFS{
		"a.yaml":      textFile("name: a\n"),
		"again.yaml":  textFile("# one more\nname: fine\n---\nname: a\n"),
		"big.yaml":    textFile("name: big\n#" + strings.Repeat("x", maxFile)),
		"broken.yaml": textFile("name: [\n"),
		"dir.yaml":    {Mode: fs.ModeDir | 0o755},
		"loop.yaml":   link("loop.yaml"),
		"none.yaml":   link("nowhere.yaml"),
		"out.yaml":    link("../out.yaml"),
		"root.yaml":   link("/etc/passwd"),
		"sly.yaml":    link("sub/out/etc/passwd"),
		"sub/out":     link("../.."),
		"wrong.yaml":  textFile("name: wrong\nnmae: x\n"),
	})
	want := strings.Join([]string{
		"again.yaml:4:1: name must not be that of a.yaml:1 too: a",
		"big.yaml:1:1: must be at most 1 MiB",
		"broken.yaml:1:1: is not valid YAML: did not find expected node content",
		"loop.yaml:1:1: must not be a link that leads nowhere",
		"none.yaml:1:1: must be readable: file does not exist",
		"out.yaml:1:1: must not be a link that leads out of the folder",
		"root.yaml:1:1: must not be a link that leads out of the folder",
		"sly.yaml:1:1: must not be a link that leads out of the folder",
		"wrong.yaml:2:1: nmae must not be set: known are name, answer, chance, match, outage, then, times, shopper, webhooks, description; did you mean name?",
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, fmt.Sprint(err)))
	}
	if len(list) != 2 || list[0].Name != "a" || list[1].Name != "fine" {
		t.Errorf("read %v", list)
	}
}

// A real folder: links out of it are refused, and a pipe doesn't make anybody wait.
func TestDirOnDisk(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte("name: secret\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "in.yaml"), []byte("name: in\n"), 0o644),
		os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "absolute.yaml")),
		os.Symlink("../"+filepath.Base(outside)+"/secret.yaml", filepath.Join(dir, "relative.yaml")),
		os.Symlink(outside, filepath.Join(dir, "folder")),
		syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := reader().Dir(os.DirFS(dir))
	want := "absolute.yaml:1:1: must not be a link that leads out of the folder\n" +
		"pipe.yaml:1:1: must be an ordinary file\n" +
		"relative.yaml:1:1: must not be a link that leads out of the folder"
	if err == nil || err.Error() != want || len(list) != 1 || list[0].Name != "in" {
		t.Errorf("read %d, %v", len(list), err)
	}
}

func TestDirBounds(t *testing.T) {
	t.Parallel()
	many := fstest.MapFS{}
	for f := range 11 {
		var text strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&text, "---\nname: s-%d-%d\n", f, i)
		}
		many[fmt.Sprintf("f%02d.yaml", f)] = textFile(text.String())
	}
	list, err := reader().Dir(many)
	if err == nil || err.Error() != "f10.yaml:1:1: there must be at most 10000 scenarios in a folder" {
		t.Errorf("read %d, %v", len(list), err)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	print := func(fsys fs.FS) string {
		t.Helper()
		sum, err := Fingerprint(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := print(fstest.MapFS{"a.yaml": textFile("name: a\n"), "b.yaml": textFile("name: b\n")})
	for name, other := range map[string]fstest.MapFS{
		"text":   {"a.yaml": textFile("name: x\n"), "b.yaml": textFile("name: b\n")},
		"name":   {"c.yaml": textFile("name: a\n"), "b.yaml": textFile("name: b\n")},
		"less":   {"a.yaml": textFile("name: a\n")},
		"more":   {"a.yaml": textFile("name: a\n"), "b.yaml": textFile("name: b\n"), "c.yaml": textFile("")},
		"seam":   {"a.yaml": textFile("name: a\nb.yaml"), "b.yaml": textFile("name: b\n")},
		"broken": {"a.yaml": link("/x"), "b.yaml": textFile("name: b\n")},
	} {
		if print(other) == first {
			t.Errorf("%s: the same", name)
		}
	}
	if print(fstest.MapFS{"a.yaml": textFile("name: a\n"), "b.yaml": textFile("name: b\n"), "readme.md": textFile("x")}) != first {
		t.Error("a file that is no scenario counts")
	}
	if _, err := Fingerprint(os.DirFS(filepath.Join(t.TempDir(), "nowhere"))); err == nil {
		t.Error("a folder that isn't there has a fingerprint")
	}
}
