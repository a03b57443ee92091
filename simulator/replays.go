package simulator

import (
	"net/http"

	"mozartosim/fixtures/recorded"
	"mozartosim/simulator/replay"
)

// readRecordings loads the folder of --answers-from.
func (s *Simulator) readRecordings() (err error) {
	if s.config.AnswersFrom == "" {
		return nil
	}
	if s.recordings, err = recorded.Load(s.config.AnswersFrom); err != nil {
		return err
	}
	s.log.Info("recordings loaded", "calls", s.recordings.Calls(), "files", s.recordings.Files(), "dir", s.config.AnswersFrom)
	return nil
}

// replaying stands before the Cashier API and answers what a recording fits.
func (s *Simulator) replaying(next http.Handler) http.Handler {
	if s.recordings == nil {
		return next
	}
	return replay.New(replay.Config{
		Recordings: s.recordings, Contract: s.contract, Next: next, Log: s.log, Seed: s.config.Seed,
		Company: func(authorization string) bool {
			_, err := s.gate.Company(authorization)
			return err == nil
		},
		MaxBody: s.config.MaxBody, BodyTimeout: s.config.BodyTimeout,
	})
}
