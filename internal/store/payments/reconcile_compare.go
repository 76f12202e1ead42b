package payments

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// laterLine is a line of a later batch that may pay a failed one again.
type laterLine struct {
	revision int64 // as of which its batch was computed
	again    payrun.Batch
	number   string
	row      int
	due      money.Fen
	hold     payrun.Hold
	sent     bool
	answer   bank.Outcome
	answered int64 // the revision of the answer
	why      string
}

// failedLine is a line of a failed payment with the later lines of the same due.
type failedLine struct {
	first  bank.ReconcileAgain
	batch  int32
	person int64
	failed int64 // revision
	later  []laterLine
}

// trail finds the later attempts to pay what failed. A line of the same due in a batch that
// was computed before the failure was recorded pays a difference, not the failed amount: it
// is skipped.
func (r *reconciler) trail(ctx context.Context) error {
	var newest int64
	err := r.tx.QueryRow(ctx, `SELECT coalesce(max(revision), 0) FROM batch
		WHERE region = $1 AND month >= $2 AND bureau = $3 AND state NOT IN ('voided', 'carried')`, r.args...).Scan(&newest)
	if err != nil {
		return fmt.Errorf("reconcile revisions: %w", err)
	}
	lines, err := r.failedLines(ctx)
	if err != nil {
		return err
	}
	for i := range lines {
		l := &lines[i]
		l.first.Run = newest >= l.failed
		r.out.Trail = append(r.out.Trail, l.entries()...)
	}
	return nil
}

// entries returns the attempts to pay one line again, until one did not fail.
func (l *failedLine) entries() []bank.ReconcileAgain {
	var all []bank.ReconcileAgain
	known := l.failed
	for i, x := range l.later {
		waits := x.number == "" && (x.hold != 0 || x.again.State != payrun.Approved)
		if x.revision < known || (waits && i < len(l.later)-1) { // a hold that ended later is not an attempt
			continue
		}
		e := l.first
		e.Try, e.Again, e.Number, e.Row, e.Due = len(all)+1, x.again, x.number, x.row, x.due
		e.Hold, e.Sent, e.Answer, e.Why = x.hold, x.sent, x.answer, x.why
		all = append(all, e)
		if x.answer != bank.Failed {
			break
		}
		known = x.answered
	}
	if len(all) == 0 {
		return []bank.ReconcileAgain{l.first}
	}
	return all
}

// splitKeys splits keys into columns for SQL's unnest.
func splitKeys(all []PaymentKey) (batches, files, seqs []int32) {
	for _, p := range all {
		batches, files, seqs = append(batches, p.Batch), append(files, int32(p.File)), append(seqs, int32(p.Seq))
	}
	return batches, files, seqs
}

