package web

import (
	"errors"
	"testing"
)

// TestInBackground: the zero value is returned until the value is ready, a value is returned for
// its own key only, an error is returned once and then retried, a panic is an error.
func TestInBackground(t *testing.T) {
	t.Parallel()
	s, c := &Server{}, newCache(SmallCache, Weightless[*Background[int]])
	gate := make(chan struct{})
	slow := func() (int, error) { <-gate; return 7, nil }
	want := func(what, key string, value int, fails bool, make func() (int, error)) {
		t.Helper()
		got, err := InBackground(s, c, "n", key, make)
		if got != value || (err != nil) != fails {
			t.Errorf("%s: %d, %v", what, got, err)
		}
	}
	never := func() (int, error) { t.Error("made again"); return 0, nil }
	want("begun", "1", 0, false, slow)
	want("being made", "1", 0, false, never)
	want("a newer key meanwhile", "2", 0, false, never)
	close(gate)
	s.background.Wait()
	want("made", "1", 7, false, never)
	want("another key", "2", 0, false, func() (int, error) { return 0, errors.New("no") })
	s.background.Wait()
	want("failed", "2", 0, true, never)
	want("tried again", "2", 0, false, func() (int, error) { panic("oh") })
	s.background.Wait()
	want("panicked", "2", 0, true, never)
	want("and again", "2", 0, false, func() (int, error) { return 8, nil })
	s.background.Wait()
	want("made at last", "2", 8, false, never)
}
