package payments

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// Reconcile reads the data of a month's reconciliation on one snapshot, for every bureau with
// an approved batch, by name; bureau: only that one. Errors: fault.NotFound where there is
// none.
func Reconcile(ctx context.Context, db *postgres.DB, region int32, m month.Month, bureau string) ([]bank.Reconciliation, error) {
	var all []bank.Reconciliation
	err := db.Read(ctx, func(tx pgx.Tx) error {
		all = nil
		var rev int64
		if err := tx.QueryRow(ctx, `SELECT head FROM region WHERE region = $1`, region).Scan(&rev); err != nil {
			return fmt.Errorf("read revision: %w", err)
		}
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT bureau FROM batch
			WHERE region = $1 AND month = $2 AND state = 'approved' AND ($3 = '' OR bureau = $3) ORDER BY bureau`, region, postgres.FirstDay(m), bureau)
		if err != nil {
			return fmt.Errorf("read bureaus: %w", err)
		}
		bureaus, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("read bureaus: %w", err)
		}
		for _, b := range bureaus {
			one := reconciler{tx: tx, args: []any{region, postgres.FirstDay(m), b}, out: &bank.Reconciliation{Bureau: b, Rev: rev}}
			if err := one.read(ctx); err != nil {
				return err
			}
			all = append(all, *one.out)
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		return nil, fault.New(fault.NotFound, "%s%s没有已审批的批次，没有可以对账的，请核对月份和单位", bureau, m.Chinese())
	}
	return all, err
}

// reconciler reads one bureau's month.
type reconciler struct {
	tx   pgx.Tx
	args []any        // region, month, bureau
	only []PaymentKey // restricts the trail to these failed payments; nil: all
	out  *bank.Reconciliation
}

func (r *reconciler) read(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.batches, r.files, r.cells, r.carriedOver, r.wrong, r.open, r.trail} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Each query of a reconciliation begins with the bureau's approved batches (mine), and most
// use the last answer to each of their payments (last).
const (
	reconcileMine = `
		WITH RECURSIVE mine AS (
		    SELECT region, batch, n, sent_rev FROM batch WHERE region = $1 AND month = $2 AND bureau = $3 AND state = 'approved'
		)`
	reconcileLast = reconcileMine + `, last AS (
		    SELECT DISTINCT ON (batch, file, seq) region, batch, file, seq, outcome, code, reason
		    FROM payment_result JOIN mine USING (region, batch) ORDER BY batch, file, seq, rev DESC
		)`
)

// collect reads rows into a slice of structs, by position.
func collect[T any](ctx context.Context, r *reconciler, what, sql string) ([]T, error) {
	rows, err := r.tx.Query(ctx, sql, r.args...)
	if err != nil {
		return nil, fmt.Errorf("reconcile %s: %w", what, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, fmt.Errorf("reconcile %s: %w", what, err)
	}
	return all, nil
}

func (r *reconciler) batches(ctx context.Context) error {
	var err error
	r.out.Batches, err = collect[bank.ReconcileBatch](ctx, r, "batches", `
		WITH mine AS (
		    SELECT * FROM batch WHERE region = $1 AND month = $2 AND bureau = $3 AND state IN ('approved', 'voided')
		), entered AS (
		    SELECT batch, sum(amount) FILTER (WHERE kind = 1) AS settled, sum(amount) FILTER (WHERE kind = 2) AS undone,
		           sum(amount) FILTER (WHERE kind = 3) AS voided
		    FROM ledger WHERE region = $1 AND kind < 4 AND batch IN (SELECT batch FROM mine) GROUP BY batch
		)
		SELECT n, state, pack, coalesce((SELECT at FROM journal j WHERE j.region = mine.region AND j.rev = sent_rev), '0001-01-01 00:00:00Z'),
		       pays, coalesce((SELECT sum(current + arrears + recovery) FROM batch_item i WHERE i.region = mine.region AND i.batch = mine.batch), 0)::bigint,
		       coalesce(settled, 0)::bigint, coalesce(undone, 0)::bigint, coalesce(voided, 0)::bigint,
		       coalesce((SELECT string_agg(actor || '：' || reason, '；' ORDER BY v.n) FROM void_signature v
		                 WHERE state = 'voided' AND v.region = mine.region AND v.batch = mine.batch), '')
		FROM mine LEFT JOIN entered USING (batch) ORDER BY n`)
	return err
}

func (r *reconciler) files(ctx context.Context) error {
	var err error
	r.out.Files, err = collect[bank.ReconcileFile](ctx, r, "bank files", reconcileMine+`
		SELECT n, file, number, bank, rows, amount FROM payment_file JOIN mine USING (region, batch) ORDER BY n, file`)
	return err
}

func (r *reconciler) cells(ctx context.Context) error {
	rows, err := r.tx.Query(ctx, reconcileLast+`, listed AS (
		    SELECT batch, coalesce(file, 0) AS file, against AS item, count(*) AS lines, sum(amount) AS amount
		    FROM line JOIN mine USING (region, batch) WHERE hold = 0 GROUP BY 1, 2, 3
		), paid AS (
		    SELECT batch, file, item, count(*) AS payments, sum(amount) AS amount,
		           count(*) FILTER (WHERE outcome IS NULL) AS n0, count(*) FILTER (WHERE outcome = 1) AS n1,
		           count(*) FILTER (WHERE outcome = 2) AS n2, count(*) FILTER (WHERE outcome = 3) AS n3,
		           sum(amount) FILTER (WHERE outcome IS NULL) AS a0, sum(amount) FILTER (WHERE outcome = 1) AS a1,
		           sum(amount) FILTER (WHERE outcome = 2) AS a2, sum(amount) FILTER (WHERE outcome = 3) AS a3
		    FROM payment JOIN mine USING (region, batch) LEFT JOIN last USING (region, batch, file, seq) GROUP BY 1, 2, 3
		)
		SELECT n, file, item, coalesce(lines, 0), coalesce(listed.amount, 0)::bigint, coalesce(payments, 0), coalesce(paid.amount, 0)::bigint,
		       coalesce(n0, 0), coalesce(n1, 0), coalesce(n2, 0), coalesce(n3, 0),
		       coalesce(a0, 0)::bigint, coalesce(a1, 0)::bigint, coalesce(a2, 0)::bigint, coalesce(a3, 0)::bigint
		FROM listed FULL JOIN paid USING (batch, file, item) JOIN mine USING (batch) ORDER BY n, file, item`, r.args...)
	if err != nil {
		return fmt.Errorf("reconcile sums: %w", err)
	}
	r.out.Cells, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c bank.ReconcileCell, err error) {
		err = row.Scan(&c.N, &c.File, &c.Item, &c.Lines, &c.Listed, &c.Payments, &c.Paid, &c.Answers[0], &c.Answers[1], &c.Answers[2], &c.Answers[3],
			&c.Amounts[0], &c.Amounts[1], &c.Amounts[2], &c.Amounts[3])
		return c, err
	})
	if err != nil {
		return fmt.Errorf("reconcile sums: %w", err)
	}
	return nil
}

func (r *reconciler) carriedOver(ctx context.Context) error {
	var err error
	r.out.Carried, err = collect[bank.ReconcileCarried](ctx, r, "offsets between items", reconcileLast+`
		SELECT n, coalesce(line.file, 0), item, against, coalesce(outcome, 0), sum(amount)::bigint
		FROM line JOIN mine USING (region, batch) LEFT JOIN last USING (region, batch, file, seq)
		WHERE hold = 0 AND item <> against GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`)
	return err
}

// wrong compares payment by payment, payments with their lines and answers with their
// payments: in sums, two errors could cancel each other.
func (r *reconciler) wrong(ctx context.Context) error {
	var err error
	r.out.Wrong, err = collect[bank.ReconcileWrong](ctx, r, "payments", reconcileMine+`, listed AS (
		    SELECT batch, coalesce(file, 0) AS file, coalesce(seq, 0) AS seq, against AS item,
		           CASE WHEN file IS NULL THEN payee END AS payee, CASE WHEN file IS NULL AND payee = '本人' THEN person END AS person,
		           sum(amount) AS amount
		    FROM line JOIN mine USING (region, batch) WHERE hold = 0 GROUP BY 1, 2, 3, 4, 5, 6
		), paid AS (
		    SELECT batch, file, seq, item, amount FROM payment JOIN mine USING (region, batch)
		), compared AS (
		    SELECT batch, file, seq, item, coalesce(listed.amount, 0)::bigint AS listed, coalesce(paid.amount, 0)::bigint AS paid,
		           '名单明细与付款金额不符' AS what
		    FROM listed FULL JOIN paid USING (batch, file, seq, item) WHERE coalesce(listed.amount, 0) <> coalesce(paid.amount, 0)
		    UNION ALL
		    SELECT DISTINCT batch, file, seq, coalesce(p.item, ''), 0, coalesce(p.amount, 0),
		           CASE WHEN p.seq IS NULL THEN '回盘没有对应的付款' WHEN p.account <> r.account THEN '回盘的账号与付款不符' ELSE '没有登记送银行却有回盘' END
		    FROM payment_result r JOIN mine USING (region, batch) LEFT JOIN payment p USING (region, batch, file, seq)
		    WHERE p.seq IS NULL OR p.account <> r.account OR sent_rev IS NULL
		)
		SELECT n, coalesce(number, ''), seq, item, listed, paid, what
		FROM compared JOIN mine USING (batch) LEFT JOIN payment_file f USING (region, batch, file) ORDER BY n, file, seq, item, what`)
	return err
}

func (r *reconciler) open(ctx context.Context) error {
	var err error
	r.out.Open, err = collect[bank.ReconcilePayment](ctx, r, "open payments", reconcileLast+`
		SELECT n, file, seq, holder, id_number, bank, account, item, amount, coalesce(outcome, 0), coalesce(code, ''), coalesce(reason, '')
		FROM payment JOIN mine USING (region, batch) LEFT JOIN last USING (region, batch, file, seq)
		WHERE sent_rev IS NOT NULL AND (outcome IS NULL OR outcome <> 1) ORDER BY n, file, seq`)
	return err
}
