package calendar

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
)

// residents is a query of everybody who, as known now, is neither dead nor moved out on a day:
// person and birth. $1 is the region, $2 the day.
const residents = `
	SELECT person, birth FROM (
	    SELECT DISTINCT ON (person) person, birth, died, moved_out FROM person WHERE region = $1 ORDER BY person, rev DESC) p
	WHERE NOT EXISTS (SELECT FROM merge gone WHERE gone.region = $1 AND gone.gone = p.person)
	  AND (died IS NULL OR died > $2) AND (moved_out IS NULL OR moved_out > $2)`

// CountReachingAge counts the people who reach an age in a month.
func CountReachingAge(ctx context.Context, db *postgres.DB, region int32, m month.Month, today month.Date, age int) (people int64, err error) {
	born := m.Add(-12 * age)
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*) FROM (`+residents+`) p WHERE birth BETWEEN $3 AND $4`,
			region, today.Time(), born.First().Time(), born.Last().Time()).Scan(&people)
		return postgres.Wrap("count who reaches an age", err)
	})
	return people, err
}

// EndingFact is how many people have a fact that ends soon (即将到期).
type EndingFact struct {
	Fact   string
	People int64
}

// EndingFacts counts, by fact, the people for whom it ends from one day to another (both
// included) and is not continued by another record on the day after.
func EndingFacts(ctx context.Context, db *postgres.DB, region int32, from, to month.Date) ([]EndingFact, error) {
	var all []EndingFact
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH here AS MATERIALIZED (`+residents+`), known AS (
			    SELECT f.* FROM fact f JOIN here USING (person)
			    WHERE f.region = $1 AND f.n > 0
			      AND NOT EXISTS (SELECT FROM fact l WHERE l.region = $1 AND l.person = f.person AND l.fact = f.fact AND l.rev > f.rev))
			SELECT fact, count(DISTINCT person) FROM known f
			WHERE until BETWEEN $2 AND $3
			  AND NOT EXISTS (SELECT FROM known g WHERE g.person = f.person AND g.fact = f.fact AND g.since <= f.until + 1 AND (g.until IS NULL OR g.until > f.until))
			GROUP BY fact ORDER BY fact`, region, from.Time(), to.Time())
		if err != nil {
			return fmt.Errorf("count facts that end: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[EndingFact])
		return postgres.Wrap("count facts that end", err)
	})
	return all, err
}

// Unanswered is how many payments of a bureau's month were sent to banks and have no final
// result yet: no answer, or 未知. Amount is 分.
type Unanswered struct {
	Bureau   string
	Month    month.Month
	Payments int64
	Amount   money.Fen
}

// UnansweredPayments counts the unanswered payments whose files were sent before a moment.
func UnansweredPayments(ctx context.Context, db *postgres.DB, region int32, before time.Time) ([]Unanswered, error) {
	var all []Unanswered
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT b.bureau, b.month, count(*), sum(p.amount)::bigint
			FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev
			JOIN payment p ON p.region = b.region AND p.batch = b.batch
			LEFT JOIN LATERAL (
			    SELECT outcome FROM payment_result r
			    WHERE r.region = p.region AND r.batch = p.batch AND r.file = p.file AND r.seq = p.seq ORDER BY rev DESC LIMIT 1) r ON true
			WHERE b.region = $1 AND b.state = 'approved' AND j.at < $2 AND (r.outcome IS NULL OR r.outcome = 3)
			GROUP BY b.bureau, b.month ORDER BY b.month, b.bureau`, region, before)
		if err != nil {
			return fmt.Errorf("count unanswered payments: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unanswered, err error) {
			var m postgres.ScannedMonth
			err = row.Scan(&u.Bureau, &m.Day, &u.Payments, &u.Amount)
			u.Month = m.Month()
			return u, err
		})
		return postgres.Wrap("count unanswered payments", err)
	})
	return all, err
}

// BatchStatus is a batch and whether its files were sent to the banks.
type BatchStatus struct {
	payrun.Batch
	Sent bool
}

// BatchStatuses returns each bureau's latest batch of a month, ordered by bureau.
func BatchStatuses(ctx context.Context, db *postgres.DB, region int32, m month.Month) ([]BatchStatus, error) {
	var all []BatchStatus
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		rows, err := scope.Tx.Query(ctx, `
			SELECT DISTINCT ON (bureau) batch, sent_rev IS NOT NULL FROM batch
			WHERE region = $1 AND month = $2 AND `+batches.NotWithdrawn+` ORDER BY bureau, n DESC`, region, postgres.FirstDay(m))
		if err != nil {
			return fmt.Errorf("read batch statuses: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s BatchStatus, err error) {
			return s, row.Scan(&s.Number, &s.Sent)
		})
		if err != nil {
			return fmt.Errorf("read batch statuses: %w", err)
		}
		for i := range all {
			if all[i].Batch, err = batches.ByNumber(ctx, scope, all[i].Number); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// LastApprovedBatches returns for each bureau the approved batches of its latest approved month.
func LastApprovedBatches(ctx context.Context, db *postgres.DB, region int32) ([]payrun.Batch, error) {
	var last []payrun.Batch
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all, err := runs.AllBatches(ctx, scope)
		newest := map[string]month.Month{}
		for _, b := range all {
			if b.State == payrun.Approved {
				newest[b.Bureau] = max(newest[b.Bureau], b.Month)
			}
		}
		last = nil
		for _, b := range all {
			if b.State == payrun.Approved && newest[b.Bureau] == b.Month {
				last = append(last, b)
			}
		}
		return err
	})
	return last, err
}

// HasOpeningMonth reports whether the region has its opening month (期初月), which its first run sets.
func HasOpeningMonth(ctx context.Context, db *postgres.DB, region int32) (opened bool, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT opening_month IS NOT NULL FROM region WHERE region = $1`, region).Scan(&opened)
		return postgres.Wrap("read opening month", err)
	})
	return opened, err
}
