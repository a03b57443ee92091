package identity

import "sync"

// maxTokens bounds a cache.
const maxTokens = 4096

// cache remembers what tokens were found to be, because merchants send the same one with every call.
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

// put adds a token; a full cache is emptied first, which costs each token one more check.
func (c *cache[V]) put(token string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tokens) >= maxTokens {
		clear(c.tokens)
	}
	c.tokens[token] = v
}
