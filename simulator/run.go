package simulator

import (
	"context"
	"errors"
	"log/slog"
	"mozartosim/simulator/backoffice"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run serves until ctx ends, then lets calls in progress finish and stops. It can be called once.
func (s *Simulator) Run(ctx context.Context) error {
	public, err := s.Public()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	s.startWorkers(ctx, group)
	s.watchOthers(ctx, group)
	if s.config.ScenariosDir != "" {
		group.Go(func() error { return s.watchScenarios(ctx) })
	}
	s.serve(ctx, group, s.public, public)
	if s.admin != nil {
		s.serve(ctx, group, s.admin, s.Admin())
	}
	err = group.Wait()
	return errors.Join(err, s.stopWebhooks(), s.journal.Close())
}

// startWorkers gives every company a worker, those of today and those that are made later, until ctx ends.
func (s *Simulator) startWorkers(ctx context.Context, group *errgroup.Group) {
	var kept []*backoffice.Company
	if s.book.on { // a company has work to do though nobody has called since the start
		kept = s.companies.List()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = func(t *tenant) {
		ctx, dismiss := context.WithCancel(ctx)
		t.dismiss = dismiss
		group.Go(func() error {
			defer dismiss()
			s.work(ctx, t)
			return nil
		})
	}
	for _, t := range s.tenants {
		s.running(t)
	}
	for _, c := range kept {
		s.tenantLocked(c.ID)
	}
	group.Go(func() error { // a worker must not be started once they are waited for
		<-ctx.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = nil
		return nil
	})
}

// stopWebhooks waits for the deliveries in flight; what has not been started stays due.
func (s *Simulator) stopWebhooks() error {
	s.lanes.Close()
	wait, cancel := context.WithTimeout(context.Background(), s.config.WebhookTimeout+time.Second)
	defer cancel()
	err := errors.Join(s.lanes.Wait(wait), s.landAll())
	s.webhooks.Close()
	s.gate.Close()
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

func (s *Simulator) serve(ctx context.Context, group *errgroup.Group, listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: s.config.BodyTimeout,
		IdleTimeout:       s.config.IdleTimeout,
		MaxHeaderBytes:    s.config.MaxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	group.Go(func() error {
		if err := s.serveOn(server, listener); !errors.Is(err, http.ErrServerClosed) {
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
