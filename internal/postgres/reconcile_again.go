package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// laterLine is a line that may pay a failed one again.
type laterLine struct {
	revision int64 // what its batch knew
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

// failedLine is a line of a failed payment with what comes after it.
type failedLine struct {
	first  bank.ReconcileAgain
	batch  int32
	person int64
	failed int64 // revision
	later  []laterLine
}

// trail follows what failed. Lines of the same due in batches that did not know of the
// failure pay something else, a difference: they are passed over.
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
		r.out.Trail = append(r.out.Trail, l.follow()...)
	}
	return nil
}

// follow makes the entries of one line.
func (l *failedLine) follow() []bank.ReconcileAgain {
	var all []bank.ReconcileAgain
	known := l.failed
	for i, x := range l.later {
		waits := x.number == "" && (x.hold != 0 || x.again.State != payrun.Approved)
		if x.revision < known || (waits && i < len(l.later)-1) { // a wait that has come to an end is no news
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

// The failed payments of the month, with whose lines they carried: all of them at once, or
// some, whose people payment has but for institutions'.
const (
	failedOfAll = `, carried AS MATERIALIZED (
		    SELECT DISTINCT batch, n, file, seq, r.rev, r.code, r.reason, l.person
		    FROM payment_result r JOIN mine USING (region, batch) JOIN line l USING (region, batch, file, seq) WHERE outcome = 2
		)`
	failedAmong = `, failed AS MATERIALIZED (
		    SELECT batch, n, file, seq, r.rev, r.code, r.reason, p.person
		    FROM unnest($4::int[], $5::int[], $6::int[]) AS w (batch, file, seq) JOIN mine USING (batch)
		    JOIN payment_result r USING (region, batch, file, seq) JOIN payment p USING (region, batch, file, seq) WHERE outcome = 2
		), carried AS MATERIALIZED (
		    SELECT batch, n, file, seq, rev, code, reason, person FROM failed WHERE person IS NOT NULL
		    UNION ALL
		    SELECT DISTINCT batch, n, file, seq, rev, code, reason, l.person
		    FROM failed f JOIN line l USING (batch, file, seq) WHERE f.person IS NULL AND l.region = $1
		)`
)

// splitPlaces splits places into columns for SQL's unnest.
func splitPlaces(all []PaymentPlace) (batches, files, seqs []int32) {
	for _, p := range all {
		batches, files, seqs = append(batches, p.Batch), append(files, int32(p.File)), append(seqs, int32(p.Seq))
	}
	return batches, files, seqs
}

// failedLines reads the lines of the month's failed payments, each with later lines of
// the same due. 扣回 is worked out anew by each run, so nothing is looked for after it.
func (r *reconciler) failedLines(ctx context.Context) ([]failedLine, error) {
	which, args := failedOfAll, r.args
	if r.only != nil {
		batches, files, seqs := splitPlaces(r.only)
		which, args = failedAmong, append(slices.Clone(r.args), batches, files, seqs)
	}
	rows, err := r.tx.Query(ctx, reconcileMine+`, `+survivorsCTE+which+`, drafts AS MATERIALIZED (
		    SELECT region, batch, month, n, revision, state FROM batch
		    WHERE region = $1 AND bureau = $3 AND state NOT IN ('approved', 'voided', 'carried')
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
		ORDER BY f.n, f.file, f.seq, l.person, l.item, l.payee, l.month, l.kind, l.against, a.batch`, args...)
	if err != nil {
		return nil, fmt.Errorf("reconcile failed payments: %w", err)
	}
	var all []failedLine
	var f failedLine
	var paid, in scannedMonth
	var found bool
	var x laterLine
	e := &f.first
	_, err = pgx.ForEachRow(rows, []any{&f.batch, &e.N, &e.File, &e.Seq, &f.failed, &e.Code, &e.Reason, &f.person, &e.Name, &e.Item, &e.Payee,
		&paid.day, &e.Kind, &e.Amount, &found, &in.day, &x.again.N, &x.again.State, &x.revision, &x.number, &x.row, &x.due, &x.hold, &x.sent,
		&x.answer, &x.answered, &x.why}, func() error {
		e.Month = paid.month()
		if n := len(all); n == 0 || all[n-1].first != *e || all[n-1].person != f.person || e.Kind == payrun.Recovery {
			all = append(all, f)
		}
		if found {
			x.again.Month = in.month()
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
