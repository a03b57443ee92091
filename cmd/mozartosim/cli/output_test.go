package cli

import (
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/spf13/cobra"
)

// What is no file is written to and stays: a device, or a pipe, as a shell's >(gzip > FILE) is one.
func TestToFileWritesToPipe(t *testing.T) {
	t.Parallel()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	err = To(new(cobra.Command)).ToFile(fmt.Sprint("/dev/fd/", out.Fd()), func(to io.Writer) error {
		_, err := io.WriteString(to, "snapshot")
		return err
	})
	if err != nil || out.Close() != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(in); err != nil || string(got) != "snapshot" {
		t.Errorf("%q, %v", got, err)
	}
}
