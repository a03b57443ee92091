package merchants

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

// Program runs a sample shop until it is interrupted. The demo company's credentials are the default. It returns the
// exit code; build makes the shop once the flags are read.
func Program(ctx context.Context, name string, args []string, out io.Writer, more func(*flag.FlagSet), build func(Config) (http.Handler, error)) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(out)
	listen := flags.String("listen", "127.0.0.1:3000", "where the shop listens")
	cashier := flags.String("cashier", "http://127.0.0.1:8080", "base URL of the Cashier API")
	token := flags.String("company-token", "", "the company's JWT, as `mozartosim token company` prints it")
	secret := flags.String("secret", "a-secret-of-the-shop", "the shared secret of webhooks")
	if more != nil {
		more(flags)
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	shop, err := build(Config{CashierURL: *cashier, CompanyToken: *token, Secret: *secret, Client: client})
	if err == nil && *token == "" {
		err = errors.New("--company-token is missing: `mozartosim token company` prints the demo company's")
	}
	if err != nil {
		fmt.Fprintf(out, "%s: %v\n", name, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *listen, shop, out); err != nil {
		fmt.Fprintf(out, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, address string, shop http.Handler, out io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: shop, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(out, "the shop is open at http://%s\n", listener.Addr())
	err = server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		<-done
		return nil
	}
	return err
}
