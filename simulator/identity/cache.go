package identity

import "sync"

// cacheRoom is how many tokens of a kind are remembered.
const cacheRoom = 4096

// cache remembers what became of tokens, because merchants send the same one with call after call.
type cache[V any] struct {
	mu     sync.RWMutex
	tokens map[string]V
}

func newCache[V any]() *cache[V] { return &cache[V]{tokens: map[string]V{}} }

func (c *cache[V]) get(token string) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.tokens[token]
	return v, ok
}

// put adds a token; a full cache begins anew, which costs each token one more check.
func (c *cache[V]) put(token string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tokens) >= cacheRoom {
		clear(c.tokens)
	}
	c.tokens[token] = v
}
