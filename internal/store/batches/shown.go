package batches

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// BatchRow is a batch as lists of batches show it.
type BatchRow struct {
	payrun.Batch
	SentAt time.Time // zero: not handed to the bank
}

// From returns the batches of the months from first to last, the latest month
// first; bureau and state "": all.
func From(ctx context.Context, db *postgres.DB, region int32, first, last month.Month, bureau string, state payrun.State) ([]BatchRow, error) {
	var all []BatchRow
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		rows, err := scope.Tx.Query(ctx, SelectBatch+`AND b.month BETWEEN $2 AND $3 AND ($4 = '' OR b.bureau = $4) AND ($5 = '' OR b.state = $5)
			ORDER BY b.month DESC, b.bureau, b.n DESC`, region, postgres.FirstDay(first), postgres.FirstDay(last), bureau, string(state))
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		found, err := pgx.CollectRows(rows, ScanBatch)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		sent, err := batchesSent(ctx, scope, first, last)
		for _, b := range found {
			all = append(all, BatchRow{b, sent[b.Number]})
		}
		return err
	})
	return all, err
}

// batchesSent says when the batches of the months were handed to the banks.
func batchesSent(ctx context.Context, scope postgres.Scope, first, last month.Month) (map[int32]time.Time, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT b.batch, j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev
		WHERE b.region = $1 AND b.month BETWEEN $2 AND $3`, scope.Region, postgres.FirstDay(first), postgres.FirstDay(last))
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	all := map[int32]time.Time{}
	var batch int32
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&batch, &at}, func() error {
		all[batch] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	return all, nil
}

// NextBatch returns the bureau's batch after b, of the same month or a later one; nil:
// b is the last.
func NextBatch(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (*payrun.Batch, error) {
	var found []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, SelectBatch+`AND b.bureau = $2 AND (b.month, b.n) > ($3, $4) ORDER BY b.month, b.n LIMIT 1`,
			region, b.Bureau, postgres.FirstDay(b.Month), b.N)
		if err != nil {
			return fmt.Errorf("read next batch: %w", err)
		}
		if found, err = pgx.CollectRows(rows, ScanBatch); err != nil {
			return fmt.Errorf("read next batch: %w", err)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ErrComputedAgain is behind the refusal to read what a run has replaced since the batch was
// read: who only looks may begin again.
var ErrComputedAgain = errors.New("batch was computed again")

// AsShown reads a batch again within tx, and refuses when what it holds is not what b
// says: a page must not mix two computations. Its state may have moved on, and with it
// the table that its lines are in.
func AsShown(ctx context.Context, scope postgres.Scope, b payrun.Batch) (payrun.Batch, error) {
	now, err := BatchByNumber(ctx, scope, b.Number)
	if err == nil && now.Digest != b.Digest {
		return now, fault.Wrap(ErrComputedAgain, fault.Refused, "%s刚刚重新计算过，请重新打开这一页，看新的结果", approval.Title(b))
	}
	return now, err
}

// LineMark is what pages count and filter lines by. Its texts are good until the next one.
type LineMark struct {
	Person             int64
	Item, Street, Bank []byte
	Name               []byte
	Kind               payrun.Kind
	Hold               payrun.Hold
	Amount             money.Fen
}

// LineMarks calls fn for every line of a batch in the order of Line.Compare. fn must not
// use db. Errors: fault.Refused when the batch was computed again since b was read.
func LineMarks(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, fn func(*LineMark)) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		b, err := AsShown(ctx, scope, b)
		if err != nil {
			return err
		}
		sql := fmt.Sprintf(`COPY (SELECT person, item, street, bank, name, kind, hold, amount FROM %s WHERE region = %d AND batch = %d
			ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, LineTable(b), region, b.Number)
		return postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
			for r.Next() {
				fn(&LineMark{Person: r.Int64(0), Item: r.Bytes(1), Street: r.Bytes(2), Bank: r.Bytes(3), Name: r.Bytes(4),
					Kind: payrun.Kind(r.Int16(5)), Hold: payrun.Hold(r.Int16(6)), Amount: money.Fen(r.Int64(7))})
			}
			return r.Err()
		})
	})
}

// LinesOf returns the lines that a batch has of some people, who are in order of number,
// in the order of Line.Compare. Errors as LineMarks.
func LinesOf(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, people []int64) ([]payrun.Line, error) {
	var lines []payrun.Line
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		b, err := AsShown(ctx, scope, b)
		if err != nil {
			return err
		}
		lines, err = LinesOfIn(ctx, scope, b, people)
		return err
	})
	return lines, err
}

func LinesOfIn(ctx context.Context, scope postgres.Scope, b payrun.Batch, people []int64) ([]payrun.Line, error) {
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

// searchedRows is how many records the beginning of an ID number may stand for.
const searchedRows = 1000

// PeopleByNumber returns whom an ID number (身份证号), old ones included, or its beginning
// stands for, in order. Errors: fault.Invalid where that is too many.
func PeopleByNumber(ctx context.Context, db *postgres.DB, region int32, beginning string) ([]int64, error) {
	var all []int64
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND id_number >= $2 AND id_number < $2 || '~' LIMIT $3`,
			region, beginning, searchedRows)
		if err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		return nil
	})
	if len(all) == searchedRows {
		return nil, fault.New(fault.Invalid, "身份证号以“%s”开头的人太多，请多输几位", beginning)
	}
	slices.Sort(all)
	return slices.Compact(all), err
}
