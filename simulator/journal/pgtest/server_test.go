package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// What was committed is there after the server was killed, and after it was shut down; it comes back on the same port.
func TestServer(t *testing.T) {
	t.Parallel()
	s := For(t)
	count := func(url string) (n int) {
		t.Helper()
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS public.kept (n int)"); err != nil {
			t.Fatal(err)
		}
		err = conn.QueryRow(ctx, "WITH w AS (INSERT INTO public.kept VALUES (1)) SELECT count(*) FROM public.kept").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	url := "postgres://mozartosim@" + s.Address() + "/postgres?sslmode=disable"
	for want, end := range []func(){s.Kill, s.Shutdown, func() {}} {
		if got := count(url); got != want {
			t.Fatalf("%d rows are there, want %d", got, want)
		}
		if end(); want < 2 {
			if err := s.StartAgain(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	s := For(t)
	p := NewProxy(t, s.Address())
	url := p.Through("postgres://mozartosim@" + s.Address() + "/postgres?sslmode=disable")
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := conn.Ping(ctx); err == nil {
		t.Error("a connection that was cut works")
	}
	if _, err := pgx.Connect(ctx, url); err == nil {
		t.Error("a proxy that is cut lets somebody through")
	}
	p.Mend()
	again, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(ctx)
	p.Swallow()
	answered := make(chan error, 1)
	go func() { answered <- again.Ping(ctx) }()
	p.Mend()
	if err := <-answered; err != nil {
		t.Errorf("what was swallowed for a while: %v", err)
	}
}
