package payments

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// resultAction is the journal's action for importing a result file.
const resultAction = "登记回盘"

// ResultOrder asks for a bank's result file (回盘) to be imported.
type ResultOrder struct {
	Region int32
	Bureau string // rows of other bureaus' files are refused; empty: any bureau
	File   *bank.Results
	Codes  bank.Codes
	By     journal.By
	DryRun bool // do the work and roll it back
}

// ResultReport is the outcome of importing a result file, by rows.
type ResultReport struct {
	Rev      int64                // in a dry run the one it would be; 0: nothing new
	Taken    map[bank.Outcome]Sum // accepted
	Undone   int                  // lines of failed payments, which are due again
	Repeated []bank.ResultProblem // rows equal to an earlier answer
	Refused  []bank.ResultProblem // other rows without effect, unreadable ones first
	Codes    []bank.ResultProblem // rows accepted as unknown, because no table has their code
}

// Sum is a number of payments and their total amount.
type Sum struct {
	Payments int
	Amount   money.Fen
}

// BankResult imports a bank's answers in one change of the region. A row is matched by file
// number and 序号 and must agree in account and amount; other rows are refused. A failed
// payment reverses in the ledger every line that it paid, so that all of it is due again,
// and its account counts as refused. It is idempotent: a file without news uses no revision.
// Errors: those of Change.
func BankResult(ctx context.Context, db *postgres.DB, o ResultOrder) (*ResultReport, error) {
	var report *ResultReport
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		s := rowSorter{order: &o, report: &ResultReport{Taken: map[bank.Outcome]Sum{}, Refused: slices.Clone(o.File.Problems)}}
		report = s.report
		paid, err := matchRows(ctx, scope, o.File.Rows)
		if err != nil {
			return journal.Entry{}, err
		}
		taken := s.sort(paid)
		if len(taken) == 0 {
			return journal.Entry{}, postgres.ErrNoChange
		}
		if err := insertResults(ctx, scope, taken); err != nil {
			return journal.Entry{}, err
		}
		if err := sumAnswers(ctx, scope, taken); err != nil {
			return journal.Entry{}, err
		}
		if report.Undone, err = undoFailed(ctx, scope, taken); err != nil {
			return journal.Entry{}, err
		}
		report.Rev = scope.Rev
		if o.DryRun {
			return journal.Entry{}, postgres.ErrDryRun
		}
		return journal.Entry{Action: resultAction, Subject: o.File.Name, Digest: o.File.SHA256, Summary: report.summary()}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return report, nil
}

func (r *ResultReport) summary() string {
	s := ""
	for _, o := range []bank.Outcome{bank.Paid, bank.Failed, bank.Unknown} {
		s += fmt.Sprintf("%s付款 %d 笔 %s 元，", o, r.Taken[o].Payments, r.Taken[o].Amount.Grouped())
	}
	return fmt.Sprintf("%s退回 %d 行", s, len(r.Refused))
}

