package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// Order asks for a run of one month.
type Order struct {
	Region  int32
	Month   month.Month
	Opening month.Month // of the district's first run; 0: that month
	Pack    *policy.Pack
	Full    bool // look at everybody's past months, not only those of touched people
	// DiscardLater takes away what runs of later months made, for By.Reason, where nobody
	// has signed any of it: their month was mistyped.
	DiscardLater bool
	By           journal.By
	// Progress is told from time to time how many people are done, of how many.
	Progress func(done, total int64)
	// Line, which may be nil, is told of every line as it is written, in the order of
	// Line.Compare within its batch; batches mix. Nothing of it is committed until Run
	// returns, and a collision of transactions begins again from the first person.
	Line func(batch int32, m *batches.LineSummary)
	// Gentle leaves a processor to others: pages are asked for while the run goes on.
	Gentle bool
}

// BureauRun is what a run did for one bureau.
type BureauRun struct {
	Bureau  string
	Outcome Outcome
	Batch   payrun.Batch // as it stands now; Number 0 where there is none
	Reason  string       // for Untouched, Blocked, and NothingDue where something was found all the same: a Chinese sentence
	// Discardable says of Blocked that the later month's run in the way may be taken back
	// (RunOrder.DiscardLater).
	Discardable bool
}

// Offering adds to the refusal of a blocked run how, on the command line, the later run in
// its way is taken back, where it may be.
func (b *BureauRun) Offering(err error) error {
	if b.Discardable {
		return fault.Command(err, "--discard-later --reason 理由")
	}
	return err
}

// Outcome says what became of a bureau's batch.
type Outcome string

// The outcomes.
const (
	Made          Outcome = "新建"
	Remade        Outcome = "重算"
	Supplementary Outcome = "补充批次"
	NothingDue    Outcome = "无新的应发"
	Untouched     Outcome = "未改动" // submitted or signed
	Blocked       Outcome = "未运行" // an earlier month's batch is being signed
)

// Report is what a run did.
type Report struct {
	Revision int64 // what was known
	Opening  month.Month
	People   int64
	Touched  int64 // whose past months were looked at
	Bureaus  []BureauRun
	Carried  []payrun.Batch // earlier batches that were carried over (结转)
	// Behind says, in Chinese, whose run this one had to wait for; empty: nobody's.
	Behind string
	// Discarded are the later batches that were taken away, as they were.
	Discarded []payrun.Batch
}

// Run computes everybody at one revision of what is known and makes or remakes each
// bureau's batch of the month (docs/interface.md §2.2).
//
// It computes outside the region's lock, so imports go on meanwhile: what they add
// has a later revision and is not seen. Only the end takes the lock, makes sure that
// no batch moved on since the beginning, and commits all batches together. Runs of a
// region exclude each other: the second is refused at once.
//
// Errors: fault.Refused where the month cannot be run (a later one has been, another
// run is going on, somebody signed in the meantime, a later batch to be discarded was
// signed), fault.Invalid for an opening month that contradicts the region's, for a month
// years ahead and for discarding without a reason.
func Run(ctx context.Context, db *postgres.DB, o Order) (*Report, error) {
	if err := o.plausible(); err != nil {
		return nil, err
	}
	// Beforehand and by itself: two first runs of a region would wait here for each
	// other's end, in place of one being refused.
	if err := db.InTx(ctx, func(tx pgx.Tx) error { return makeTurn(ctx, postgres.In(tx, o.Region)) }); err != nil {
		return nil, err
	}
	began, err := head(ctx, db, o.Region)
	if err != nil {
		return nil, err
	}
	if err := writeElsewhere(ctx, db, o.Region, o.By); err != nil {
		return nil, err
	}
	var report *Report
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if err := takeTurn(ctx, postgres.In(tx, o.Region)); err != nil {
			return err
		}
		behind, err := runSince(ctx, postgres.In(tx, o.Region).At(began))
		if err != nil {
			return err
		}
		r := &Computation{Db: db, Tx: tx, Order: o, Remade: map[int32]bool{}}
		if err := r.prepare(ctx); err != nil {
			return err
		}
		if err := r.Compute(ctx); err != nil {
			return err
		}
		if err := r.finish(ctx); err != nil {
			return err
		}
		report = r.report
		report.Behind = behind
		return nil
	})
	return report, err
}

