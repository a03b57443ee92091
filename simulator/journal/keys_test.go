package journal

import (
	"errors"
	"testing"
)

// A stream that is dropped frees its own keys alone, whatever it believes to have.
func TestKeysOfAnotherStreamStay(t *testing.T) {
	t.Parallel()
	k, first, second := newKeyIndex(), &stream{}, &stream{}
	if err := k.claim(first, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := k.claim(second, []string{"b", "a"}); !errors.Is(err, ErrExists) {
		t.Fatalf("got %v", err)
	}
	if k.owner("b") != nil {
		t.Error("a claim that was refused has taken a key")
	}
	second.keys = []string{"a"}
	k.release(second)
	if k.owner("a") != first {
		t.Error("the first stream's key is gone")
	}
	k.release(first)
	if k.owner("a") != nil {
		t.Error("a dropped stream's key is taken")
	}
}