// FilePayments returns the number of payments in the bank file with the number, 0 where there
// is none: the limit of answers in a result file for it.
func FilePayments(ctx context.Context, db *postgres.DB, region int32, number string) (int, error) {
	var payments int
	err := db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT f.rows FROM payment_file f WHERE f.region = $1 AND f.number = $2`, region, number).Scan(&payments)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read bank file: %w", err)
		}
		return nil
	})
	return payments, err
}

// matchedRow is a row of a result file with the stored payment that it names.
type matchedRow struct {
	bank.ResultRow
	batch   payrun.Batch // Number 0: there is no file of this number
	sent    bool
	file    int
	bank    string
	payment bool // the file has a row of this 序号
	account string
	amount  money.Fen
	before  bank.Outcome // the last answer; 0: none
	code    string
	reason  string
}

// matchRows looks up the payments of rows, in the order of the rows.
func matchRows(ctx context.Context, scope postgres.Scope, rows []bank.ResultRow) ([]matchedRow, error) {
	numbers, seqs := make([]string, len(rows)), make([]int32, len(rows))
	for i, r := range rows {
		numbers[i], seqs[i] = r.Number, int32(r.Seq)
	}
	found, err := scope.Tx.Query(ctx, `
		SELECT w.i, coalesce(b.batch, 0), coalesce(b.month, 'epoch'::date), coalesce(b.bureau, ''), coalesce(b.n, 0), coalesce(b.state, ''),
		       b.sent_rev IS NOT NULL, coalesce(f.file, 0), coalesce(f.bank, ''), p.seq IS NOT NULL, coalesce(p.account, ''),
		       coalesce(p.amount, 0), coalesce(r.outcome, 0), coalesce(r.code, ''), coalesce(r.reason, '')
		FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS w (number, seq, i)
		LEFT JOIN payment_file f ON f.region = $1 AND f.number = w.number
		LEFT JOIN batch b ON b.region = $1 AND b.batch = f.batch
		LEFT JOIN payment p ON p.region = $1 AND p.batch = f.batch AND p.file = f.file AND p.seq = w.seq
		LEFT JOIN LATERAL (
		    SELECT outcome, code, reason FROM payment_result r
		    WHERE r.region = $1 AND r.batch = p.batch AND r.file = p.file AND r.seq = p.seq ORDER BY rev DESC LIMIT 1) r ON true`,
		pgx.QueryExecModeExec, scope.Region, numbers, seqs)
	if err != nil {
		return nil, fmt.Errorf("read payments of results: %w", err)
	}
	all := make([]matchedRow, len(rows))
	var i int64
	var a matchedRow
	var m postgres.ScannedMonth
	_, err = pgx.ForEachRow(found, []any{&i, &a.batch.Number, &m.Day, &a.batch.Bureau, &a.batch.N, &a.batch.State, &a.sent, &a.file, &a.bank,
		&a.payment, &a.account, &a.amount, &a.before, &a.code, &a.reason}, func() error {
		a.batch.Month = m.Month()
		a.ResultRow = rows[i-1]
		all[i-1] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read payments of results: %w", err)
	}
	return all, nil
}

// answer is an accepted row.
type answer struct {
	matchedRow
	outcome bank.Outcome
}

// insertResults inserts the answers with one COPY.
func insertResults(ctx context.Context, scope postgres.Scope, taken []answer) error {
	_, err := scope.Tx.CopyFrom(ctx, pgx.Identifier{"payment_result"},
		[]string{"region", "batch", "file", "seq", "rev", "outcome", "code", "reason", "account"},
		pgx.CopyFromSlice(len(taken), func(i int) ([]any, error) {
			a := &taken[i]
			return []any{scope.Region, a.batch.Number, int16(a.file), int32(a.Seq), scope.Rev, int16(a.outcome), a.Code, a.Reason, a.account}, nil
		}))
	if err != nil {
		return fmt.Errorf("insert payment results: %w", err)
	}
	return nil
}

// undoFailed reverses in the ledger every line of the payments that failed at this revision,
// and returns how many lines that is. Lines of merged records are reversed for the survivor,
// to whom merging moved the settled amounts. Invariant, checked: the amount reversed equals
// the amount of the failed payments.
func undoFailed(ctx context.Context, scope postgres.Scope, answers []answer) (lines int, err error) {
	var batches []int32
	for i := range answers {
		if b := answers[i].batch.Number; !slices.Contains(batches, b) {
			batches = append(batches, b)
		}
	}
	// Right after an approval there are no statistics of the batch's lines, and the planner
	// would choose a nested loop: hours, where a hash join takes a second.
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL enable_nestloop = off`); err != nil {
		return 0, fmt.Errorf("set up join: %w", err)
	}
	var taken, failed money.Fen
	err = scope.Tx.QueryRow(ctx, `
		WITH RECURSIVE failed AS MATERIALIZED (
		    SELECT batch, file, seq FROM payment_result WHERE region = $1 AND rev = $2 AND outcome = 2
		), carried AS MATERIALIZED (
		    SELECT l.* FROM line l JOIN failed USING (batch, file, seq) WHERE l.region = $1 AND l.batch = ANY ($3)
		), `+people.SurvivorsCTE+`, entered AS (
		    INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		    SELECT $1, coalesce(survivor, person), item, payee, month, $2, against, 2, -sum(amount), batch
		    FROM carried LEFT JOIN became USING (person)
		    GROUP BY coalesce(survivor, person), item, payee, month, against, batch HAVING sum(amount) <> 0
		    RETURNING amount)
		SELECT (SELECT count(*) FROM carried), (SELECT coalesce(sum(amount), 0)::bigint FROM entered),
		       (SELECT coalesce(sum(amount), 0)::bigint FROM payment JOIN failed USING (batch, file, seq) WHERE region = $1 AND batch = ANY ($3))`,
		pgx.QueryExecModeExec, scope.Region, scope.Rev, batches).Scan(&lines, &taken, &failed)
	if err != nil {
		return 0, fmt.Errorf("undo failed payments: %w", err)
	}
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL enable_nestloop TO DEFAULT`); err != nil {
		return 0, fmt.Errorf("set up join: %w", err)
	}
	if taken != -failed {
		return 0, fmt.Errorf("undo failed payments: %s yuan failed, lines of %s yuan undone", failed, -taken)
	}
	return lines, nil
}

// title names a bank file's batch in sentences.
func (a *matchedRow) title() string { return approval.Title(a.batch) }
