package pages

import (
	"fmt"
	"html/template"
	"strconv"
	"sync"

	"rsc.io/qr"
)

// codes draws QR codes. The latest are kept, since an invoice's page is loaded a few times in a row.
type codes struct {
	mu    sync.Mutex
	drawn map[string]template.HTML // at most keptCodes
}

// keptCodes bounds the codes that are kept, of some 10 KB each.
const keptCodes = 128

// draw returns a text's QR code.
func (c *codes) draw(text string) (template.HTML, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.drawn[text]; ok {
		return kept, nil
	}
	drawn, err := drawCode(text)
	if err != nil {
		return "", err
	}
	if c.drawn == nil || len(c.drawn) >= keptCodes {
		c.drawn = map[string]template.HTML{}
	}
	c.drawn[text] = drawn
	return drawn, nil
}

// drawCode returns a text's QR code as an SVG, one unit a pixel, with the quiet zone of four pixels on each side. It repairs 15 % of the
// code: enough for a screen.
func drawCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	size := strconv.Itoa(code.Size + 8)
	out := make([]byte, 0, 12<<10)
	out = append(out, `<svg class="qr" viewBox="0 0 `+size+" "+size+`" role="img" aria-label="QR code of the address and the amount" data-testid="qr">`...)
	out = append(out, `<rect class="paper" width="`+size+`" height="`+size+`"/><path d="`...)
	return template.HTML(append(runs(out, code), `"/></svg>`...)), nil // numbers and path commands only
}

// runs adds each row's runs of black pixels as a rectangle.
func runs(path []byte, code *qr.Code) []byte {
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
