package browsertest

import (
	"os"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Screen is what a page is shown on.
type Screen struct {
	Name          string
	width, height int
	options       []chromedp.EmulateViewportOption
}

// The screens of tests.
var (
	desktop = Screen{Name: "desktop", width: 1280, height: 800}
	phone   = Screen{Name: "phone", width: 390, height: 844, options: []chromedp.EmulateViewportOption{chromedp.EmulateMobile}}
)

// Scheme is the color scheme that a person prefers.
type Scheme string

// The schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// Emulate changes the screen and the preferred color scheme. Reduced motion is preferred too, so that nothing moves while it
// is measured.
func (tab *Tab) Emulate(screen Screen, scheme Scheme) {
	tab.t.Helper()
	if tab.screen.Name == screen.Name && tab.scheme == scheme {
		return
	}
	tab.screen, tab.scheme = screen, scheme
	tab.do("emulate a screen", emulate(screen, scheme))
}

func emulate(screen Screen, scheme Scheme) chromedp.Action[chromedp.Void] {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: string(scheme)},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	return chromedp.Steps(
		chromedp.EmulateViewport(int64(screen.width), int64(screen.height), screen.options...),
		call(emulation.SetEmulatedMedia, media),
	)
}

// Screenshot writes a picture of the window, or of the whole page, to a PNG file.
func (tab *Tab) Screenshot(file string, wholePage bool) {
	tab.t.Helper()
	tab.waitForAnimations()
	capture := chromedp.CaptureScreenshot()
	if wholePage {
		capture = chromedp.FullScreenshot(100)
	}
	picture, err := run(tab, capture)
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		tab.t.Fatalf("screenshot: %v", err)
	}
}

// waitForAnimations waits until fonts are loaded and animations have ended.
func (tab *Tab) waitForAnimations() {
	tab.t.Helper()
	Evaluate[chromedp.Void](tab, `(async () => {
		await document.fonts.ready;
		const ends = a => (a.effect?.getComputedTiming().endTime ?? 0) !== Infinity;
		await Promise.allSettled(document.getAnimations().filter(ends).map(a => a.finished));
		await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
	})()`)
}
