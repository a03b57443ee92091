package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outside is a test of another module, which starts a simulator and steers it.
const outside = `package shop

import (
	"testing"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

func TestShop(t *testing.T) {
	sim := simtest.Start(t)
	list, err := adminapi.New(sim.AdminURL, "").Company("demo").Payments(t.Context(), adminapi.PaymentQuery{})
	if err != nil || len(list.Payments) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}
`

// What other modules import is run by one of them, which finds it by the line that README.md teaches.
func TestOtherModules(t *testing.T) {
	t.Parallel()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	taught := regexp.MustCompile("`(replace mozartosim => )\\S+`").FindSubmatch(text)
	if taught == nil {
		t.Fatal("README.md does not say how another module finds this one")
	}
	sums, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// What `go mod tidy` would find in the registry is written down here: the same dependencies.
	theirs := strings.Replace(string(ours), "module mozartosim", "module shop\n\nrequire mozartosim v0.0.0\n\n"+string(taught[1])+repository, 1)
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": theirs, "go.sum": string(sums), "shop_test.go": outside} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-mod=mod", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
