package docker

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Modules and what was compiled stay in BuildKit's caches: another version is built without a network.
func TestBuildAgain(t *testing.T) {
	docker(t, "build", "-q", "--network", "none", "--build-arg", "VERSION="+rand.Text(), root)
}

// Where BuildKit is missing the build says that.
func TestBuildWithoutBuildKit(t *testing.T) {
	cmd := exec.Command("docker", "build", root)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "BuildKit_is_missing__set_DOCKER_BUILDKIT_to_1") {
		t.Errorf("%v: %s", err, out)
	}
}

// A shopper pays in a browser, at whatever port the container's is mapped to.
func TestBrowser(t *testing.T) {
	s := start(t, "-e", "MOZARTOSIM_SHOPPER=manual")
	made := s.mustPay(t, "order-1")
	if !strings.HasPrefix(made.URL, s.cashier+"/") {
		t.Fatalf("the shopper is sent to %s, not to %s", made.URL, s.cashier)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	for _, name := range []string{os.Getenv("MOZARTOSIM_CHROMIUM"), "chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			options = append(options, chromedp.ExecPath(path))
			break
		}
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, closed := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {})) // messages newer than the driver
	defer closed()
	if err := chromedp.Do(ctx, chromedp.Navigate(made.URL), chromedp.Click(`[data-testid="sim-approve"]`)); err != nil {
		t.Fatal(err)
	}
	s.await(t, fmt.Sprintf("payment.id == %q && payment.status == 'approved' && delivery.state == 'delivered'", made.ID))
}
