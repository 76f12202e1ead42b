package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// writeRest writes debts and findings, and makes sure that as many lines were stored
// as were computed.
func (r *run) writeRest(ctx context.Context, stored int64, debts, findings *RowWriter) error {
	var lines int64
	for i := range r.parts {
		lines += r.parts[i].lines
		missing, err := r.spread.Unregistered(i)
		if err != nil {
			return err
		}
		for _, f := range append(r.spread.Findings(i), missing...) {
			encodeFinding(findings, r.order.Region, r.plan.Bureaus[i].Batch, &f)
		}
		if counted := int64(r.spread.Totals(i).Lines); counted != r.parts[i].lines {
			return fmt.Errorf("batch %d: %d lines counted, %d written", r.plan.Bureaus[i].Batch, counted, r.parts[i].lines)
		}
	}
	if lines != stored {
		return fmt.Errorf("%d lines written, %d stored", lines, stored)
	}
	conn := r.tx.Conn().PgConn()
	if _, err := CopyIn(ctx, conn, copyDebts, bytes.NewReader(debts.Encoded())); err != nil {
		return fmt.Errorf("write debts: %w", err)
	}
	if _, err := CopyIn(ctx, conn, copyFindings, bytes.NewReader(findings.Encoded())); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// finish takes the region's lock and makes the run's batches the region's.
func (r *run) finish(ctx context.Context) error {
	last, err := readHead(ctx, r.tx, r.order.Region, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	before, err := statesBefore(ctx, r.tx, r.order.Region)
	if err != nil {
		return err
	}
	if err := r.sameBatches(ctx); err != nil {
		return err
	}
	if err := r.keepPack(ctx, last.rev+1); err != nil {
		return err
	}
	if err := r.keepAdopted(ctx, last.rev+1); err != nil {
		return err
	}
	var paid money.Fen
	for i := range r.plan.Bureaus {
		done, err := r.finishBureau(ctx, i, last.rev+1)
		if err != nil {
			return err
		}
		paid = paid.Add(done.Batch.Pays)
		r.report.Bureaus = append(r.report.Bureaus, *done)
	}
	if err := r.carryOver(ctx, last.rev+1); err != nil {
		return err
	}
	if err := r.emptyDiscarded(ctx, last.rev+1); err != nil {
		return err
	}
	if err := settleOpening(ctx, r.tx, r.order.Region, r.plan.Opening, last.rev+1, r.reopened); err != nil {
		return err
	}
	entry := journal.Entry{
		Action: runAction, Subject: r.order.Month.String(), Digest: r.order.Pack.Hash,
		Summary: fmt.Sprintf("按第 %d 号修订计算 %d 人，%d 个单位，可发 %s 元", r.revision, r.report.People, len(r.plan.Bureaus), paid.Grouped()) + r.discardedWords(),
	}.Signed(r.order.By)
	entry.Region, entry.Rev = r.order.Region, last.rev+1
	return appendEntry(ctx, r.tx, last.hash, entry.AsStored(), before)
}

// settleOpening sets the opening month of a region that has none, or again where the run
// that set it is discarded, and keeps it where it can be compared for ever. A region that
// ran under an earlier program has one and it is kept now.
func settleOpening(ctx context.Context, tx pgx.Tx, region int32, opening month.Month, rev int64, again bool) error {
	_, err := tx.Exec(ctx, `UPDATE region SET opening_month = $2 WHERE region = $1 AND (opening_month IS NULL OR $3)`, region, firstDay(opening), again)
	if err != nil {
		return fmt.Errorf("set opening month: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO region_opening (region, rev, month)
		SELECT $1, $2, $3 WHERE $4 OR NOT EXISTS (SELECT FROM region_opening WHERE region = $1)`, region, rev, firstDay(opening), again)
	if err != nil {
		return fmt.Errorf("keep opening month: %w", err)
	}
	return nil
}

func (r *run) keepPack(ctx context.Context, rev int64) error {
	return insertPack(ctx, r.tx, r.order.Region, rev, r.order.Pack)
}

// finishBureau writes the batch's row and totals, or undoes what a supplementary
// batch without news had written.
func (r *run) finishBureau(ctx context.Context, i int, rev int64) (*BureauRun, error) {
	b, totals := &r.plan.Bureaus[i], r.spread.Totals(i)
	if b.Before != nil && b.Before.Month == r.order.Month && !r.remade[b.Batch] && !totals.News {
		return r.nothingDue(ctx, b, rev)
	}
	batch := payrun.Batch{
		Number: b.Batch, Month: r.order.Month, Bureau: b.Bureau, N: b.N, Extra: b.Extra, State: payrun.Open, Round: 1, Revision: r.revision,
		Pack: r.order.Pack.Hash, Opening: r.plan.Opening, Digest: r.parts[i].digestOf(),
		Lines: totals.Lines, Heads: totals.Heads, Pays: totals.Pays, Held: totals.Held,
	}
	if err := r.writeBatch(ctx, &batch); err != nil {
		return nil, err
	}
	if err := r.writeItemTotals(ctx, b.Batch, totals); err != nil {
		return nil, err
	}
	if err := sealParts(ctx, r.tx, r.order.Region, b.Batch, rev); err != nil {
		return nil, err
	}
	outcome := Made
	switch {
	case r.remade[b.Batch]:
		outcome = Remade
	case b.N > 1:
		outcome = Supplementary
	}
	forgotten, err := r.forgetLater(ctx, b)
	if err == nil && forgotten {
		err = laterPart.seal(ctx, r.tx, r.order.Region, b.Before.Number, rev)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: outcome, Batch: batch}, err
}

// writeBatch makes the batch's row, or makes again the one that the plan found. No other
// row becomes 待提交: one that has been signed since has another state, round or digest.
func (r *run) writeBatch(ctx context.Context, b *payrun.Batch) error {
	values := []any{r.order.Region, b.Number, b.Revision, b.Pack, b.Digest, b.Lines, b.Heads, b.Pays, b.Held}
	if !r.remade[b.Number] {
		_, err := r.tx.Exec(ctx, `
			INSERT INTO batch (region, batch, revision, pack, digest, lines, heads, pays, held, month, bureau, n, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open')`, append(values, firstDay(b.Month), b.Bureau, b.N)...)
		if State(err) == UniqueViolation {
			return movedOn(err)
		}
		if err != nil {
			return fmt.Errorf("write batch of %s: %w", b.Bureau, err)
		}
		return nil
	}
	was := r.stood[slices.IndexFunc(r.stood, func(o payrun.Batch) bool { return o.Number == b.Number })]
	b.Round = was.Round // signatures of a returned round stand in the way of nothing
	tag, err := r.tx.Exec(ctx, `
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

func (r *run) writeItemTotals(ctx context.Context, batch int32, totals *payrun.Totals) error {
	for _, t := range totals.Items {
		_, err := r.tx.Exec(ctx, `INSERT INTO batch_item (region, batch, item, heads, current, arrears, recovery, held)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.order.Region, batch, t.Item, t.Heads, t.Current, t.Arrears, t.Recovery, t.Held)
		if err != nil {
			return fmt.Errorf("write totals of item %s: %w", t.Item, err)
		}
	}
	return nil
}

// nothingDue leaves the approved batch as the month's last one. The debts that the
// run found stay on record behind it.
func (r *run) nothingDue(ctx context.Context, b *payrun.BureauPlan, rev int64) (*BureauRun, error) {
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
		if _, err := r.tx.Exec(ctx, sql, r.order.Region, b.Batch); err != nil {
			return nil, fmt.Errorf("undo supplementary batch: %w", err)
		}
	}
	_, err = r.tx.Exec(ctx, `
		WITH moved AS (DELETE FROM debt WHERE region = $1 AND batch = $2 RETURNING *)
		INSERT INTO later_debt (region, batch, person, item, payee, month, amount, id_number, name, street)
		SELECT region, $3, person, item, payee, month, amount, id_number, name, street FROM moved`,
		r.order.Region, b.Batch, b.Before.Number)
	if err != nil {
		return nil, fmt.Errorf("keep later debts: %w", err)
	}
	_, err = r.tx.Exec(ctx, `INSERT INTO later_register (region, batch, revision) VALUES ($1, $2, $3)`, r.order.Region, b.Before.Number, r.revision)
	if err != nil {
		return nil, fmt.Errorf("keep later register: %w", err)
	}
	return &BureauRun{Bureau: b.Bureau, Outcome: NothingDue, Batch: *b.Before, Reason: twice}, laterPart.seal(ctx, r.tx, r.order.Region, b.Before.Number, rev)
}

// paidTwice says what the run found paid in two regions. Without a batch it has no other
// place; the next month's batch will have it as a 疑点.
func (r *run) paidTwice(ctx context.Context, b *payrun.BureauPlan) (string, error) {
	var n int
	var first string
	err := r.tx.QueryRow(ctx, `
		SELECT count(*), coalesce((array_agg(sentence ORDER BY id))[1], '') FROM finding
		WHERE region = $1 AND batch = $2 AND kind = $3`, r.order.Region, b.Batch, payrun.ElsewhereKind).Scan(&n, &first)
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
func (r *run) forgetLater(ctx context.Context, b *payrun.BureauPlan) (bool, error) {
	if b.Before == nil {
		return false, nil
	}
	var rows int64
	for _, table := range []string{"later_debt", "later_register"} {
		tag, err := r.tx.Exec(ctx, "DELETE FROM "+table+" WHERE region = $1 AND batch = $2", r.order.Region, b.Before.Number)
		if err != nil {
			return false, fmt.Errorf("clear %s: %w", table, err)
		}
		rows += tag.RowsAffected()
	}
	return rows > 0, nil
}

// carryOver marks earlier batches that nobody submitted: their dues came back in this
// run's batches as 补发.
func (r *run) carryOver(ctx context.Context, rev int64) error {
	var bureaus []string
	for _, b := range r.plan.Bureaus {
		bureaus = append(bureaus, b.Bureau)
	}
	rows, err := r.tx.Query(ctx, `
		UPDATE batch SET state = 'carried' WHERE region = $1 AND month < $2 AND bureau = ANY($3)
		AND state IN ('open', 'returned') RETURNING batch`, r.order.Region, firstDay(r.order.Month), bureaus)
	if err != nil {
		return fmt.Errorf("carry over: %w", err)
	}
	var batches []int32
	for rows.Next() {
		var n int32
		if err := rows.Scan(&n); err != nil {
			return fmt.Errorf("carry over: %w", err)
		}
		batches = append(batches, n)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("carry over: %w", err)
	}
	for _, n := range batches {
		b, err := batchByNumber(ctx, r.tx, r.order.Region, n)
		if err != nil {
			return err
		}
		r.report.Carried = append(r.report.Carried, b)
		if err := sealParts(ctx, r.tx, r.order.Region, n, rev); err != nil { // from now on it is what the last run before left
			return err
		}
	}
	return nil
}