// failedLines reads the lines of the month's failed payments, each with later lines of the
// same due. 扣回 lines get none: each run computes recoveries anew.
func (r *reconciler) failedLines(ctx context.Context) ([]failedLine, error) {
	carried, err := r.readFailed(ctx)
	if err != nil || len(carried.batch) == 0 {
		return nil, err
	}
	rows, err := r.tx.Query(ctx, `
		WITH RECURSIVE `+people.SurvivorsCTE+`, carried AS MATERIALIZED (
		    SELECT * FROM unnest($3::int[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::text[], $9::text[], $10::bigint[])
		        AS c (batch, n, file, seq, rev, code, reason, person)
		), drafts AS MATERIALIZED (
		    SELECT region, batch, month, n, revision, state FROM batch
		    WHERE region = $1 AND bureau = $2 AND state NOT IN ('approved', 'voided', 'carried')
		)
		SELECT f.batch, f.n, f.file, f.seq, f.rev, f.code, f.reason, l.person, l.name, l.item, l.payee, l.month, l.kind, l.amount,
		       a.batch IS NOT NULL, coalesce(a.paid_in, 'epoch'::date), coalesce(a.n, 0), coalesce(a.state, ''), coalesce(a.revision, 0),
		       coalesce(a.number, ''), coalesce(a.seq, 0), coalesce(a.amount, 0), coalesce(a.hold, 0), coalesce(a.sent, false),
		       coalesce(a.outcome, 0), coalesce(a.answered, 0), coalesce(nullif(a.reason, ''), a.code, '')
		FROM carried f JOIN line l ON l.region = $1 AND l.batch = f.batch AND l.person = f.person AND l.file = f.file AND l.seq = f.seq
		LEFT JOIN became ON became.person = l.person
		LEFT JOIN LATERAL (
		    SELECT b.batch, b.month AS paid_in, b.n, b.state, b.revision, pf.number, x.seq, x.amount, x.hold, b.sent_rev IS NOT NULL AS sent,
		           r.outcome, r.rev AS answered, r.code, r.reason
		    FROM line x JOIN batch b USING (region, batch) LEFT JOIN payment_file pf USING (region, batch, file)
		    LEFT JOIN LATERAL (SELECT outcome, rev, code, reason FROM payment_result p
		        WHERE p.region = x.region AND p.batch = x.batch AND p.file = x.file AND p.seq = x.seq ORDER BY p.rev DESC LIMIT 1) r ON true
		    WHERE x.region = l.region AND x.person IN (l.person, became.survivor) AND x.item = l.item AND x.payee = l.payee AND x.month = l.month
		      AND x.kind <> 3 AND x.batch > l.batch AND b.state <> 'voided'
		    UNION ALL
		    SELECT b.batch, b.month, b.n, b.state, b.revision, NULL, NULL, x.amount, x.hold, false, NULL, NULL, NULL, NULL
		    FROM drafts b JOIN draft_line x USING (region, batch)
		    WHERE x.person IN (l.person, became.survivor) AND x.item = l.item AND x.payee = l.payee AND x.month = l.month AND x.kind <> 3
		) a ON l.kind <> 3
		ORDER BY f.n, f.file, f.seq, l.person, l.item, l.payee, l.month, l.kind, l.against, a.batch`,
		r.args[0], r.args[2], carried.batch, carried.n, carried.file, carried.seq, carried.rev, carried.code, carried.reason, carried.person)
	if err != nil {
		return nil, fmt.Errorf("reconcile failed payments: %w", err)
	}
	var all []failedLine
	var f failedLine
	var paid, in postgres.ScannedMonth
	var found bool
	var x laterLine
	e := &f.first
	_, err = pgx.ForEachRow(rows, []any{&f.batch, &e.N, &e.File, &e.Seq, &f.failed, &e.Code, &e.Reason, &f.person, &e.Name, &e.Item, &e.Payee,
		&paid.Day, &e.Kind, &e.Amount, &found, &in.Day, &x.again.N, &x.again.State, &x.revision, &x.number, &x.row, &x.due, &x.hold, &x.sent,
		&x.answer, &x.answered, &x.why}, func() error {
		e.Month = paid.Month()
		if n := len(all); n == 0 || all[n-1].first != *e || all[n-1].person != f.person || e.Kind == payrun.Recovery {
			all = append(all, f)
		}
		if found {
			x.again.Month = in.Month()
			last := &all[len(all)-1]
			last.later = append(last.later, x)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reconcile failed payments: %w", err)
	}
	return all, nil
}

// failedColumns are failed payments, once per person with lines in them, in columns for SQL's
// unnest.
type failedColumns struct {
	batch, n, file, seq []int32
	rev                 []int64
	code, reason        []string
	person              []int64
}

// readFailed reads the failed payments of the month, or those of r.only. A payment to a person
// has that person's lines, which an index finds; only payments to institutions, which have
// lines of many people, need a scan of all lines.
func (r *reconciler) readFailed(ctx context.Context) (*failedColumns, error) {
	which, args := "", r.args
	if r.only != nil {
		batches, files, seqs := splitKeys(r.only)
		which, args = "JOIN unnest($4::int[], $5::int[], $6::int[]) AS w (batch, file, seq) USING (batch, file, seq)",
			append(slices.Clone(r.args), batches, files, seqs)
	}
	rows, err := r.tx.Query(ctx, reconcileMine+`
		SELECT batch, n, file, seq, r.rev, r.code, r.reason, coalesce(p.person, 0)
		FROM payment_result r JOIN mine USING (region, batch) `+which+` JOIN payment p USING (region, batch, file, seq) WHERE outcome = 2`, args...)
	if err != nil {
		return nil, fmt.Errorf("reconcile failed payments: %w", err)
	}
	type payment struct {
		batch, n, file, seq int32
		rev                 int64
		code, reason        string
	}
	c := &failedColumns{}
	add := func(p payment, person int64) {
		c.batch, c.n, c.file, c.seq = append(c.batch, p.batch), append(c.n, p.n), append(c.file, p.file), append(c.seq, p.seq)
		c.rev, c.code, c.reason, c.person = append(c.rev, p.rev), append(c.code, p.code), append(c.reason, p.reason), append(c.person, person)
	}
	var p payment
	var person int64
	var shared []PaymentKey
	byPlace := map[PaymentKey]payment{}
	_, err = pgx.ForEachRow(rows, []any{&p.batch, &p.n, &p.file, &p.seq, &p.rev, &p.code, &p.reason, &person}, func() error {
		if person != 0 {
			add(p, person)
			return nil
		}
		at := PaymentKey{p.batch, int(p.file), int(p.seq)}
		shared, byPlace[at] = append(shared, at), p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reconcile failed payments: %w", err)
	}
	err = r.eachPersonPaid(ctx, shared, func(at PaymentKey, person int64) { add(byPlace[at], person) })
	return c, err
}

// eachPersonPaid calls fn for every person with lines in the payments to institutions.
func (r *reconciler) eachPersonPaid(ctx context.Context, places []PaymentKey, fn func(PaymentKey, int64)) error {
	if len(places) == 0 {
		return nil
	}
	// Forces a hash join: one scan of all lines, not one for each payment.
	if _, err := r.tx.Exec(ctx, `SELECT set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true)`); err != nil {
		return fmt.Errorf("set up join: %w", err)
	}
	batches, files, seqs := splitKeys(places)
	rows, err := r.tx.Query(ctx, `
		SELECT DISTINCT batch, file, seq, person FROM line JOIN unnest($2::int[], $3::int[], $4::int[]) AS w (batch, file, seq) USING (batch, file, seq)
		WHERE region = $1 AND batch = ANY ($2)`, r.args[0], batches, files, seqs)
	if err != nil {
		return fmt.Errorf("read lines of payments: %w", err)
	}
	var at PaymentKey
	var person int64
	if _, err := pgx.ForEachRow(rows, []any{&at.Batch, &at.File, &at.Seq, &person}, func() error { fn(at, person); return nil }); err != nil {
		return fmt.Errorf("read lines of payments: %w", err)
	}
	if _, err := r.tx.Exec(ctx, `SELECT set_config('enable_nestloop', 'on', true), set_config('enable_mergejoin', 'on', true)`); err != nil {
		return fmt.Errorf("set up join: %w", err)
	}
	return nil
}
