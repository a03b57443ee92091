package cli

import (
	"errors"
	"fmt"
	"testing"

	"mozartosim/simulator/adminapi"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	refused := &adminapi.Error{Message: "no payment of order\nmozartosim: all is well\x1b[2J"}
	if got := ErrorText(fmt.Errorf("find: %w", refused)); got != `find: no payment of order\nmozartosim: all is well\u001b[2J` {
		t.Errorf("%q", got)
	}
	if got := ErrorText(errors.New("a.yaml:1: x\na.yaml:2: password=y")); got != "a.yaml:1: x\na.yaml:2: password=***" {
		t.Errorf("%q", got)
	}
}