// head reads the region's newest revision; 0 where there is no region.
func head(ctx context.Context, db *postgres.DB, region int32) (head int64, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(max(head), 0) FROM region WHERE region = $1`, region).Scan(&head)
	})
	return head, err
}

// runSince says whose run has ended since the revision. A run that is short lets the
// next one wait its turn: that one computes anew, and must say that it was not alone.
func runSince(ctx context.Context, scope postgres.Scope) (string, error) {
	var actor, subject string
	var ended int64
	err := scope.Tx.QueryRow(ctx, `
		SELECT rev, actor, subject FROM journal WHERE region = $1 AND rev > $2 AND action = $3 ORDER BY rev DESC LIMIT 1`,
		scope.Region, scope.Rev, batches.RunAction).Scan(&ended, &actor, &subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for another run: %w", err)
	}
	return fmt.Sprintf("%s 同时运行了 %s（第 %d 号修订），刚刚结束；本次等它结束以后又算了一遍", actor, subject, ended), nil
}

// makeTurn makes the row that the region's runs lock; none where there is no region.
func makeTurn(ctx context.Context, scope postgres.Scope) error {
	_, err := scope.Tx.Exec(ctx, `INSERT INTO run_turn (region) SELECT region FROM region WHERE region = $1 ON CONFLICT DO NOTHING`, scope.Region)
	if err != nil {
		return fmt.Errorf("insert run turn: %w", err)
	}
	return nil
}

// takeTurn locks the region's row for runs, or refuses. It waits a second: a run that
// was interrupted keeps the lock for as long as the server takes to notice.
func takeTurn(ctx context.Context, scope postgres.Scope) error {
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL lock_timeout = '1s'`); err != nil {
		return fmt.Errorf("set lock timeout: %w", err)
	}
	_, err := scope.Tx.Exec(ctx, `SELECT FROM run_turn WHERE region = $1 FOR UPDATE`, scope.Region)
	if postgres.SQLState(err) == postgres.LockNotAvailable {
		return fault.Wrap(err, fault.Refused, "另一个运行正在进行，请等它结束后再试")
	}
	if err != nil {
		return fmt.Errorf("lock run turn: %w", err)
	}
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL lock_timeout = 0`); err != nil {
		return fmt.Errorf("set lock timeout: %w", err)
	}
	return nil
}

// Computation is one run under way.
type Computation struct {
	Db     *postgres.DB
	Tx     pgx.Tx // writes; committed as a whole
	Order  Order
	Plan   *payrun.Plan
	report *Report

	nextPerson int64
	Revision   int64
	adopted    string // hash of the pack that the region had adopted at that revision; empty: none
	touched    *personSet
	Merged     people.Merges  // who was merged into whom
	moved      *personSet     // whose account changed since their last payment
	Remade     map[int32]bool // batches that stand already and are made again
	discarded  []payrun.Batch // later batches that are taken away
	reopened   bool           // the opening month is set again
	stood      []payrun.Batch // every batch of the region, by month and n, as the plan was made with it
	chunks     []batches.ChunkRange

	spread *payrun.Spread
	parts  []part // by bureau of the plan
}

// prepare reads all that is known before the first person.
func (r *Computation) prepare(ctx context.Context) error {
	p := &Planner{Computation: r}
	if err := p.Region(ctx); err != nil {
		return err
	}
	if err := p.bureaus(ctx); err != nil {
		return err
	}
	if len(r.Plan.Bureaus) == 0 {
		return nil
	}
	return p.Knowledge(ctx)
}

// Batches lists those that the run makes.
func (r *Computation) Batches() []int32 {
	var all []int32
	for _, b := range r.Plan.Bureaus {
		all = append(all, b.Batch)
	}
	return all
}

// sameBatches makes sure, under the region's lock, that every batch of the region stands
// as the plan found it: state, round, revision, digest and sums. None was signed, returned,
// voided or computed again while the run computed, and none came into being.
func (r *Computation) sameBatches(ctx context.Context) error {
	now, err := AllBatches(ctx, postgres.In(r.Tx, r.Order.Region))
	if err == nil && !slices.Equal(now, r.stood) {
		return movedOn(nil)
	}
	return err
}

// movedOn refuses a run whose batches are no longer those that it planned with.
func movedOn(cause error) error {
	return fault.Wrap(cause, fault.Refused, "运行期间有人对批次做了操作，为避免覆盖，本次运行没有保存，请重新运行")
}
