package batches

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// SentAction is the journal's action for handing a batch to the banks.
const SentAction = "登记送银行"

// SelectBatch selects batches for ScanBatch; $1 is the region. Append conditions with AND.
const SelectBatch = `
	SELECT b.batch, b.month, b.bureau, b.n, b.state, b.round, b.revision, b.pack, r.opening_month,
	       b.digest, b.lines, b.heads, b.pays, b.held,
	       EXISTS (SELECT FROM batch a WHERE a.region = b.region AND a.month = b.month AND a.bureau = b.bureau AND a.n < b.n AND a.state = 'approved')
	FROM batch b JOIN region r USING (region) WHERE b.region = $1 `

// ScanBatch scans a row of SelectBatch.
func ScanBatch(row pgx.CollectableRow) (payrun.Batch, error) {
	var b payrun.Batch
	var paid time.Time
	var opening *time.Time
	err := row.Scan(&b.Number, &paid, &b.Bureau, &b.N, &b.State, &b.Round, &b.Revision, &b.Pack, &opening,
		&b.Digest, &b.Lines, &b.Heads, &b.Pays, &b.Held, &b.Extra)
	b.Month = month.FromTime(paid).Month()
	if opening != nil {
		b.Opening = month.FromTime(*opening).Month()
	}
	return b, err
}

// OfMonth returns all batches of a month by bureau and number.
func OfMonth(ctx context.Context, db *postgres.DB, region int32, m month.Month) ([]payrun.Batch, error) {
	var all []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, SelectBatch+`AND b.month = $2 ORDER BY b.bureau, b.n`, region, postgres.FirstDay(m))
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		if all, err = pgx.CollectRows(rows, ScanBatch); err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		return nil
	})
	return all, err
}

// Latest returns a bureau's latest batch of a month. Errors: fault.NotFound.
func Latest(ctx context.Context, db *postgres.DB, region int32, m month.Month, bureau string) (payrun.Batch, error) {
	var b payrun.Batch
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		b, err = LatestIn(ctx, scope, m, bureau)
		return err
	})
	return b, err
}

// LatestIn is Latest in a transaction.
func LatestIn(ctx context.Context, scope postgres.Scope, m month.Month, bureau string) (payrun.Batch, error) {
	b, err := QueryOne(ctx, scope.Tx, `AND b.month = $2 AND b.bureau = $3 ORDER BY b.n DESC LIMIT 1`, scope.Region, postgres.FirstDay(m), bureau)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, fault.New(fault.NotFound, "%s%s还没有批次，请核对部门和月份，或先运行该月", bureau, m.Chinese())
	}
	return b, err
}

// ByNumber returns a batch by its number in the region. Errors: pgx.ErrNoRows.
func ByNumber(ctx context.Context, scope postgres.Scope, batch int32) (payrun.Batch, error) {
	return QueryOne(ctx, scope.Tx, `AND b.batch = $2`, scope.Region, batch)
}

// QueryOne returns the batch of SelectBatch with the conditions in where. Errors:
// pgx.ErrNoRows, for callers to turn into a sentence.
func QueryOne(ctx context.Context, tx pgx.Tx, where string, args ...any) (payrun.Batch, error) {
	rows, err := tx.Query(ctx, SelectBatch+where, args...)
	if err != nil {
		return payrun.Batch{}, fmt.Errorf("read batch: %w", err)
	}
	b, err := pgx.CollectExactlyOneRow(rows, ScanBatch)
	if err != nil {
		return b, fmt.Errorf("read batch: %w", err)
	}
	return b, nil
}

// Signatures returns the signatures and returns (退回) of a batch, by revision.
func Signatures(ctx context.Context, db *postgres.DB, region, batch int32) ([]approval.Signature, error) {
	var all []approval.Signature
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = SignaturesIn(ctx, scope, batch)
		return err
	})
	return all, err
}

// SignaturesIn is Signatures in a transaction.
func SignaturesIn(ctx context.Context, scope postgres.Scope, batch int32) ([]approval.Signature, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT batch, round, post, actor, at, rev, digest, reason FROM signature
		WHERE region = $1 AND batch = $2 ORDER BY rev`, scope.Region, batch)
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval.Signature])
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	return all, nil
}

// PaymentFiles returns the bank files of an approved batch in order.
func PaymentFiles(ctx context.Context, db *postgres.DB, region, batch int32) ([]approval.PaymentFile, error) {
	var all []approval.PaymentFile
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT batch, file, number, bank, rows, amount FROM payment_file
			WHERE region = $1 AND batch = $2 ORDER BY file`, region, batch)
		if err != nil {
			return fmt.Errorf("read payment files: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[approval.PaymentFile]); err != nil {
			return fmt.Errorf("read payment files: %w", err)
		}
		return nil
	})
	return all, err
}

// Payments streams the payments of a bank file to fn by 序号, and stops at fn's first error.
// fn must not use db: it runs within a transaction (see DB.Read).
func Payments(ctx context.Context, db *postgres.DB, region int32, file approval.PaymentFile, fn func(approval.Payment) error) error {
	return db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT file, seq, coalesce(person, 0), payee, item, amount, bank, account, holder, id_number
			FROM payment WHERE region = $1 AND batch = $2 AND file = $3 ORDER BY seq`, region, file.Batch, file.File)
		if err != nil {
			return fmt.Errorf("read payments: %w", err)
		}
		var p approval.Payment
		_, err = pgx.ForEachRow(rows, []any{&p.File, &p.Seq, &p.Person, &p.Payee, &p.Item, &p.Amount,
			&p.Account.Bank, &p.Account.Number, &p.Account.Holder, &p.ID}, func() error { return fn(p) })
		return err
	})
}

// NotWithdrawn is the SQL condition that a batch's run was not discarded (see
// payrun.Batch.Withdrawn): queries for the latest month, or that count months, need it.
const NotWithdrawn = `NOT (state = 'carried' AND lines = 0)`
