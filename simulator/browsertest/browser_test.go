package browsertest

import (
	"errors"
	"strings"
	"testing"
)

// Without a browser nobody is left in doubt: the error says what to install, or which name is wrong.
func TestNoBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("MOZARTOSIM_CHROMIUM", "")
	if _, err := Find(); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("an empty PATH gives %v", err)
	}
	t.Setenv("MOZARTOSIM_CHROMIUM", "/nowhere/chromium")
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), "/nowhere/chromium") {
		t.Errorf("a wrong name gives %v", err)
	}
	if _, err := Start(); err == nil {
		t.Error("a browser that is not there was started")
	}
}
