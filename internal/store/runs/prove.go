package runs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// Proof is the outcome of computing a month twice: recomputing the past months of touched
// people only, as every run does, and those of everybody. It shows that findTouched leaves
// nobody out.
type Proof struct {
	Month   month.Month
	Report  *Report // of the full computation; nothing of it is stored
	Touched int64   // people whose past months the normal computation looked at
	Lines   int64   // lines of the full computation
	Debts   int64   // debts of the full computation
	// Differences are Chinese sentences, at most maxDifferences; none: the proof holds.
	Differences []string
}

// maxDifferences limits Proof.Differences: one is enough to look for the cause.
const maxDifferences = 20

// ProveFull computes a month twice, once for the past months of touched people only and once
// for those of everybody, compares every line and debt, and rolls both back. Month 0 means
// the newest month that was run. A bureau whose batch is being signed is left out, as by a run.
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

type prover struct {
	db    *postgres.DB
	tx    pgx.Tx
	order Order
	proof *Proof
}

// copyOffset is added to the batch numbers of the first computation's rows, so that the rows
// of both computations are in the same tables. Numbers of real batches are far below it.
const copyOffset = 1 << 30

func (p *prover) prove(ctx context.Context) error {
	touched, err := p.compute(ctx, false)
	if err != nil {
		return err
	}
	p.proof.Touched = touched.report.Touched
	if err := p.copyRows(ctx, touched.Batches()); err != nil {
		return err
	}
	full, err := p.compute(ctx, true)
	if err != nil {
		return err
	}
	if err := p.readDifferences(ctx, full.Batches()); err != nil {
		return err
	}
	for _, table := range []string{"draft_line", "debt"} {
		if _, err := p.tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch >= $2", p.order.Region, copyOffset); err != nil {
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
	r := &Computation{DB: p.db, Tx: p.tx, Order: p.order, Remade: map[int32]bool{}}
	r.Order.Full = full
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	return r, r.Compute(ctx)
}

// The columns that are compared: all but region and batch.
const (
	lineColumns = `person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder`
	debtColumns = `person, item, payee, month, amount, id_number, name, street`
)

// copyRows copies the first computation's rows to batch numbers above copyOffset, because the
// second computation begins by clearing the drafts of its batches.
func (p *prover) copyRows(ctx context.Context, batches []int32) error {
	for table, columns := range map[string]string{"draft_line": lineColumns, "debt": debtColumns} {
		_, err := p.tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s (region, batch, %[2]s)
			SELECT region, batch + %[3]d, %[2]s FROM %[1]s WHERE region = $1 AND batch = ANY($2)`, table, columns, copyOffset), p.order.Region, batches)
		if err != nil {
			return fmt.Errorf("copy %s: %w", table, err)
		}
	}
	return nil
}

// readDifferences counts the rows of the full computation and reads those that only one of the
// two has.
func (p *prover) readDifferences(ctx context.Context, batches []int32) error {
	for _, part := range []struct {
		table, columns, title string
		count                 *int64
	}{{"draft_line", lineColumns, "明细", &p.proof.Lines}, {"debt", debtColumns, "追缴", &p.proof.Debts}} {
		sql := fmt.Sprintf(`SELECT count(*) FROM %s WHERE region = $1 AND batch = ANY($2)`, part.table)
		if err := p.tx.QueryRow(ctx, sql, p.order.Region, batches).Scan(part.count); err != nil {
			return fmt.Errorf("count %s: %w", part.table, err)
		}
		touched := fmt.Sprintf(`SELECT batch - %d AS batch, %s FROM %s WHERE region = $1 AND batch - %[1]d = ANY($2)`, copyOffset, part.columns, part.table)
		full := fmt.Sprintf(`SELECT batch, %s FROM %s WHERE region = $1 AND batch = ANY($2)`, part.columns, part.table)
		rows, err := p.tx.Query(ctx, fmt.Sprintf(`
			SELECT '全部重算才有' AS side, d.* FROM (%[1]s EXCEPT %[2]s) d
			UNION ALL SELECT '全部重算没有', d.* FROM (%[2]s EXCEPT %[1]s) d
			ORDER BY person, item, month, side LIMIT %[3]d`, full, touched, maxDifferences-len(p.proof.Differences)), p.order.Region, batches)
		if err != nil {
			return fmt.Errorf("compare %s: %w", part.table, err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil {
			return fmt.Errorf("compare %s: %w", part.table, err)
		}
		for _, row := range all {
			p.proof.Differences = append(p.proof.Differences, differenceText(part.title, row))
		}
	}
	return nil
}

// differenceText describes one difference. The person is identified by the roster's number
// only: job results are stored, and must not contain personal data.
func differenceText(title string, row map[string]any) string {
	text := func(key string) string { s, _ := row[key].(string); return s }
	amount, _ := row["amount"].(int64)
	person, _ := row["person"].(int64)
	of := "?"
	if t, ok := row["month"].(time.Time); ok {
		of = month.FromTime(t).Month().String()
	}
	return fmt.Sprintf("%s：%s 人员编号 %d 项目 %s 所属月份 %s 金额 %s", title, text("side"), person, text("item"), of, money.Fen(amount))
}
