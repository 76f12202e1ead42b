package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// PaymentKey identifies a payment within a region.
type PaymentKey struct {
	Batch     int32
	File, Seq int
}

// OpenRow is a payment without a final answer, as OpenPage lists it.
type OpenRow struct {
	PaymentKey
	approval.Payment
	Answer bank.Outcome // Unknown; 0: the bank has not answered
	Code   string
	Reason string
	At     time.Time // of that answer; zero: none
	Who    string    // the person's current name; for an institution or bureau the payee
}

// OpenPage returns a page of open payments of the files (their Seq is ignored), by key; after
// is the cursor. Every file is searched, so pass only those that have open payments.
func OpenPage(ctx context.Context, db *postgres.DB, region int32, files []PaymentKey, after PaymentKey, limit int) ([]OpenRow, error) {
	batches, numbers, _ := splitKeys(files)
	var all []OpenRow
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT o.*, coalesce((SELECT name FROM person h WHERE h.region = $1 AND h.person = o.person ORDER BY h.rev DESC LIMIT 1), o.payee) FROM (
			SELECT p.batch, p.file, p.seq, coalesce(p.person, 0) AS person, p.payee, p.item, p.amount, p.bank, p.account, p.holder, p.id_number,
			       coalesce(r.outcome, 0), coalesce(r.code, ''), coalesce(r.reason, ''), coalesce(j.at, '0001-01-01 00:00:00Z')
			FROM unnest($2::int[], $3::int[]) AS w (batch, file) JOIN payment p ON p.region = $1 AND p.batch = w.batch AND p.file = w.file
			LEFT JOIN LATERAL (
			    SELECT outcome, code, reason, rev FROM payment_result r
			    WHERE r.region = p.region AND r.batch = p.batch AND r.file = p.file AND r.seq = p.seq ORDER BY rev DESC LIMIT 1) r ON true
			LEFT JOIN journal j ON j.region = p.region AND j.rev = r.rev
			WHERE (r.outcome IS NULL OR r.outcome = 3) AND (p.batch, p.file, p.seq) > ($4, $5, $6)
			ORDER BY p.batch, p.file, p.seq LIMIT $7) o ORDER BY o.batch, o.file, o.seq`,
			region, batches, numbers, after.Batch, after.File, after.Seq, limit)
		if err != nil {
			return fmt.Errorf("read unsettled payments: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p OpenRow, err error) {
			at := &p.PaymentKey
			err = row.Scan(&at.Batch, &at.File, &at.Seq, &p.Person, &p.Payee, &p.Item, &p.Amount, &p.Account.Bank, &p.Account.Number,
				&p.Account.Holder, &p.ID, &p.Answer, &p.Code, &p.Reason, &p.At, &p.Who)
			p.Payment.File, p.Payment.Seq = at.File, at.Seq
			return p, err
		})
		if err != nil {
			return fmt.Errorf("read unsettled payments: %w", err)
		}
		return nil
	})
	return all, err
}

// FailedPayment is a payment that a bank refused, with the later attempts to pay its lines.
type FailedPayment struct {
	PaymentKey
	approval.Payment
	Bureau string
	N      int    // of the batch in its month
	Number string // of the bank file
	Code   string
	Reason string
	At     time.Time // of the answer
	Trail  []bank.ReconcileAgain
	Retry  *RetryQuestion // nil: no decision about the account is due
}

// RetryQuestion is the finding that asks staff whether to retry a refused account.
type RetryQuestion struct {
	Finding  string
	Batch    payrun.Batch // with the finding
	Decided  bool
	Released bool // by the last decision: the account is retried
}

// FailedPayments returns the payments of a month's batches that banks refused, of a bureau.
func FailedPayments(ctx context.Context, db *postgres.DB, region int32, m month.Month, bureau string) ([]FailedPayment, error) {
	var all []FailedPayment
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = refusedPayments(ctx, scope.Tx, `b.month = $2 AND b.bureau = $3 ORDER BY b.n, p.file, p.seq`, region, postgres.FirstDay(m), bureau)
		if err != nil {
			return err
		}
		return addTrails(ctx, scope, m, bureau, all, nil)
	})
	return all, err
}

// FailedPage returns a page of payments that banks refused, of files of a month (their Seq is
// ignored), by key; after is the cursor. Pass only files that have some, as to OpenPage.
func FailedPage(ctx context.Context, db *postgres.DB, region int32, m month.Month, files []PaymentKey, after PaymentKey, limit int) ([]FailedPayment, error) {
	batches, numbers, _ := splitKeys(files)
	var all []FailedPayment
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = refusedPayments(ctx, scope.Tx, `(r.batch, r.file, r.seq) IN (
			SELECT x.batch, x.file, x.seq FROM unnest($2::int[], $3::int[]) AS w (batch, file), LATERAL (
			    SELECT batch, file, seq FROM payment_result f WHERE f.region = $1 AND f.batch = w.batch AND f.file = w.file AND f.outcome = 2
			      AND (f.batch, f.file, f.seq) > ($4, $5, $6) ORDER BY f.batch, f.file, f.seq LIMIT $7) x
			ORDER BY 1, 2, 3 LIMIT $7) ORDER BY p.batch, p.file, p.seq`, region, batches, numbers, after.Batch, after.File, after.Seq, limit)
		if err != nil {
			return err
		}
		byBureau := map[string][]int{}
		for i := range all {
			byBureau[all[i].Bureau] = append(byBureau[all[i].Bureau], i)
		}
		for bureau, places := range byBureau {
			var some []FailedPayment
			var only []PaymentKey
			for _, i := range places {
				some, only = append(some, all[i]), append(only, all[i].PaymentKey)
			}
			if err := addTrails(ctx, scope, m, bureau, some, only); err != nil {
				return err
			}
			for k, i := range places {
				all[i] = some[k]
			}
		}
		return nil
	})
	return all, err
}

// addTrails adds the later attempts to a bureau's failed payments; only are their keys, nil
// where all of the month's are meant.
func addTrails(ctx context.Context, scope postgres.Scope, m month.Month, bureau string, all []FailedPayment, only []PaymentKey) error {
	if len(all) == 0 {
		return nil
	}
	r := reconciler{tx: scope.Tx, args: []any{scope.Region, postgres.FirstDay(m), bureau}, only: only, out: &bank.Reconciliation{}}
	if err := r.trail(ctx); err != nil {
		return err
	}
	trails := map[[3]int][]bank.ReconcileAgain{}
	for _, t := range r.out.Trail {
		at := [3]int{t.N, t.File, t.Seq}
		trails[at] = append(trails[at], t)
	}
	for i := range all {
		at := &all[i].PaymentKey
		all[i].Trail = trails[[3]int{all[i].N, at.File, at.Seq}]
	}
	return addRetries(ctx, scope, bureau, all)
}

// refusedPayments reads failed payments of approved batches; where has conditions and order.
func refusedPayments(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]FailedPayment, error) {
	rows, err := tx.Query(ctx, `
		SELECT p.batch, p.file, p.seq, coalesce(p.person, 0), p.payee, p.item, p.amount, p.bank, p.account, p.holder, p.id_number,
		       b.bureau, b.n, f.number, r.code, r.reason, j.at
		FROM batch b JOIN payment_result r USING (region, batch) JOIN payment p USING (region, batch, file, seq)
		JOIN payment_file f USING (region, batch, file) JOIN journal j ON j.region = r.region AND j.rev = r.rev
		WHERE b.region = $1 AND b.state = 'approved' AND r.outcome = 2 AND `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read failed payments: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p FailedPayment, err error) {
		at := &p.PaymentKey
		err = row.Scan(&at.Batch, &at.File, &at.Seq, &p.Person, &p.Payee, &p.Item, &p.Amount, &p.Account.Bank, &p.Account.Number,
			&p.Account.Holder, &p.ID, &p.Bureau, &p.N, &p.Number, &p.Code, &p.Reason, &p.At)
		p.Payment.File, p.Payment.Seq = at.File, at.Seq
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read failed payments: %w", err)
	}
	return all, nil
}

// addRetries adds the findings about refused accounts in the bureau's latest batch. A
// finding's id contains the last failed payment to the account, by which it is looked up.
func addRetries(ctx context.Context, scope postgres.Scope, bureau string, all []FailedPayment) error {
	accounts := make([]string, len(all))
	for i := range all {
		accounts[i] = all[i].Account.Number
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (p.bank, p.account, p.holder) r.account, f.number || '/' || r.seq
		FROM payment_result r JOIN payment p USING (region, batch, file, seq) JOIN payment_file f USING (region, batch, file)
		WHERE r.region = $1 AND r.outcome = 2 AND r.account = ANY($2)
		ORDER BY p.bank, p.account, p.holder, r.rev DESC, r.batch DESC, r.file DESC, r.seq DESC`, scope.Region, accounts)
	if err != nil {
		return fmt.Errorf("read refused accounts: %w", err)
	}
	var ids []string
	var of []string // the account of each
	var account, payment string
	_, err = pgx.ForEachRow(rows, []any{&account, &payment}, func() error {
		ids, of = append(ids, engine.RefusedID(account, payment)), append(of, account)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read refused accounts: %w", err)
	}
	asked, err := retryQuestions(ctx, scope, bureau, ids)
	if err != nil {
		return err
	}
	byAccount := map[string]*RetryQuestion{}
	for i, id := range ids {
		if q, is := asked[id]; is {
			byAccount[of[i]] = &q
		}
	}
	for i := range all {
		all[i].Retry = byAccount[all[i].Account.Number]
	}
	return nil
}

