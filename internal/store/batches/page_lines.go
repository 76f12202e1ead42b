package batches

import (
	"context"
	"errors"
	"fmt"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// ErrRecomputed is wrapped by the refusal to read a batch that a run has replaced since it
// was read: readers may retry from the start.
var ErrRecomputed = errors.New("batch was computed again")

// ReadUnchanged reads b again within the transaction, and refuses (fault.Refused, wrapping
// ErrRecomputed) when its digest has changed: a page must not mix two computations. The
// state may have changed, and with it the table of the lines.
func ReadUnchanged(ctx context.Context, scope postgres.Scope, b payrun.Batch) (payrun.Batch, error) {
	now, err := ByNumber(ctx, scope, b.Number)
	if err == nil && now.Digest != b.Digest {
		return now, fault.Wrap(ErrRecomputed, fault.Refused, "%s刚刚重新计算过，请重新打开这一页，看新的结果", approval.Title(b))
	}
	return now, err
}

// LineSummary is the part of a line by which pages count and filter. Its texts are valid until
// the next line.
type LineSummary struct {
	Person             int64
	Item, Street, Bank []byte
	Name               []byte
	Kind               payrun.Kind
	Hold               payrun.Hold
	Amount             money.Fen
}

// EachLineSummary streams the lines of a batch to fn in the order of Line.Compare. fn must
// not use db. Errors: fault.Refused when the batch was computed again since b was read.
func EachLineSummary(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, fn func(*LineSummary)) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		b, err := ReadUnchanged(ctx, scope, b)
		if err != nil {
			return err
		}
		sql := fmt.Sprintf(`COPY (SELECT person, item, street, bank, name, kind, hold, amount FROM %s WHERE region = %d AND batch = %d
			ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, LineTable(b), region, b.Number)
		return postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
			for r.Next() {
				fn(&LineSummary{Person: r.Int64(0), Item: r.Bytes(1), Street: r.Bytes(2), Bank: r.Bytes(3), Name: r.Bytes(4),
					Kind: payrun.Kind(r.Int16(5)), Hold: payrun.Hold(r.Int16(6)), Amount: money.Fen(r.Int64(7))})
			}
			return r.Err()
		})
	})
}

// LinesOfPeople returns a batch's lines of some people, given in ascending order, in the
// order of Line.Compare. Errors as EachLineSummary.
func LinesOfPeople(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, people []int64) ([]payrun.Line, error) {
	var lines []payrun.Line
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		b, err := ReadUnchanged(ctx, scope, b)
		if err != nil {
			return err
		}
		lines, err = LinesOfPeopleIn(ctx, scope, b, people)
		return err
	})
	return lines, err
}

// LinesOfPeopleIn is LinesOfPeople in a transaction, without the check for recomputation.
func LinesOfPeopleIn(ctx context.Context, scope postgres.Scope, b payrun.Batch, people []int64) ([]payrun.Line, error) {
	sql := fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE region = %d AND batch = %d AND person = ANY (%s)
		ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, LineColumns, LineTable(b), scope.Region, b.Number, postgres.ArrayText(people))
	var lines []payrun.Line
	err := postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			lines = append(lines, DecodeLine(r))
		}
		return r.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read lines of batch %d: %w", b.Number, err)
	}
	return lines, nil
}
