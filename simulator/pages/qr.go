package pages

import (
	"fmt"
	"html/template"
	"strconv"
	"sync"

	"rsc.io/qr/coding"
)

// codes draws QR codes. The layout depends on a code's size alone and is computed once for each size; the latest codes are
// kept, since an invoice's page is loaded a few times in a row.
type codes struct {
	mu    sync.Mutex
	plans map[coding.Version]*coding.Plan
	drawn map[string]template.HTML // at most keptCodes
}

// keptCodes bounds the codes that are kept, of some 10 KB each.
const keptCodes = 128

// level repairs 15 % of a code: enough for a screen.
const level = coding.M

// draw returns a text's QR code as an SVG, one unit a pixel, with the quiet zone of four pixels on each side.
func (c *codes) draw(text string) (template.HTML, error) {
	c.mu.Lock()
	kept, ok := c.drawn[text]
	c.mu.Unlock()
	if ok {
		return kept, nil
	}
	drawn, err := c.drawAnew(text)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drawn == nil || len(c.drawn) >= keptCodes {
		c.drawn = map[string]template.HTML{}
	}
	c.drawn[text] = drawn
	return drawn, nil
}

func (c *codes) drawAnew(text string) (template.HTML, error) {
	plan, err := c.plan(coding.String(text))
	if err != nil {
		return "", err
	}
	code, err := plan.Encode(coding.String(text))
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	size := strconv.Itoa(code.Size + 8)
	out := make([]byte, 0, 12<<10)
	out = append(out, `<svg class="qr" viewBox="0 0 `+size+" "+size+`" role="img" aria-label="QR code of the address and the amount" data-testid="qr">`...)
	out = append(out, `<rect class="paper" width="`+size+`" height="`+size+`"/><path d="`...)
	return template.HTML(append(runs(out, code), `"/></svg>`...)), nil // numbers and path commands only
}

func (c *codes) plan(text coding.String) (*coding.Plan, error) {
	version := coding.Version(coding.MinVersion)
	for text.Bits(version) > version.DataBytes(level)*8 {
		if version++; version > coding.MaxVersion {
			return nil, fmt.Errorf("QR code: a text of %d bytes is too long", len(text))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if plan := c.plans[version]; plan != nil {
		return plan, nil
	}
	plan, err := coding.NewPlan(version, level, 0)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	if c.plans == nil {
		c.plans = map[coding.Version]*coding.Plan{}
	}
	c.plans[version] = plan
	return plan, nil
}

// runs adds each row's runs of black pixels as a rectangle.
func runs(path []byte, code *coding.Code) []byte {
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				path = strconv.AppendInt(append(path, 'M'), int64(from+4), 10)
				path = strconv.AppendInt(append(path, ' '), int64(y+4), 10)
				path = strconv.AppendInt(append(path, 'h'), int64(x-from), 10)
				path = strconv.AppendInt(append(path, "v1h-"...), int64(x-from), 10)
				path = append(path, 'z')
			}
		}
	}
	return path
}
