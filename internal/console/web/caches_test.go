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

// TestCacheEvicts: the least recently used values are evicted first, and no more than needed;
// the newest stays however large it is.
func TestCacheEvicts(t *testing.T) {
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
		if _, ok := c.Lookup(key); ok != kept {
			t.Errorf("%s: kept %v", key, ok)
		}
	}
	c.Put("heavy", 10_000)
	if _, ok := c.Lookup("heavy"); !ok || c.entries.Len() != 1 || c.weight != 10_000 {
		t.Errorf("%d kept, weighing %d", c.entries.Len(), c.weight)
	}
	c.Put("heavy", 500) // in its own place
	if c.entries.Len() != 1 || c.weight != 500 {
		t.Errorf("%d kept, weighing %d", c.entries.Len(), c.weight)
	}
}

// TestCacheComputesOnce: concurrent requests share one computation, an error is not cached.
func TestCacheComputesOnce(t *testing.T) {
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

// TestGetLatest: of a name one value is cached, and every request gets that of its own key,
// also while others ask for other keys.
func TestGetLatest(t *testing.T) {
	t.Parallel()
	c := newCache(SmallCache, Weightless[Latest[string]])
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			key := fmt.Sprint(i % 4)
			got, err := GetLatest(c, "n", key, func() (string, error) { return "made for " + key, nil })
			if got != "made for "+key || err != nil {
				t.Errorf("%s: %s, %v", key, got, err)
			}
		})
	}
	all.Wait()
	if c.entries.Len() != 1 {
		t.Errorf("%d kept", c.entries.Len())
	}
	if _, err := GetLatest(c, "n", "5", func() (string, error) { return "", errors.New("no") }); err == nil {
		t.Error("no failure")
	}
}

// undoing is a trial.
type undoing struct{ head int }

func (undoing) Weight() int64 { return 0 }

// TestTrialsAreNotEvicted: values of other caches do not evict a trial; only its expiry and
// other trials do.
func TestTrialsAreNotEvicted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	s := &Server{Options: Options{Clock: func() time.Time { return now }}}
	lists, single := NewCache(SmallCache, SizeOf[byte]), NewCache(SmallCache, Weightless[Latest[int]])
	PutTrial(s, "import/1", &undoing{7})
	for i := range 2000 {
		lists.Of(s).Put(fmt.Sprint(i), make([]byte, 100_000))
		if _, err := GetLatest(single.Of(s), fmt.Sprint(i), "", func() (int, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := GetTrial[*undoing](s, "import/1"); !ok || got.head != 7 {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := GetTrial[*int](s, "import/1"); ok {
		t.Error("a trial of another kind")
	}
	now = now.Add(trialTTL + time.Second)
	if _, ok := GetTrial[*undoing](s, "import/1"); ok {
		t.Error("never expires")
	}
	if n := trialCache.Of(s).entries.Len(); n != 0 || trialCache.Of(s).weight != 0 {
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
