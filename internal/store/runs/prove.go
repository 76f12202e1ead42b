package runs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// Proof is the outcome of computing a month twice, looking back at touched people only
// and at everybody.
type Proof struct {
	Month   month.Month
	Report  *Report // of the computation that looked at everybody; nothing of it is stored
	Touched int64   // people whom the other one looked back at
	Lines   int64   // of everybody
	Debts   int64
	// Differences are Chinese sentences, at most maxProven; none: the proof holds.
	Differences []string
}

// maxProven is how many differences are told: one is enough to look for the cause.
const maxProven = 20

// Try computes a month as Run does and returns its report, with nothing stored: the same
// path, rolled back. Errors as Run.
func Try(ctx context.Context, db *postgres.DB, o Order) (*Report, error) {
	if err := o.plausible(); err != nil {
		return nil, err
	}
	var report *Report
	err := RolledBack(ctx, db, o.Region, func(tx pgx.Tx) error {
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
		return nil
	})
	return report, err
}

// ProveFull computes a month twice, once looking back at touched people only and once at
// everybody, compares every line and debt, and rolls both back. Month 0 means the newest
// month that was run. A bureau whose batch is being signed is left out, as by a run.
// Errors as Run; fault.NotFound where no month was run yet.
func ProveFull(ctx context.Context, db *postgres.DB, o Order) (*Proof, error) {
	var proof *Proof
	err := RolledBack(ctx, db, o.Region, func(tx pgx.Tx) error {
		if o.Month == 0 {
			var err error
			if o.Month, err = newestMonth(ctx, postgres.In(tx, o.Region)); err != nil {
				return err
			}
		}
		p := prover{db: db, tx: tx, order: o, proof: &Proof{Month: o.Month}}
		if err := p.prove(ctx); err != nil {
			return err
		}
		proof = p.proof
		return nil
	})
	return proof, err
}

// RolledBack runs fn in the region's turn for runs and undoes all it wrote.
func RolledBack(ctx context.Context, db *postgres.DB, region int32, fn func(tx pgx.Tx) error) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		if err := makeTurn(ctx, postgres.In(tx, region)); err != nil {
			return err
		}
		if err := takeTurn(ctx, postgres.In(tx, region)); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return postgres.ErrDryRun
	})
	if errors.Is(err, postgres.ErrDryRun) {
		return nil
	}
	return err
}

func newestMonth(ctx context.Context, scope postgres.Scope) (month.Month, error) {
	all, err := AllBatches(ctx, scope)
	if err != nil {
		return 0, err
	}
	newest := month.Month(0)
	for i := range all {
		if !all[i].Withdrawn() {
			newest = max(newest, all[i].Month)
		}
	}
	if newest == 0 {
		return 0, fault.New(fault.NotFound, "还没有运行过任何月份，没有可以核对的")
	}
	return newest, nil
}

// AllBatches reads the region's batches by month and number.
func AllBatches(ctx context.Context, scope postgres.Scope) ([]payrun.Batch, error) {
	rows, err := scope.Tx.Query(ctx, batches.SelectBatch+`ORDER BY b.month, b.n, b.batch`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	all, err := pgx.CollectRows(rows, batches.ScanBatch)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return all, nil
}

type prover struct {
	db    *postgres.DB
	tx    pgx.Tx
	order Order
	proof *Proof
}

// aside is added to batch numbers of the first computation, so that both stand beside
// each other. Numbers of real batches are far below it.
const aside = 1 << 30

func (p *prover) prove(ctx context.Context) error {
	touched, err := p.compute(ctx, false)
	if err != nil {
		return err
	}
	p.proof.Touched = touched.report.Touched
	if err := p.putAside(ctx, touched.Batches()); err != nil {
		return err
	}
	full, err := p.compute(ctx, true)
	if err != nil {
		return err
	}
	if err := p.differences(ctx, full.Batches()); err != nil {
		return err
	}
	for _, table := range []string{"draft_line", "debt"} {
		if _, err := p.tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch >= $2", p.order.Region, aside); err != nil {
			return fmt.Errorf("clear %s: %w", table, err)
		}
	}
	if err := full.finish(ctx); err != nil {
		return err
	}
	p.proof.Report = full.report
	return nil
}

func (p *prover) compute(ctx context.Context, full bool) (*Computation, error) {
	r := &Computation{Db: p.db, Tx: p.tx, Order: p.order, Remade: map[int32]bool{}}
	r.Order.Full = full
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	return r, r.Compute(ctx)
}

const (
	provenLine = `person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder`
	provenDebt = `person, item, payee, month, amount, id_number, name, street`
)

func (p *prover) putAside(ctx context.Context, batches []int32) error {
	for table, columns := range map[string]string{"draft_line": provenLine, "debt": provenDebt} {
		_, err := p.tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s (region, batch, %[2]s)
			SELECT region, batch + %[3]d, %[2]s FROM %[1]s WHERE region = $1 AND batch = ANY($2)`, table, columns, aside), p.order.Region, batches)
		if err != nil {
			return fmt.Errorf("put %s aside: %w", table, err)
		}
	}
	return nil
}

// differences reads what one computation has and the other has not.
func (p *prover) differences(ctx context.Context, batches []int32) error {
	for _, part := range []struct {
		table, columns, title string
		count                 *int64
	}{{"draft_line", provenLine, "明细", &p.proof.Lines}, {"debt", provenDebt, "追缴", &p.proof.Debts}} {
		sql := fmt.Sprintf(`SELECT count(*) FROM %s WHERE region = $1 AND batch = ANY($2)`, part.table)
		if err := p.tx.QueryRow(ctx, sql, p.order.Region, batches).Scan(part.count); err != nil {
			return fmt.Errorf("count %s: %w", part.table, err)
		}
		touched := fmt.Sprintf(`SELECT batch - %d AS batch, %s FROM %s WHERE region = $1 AND batch - %[1]d = ANY($2)`, aside, part.columns, part.table)
		full := fmt.Sprintf(`SELECT batch, %s FROM %s WHERE region = $1 AND batch = ANY($2)`, part.columns, part.table)
		rows, err := p.tx.Query(ctx, fmt.Sprintf(`
			SELECT '全部重算才有' AS side, d.* FROM (%[1]s EXCEPT %[2]s) d
			UNION ALL SELECT '全部重算没有', d.* FROM (%[2]s EXCEPT %[1]s) d
			ORDER BY person, item, month, side LIMIT %[3]d`, full, touched, maxProven-len(p.proof.Differences)), p.order.Region, batches)
		if err != nil {
			return fmt.Errorf("compare %s: %w", part.table, err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			return fmt.Errorf("compare %s: %w", part.table, err)
		}
		for _, row := range all {
			p.proof.Differences = append(p.proof.Differences, sayProven(part.title, row))
		}
	}
	return nil
}

// sayProven tells one difference. The person is named by number in the roster, without
// personal data: jobs keep what they say.
func sayProven(title string, row map[string]any) string {
	text := func(key string) string { s, _ := row[key].(string); return s }
	amount, _ := row["amount"].(int64)
	person, _ := row["person"].(int64)
	of := "?"
	if t, ok := row["month"].(time.Time); ok {
		of = month.FromTime(t).Month().String()
	}
	return fmt.Sprintf("%s：%s 人员编号 %d 项目 %s 所属月份 %s 金额 %s", title, text("side"), person, text("item"), of, money.Fen(amount))
}
