package simtest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mozartosim/simulator/simtest"
)

// Clients that others' generators make of the documents that a simulator serves compile and call it: openapi/clients.
// `make check-generated` sets MOZARTOSIM_CLIENTS to ./... for all of its packages.
func TestGeneratedClients(t *testing.T) {
	sim := simtest.Start(t)
	module, err := filepath.Abs("../../openapi/clients")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"oapi/cashier", "oapi/control", "ogen/cashier", "ogen/control"} {
		if err := os.MkdirAll(filepath.Join(module, "generated", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	generators := func(name string) func(context.Context) (json.RawMessage, error) {
		return func(ctx context.Context) (json.RawMessage, error) { return sim.Client.GeneratorContract(ctx, name) }
	}
	for name, document := range map[string]func(context.Context) (json.RawMessage, error){
		"cashier.json": generators("cashier.json"), "control.json": generators("control.json"),
		"cashier-3.1.json": sim.Client.CashierContract, "control-3.1.json": sim.Client.ControlContract,
	} {
		text, err := document(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(module, "generated", name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	packages := cmp.Or(os.Getenv("MOZARTOSIM_CLIENTS"), ".")
	for _, args := range [][]string{{"generate", packages}, {"test", "-vet=off", "-count=1", packages}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = module
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "SIMULATOR_URL="+sim.URL, "SIMULATOR_ADMIN_URL="+sim.AdminURL,
			"SIMULATOR_COMPANY_TOKEN="+sim.CompanyToken, "SIMULATOR_USER_TOKEN="+sim.UserToken(t, "user-1001"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %q: %v\n%s", args, err, out)
		}
	}
}
