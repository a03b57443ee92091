package simulator

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"mozartosim/simulator/company"
	"mozartosim/simulator/listener"
)

// Run serves until ctx ends, then lets calls in progress finish and stops. It can be called once.
func (s *Simulator) Run(ctx context.Context) error {
	public, err := s.Public()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	s.startWorkers(ctx, group)
	group.Go(func() error { s.settings.Watch(ctx); return nil })
	group.Go(func() error { s.scenarios.Watch(ctx, s.runtimes.ReplaceScenarios); return nil })
	s.serve(ctx, group, s.public, public)
	if s.admin != nil {
		admin, err := s.Admin()
		if err != nil {
			return err
		}
		s.serve(ctx, group, s.admin, admin)
	}
	err = group.Wait()
	return errors.Join(err, s.stop(), s.journal.Close()) //nolint:contextcheck // what has begun is ended though ctx is over
}

// startWorkers gives every company a worker, also those that are made later, until ctx ends.
func (s *Simulator) startWorkers(ctx context.Context, group *errgroup.Group) {
	s.runtimes.StartWorkers(func(rt *company.Runtime) (stop func()) {
		ctx, stop := context.WithCancel(ctx)
		group.Go(func() error {
			defer stop()
			s.scheduler.Work(ctx, rt)
			return nil
		})
		return stop
	})
	if s.settings.Kept() { // a company may have jobs though no call has come since the start
		for _, c := range s.directory.List() {
			s.runtimes.Get(c.ID)
		}
	}
	group.Go(func() error { // no worker may start once they are waited for
		<-ctx.Done()
		s.runtimes.StopWorkers()
		return nil
	})
}

// stop waits for the deliveries in flight; what has not begun stays due.
func (s *Simulator) stop() error {
	wait, cancel := context.WithTimeout(context.Background(), s.config.WebhookTimeout+time.Second)
	defer cancel()
	err := s.scheduler.Stop(wait)
	s.sender.Close()
	s.identity.Close()
	return err
}

// Close releases what New took, for a simulator that is never run.
func (s *Simulator) Close() error {
	err := errors.Join(s.public.Close(), s.journal.Close())
	if s.admin != nil {
		err = errors.Join(err, s.admin.Close())
	}
	return err
}

// stopGrace is how long calls in progress may take once the simulator stops.
const stopGrace = 10 * time.Second

func (s *Simulator) serve(ctx context.Context, group *errgroup.Group, on net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: s.config.BodyTimeout,
		IdleTimeout:       s.config.IdleTimeout,
		MaxHeaderBytes:    s.config.MaxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	group.Go(func() error {
		if err := listener.Serve(server, on, s.certificate); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			return server.Close()
		}
		return nil
	})
}
