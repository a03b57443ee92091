package company

import "sync/atomic"

// Kept is a value of a runtime that is kept as a setting. It is replaced as a whole, and within Settings.Change, so that two who
// change it don't lose what the other did, unless what has happened can't be kept: what Get returned stays as it is. The zero value holds T's.
type Kept[T any] struct{ value atomic.Pointer[T] }

// Get returns the value, which must not be changed.
func (k *Kept[T]) Get() (value T) {
	if now := k.value.Load(); now != nil {
		value = *now
	}
	return value
}

// Set replaces the value.
func (k *Kept[T]) Set(value T) { k.value.Store(&value) }

// codec writes the value and replaces it by what was written.
func (k *Kept[T]) codec() codec {
	return codecOf(k.Get, func(value T) error { k.Set(value); return nil })
}
