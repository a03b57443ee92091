package company

import "sync/atomic"

// Setting is one of a runtime's settings. Its value is replaced as a whole, and within Settings.Change, so that two who
// change it don't lose what the other did, unless what has happened can't be kept: what Get returned stays as it is. The zero value holds T's.
type Setting[T any] struct{ value atomic.Pointer[T] }

// Get returns the value, which must not be changed.
func (s *Setting[T]) Get() (value T) {
	if now := s.value.Load(); now != nil {
		value = *now
	}
	return value
}

// Set replaces the value.
func (s *Setting[T]) Set(value T) { s.value.Store(&value) }

// codec writes the value and replaces it by what was written.
func (s *Setting[T]) codec() codec {
	return codecOf(s.Get, func(value T) error { s.Set(value); return nil })
}
