// Package testcontainers starts the simulator in a container, for Go tests of systems that need one.
package testcontainers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"mozartosim/simulator/adminapi"
)

// Container is a simulator that runs.
type Container struct {
	testcontainers.Container
	URL        string           // of the Cashier API, at a port that was free
	AdminURL   string           // of the admin API and the console
	AdminToken string           // what they ask for
	Client     *adminapi.Client // of the admin API
}

// Start starts a simulator and returns when payments can be made. Options are those of Testcontainers and of this package; without any
// it is the image mozartosim (testcontainers.WithImage takes another) with a real clock. The container is to be terminated, also where an error is returned beside it.
func Start(ctx context.Context, options ...testcontainers.ContainerCustomizer) (*Container, error) {
	c := &Container{AdminToken: rand.Text()}
	all := append([]testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts("8080/tcp", "8081/tcp"),
		testcontainers.WithEnv(map[string]string{"MOZARTOSIM_ADMIN_TOKEN": c.AdminToken}),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/readyz").WithPort("8081/tcp")),
	}, options...)
	started, err := testcontainers.Run(ctx, "mozartosim", all...)
	if started == nil {
		return nil, err
	}
	if c.Container = started; err != nil {
		return c, err
	}
	var errs [2]error
	c.URL, errs[0] = started.PortEndpoint(ctx, "8080/tcp", "http")
	c.AdminURL, errs[1] = started.PortEndpoint(ctx, "8081/tcp", "http")
	if err := errors.Join(errs[:]...); err != nil {
		return c, err
	}
	c.Client = adminapi.New(c.AdminURL, c.AdminToken)
	_, err = c.Client.SetPublicURL(ctx, c.URL) // it can't see at which port it is mapped
	return c, err
}

// ManualClock lets time stand until the test moves it.
func ManualClock() testcontainers.CustomizeRequestOption {
	return testcontainers.WithEnv(map[string]string{"MOZARTOSIM_CLOCK": "manual"})
}

// Handler sends webhooks to a handler of this machine, at a port and a path such as /webhooks/mozarto, with a secret. It has to listen at
// all addresses: the container comes by the network between the two.
func Handler(port int, path, secret string) testcontainers.CustomizeRequestOption {
	return func(request *testcontainers.GenericContainerRequest) error {
		host := testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
			c.ExtraHosts = append(c.ExtraHosts, "host.docker.internal:host-gateway")
		})
		url := fmt.Sprintf("http://host.docker.internal:%d%s", port, path)
		return errors.Join(host(request), testcontainers.WithEnv(map[string]string{"MOZARTOSIM_WEBHOOK_URL": url, "MOZARTOSIM_WEBHOOK_SECRET": secret})(request))
	}
}
