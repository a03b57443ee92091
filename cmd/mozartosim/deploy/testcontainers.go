//go:build ignore

// A merchant's test that starts the simulator by itself, with Testcontainers for Go.
package payments_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const adminToken = "for-tests-only-change-me"

// mozartosim returns the base URLs of the Cashier API and of the admin API.
func mozartosim(t *testing.T) (cashier, admin string) {
	t.Helper()
	ctx := context.Background()
	simulator, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        "mozartosim",
			ExposedPorts: []string{"8080/tcp", "8081/tcp"},
			HostConfigModifier: func(host *container.HostConfig) { // where the merchant's own webhook handler listens
				host.ExtraHosts = []string{"host.docker.internal:host-gateway"}
			},
			Env: map[string]string{
				"MOZARTOSIM_ADMIN_TOKEN": adminToken, "MOZARTOSIM_CLOCK": "manual",
				"MOZARTOSIM_WEBHOOK_URL": "http://host.docker.internal:3000/webhooks/mozarto",
			},
			WaitingFor: wait.ForHTTP("/readyz").WithPort("8081/tcp"),
		},
		Started: true,
	})
	testcontainers.CleanupContainer(t, simulator)
	if err != nil {
		t.Fatal(err)
	}
	if cashier, err = simulator.PortEndpoint(ctx, "8080/tcp", "http"); err != nil {
		t.Fatal(err)
	}
	if admin, err = simulator.PortEndpoint(ctx, "8081/tcp", "http"); err != nil {
		t.Fatal(err)
	}
	return cashier, admin
}

func TestPaymentsAreThere(t *testing.T) {
	_, admin := mozartosim(t)
	request, err := http.NewRequest(http.MethodGet, admin+"/v1/payments", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	defer answer.Body.Close()
}
