package simulator

import (
	"context"
	"errors"
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
	if s.admin != nil {
		admin, err := s.Admin() //nolint:contextcheck // its requests have contexts of their own
		if err != nil {
			return err
		}
		s.readiness.Serve(admin)
	}
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, s.end)()
	s.startWorkers(ctx, group)
	group.Go(func() error { s.scheduler.Renew(ctx); return nil })
	s.journal.Elsewhere(s.runtimes.RingElsewhere)
	group.Go(func() error { s.settings.Watch(ctx); return nil })
	group.Go(func() error { s.scenarios.Watch(ctx, s.runtimes.ReplaceScenarios); return nil })
	group.Go(func() error { return listener.Start(s.public, s.serving(public, nil)).Wait(ctx) })
	if s.admin != nil {
		group.Go(func() error { return s.adminServer.Wait(ctx) })
	}
	err = group.Wait()
	return errors.Join(err, s.stop(), s.requests.Flush(context.WithoutCancel(ctx)), s.journal.Close()) //nolint:contextcheck // what has begun is ended though ctx is over
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
	if s.settings.Keep { // a company may have jobs though no call has come since the start
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
	return errors.Join(err, s.tracer.Close(wait))
}
