package runs

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// Approvals reads which batches each bureau had approved up to a revision, and which of them
// were voided by then, oldest first.
func Approvals(ctx context.Context, scope postgres.Scope) (map[string][]engine.Approval, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT b.bureau, b.month, b.approved_rev, coalesce(v.rev, 0)
		FROM batch b LEFT JOIN void_signature v ON v.region = b.region AND v.batch = b.batch AND v.n = 2 AND v.rev <= $2
		WHERE b.region = $1 AND b.approved_rev <= $2 ORDER BY b.approved_rev`, scope.Region, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	all := map[string][]engine.Approval{}
	var bureau string
	var a engine.Approval
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&bureau, &first, &a.Rev, &a.Voided}, func() error {
		a.Month = month.FromTime(first).Month()
		all[bureau] = append(all[bureau], a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return all, nil
}

// Approvals sets the approvals of the plan's bureaus, if the pack limits 补发 (docs/rules.md §5.6).
func (p *Planner) Approvals(ctx context.Context) error {
	if !p.Order.Pack.LimitsArrears() {
		return nil
	}
	all, err := Approvals(ctx, postgres.In(p.Tx, p.Order.Region).At(p.Computation.Revision))
	if err != nil {
		return err
	}
	for i := range p.Plan.Bureaus {
		b := &p.Plan.Bureaus[i]
		b.Approvals = all[b.Bureau]
	}
	return nil
}

// reapproves reports whether a bureau pays a month again that it had approved and voided.
// Then anybody's due may have lapsed under the limit on 补发, not only that of people whose
// record changed since the last valid batch, so everybody is touched.
func (p *Planner) reapproves() bool {
	return slices.ContainsFunc(p.Plan.Bureaus, func(b engine.BureauPlan) bool {
		return slices.ContainsFunc(b.Approvals, func(a engine.Approval) bool { return a.Month >= b.From })
	})
}

// ReadStages fills c.Stages for those of the people whose records changed after the first
// approval. Nobody else can have a due that became known too late.
func (c *Chunk) ReadStages(ctx context.Context, conn *pgx.Conn, r *Computation, people []int64) error {
	clear(c.Stages)
	first := int64(math.MaxInt64)
	for _, b := range r.Plan.Bureaus {
		for _, a := range b.Approvals {
			first = min(first, a.Rev)
		}
	}
	if first == math.MaxInt64 || len(people) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, `
		SELECT person FROM person WHERE region = $1 AND person = ANY($2) AND rev > $3 AND rev <= $4
		UNION SELECT person FROM fact WHERE region = $1 AND person = ANY($2) AND rev > $3 AND rev <= $4
		UNION SELECT person FROM award WHERE region = $1 AND person = ANY($2) AND rev > $3 AND rev <= $4`,
		pgx.QueryExecModeExec, r.Order.Region, people, first, r.Revision)
	if err != nil {
		return fmt.Errorf("look for late changes: %w", err)
	}
	late, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for late changes: %w", err)
	}
	c.Stages, err = ReadStages(ctx, conn, r.Order.Region, r.Revision, late, r.Merged)
	return err
}

// ReadStages reads what was known of people as of each revision that changed their record or
// one that was merged into theirs.
func ReadStages(ctx context.Context, conn *pgx.Conn, region int32, rev int64, people []int64, m people.Merges) (map[int64][]engine.Stage, error) {
	stages := map[int64][]engine.Stage{}
	if len(people) == 0 {
		return stages, nil
	}
	histories := recordHistories{}
	args := []any{pgx.QueryExecModeExec, region, m.WithMerged(people), rev}
	for _, read := range []func(context.Context, *pgx.Conn, []any) error{histories.people, histories.facts, histories.awards, histories.merges} {
		if err := read(ctx, conn, args); err != nil {
			return nil, fmt.Errorf("read histories: %w", err)
		}
	}
	records := map[int64][]*recordHistory{}
	for number, l := range histories {
		who := m.Survivor(number)
		records[who] = append(records[who], l)
	}
	for _, person := range people {
		stages[person] = stagesOf(records[person])
	}
	return stages, nil
}

// addFoundDues adds to c.Settled, with amount 0, every due that some batch had a line for, even
// one that was carried over or voided, or of a record merged since. A due that a run has found
// never lapses under the limit on 补发, however late it is signed (docs/rules.md §5.6).
func (c *Chunk) addFoundDues(ctx context.Context, conn *pgx.Conn, r *Computation, people []int64) error {
	if !r.Order.Pack.LimitsArrears() {
		return nil
	}
	rows, err := conn.Query(ctx, `
		SELECT person, item, payee, month FROM line WHERE region = $1 AND person = ANY($2)
		UNION SELECT d.person, d.item, d.payee, d.month FROM draft_line d JOIN batch b USING (region, batch)
		WHERE d.region = $1 AND d.person = ANY($2) AND d.batch <> ALL($3)`,
		pgx.QueryExecModeExec, r.Order.Region, r.Merged.WithMerged(people), r.replaced())
	if err != nil {
		return fmt.Errorf("read dues that were found: %w", err)
	}
	var person int64
	var s engine.Settled
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &s.Item, &s.Payee, &first}, func() error {
		if r.Order.Pack.ItemOrder(s.Item) < 0 {
			return nil // the pack no longer has the item; only settled money of it still matters
		}
		s.Month = month.FromTime(first).Month()
		who := r.Merged.Survivor(person)
		c.Settled[who] = append(c.Settled[who], s)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dues that were found: %w", err)
	}
	return nil
}
