package modeltest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/payments"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// holds insists, after every step, on all that must hold at any time.
func (d *district) holds() error {
	for _, check := range []func() error{d.sameMoney, d.sameBatches, d.addsUp, d.paidOnce, d.sameRegister, d.balanced} {
		if err := check(); err != nil {
			return err
		}
	}
	return storetest.VerifyChain(d.ctx, d.db, region)
}

// sums reads amounts by key: of person, item, payee, month and an amount.
func (d *district) sums(sql string, args ...any) (map[key]money.Fen, error) {
	all := map[key]money.Fen{}
	err := d.db.Read(d.ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(d.ctx, sql, args...)
		if err != nil {
			return err
		}
		var k key
		var at time.Time
		var amount money.Fen
		_, err = pgx.ForEachRow(rows, []any{&k.person, &k.item, &k.payee, &at, &amount}, func() error {
			k.month = month.FromTime(at).Month()
			all[k] = amount
			return nil
		})
		return err
	})
	return all, err
}

func withoutZeros(all map[key]money.Fen) map[key]money.Fen {
	all = maps.Clone(all)
	maps.DeleteFunc(all, func(_ key, amount money.Fen) bool { return amount == 0 })
	return all
}

// sameMoney: what is settled and waived is what the model says.
func (d *district) sameMoney() error {
	settled, err := d.sums(`SELECT person, item, payee, month, sum(amount)::bigint FROM ledger GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0`)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(withoutZeros(d.settled), settled); diff != "" {
		return fmt.Errorf("settled (-model +system):\n%s", diff)
	}
	waived, err := d.sums(`SELECT person, item, payee, month, sum(amount)::bigint FROM waiver GROUP BY 1, 2, 3, 4`)
	if diff := cmp.Diff(withoutZeros(d.waived), waived); diff != "" || err != nil {
		return fmt.Errorf("waived (-model +system): %v\n%s", err, diff)
	}
	return nil
}