// retryQuestions returns those of the findings, by id, that the bureau's latest batch has
// about refused accounts.
func retryQuestions(ctx context.Context, scope postgres.Scope, bureau string, ids []string) (map[string]RetryQuestion, error) {
	b, err := batches.QueryOne(ctx, scope.Tx, `AND b.bureau = $2 AND b.state <> 'voided' AND `+batches.NotWithdrawn+` ORDER BY b.month DESC, b.n DESC LIMIT 1`, scope.Region, bureau)
	if err != nil {
		return nil, err
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT f.id, d.release IS NOT NULL, coalesce(d.release, false)
		FROM finding f LEFT JOIN LATERAL (SELECT release FROM decision d WHERE d.region = f.region AND d.id = f.id ORDER BY rev DESC LIMIT 1) d ON true
		WHERE f.region = $1 AND f.batch = $2 AND f.kind = $3 AND f.id = ANY ($4)`, scope.Region, b.Number, payrun.RefusedAccount, ids)
	if err != nil {
		return nil, fmt.Errorf("read questions of refused accounts: %w", err)
	}
	asked := map[string]RetryQuestion{}
	q := RetryQuestion{Batch: b}
	_, err = pgx.ForEachRow(rows, []any{&q.Finding, &q.Decided, &q.Released}, func() error {
		asked[q.Finding] = q
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read questions of refused accounts: %w", err)
	}
	return asked, nil
}
