package simtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mozartosim/simulator/simtest"
)

// Clients that others' generators make of the documents that a simulator serves compile and call it: openapi/clients.
func TestGeneratedClients(t *testing.T) {
	sim := simtest.Start(t)
	module, err := filepath.Abs("../../openapi/clients")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"oapi/cashier", "oapi/control", "ogen/cashier"} {
		if err := os.MkdirAll(filepath.Join(module, "generated", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cashier.json", "control.json"} {
		document, err := sim.Client.GeneratorContract(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(module, "generated", name), document, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"generate", "."}, {"test", "-vet=off", "-count=1", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = module
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "SIMULATOR_URL="+sim.URL, "SIMULATOR_ADMIN_URL="+sim.AdminURL,
			"SIMULATOR_COMPANY_TOKEN="+sim.CompanyToken, "SIMULATOR_USER_TOKEN="+sim.UserToken(t, "user-1001"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %q: %v\n%s", args, err, out)
		}
	}
}
