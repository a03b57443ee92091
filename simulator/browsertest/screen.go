package browsertest

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Screen is what a page is looked at on.
type Screen struct {
	Name          string
	width, height int
	mobile        bool
}

// The screens that tests use.
var (
	desktop = Screen{Name: "desktop", width: 1280, height: 800}
	phone   = Screen{Name: "phone", width: 390, height: 844, mobile: true}
)

// Desktop is 1280 by 800.
func Desktop() Screen { return desktop }

// Phone is 390 by 844, with a touch screen.
func Phone() Screen { return phone }

// Scheme is the colour scheme that the person prefers.
type Scheme string

// The schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// Look changes the screen and the preferred colours of a page that is open or will be. Motion is reduced, as people may ask
// for, so that nothing is half-way when it is measured.
func (tab *Tab) Look(screen Screen, scheme Scheme) {
	tab.t.Helper()
	if tab.screen == screen && tab.scheme == scheme {
		return
	}
	tab.screen, tab.scheme = screen, scheme
	tab.do("look", look(screen, scheme))
}

func look(screen Screen, scheme Scheme) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(screen.width), Height: int64(screen.height), DeviceScaleFactor: 1, Mobile: screen.mobile,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: string(scheme)},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return err
	})
}

// Shoot writes the whole page, not just what fits on the screen, to DIR/NAME-SCREEN-SCHEME.png.
func (tab *Tab) Shoot(dir, name string) {
	tab.t.Helper()
	tab.shoot(filepath.Join(dir, name+"-"+tab.screen.Name+"-"+string(tab.scheme)+".png"), true)
}

// ShootWindow writes what fits on the screen to a file.
func (tab *Tab) ShootWindow(file string) {
	tab.t.Helper()
	tab.shoot(file, false)
}

func (tab *Tab) shoot(file string, whole bool) {
	tab.t.Helper()
	tab.settle()
	shot, err := runIn(tab, func(ctx context.Context, target *chromedp.Target) (page.CaptureScreenshotResult, error) {
		wanted := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}
		if whole {
			metrics, err := cdp.Call(ctx, target, page.GetLayoutMetrics, cdp.Empty{})
			if err != nil {
				return page.CaptureScreenshotResult{}, err
			}
			width, height := float64(tab.screen.width), max(metrics.CSSContentSize.Height, float64(tab.screen.height))
			wanted.CaptureBeyondViewport, wanted.Clip = &whole, &page.Viewport{Width: width, Height: height, Scale: 1}
		}
		return cdp.Call(ctx, target, page.CaptureScreenshot, wanted)
	})
	if err != nil {
		tab.t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(file, shot.Data, 0o644); err != nil {
		tab.t.Fatalf("screenshot: %v", err)
	}
}
