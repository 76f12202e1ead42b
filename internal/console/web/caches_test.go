package web

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
)

// sized is a cache of numbers that weigh themselves.
func sized(most int64) *cache[int64] {
	return newCache(most, func(n int64) int64 { return n - entryWeight })
}

func give(n int64) func() (int64, error) { return func() (int64, error) { return n, nil } }

func never(t *testing.T) func() (int64, error) {
	return func() (int64, error) { t.Error("made again"); return 0, nil }
}

// TestCacheGivesUpTheOldest: what was not asked for the longest goes first, and no more
// than has to; the last one stays, however heavy it is.
func TestCacheGivesUpTheOldest(t *testing.T) {
	t.Parallel()
	c := sized(3000)
	for _, key := range []string{"a", "b", "c"} {
		if _, err := c.Get(key, give(1000)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Get("a", never(t)); err != nil { // now b is the oldest
		t.Fatal(err)
	}
	c.Put("d", 1000)
	for key, kept := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, ok := c.Look(key); ok != kept {
			t.Errorf("%s: kept %v", key, ok)
		}
	}
	c.Put("heavy", 10_000)
	if _, ok := c.Look("heavy"); !ok || c.kept.Len() != 1 || c.weight != 10_000 {
		t.Errorf("%d kept, weighing %d", c.kept.Len(), c.weight)
	}
	c.Put("heavy", 500) // in its own place
	if c.kept.Len() != 1 || c.weight != 500 {
		t.Errorf("%d kept, weighing %d", c.kept.Len(), c.weight)
	}
}

// TestCacheMakesOnce: a value is made once though many ask, a failure is not kept.
func TestCacheMakesOnce(t *testing.T) {
	t.Parallel()
	c := sized(1 << 20)
	var made atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			got, err := c.Get("x", func() (int64, error) { made.Add(1); time.Sleep(time.Millisecond); return 7, nil })
			if got != 7 || err != nil {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	if _, err := c.Get("y", func() (int64, error) { return 0, errors.New("no") }); err == nil {
		t.Error("no failure")
	}
	if got, err := c.Get("y", give(8)); got != 8 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

// TestNewestKeepsTheLast: under a name one value, for its own key alone, whoever else asks
// for another at the same time.
func TestNewestKeepsTheLast(t *testing.T) {
	t.Parallel()
	c := newCache(SmallRoom, Nothing[Last[string]])
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			key := fmt.Sprint(i % 4)
			got, err := Newest(c, "n", key, func() (string, error) { return "made for " + key, nil })
			if got != "made for "+key || err != nil {
				t.Errorf("%s: %s, %v", key, got, err)
			}
		})
	}
	all.Wait()
	if c.kept.Len() != 1 {
		t.Errorf("%d kept", c.kept.Len())
	}
	if _, err := Newest(c, "n", "5", func() (string, error) { return "", errors.New("no") }); err == nil {
		t.Error("no failure")
	}
}

// undoing is a trial.
type undoing struct{ head int }

func (undoing) Weight() int64 { return 0 }

// TestTrialsOutliveEverythingElse: no index, sum or other value pushes a trial out; only
// its time and other trials do.
func TestTrialsOutliveEverythingElse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	s := &Server{Options: Options{Clock: func() time.Time { return now }}}
	lists, single := NewKind(SmallRoom, SizeOf[byte]), NewKind(SmallRoom, Nothing[Last[int]])
	if err := Remember(s, "import/1", &undoing{7}); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 { // the map of before was emptied at 256
		lists.Of(s).Put(fmt.Sprint(i), make([]byte, 100_000))
		if _, err := Newest(single.Of(s), fmt.Sprint(i), "", func() (int, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := Remembered[*undoing](s, "import/1"); !ok || got.head != 7 {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := Remembered[*int](s, "import/1"); ok {
		t.Error("a trial of another kind")
	}
	now = now.Add(trialLife + time.Second)
	if _, ok := Remembered[*undoing](s, "import/1"); ok {
		t.Error("kept for ever")
	}
	if n := trialCache.Of(s).kept.Len(); n != 0 || trialCache.Of(s).weight != 0 {
		t.Errorf("%d expired trials take %d bytes", n, trialCache.Of(s).weight)
	}
}

// TestTwoTemplatesOfOneName: neither is shown in the other's place, the program says so
// when it starts.
func TestTwoTemplatesOfOneName(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	files := fstest.MapFS{
		"templates/parts/none.html":   file(`{{define "none"}}{{end}}`),
		"templates/people/index.html": file(`{{define "content"}}people{{end}}`),
		"templates/other.html":        file(`{{define "content"}}other{{end}}`),
	}
	if _, err := parsePages([]fs.FS{files}); err != nil {
		t.Fatal(err)
	}
	bank := fstest.MapFS{"templates/index.html": file(`{{define "content"}}bank{{end}}`)}
	if _, err := parsePages([]fs.FS{files, bank}); err == nil || !strings.Contains(err.Error(), "index") {
		t.Errorf("two templates named index: %v", err)
	}
}
