package runs

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/recovery"
)

// writeRest writes debts and findings. It fails unless the number of lines counted while
// computing, written to COPY and stored by the server are the same: no person may be lost
// between a worker and the table.
func (r *Computation) writeRest(ctx context.Context, stored int64, debts, findings *postgres.RowWriter) error {
	var lines int64
	for i := range r.parts {
		lines += r.parts[i].lines
		missing, err := r.spread.Unregistered(i)
		if err != nil {
			return err
		}
		for _, f := range append(r.spread.Findings(i), missing...) {
			encodeFinding(findings, r.Order.Region, r.Plan.Bureaus[i].Batch, &f)
		}
		if counted := int64(r.spread.Totals(i).Lines); counted != r.parts[i].lines {
			return fmt.Errorf("batch %d: %d lines counted, %d written", r.Plan.Bureaus[i].Batch, counted, r.parts[i].lines)
		}
	}
	if lines != stored {
		return fmt.Errorf("%d lines written, %d stored", lines, stored)
	}
	conn := r.Tx.Conn().PgConn()
	if _, err := postgres.CopyIn(ctx, conn, copyDebts, bytes.NewReader(debts.Encoded())); err != nil {
		return fmt.Errorf("write debts: %w", err)
	}
	if _, err := postgres.CopyIn(ctx, conn, copyFindings, bytes.NewReader(findings.Encoded())); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// finish locks the region's row, checks that no batch changed since the plan was read, and
// writes the batches, seals and journal entry. The lock is held for this part only, so that
// imports continue while the run computes.
func (r *Computation) finish(ctx context.Context) error {
	last, err := postgres.ReadHead(ctx, r.Tx, r.Order.Region, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	before, err := postgres.StatesBefore(ctx, postgres.In(r.Tx, r.Order.Region))
	if err != nil {
		return err
	}
	if err := r.sameBatches(ctx); err != nil {
		return err
	}
	if err := packs.Insert(ctx, postgres.In(r.Tx, r.Order.Region).At(last.Rev+1), r.Order.Pack); err != nil {
		return err
	}
	if err := r.adoptFirstPack(ctx, last.Rev+1); err != nil {
		return err
	}
	var paid money.Fen
	for i := range r.Plan.Bureaus {
		done, err := r.finishBureau(ctx, i, last.Rev+1)
		if err != nil {
			return err
		}
		paid = paid.Add(done.Batch.Pays)
		r.report.Bureaus = append(r.report.Bureaus, *done)
	}
	if err := r.carryOver(ctx, last.Rev+1); err != nil {
		return err
	}
	if err := r.clearDiscarded(ctx, last.Rev+1); err != nil {
		return err
	}
	if err := recovery.SetOpening(ctx, postgres.In(r.Tx, r.Order.Region).At(last.Rev+1), r.Plan.Opening, r.openingReset); err != nil {
		return err
	}
	entry := journal.Entry{
		Action: batches.RunAction, Subject: r.Order.Month.String(), Digest: r.Order.Pack.Hash,
		Summary: fmt.Sprintf("按第 %d 号修订计算 %d 人，%d 个单位，可发 %s 元", r.Revision, r.report.People, len(r.Plan.Bureaus), paid.Grouped()) + r.discardedSummary(),
	}.Signed(r.Order.By)
	entry.Region, entry.Rev = r.Order.Region, last.Rev+1
	return postgres.AppendEntry(ctx, r.Tx, last.Hash, entry.AsStored(), before)
}

// finishBureau writes the batch's row, totals and seals. A supplementary batch without
// anything new to pay is not created; its draft rows are deleted (nothingDue).
func (r *Computation) finishBureau(ctx context.Context, i int, rev int64) (*BureauRun, error) {
	b, totals := &r.Plan.Bureaus[i], r.spread.Totals(i)
	if b.Before != nil && b.Before.Month == r.Order.Month && !r.Remade[b.Batch] && !totals.News {
		return r.nothingDue(ctx, b, rev)
	}
	batch := payrun.Batch{
		Number: b.Batch, Month: r.Order.Month, Bureau: b.Bureau, N: b.N, Extra: b.Extra, State: payrun.Open, Round: 1, Revision: r.Revision,
		Pack: r.Order.Pack.Hash, Opening: r.Plan.Opening, Digest: r.parts[i].digestHex(),
		Lines: totals.Lines, Heads: totals.Heads, Pays: totals.Pays, Held: totals.Held,
	}
	if err := r.writeBatch(ctx, &batch); err != nil {
		return nil, err
	}
	if err := r.writeItemTotals(ctx, b.Batch, totals); err != nil {
		return nil, err
	}
	if err := batches.SealParts(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Batch); err != nil {
		return nil, err
	}
	outcome := Made
	switch {
	case r.Remade[b.Batch]:
		outcome = Remade
	case b.N > 1:
		outcome = Supplementary
	}
	deleted, err := r.deleteLaterRegister(ctx, b)
	if err == nil && deleted {
		err = batches.LaterPart.Seal(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Before.Number)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: outcome, Batch: batch}, err
}

// writeBatch inserts the batch's row, or updates the one that the plan found. The UPDATE
// compares state, round and digest with the plan's (optimistic lock): a batch that somebody
// signed meanwhile is never set back to 待提交.
func (r *Computation) writeBatch(ctx context.Context, b *payrun.Batch) error {
	values := []any{r.Order.Region, b.Number, b.Revision, b.Pack, b.Digest, b.Lines, b.Heads, b.Pays, b.Held}
	if !r.Remade[b.Number] {
		_, err := r.Tx.Exec(ctx, `
			INSERT INTO batch (region, batch, revision, pack, digest, lines, heads, pays, held, month, bureau, n, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open')`, append(values, postgres.FirstDay(b.Month), b.Bureau, b.N)...)
		if postgres.SQLState(err) == postgres.UniqueViolation {
			return batchesChanged(err)
		}
		if err != nil {
			return fmt.Errorf("write batch of %s: %w", b.Bureau, err)
		}
		return nil
	}
	was := r.batchesBefore[slices.IndexFunc(r.batchesBefore, func(o payrun.Batch) bool { return o.Number == b.Number })]
	b.Round = was.Round // submitting begins the next round, so signatures of a returned round do not count
	tag, err := r.Tx.Exec(ctx, `
		UPDATE batch SET state = 'open', revision = $3, pack = $4, digest = $5, lines = $6, heads = $7, pays = $8, held = $9
		WHERE region = $1 AND batch = $2 AND state = $10 AND round = $11 AND digest = $12`,
		append(values, string(was.State), was.Round, was.Digest)...)
	switch {
	case err != nil:
		return fmt.Errorf("write batch of %s: %w", b.Bureau, err)
	case tag.RowsAffected() != 1:
		return batchesChanged(nil)
	}
	return nil
}

func (r *Computation) writeItemTotals(ctx context.Context, batch int32, totals *payrun.Totals) error {
	for _, t := range totals.Items {
		_, err := r.Tx.Exec(ctx, `INSERT INTO batch_item (region, batch, item, heads, current, arrears, recovery, held)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.Order.Region, batch, t.Item, t.Heads, t.Current, t.Arrears, t.Recovery, t.Held)
		if err != nil {
			return fmt.Errorf("write totals of item %s: %w", t.Item, err)
		}
	}
	return nil
}

// nothingDue leaves the approved batch as the month's last one. The debts that the run found
// are stored as that batch's later register (追缴台账 as of this revision), so that they can
// be collected before the next month is run.
func (r *Computation) nothingDue(ctx context.Context, b *engine.BureauPlan, rev int64) (*BureauRun, error) {
	if _, err := r.deleteLaterRegister(ctx, b); err != nil {
		return nil, err
	}
	twice, err := r.paidElsewhereReason(ctx, b)
	if err != nil {
		return nil, err
	}
	for _, sql := range []string{
		`DELETE FROM draft_line WHERE region = $1 AND batch = $2`,
		`DELETE FROM finding WHERE region = $1 AND batch = $2`,
	} {
		if _, err := r.Tx.Exec(ctx, sql, r.Order.Region, b.Batch); err != nil {
			return nil, fmt.Errorf("undo supplementary batch: %w", err)
		}
	}
	_, err = r.Tx.Exec(ctx, `
		WITH moved AS (DELETE FROM debt WHERE region = $1 AND batch = $2 RETURNING *)
		INSERT INTO later_debt (region, batch, person, item, payee, month, amount, id_number, name, street)
		SELECT region, $3, person, item, payee, month, amount, id_number, name, street FROM moved`,
		r.Order.Region, b.Batch, b.Before.Number)
	if err != nil {
		return nil, fmt.Errorf("move debts to later_debt: %w", err)
	}
	_, err = r.Tx.Exec(ctx, `INSERT INTO later_register (region, batch, revision) VALUES ($1, $2, $3)`, r.Order.Region, b.Before.Number, r.Revision)
	if err != nil {
		return nil, fmt.Errorf("insert later register: %w", err)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: NothingDue, Batch: *b.Before, Reason: twice}, batches.LaterPart.Seal(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Before.Number)
}

// paidElsewhereReason describes, in Chinese, the dues that two regions have paid. Findings
// need a batch, and this run makes none, so the report says it; the next month's batch has
// it as a 疑点. Empty where there are none.
func (r *Computation) paidElsewhereReason(ctx context.Context, b *engine.BureauPlan) (string, error) {
	var n int
	var first string
	err := r.Tx.QueryRow(ctx, `
		SELECT count(*), coalesce((array_agg(sentence ORDER BY id))[1], '') FROM finding
		WHERE region = $1 AND batch = $2 AND kind = $3`, r.Order.Region, b.Batch, payrun.PaidElsewhere).Scan(&n, &first)
	switch {
	case err != nil:
		return "", fmt.Errorf("read findings: %w", err)
	case n == 0:
		return "", nil
	}
	return fmt.Sprintf("%s %d 项，运行下个月时列为疑点，第一项：%s", payrun.PaidElsewhere, n, first), nil
}

// deleteLaterRegister deletes the later register of the last approved batch, which a newer
// batch or register replaces. It reports whether there was one.
func (r *Computation) deleteLaterRegister(ctx context.Context, b *engine.BureauPlan) (bool, error) {
	if b.Before == nil {
		return false, nil
	}
	var rows int64
	for _, table := range []string{"later_debt", "later_register"} {
		tag, err := r.Tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch = $2", r.Order.Region, b.Before.Number)
		if err != nil {
			return false, fmt.Errorf("clear %s: %w", table, err)
		}
		rows += tag.RowsAffected()
	}
	return rows > 0, nil
}

// carryOver sets earlier batches that nobody submitted to 已结转: this run's batches pay their
// dues as 补发, so submitting them later would pay twice.
func (r *Computation) carryOver(ctx context.Context, rev int64) error {
	var bureaus []string
	for _, b := range r.Plan.Bureaus {
		bureaus = append(bureaus, b.Bureau)
	}
	rows, err := r.Tx.Query(ctx, `
		UPDATE batch SET state = 'carried' WHERE region = $1 AND month < $2 AND bureau = ANY($3)
		AND state IN ('open', 'returned') RETURNING batch`, r.Order.Region, postgres.FirstDay(r.Order.Month), bureaus)
	if err != nil {
		return fmt.Errorf("carry over: %w", err)
	}
	var batchList []int32
	for rows.Next() {
		var n int32
		if err := rows.Scan(&n); err != nil {
			return fmt.Errorf("carry over: %w", err)
		}
		batchList = append(batchList, n)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("carry over: %w", err)
	}
	for _, n := range batchList {
		b, err := batches.ByNumber(ctx, postgres.In(r.Tx, r.Order.Region), n)
		if err != nil {
			return err
		}
		r.report.Carried = append(r.report.Carried, b)
		// Sealed at this revision: lines of a carried-over batch never change again.
		if err := batches.SealParts(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), n); err != nil {
			return err
		}
	}
	return nil
}
