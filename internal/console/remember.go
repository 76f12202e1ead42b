package console

import "errors"

var errNotKept = errors.New("not kept")

// remember keeps a value in memory in place of an earlier one.
func remember[T any](s *Server, key string, value T) error {
	s.caches.mu.Lock()
	delete(s.caches.kept, key)
	s.caches.mu.Unlock()
	_, err := keep(s, key, func() (T, error) { return value, nil })
	return err
}

// remembered returns what was kept; ok is false where it was not, or is no longer.
func remembered[T any](s *Server, key string) (value T, ok bool) {
	value, err := keep(s, key, func() (T, error) { var none T; return none, errNotKept })
	return value, err == nil
}
