package modeltest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"disburse/internal/store/audit"
)

// kind is something that may happen, so often in a hundred times.
type kind struct {
	what  string
	often int
	do    func(*district) error
}

var kinds = []kind{
	{"learn", 17, (*district).learn}, {"mistype", 2, (*district).mistype}, {"run", 13, (*district).run}, {"through", 11, (*district).through}, {"sign", 8, (*district).sign},
	{"send", 9, (*district).send}, {"answer", 10, (*district).answer}, {"decide", 5, (*district).decide}, {"recover", 6, (*district).recover},
	{"void", 6, (*district).void}, {"return", 2, (*district).giveBack}, {"again", 1, (*district).again}, {"merge", 2, (*district).join}, {"undo", 2, (*district).takeBack}, {"changes", 2, (*district).changes},
	{"confirm", 4, (*district).confirm},
	{"begin", 0, (*district).begin},
}

// history draws a history: some people, and then whatever happens.
func history(seed uint64, steps int) []step {
	r := rand.New(rand.NewPCG(seed, 1))
	all := []step{{"begin", r.Uint64() >> 32}, {"run", r.Uint64() >> 32}}
	for len(all) < steps {
		n := r.IntN(100)
		for _, k := range kinds {
			if n -= k.often; n < 0 {
				all = append(all, step{k.what, r.Uint64() >> 32})
				break
			}
		}
	}
	return all
}

// play plays a history in a new database and returns what came to pass, and at which
// step it went wrong.
func play(t testing.TB, steps []step) (did map[string]int, at int, err error) {
	d, err := open(t)
	if err != nil {
		return nil, 0, err
	}
	defer d.db.Close()
	for i, s := range steps {
		if err := d.take1(s); err != nil {
			return d.did, i, fmt.Errorf("step %d, %s: %w", i, s, err)
		}
	}
	if err := d.judgeAgain(); err != nil {
		return d.did, len(steps), err
	}
	return d.did, len(steps), d.audited()
}

// take1 takes one step and looks at everything.
func (d *district) take1(s step) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	d.rand, d.paidIn = rand.New(rand.NewPCG(s.seed, 2)), 0
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.what == s.what })
	if err := kinds[i].do(d); err != nil {
		return err
	}
	return d.holds()
}

// judgeAgain computes every approved batch once more, long after it was signed.
func (d *district) judgeAgain() error {
	for _, b := range d.batches {
		if b.paid != nil && itemsOf[b.bureau] != nil {
			if err := d.judged(b); err != nil {
				return fmt.Errorf("at the end: %w", err)
			}
		}
	}
	return nil
}

// audited insists that every row is as it was written, by the digests in the chain.
func (d *district) audited() error {
	report, err := audit.Verify(d.ctx, d.db, region, nil, nil)
	if err == nil { // the model's accounts are put straight into the table
		report.Problems = slices.DeleteFunc(report.Problems, func(p audit.Problem) bool { return p.Table == "account_user" })
	}
	if err == nil && (len(report.Problems) > 0 || (report.Entries > 0 && report.Rows == 0)) {
		err = fmt.Errorf("audit: %+v", report)
	}
	return err
}

// shrink drops steps for as long as the history still goes wrong.
func shrink(t testing.TB, steps []step) ([]step, error) {
	_, at, err := play(t, steps)
	if err == nil {
		return steps, nil
	}
	steps = slices.Clone(steps[:min(at+1, len(steps))])
	for size := max(1, len(steps)/2); size > 0; size /= 2 {
		for from := 0; from < len(steps); {
			shorter := slices.Delete(slices.Clone(steps), from, min(from+size, len(steps)))
			if _, at, wrong := play(t, shorter); wrong != nil {
				steps, err = shorter[:min(at+1, len(shorter))], wrong
				continue
			}
			from += size
		}
	}
	return steps, err
}

// TestHistories plays random histories against the model. DISBURSE_HISTORIES=1000 plays
// so many of DISBURSE_STEPS steps each, from DISBURSE_SEED on, and prints a record.
func TestHistories(t *testing.T) {
	histories, steps, from := setting("DISBURSE_HISTORIES", 25), setting("DISBURSE_STEPS", 60), setting("DISBURSE_SEED", 1)
	record := campaign{did: map[string]int{}, began: time.Now()}
	t.Run("all", func(t *testing.T) {
		for seed := from; seed < from+histories; seed++ {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				all := history(uint64(seed), steps)
				did, at, err := play(t, all)
				record.add(did, at, err)
				if err != nil && setting("DISBURSE_SHRINK", 1) == 0 {
					t.Fatal(err)
				}
				if err != nil {
					short, err := shrink(t, all)
					t.Errorf("seed %d: %d steps: %v\n%v", seed, len(short), short, err)
				}
			})
		}
	})
	if os.Getenv("DISBURSE_HISTORIES") != "" {
		fmt.Printf("seeds %d–%d: %s\n", from, from+histories-1, &record)
	}
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// campaign counts what many histories did.
type campaign struct {
	sync.Mutex
	histories, steps, failures int
	did                        map[string]int
	began                      time.Time
}

func (c *campaign) add(did map[string]int, steps int, err error) {
	c.Lock()
	defer c.Unlock()
	c.histories++
	c.steps += steps
	if err != nil {
		c.failures++
	}
	for what, n := range did {
		c.did[what] += n
	}
}

func (c *campaign) String() string {
	var did []string
	for _, what := range slices.Sorted(maps.Keys(c.did)) {
		did = append(did, fmt.Sprintf("%s %d", what, c.did[what]))
	}
	return fmt.Sprintf("%d histories, %d steps, %d failures in %s (%s)", c.histories, c.steps, c.failures,
		time.Since(c.began).Round(time.Second), strings.Join(did, ", "))
}
