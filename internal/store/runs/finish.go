package runs

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/recovery"
)

// writeRest writes debts and findings, and makes sure that as many lines were stored
// as were computed.
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

// finish takes the region's lock and makes the run's batches the region's.
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
	if err := r.keepPack(ctx, last.Rev+1); err != nil {
		return err
	}
	if err := r.keepAdopted(ctx, last.Rev+1); err != nil {
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
	if err := r.emptyDiscarded(ctx, last.Rev+1); err != nil {
		return err
	}
	if err := recovery.SetOpening(ctx, postgres.In(r.Tx, r.Order.Region).At(last.Rev+1), r.Plan.Opening, r.reopened); err != nil {
		return err
	}
	entry := journal.Entry{
		Action: batches.RunAction, Subject: r.Order.Month.String(), Digest: r.Order.Pack.Hash,
		Summary: fmt.Sprintf("按第 %d 号修订计算 %d 人，%d 个单位，可发 %s 元", r.Revision, r.report.People, len(r.Plan.Bureaus), paid.Grouped()) + r.discardedWords(),
	}.Signed(r.Order.By)
	entry.Region, entry.Rev = r.Order.Region, last.Rev+1
	return postgres.AppendEntry(ctx, r.Tx, last.Hash, entry.AsStored(), before)
}

func (r *Computation) keepPack(ctx context.Context, rev int64) error {
	return packs.Insert(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), r.Order.Pack)
}

// finishBureau writes the batch's row and totals, or undoes what a supplementary
// batch without news had written.
func (r *Computation) finishBureau(ctx context.Context, i int, rev int64) (*BureauRun, error) {
	b, totals := &r.Plan.Bureaus[i], r.spread.Totals(i)
	if b.Before != nil && b.Before.Month == r.Order.Month && !r.Remade[b.Batch] && !totals.News {
		return r.nothingDue(ctx, b, rev)
	}
	batch := payrun.Batch{
		Number: b.Batch, Month: r.Order.Month, Bureau: b.Bureau, N: b.N, Extra: b.Extra, State: payrun.Open, Round: 1, Revision: r.Revision,
		Pack: r.Order.Pack.Hash, Opening: r.Plan.Opening, Digest: r.parts[i].digestOf(),
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
	forgotten, err := r.forgetLater(ctx, b)
	if err == nil && forgotten {
		err = batches.LaterPart.Seal(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Before.Number)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: outcome, Batch: batch}, err
}

// writeBatch makes the batch's row, or makes again the one that the plan found. No other
// row becomes 待提交: one that has been signed since has another state, round or digest.
func (r *Computation) writeBatch(ctx context.Context, b *payrun.Batch) error {
	values := []any{r.Order.Region, b.Number, b.Revision, b.Pack, b.Digest, b.Lines, b.Heads, b.Pays, b.Held}
	if !r.Remade[b.Number] {
		_, err := r.Tx.Exec(ctx, `
			INSERT INTO batch (region, batch, revision, pack, digest, lines, heads, pays, held, month, bureau, n, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open')`, append(values, postgres.FirstDay(b.Month), b.Bureau, b.N)...)
		if postgres.SQLState(err) == postgres.UniqueViolation {
			return movedOn(err)
		}
		if err != nil {
			return fmt.Errorf("write batch of %s: %w", b.Bureau, err)
		}
		return nil
	}
	was := r.stood[slices.IndexFunc(r.stood, func(o payrun.Batch) bool { return o.Number == b.Number })]
	b.Round = was.Round // signatures of a returned round stand in the way of nothing
	tag, err := r.Tx.Exec(ctx, `
		UPDATE batch SET state = 'open', revision = $3, pack = $4, digest = $5, lines = $6, heads = $7, pays = $8, held = $9
		WHERE region = $1 AND batch = $2 AND state = $10 AND round = $11 AND digest = $12`,
		append(values, string(was.State), was.Round, was.Digest)...)
	switch {
	case err != nil:
		return fmt.Errorf("write batch of %s: %w", b.Bureau, err)
	case tag.RowsAffected() != 1:
		return movedOn(nil)
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

// nothingDue leaves the approved batch as the month's last one. The debts that the
// run found stay on record behind it.
func (r *Computation) nothingDue(ctx context.Context, b *payrun.BureauPlan, rev int64) (*BureauRun, error) {
	if _, err := r.forgetLater(ctx, b); err != nil {
		return nil, err
	}
	twice, err := r.paidTwice(ctx, b)
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
		return nil, fmt.Errorf("keep later debts: %w", err)
	}
	_, err = r.Tx.Exec(ctx, `INSERT INTO later_register (region, batch, revision) VALUES ($1, $2, $3)`, r.Order.Region, b.Before.Number, r.Revision)
	if err != nil {
		return nil, fmt.Errorf("keep later register: %w", err)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: NothingDue, Batch: *b.Before, Reason: twice}, batches.LaterPart.Seal(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), b.Before.Number)
}

// paidTwice says what the run found paid in two regions. Without a batch it has no other
// place; the next month's batch will have it as a 疑点.
func (r *Computation) paidTwice(ctx context.Context, b *payrun.BureauPlan) (string, error) {
	var n int
	var first string
	err := r.Tx.QueryRow(ctx, `
		SELECT count(*), coalesce((array_agg(sentence ORDER BY id))[1], '') FROM finding
		WHERE region = $1 AND batch = $2 AND kind = $3`, r.Order.Region, b.Batch, payrun.ElsewhereKind).Scan(&n, &first)
	switch {
	case err != nil:
		return "", fmt.Errorf("read findings: %w", err)
	case n == 0:
		return "", nil
	}
	return fmt.Sprintf("%s %d 项，运行下个月时列为疑点，第一项：%s", payrun.ElsewhereKind, n, first), nil
}

// forgetLater drops the register behind the approved batch: a newer one takes over. It
// reports whether there was one.
func (r *Computation) forgetLater(ctx context.Context, b *payrun.BureauPlan) (bool, error) {
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

// carryOver marks earlier batches that nobody submitted: their dues came back in this
// run's batches as 补发.
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
		if err := batches.SealParts(ctx, postgres.In(r.Tx, r.Order.Region).At(rev), n); err != nil { // from now on it is what the last run before left
			return err
		}
	}
	return nil
}
