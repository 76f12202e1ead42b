package books

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
)

// Stand is where a batch stands beside its state: what its checks and its payments wait for.
type Stand struct {
	Blocking  int // findings that block
	Undecided int // 疑点 without a decision
	Notices   int // findings to acknowledge before it is submitted
	SentAt    time.Time
	Voiding   string // who has asked for it to be voided, while nobody has confirmed that; empty: nobody
	Payments  payments.Answers
	Return    *approval.Signature // the last signature, where it is 退回: to be mended; nil: it is another
	Unmade    *Unmade             // of the failed payments; nil: not counted, as Stand does not
}

// Unmade are the failed payments that were not made good.
type Unmade struct {
	payments.Sum
	Idle int // of them, those about which nothing was computed since they failed
}

// ReadStand reads where a batch stands. Errors: fault.NotFound is none; a batch without
// findings and payments stands at zeros.
func ReadStand(ctx context.Context, db *postgres.DB, region, batch int32) (Stand, error) {
	var s Stand
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		s = Stand{}
		err := scope.Tx.QueryRow(ctx, `
			SELECT count(DISTINCT f.id) FILTER (WHERE level = 1), count(DISTINCT f.id) FILTER (WHERE level = 2 AND d.id IS NULL),
			       count(DISTINCT f.id) FILTER (WHERE level = 3)
			FROM finding f LEFT JOIN LATERAL (SELECT id FROM decision d WHERE d.region = f.region AND d.id = f.id LIMIT 1) d ON f.level = 2
			WHERE f.region = $1 AND f.batch = $2 AND level < 4`, region, batch).Scan(&s.Blocking, &s.Undecided, &s.Notices)
		if err != nil {
			return fmt.Errorf("count findings: %w", err)
		}
		err = scope.Tx.QueryRow(ctx, `
			SELECT j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev WHERE b.region = $1 AND b.batch = $2`,
			region, batch).Scan(&s.SentAt)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read when sent: %w", err)
		}
		err = scope.Tx.QueryRow(ctx, `
			SELECT coalesce(min(actor) FILTER (WHERE n = 1), '') FROM void_signature WHERE region = $1 AND batch = $2 HAVING max(n) = 1`,
			region, batch).Scan(&s.Voiding)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read who wants it voided: %w", err)
		}
		signed, err := batches.SignaturesIn(ctx, scope, batch)
		if err != nil {
			return err
		}
		if n := len(signed); n > 0 && signed[n-1].Post == approval.Returned {
			s.Return = &signed[n-1]
		}
		s.Payments, err = payments.ReadAnswers(ctx, scope, batch)
		return err
	})
	return s, err
}

// MonthItem is what one item of a bureau pays in a month, in 分.
type MonthItem struct {
	Month  month.Month
	Item   string
	Pays   money.Fen // not held, 扣回 netted, over all of the month's approved batches
	Signed bool      // false: of a batch that is not approved yet
}

// MonthItems adds up, by month and item, what approved batches of the months from first to
// last pay, and what the last month's batch would that is not approved yet; bureau "": all.
func MonthItems(ctx context.Context, db *postgres.DB, region int32, first, last month.Month, bureau string) ([]MonthItem, error) {
	var all []MonthItem
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT b.month, i.item, sum(i.current + i.arrears + i.recovery)::bigint, b.state = 'approved'
			FROM batch b JOIN batch_item i USING (region, batch)
			WHERE b.region = $1 AND b.month BETWEEN $2 AND $3 AND ($4 = '' OR b.bureau = $4)
			  AND (b.state = 'approved' OR (b.month = $3 AND b.state NOT IN ('voided', 'carried')))
			GROUP BY 1, 2, 4 HAVING sum(i.current + i.arrears + i.recovery) <> 0 ORDER BY 1, 2`, region, postgres.FirstDay(first), postgres.FirstDay(last), bureau)
		if err != nil {
			return fmt.Errorf("read items by month: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x MonthItem, err error) {
			var m postgres.ScannedMonth
			err = row.Scan(&m.Day, &x.Item, &x.Pays, &x.Signed)
			x.Month = m.Month()
			return x, err
		})
		if err != nil {
			return fmt.Errorf("read items by month: %w", err)
		}
		return nil
	})
	return all, err
}

// RunMonths returns the months that have batches, the latest first; a month whose run was
// taken back has none until it is run again.
func RunMonths(ctx context.Context, db *postgres.DB, region int32) ([]month.Month, error) {
	var all []month.Month
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT month FROM batch WHERE region = $1 AND `+batches.NotWithdrawn+` ORDER BY month DESC`, region)
		if err != nil {
			return fmt.Errorf("read months: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (month.Month, error) {
			var m postgres.ScannedMonth
			err := row.Scan(&m.Day)
			return m.Month(), err
		})
		if err != nil {
			return fmt.Errorf("read months: %w", err)
		}
		return nil
	})
	return all, err
}
