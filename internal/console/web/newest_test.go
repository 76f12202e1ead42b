package web

import (
	"errors"
	"testing"
)

// TestBeside: nothing stands for what is being made, a value is given for its own key
// alone, a failure is said once and then tried again, and a panic is a failure.
func TestBeside(t *testing.T) {
	t.Parallel()
	s, c := &Server{}, newCache(SmallRoom, Nothing[*Aside[int]])
	gate := make(chan struct{})
	slow := func() (int, error) { <-gate; return 7, nil }
	want := func(what, key string, value int, fails bool, make func() (int, error)) {
		t.Helper()
		got, err := Beside(s, c, "n", key, make)
		if got != value || (err != nil) != fails {
			t.Errorf("%s: %d, %v", what, got, err)
		}
	}
	never := func() (int, error) { t.Error("made again"); return 0, nil }
	want("begun", "1", 0, false, slow)
	want("being made", "1", 0, false, never)
	want("a newer key meanwhile", "2", 0, false, never)
	close(gate)
	s.work.Wait()
	want("made", "1", 7, false, never)
	want("another key", "2", 0, false, func() (int, error) { return 0, errors.New("no") })
	s.work.Wait()
	want("failed", "2", 0, true, never)
	want("tried again", "2", 0, false, func() (int, error) { panic("oh") })
	s.work.Wait()
	want("panicked", "2", 0, true, never)
	want("and again", "2", 0, false, func() (int, error) { return 8, nil })
	s.work.Wait()
	want("made at last", "2", 8, false, never)
}
