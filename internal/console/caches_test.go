package console

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
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
		if _, err := c.get(key, give(1000)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.get("a", never(t)); err != nil { // now b is the oldest
		t.Fatal(err)
	}
	c.put("d", 1000)
	for key, kept := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, ok := c.look(key); ok != kept {
			t.Errorf("%s: kept %v", key, ok)
		}
	}
	c.put("heavy", 10_000)
	if _, ok := c.look("heavy"); !ok || c.kept.Len() != 1 || c.weight != 10_000 {
		t.Errorf("%d kept, weighing %d", c.kept.Len(), c.weight)
	}
	c.put("heavy", 500) // in its own place
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
			got, err := c.get("x", func() (int64, error) { made.Add(1); time.Sleep(time.Millisecond); return 7, nil })
			if got != 7 || err != nil {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	if _, err := c.get("y", func() (int64, error) { return 0, errors.New("no") }); err == nil {
		t.Error("no failure")
	}
	if got, err := c.get("y", give(8)); got != 8 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

// TestNewestKeepsTheLast: under a name one value, for its own key alone, whoever else asks
// for another at the same time.
func TestNewestKeepsTheLast(t *testing.T) {
	t.Parallel()
	c := newCache(smallRoom, nothing[last[string]])
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			key := fmt.Sprint(i % 4)
			got, err := newest(c, "n", key, func() (string, error) { return "made for " + key, nil })
			if got != "made for "+key || err != nil {
				t.Errorf("%s: %s, %v", key, got, err)
			}
		})
	}
	all.Wait()
	if c.kept.Len() != 1 {
		t.Errorf("%d kept", c.kept.Len())
	}
	if _, err := newest(c, "n", "5", func() (string, error) { return "", errors.New("no") }); err == nil {
		t.Error("no failure")
	}
}

// TestTrialsOutliveEverythingElse: no index, sum or other value pushes a trial out; only
// its time and other trials do.
func TestTrialsOutliveEverythingElse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	s := &Server{Options: Options{Clock: func() time.Time { return now }}, caches: newCaches()}
	if err := remember(s, "import/1", &triedUndo{Head: 7}); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 { // the map of before was emptied at 256
		s.caches.indexes.put(fmt.Sprint(i), &lineIndex{lines: make([]lineEntry, 1000)})
		s.caches.lists.put(fmt.Sprint(i), &listHeads{})
		if _, err := newest(s.caches.unmade, fmt.Sprint(i), "", func() (*postgres.Unmade, error) { return nil, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := remembered[*triedUndo](s, "import/1"); !ok || got.Head != 7 {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := remembered[*triedRoster](s, "import/1"); ok {
		t.Error("a trial of another kind")
	}
	now = now.Add(trialLife + time.Second)
	if _, ok := remembered[*triedUndo](s, "import/1"); ok {
		t.Error("kept for ever")
	}
	if n := s.caches.trials.kept.Len(); n != 0 || s.caches.trials.weight != 0 {
		t.Errorf("%d expired trials take %d bytes", n, s.caches.trials.weight)
	}
}

// TestTrialsAreWeighed: each type that a page remembers weighs what it holds, as that type
// and not as what it embeds; none is weighed as a type without a case.
func TestTrialsAreWeighed(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	problems, listed := make([]roster.Problem, rows), make([]roster.ListRow, rows)
	list := func(l roster.MatchList, r reports.Matching, f postgres.MatchReport) *matched {
		return &matched{Match: &office.Match{List: &l, Report: &r, Found: &f}}
	}
	pack := &policy.Pack{Body: make([]byte, rows)}
	for name, c := range map[string]struct {
		found any
		least int64 // bytes
	}{
		"an import":              {&triedRoster{RosterTrial: &postgres.RosterTrial{Report: &roster.Report{Problems: problems}}}, sizeOf(problems)},
		"rows of a list":         {list(roster.MatchList{Rows: listed}, reports.Matching{}, postgres.MatchReport{}), sizeOf(listed)},
		"a list of wrong rows":   {list(roster.MatchList{Problems: problems}, reports.Matching{}, postgres.MatchReport{}), sizeOf(problems)},
		"a list and its hits":    {list(roster.MatchList{}, reports.Matching{Hits: make([]reports.MatchHit, rows)}, postgres.MatchReport{}), sizeOf(make([]reports.MatchHit, rows))},
		"a list and its strays":  {list(roster.MatchList{}, reports.Matching{Unmatched: listed}, postgres.MatchReport{}), sizeOf(listed)},
		"a list and its matches": {list(roster.MatchList{}, reports.Matching{}, postgres.MatchReport{Matches: make([]roster.Match, rows)}), sizeOf(make([]roster.Match, rows))},
		"a list without a match": {&matched{Match: &office.Match{List: &roster.MatchList{Rows: listed}}}, sizeOf(listed)},
		"a pack":                 {&office.Effect{Pack: pack, Present: pack, Settled: &postgres.PackEffect{}}, 2 * rows},
		"an undone import":       {&triedUndo{}, 0},
	} {
		if got := trialWeight(c.found); got < c.least || got == unknownWeight {
			t.Errorf("%s weighs %d bytes, holds %d", name, got, c.least)
		}
	}
}

// TestLargeIndexIsMadeOnce: the index of a million lines stays while small values come by
// the hundred.
func TestLargeIndexIsMadeOnce(t *testing.T) {
	t.Parallel()
	c := newCaches()
	x := &lineIndex{lines: make([]lineEntry, 1_000_000)}
	for i := range 6 {
		c.indexes.put(fmt.Sprint("large", i), x)
	}
	for i := range 300 {
		c.stands.put(fmt.Sprint(i), postgres.Stand{})
	}
	if got, err := c.indexes.get("large0", func() (*lineIndex, error) { t.Error("made again"); return nil, nil }); got != x || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// TestTwoTemplatesOfOneName: neither is shown in the other's place, the program says so
// when it starts.
func TestTwoTemplatesOfOneName(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	files := fstest.MapFS{
		"templates/layout.html":       file(`{{define "layout"}}{{template "content" .}}{{end}}`),
		"templates/parts/menu.html":   file(`{{define "menu"}}{{end}}`),
		"templates/people/index.html": file(`{{define "content"}}people{{end}}`),
		"templates/person.html":       file(`{{define "content"}}person{{end}}`),
	}
	if _, err := parsePagesOf(files); err != nil {
		t.Fatal(err)
	}
	files["templates/bank/index.html"] = file(`{{define "content"}}bank{{end}}`)
	if _, err := parsePagesOf(files); err == nil || !strings.Contains(err.Error(), "index") {
		t.Errorf("two templates named index: %v", err)
	}
}