// sameBatches: every batch stands where the model has it, with the sums of its lines.
func (d *district) sameBatches() error {
	type row struct {
		State              payrun.State
		N, Lines           int
		Sent               bool
		Pays, Held, Listed money.Fen
	}
	got, want := map[int32]row{}, map[int32]row{}
	err := d.db.Read(d.ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(d.ctx, `
			WITH listed AS (
			    SELECT batch, sum(amount) FILTER (WHERE hold = 0) AS pays FROM (
			        SELECT batch, amount, hold FROM line UNION ALL SELECT batch, amount, hold FROM draft_line) all_lines GROUP BY batch)
			SELECT batch, state, n, lines, sent_rev IS NOT NULL, b.pays, held, coalesce(l.pays, 0)::bigint FROM batch b LEFT JOIN listed l USING (batch)`)
		if err != nil {
			return err
		}
		var number int32
		var r row
		_, err = pgx.ForEachRow(rows, []any{&number, &r.State, &r.N, &r.Lines, &r.Sent, &r.Pays, &r.Held, &r.Listed}, func() error {
			got[number] = r
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range d.batches {
		pays, held := b.pays()
		want[b.number] = row{b.state, b.n, len(b.lines), b.sent, pays, held, pays}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("batches (-model +system):\n%s", diff)
	}
	return nil
}

// addsUp: for every person, item, payee and month, the ledger is what approved lines
// settled, less what came back. Lines of records that were merged since are the survivor's.
func (d *district) addsUp() error {
	all, err := d.sums(`
		SELECT person, item, payee, month, sum(amount)::bigint FROM (
		    SELECT person, item, payee, month, amount FROM ledger WHERE kind IN (1, 2, 3)
		    UNION ALL
		    SELECT person, item, payee, l.month, -amount FROM line l JOIN batch b USING (region, batch)
		    WHERE hold = 0 AND b.state = 'approved' AND NOT EXISTS (
		        SELECT FROM payment_result r WHERE (r.batch, r.file, r.seq) = (l.batch, l.file, l.seq) AND outcome = 2)) entries
		GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0`)
	left := map[key]money.Fen{}
	for k, amount := range all {
		k.person = d.survivor(k.person)
		left[k] += amount
	}
	if left = withoutZeros(left); err == nil && len(left) > 0 {
		err = fmt.Errorf("lines and ledger do not add up: %v", left)
	}
	return err
}

// paidOnce: no payment is zero or less, or other than the lines that it carries; what
// stands in none is held, or came to nothing.
func (d *district) paidOnce() error {
	wrong, err := d.sums(`
		SELECT coalesce(p.person, 0), p.item, p.payee, b.month, p.amount
		FROM payment p JOIN batch b USING (region, batch)
		WHERE p.amount <= 0 OR p.amount <> (SELECT coalesce(sum(amount), 0) FROM line l
		      WHERE (l.batch, l.file, l.seq) = (p.batch, p.file, p.seq) AND l.hold = 0 AND l.against = p.item AND l.payee = p.payee)
		UNION ALL
		SELECT max(person), against, payee, min(month), sum(amount)::bigint FROM line WHERE hold = 0 AND file IS NULL
		GROUP BY batch, CASE WHEN payee = '本人' THEN person END, against, payee HAVING sum(amount) <> 0
		UNION ALL
		SELECT person, item, payee, month, amount FROM line WHERE hold <> 0 AND file IS NOT NULL`)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("lines and payments do not add up: %v", wrong)
	}
	return err
}

// sameRegister: what is recoverable is what the model says.
func (d *district) sameRegister() error {
	debts, err := recovery.Register(d.ctx, d.db, region)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(d.register(), byKey(debts)); diff != "" {
		return fmt.Errorf("register (-model +system):\n%s", diff)
	}
	return nil
}

// balanced: 名单 = 拨款 = 回单 in the month whose payments the step was about; what the
// others rest on has not changed since they were looked at.
func (d *district) balanced() error {
	if !slices.ContainsFunc(d.batches, func(b *batch) bool { return b.month == d.paidIn && b.state == payrun.Approved }) {
		return nil
	}
	all, err := payments.Reconcile(d.ctx, d.db, region, d.paidIn, "")
	if err != nil {
		return err
	}
	for i := range all {
		if err := balances(&all[i]); err != nil {
			return fmt.Errorf("%s %s: %w", all[i].Bureau, d.paidIn, err)
		}
	}
	return nil
}

func balances(r *bank.Reconciliation) error {
	if len(r.Wrong) > 0 {
		return fmt.Errorf("%+v", r.Wrong)
	}
	files := map[[2]int]money.Fen{}
	for _, f := range r.Files {
		files[[2]int{f.N, f.File}] += f.Amount
	}
	listed, failed, answered := map[int]money.Fen{}, map[int]money.Fen{}, [4]int{}
	for _, c := range r.Cells {
		if c.Listed != c.Paid || c.Amounts[0]+c.Amounts[1]+c.Amounts[2]+c.Amounts[3] != c.Paid {
			return fmt.Errorf("cell %+v", c)
		}
		listed[c.N] += c.Listed
		failed[c.N] += c.Amounts[2]
		files[[2]int{c.N, c.File}] -= c.Paid
		for i, n := range c.Answers {
			answered[i] += n
		}
	}
	for f, left := range files {
		if left != 0 {
			return fmt.Errorf("file %v: %s left", f, left)
		}
	}
	for _, b := range r.Batches {
		if b.Settled != b.Pays || b.State == payrun.Voided && b.Voided != -b.Pays ||
			b.State == payrun.Approved && (b.Items != b.Pays || listed[b.N] != b.Pays || b.Undone != -failed[b.N] || b.Voided != 0) {
			return fmt.Errorf("batch %+v, listed %s, failed %s", b, listed[b.N], failed[b.N])
		}
	}
	return trailed(r, answered)
}

// trailed: every payment that failed is listed, and so is what became of its lines.
func trailed(r *bank.Reconciliation, answered [4]int) error {
	var open [4]int
	undone := map[[3]int]money.Fen{}
	for _, p := range r.Open {
		open[p.Answer]++
		if p.Answer == 2 {
			undone[[3]int{p.N, p.File, p.Seq}] += p.Amount
		}
	}
	for _, a := range r.Trail {
		if a.Try <= 1 {
			undone[[3]int{a.N, a.File, a.Seq}] -= a.Amount
		}
	}
	for p, left := range undone {
		if left != 0 {
			return fmt.Errorf("%s of failed payment %v are not in the trail", left, p)
		}
	}
	if open[2] != answered[2] || open[3] != answered[3] {
		return fmt.Errorf("listed %v, counted %v", open, answered)
	}
	return nil
}
