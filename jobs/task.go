package jobs

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/calendar"
)

// Work is what other parts of the program do for jobs: the functions that commands call.
// Each is safe to run twice. An error that is a fault ends the occurrence with its
// sentence; any other is taken for something passing, and tried again a few times.
type Work struct {
	Run    workFunc // the task's month
	Verify workFunc // the last approved batches
	Prove  workFunc
	Audit  workFunc
	Backup workFunc
}

// Task is one occurrence at work.
type Task struct {
	Region     int32
	Job        string
	Month      month.Month // that it is about: of the day it was due, or as asked for
	Today      month.Date
	Now        time.Time
	Parameters map[string]string
	By         journal.By // who does it

	mu          sync.Mutex
	log         strings.Builder
	done, total int64
	notices     []calendar.Notice
	watch       Watch
}

// Watch is told what goes on as it happens; both may be nil.
type Watch struct {
	Say      func(line string)
	Progress func(done, total int64)

	once bool // somebody is looking on: what does not succeed is over, not tried again later
}

// longest is how long a log may become, in bytes.
const longest = 64 << 10

// scrub makes a sentence fit to be kept: one line, no long numbers.
func scrub(s string) string {
	return roster.HideNumbers(strings.Join(strings.Fields(s), " "))
}

// Say adds a sentence to the log that staff read. It must hold no personal data.
func (t *Task) Say(format string, args ...any) {
	line := scrub(fmt.Sprintf(format, args...))
	t.mu.Lock()
	if t.log.Len() < longest {
		t.log.WriteString(line + "\n")
	}
	t.mu.Unlock()
	if t.watch.Say != nil {
		t.watch.Say(line)
	}
}

// Progress says how far the work is; total 0: of an unknown number.
func (t *Task) Progress(done, total int64) {
	t.mu.Lock()
	t.done, t.total = done, total
	t.mu.Unlock()
	if t.watch.Progress != nil {
		t.watch.Progress(done, total)
	}
}

// Notify leaves a notice when the task ends well. Counts and sums only.
func (t *Task) Notify(n calendar.Notice) {
	n.Title, n.Body = scrub(n.Title), roster.HideNumbers(n.Body)
	t.mu.Lock()
	t.notices = append(t.notices, n)
	t.mu.Unlock()
}

// Number is a parameter that is a whole number; it was checked when it was set.
func (t *Task) Number(name string) (int, error) { return number(name, t.Parameters[name], 1, 1000) }

// seen is what there is to see so far.
func (t *Task) seen() (done, total int64, log string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done, t.total, t.log.String()
}
