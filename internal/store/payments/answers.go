package payments

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// SumAnswersSQL sums the banks' answers per file, from the answers themselves. $1 is the
// region; %s takes further conditions on payment_result. The last answer to a payment counts;
// an answer without a payment does not.
const SumAnswersSQL = `
	SELECT r.region, r.batch, r.file, count(*) FILTER (WHERE outcome = 1), coalesce(sum(amount) FILTER (WHERE outcome = 1), 0)::bigint,
	       count(*) FILTER (WHERE outcome = 2), coalesce(sum(amount) FILTER (WHERE outcome = 2), 0)::bigint,
	       count(*) FILTER (WHERE outcome = 3), coalesce(sum(amount) FILTER (WHERE outcome = 3), 0)::bigint
	FROM (SELECT DISTINCT ON (batch, file, seq) region, batch, file, seq, outcome FROM payment_result
	      WHERE region = $1%s ORDER BY batch, file, seq, rev DESC) r
	JOIN payment p ON p.region = r.region AND p.batch = r.batch AND p.file = r.file AND p.seq = r.seq
	GROUP BY r.region, r.batch, r.file`

// sumAnswers updates answer_sum, a cache of sums for pages, for the files with new answers.
// Each of these files is summed again as a whole, so that a wrong sum does not persist.
func sumAnswers(ctx context.Context, scope postgres.Scope, taken []answer) error {
	type place struct {
		batch int32
		file  int
	}
	done := map[place]bool{}
	for i := range taken {
		at := place{taken[i].batch.Number, taken[i].file}
		if done[at] {
			continue
		}
		done[at] = true
		_, err := scope.Tx.Exec(ctx, `
			INSERT INTO answer_sum (region, batch, file, paid, paid_amount, failed, failed_amount, unknown, unknown_amount) `+
			fmt.Sprintf(SumAnswersSQL, ` AND batch = $2 AND file = $3`)+`
			ON CONFLICT (region, batch, file) DO UPDATE SET paid = excluded.paid, paid_amount = excluded.paid_amount, failed = excluded.failed,
			    failed_amount = excluded.failed_amount, unknown = excluded.unknown, unknown_amount = excluded.unknown_amount`,
			scope.Region, at.batch, int16(at.file))
		if err != nil {
			return fmt.Errorf("add up answers: %w", err)
		}
	}
	return nil
}

// ReadAnswers sums the answers to a batch's payments.
func ReadAnswers(ctx context.Context, scope postgres.Scope, batch int32) (Answers, error) {
	files, err := answeredFiles(ctx, scope, []int32{batch})
	var a Answers
	for i := range files {
		a.Add(files[i].Answers)
	}
	return a, err
}

func (s *Sum) add(x Sum) {
	s.Payments += x.Payments
	s.Amount = s.Amount.Add(x.Amount)
}

func answeredFiles(ctx context.Context, scope postgres.Scope, batches []int32) ([]AnsweredFile, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT batch, file, number, bank, rows, amount, coalesce(paid, 0), coalesce(paid_amount, 0), coalesce(failed, 0), coalesce(failed_amount, 0),
		       coalesce(unknown, 0), coalesce(unknown_amount, 0)
		FROM payment_file LEFT JOIN answer_sum USING (region, batch, file) WHERE region = $1 AND batch = ANY ($2) ORDER BY batch, file`, scope.Region, batches)
	if err != nil {
		return nil, fmt.Errorf("read bank files: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanAnsweredFile)
	if err != nil {
		return nil, fmt.Errorf("read bank files: %w", err)
	}
	return all, nil
}

// Answers counts payments by the banks' last answers; None: without an answer.
type Answers struct{ All, Paid, Failed, Unknown, None Sum }

// Open returns the number of payments without a final answer.
func (a Answers) Open() int { return a.Unknown.Payments + a.None.Payments }

// Add adds the counts of x, of other payments.
func (a *Answers) Add(x Answers) {
	a.All.add(x.All)
	a.Paid.add(x.Paid)
	a.Failed.add(x.Failed)
	a.Unknown.add(x.Unknown)
	a.None.add(x.None)
}
