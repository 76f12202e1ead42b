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

// Row is a batch in a list of batches.
type Row struct {
	payrun.Batch
	SentAt time.Time // zero: not handed to the bank
}

// From returns the batches of the months from first to last, the latest month
// first; bureau and state "": all.
func From(ctx context.Context, db *postgres.DB, region int32, first, last month.Month, bureau string, state payrun.State) ([]Row, error) {
	var all []Row
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
			all = append(all, Row{b, sent[b.Number]})
		}
		return err
	})
	return all, err
}

// batchesSent returns when the batches of the months were handed to the banks.
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

// Next returns the bureau's batch after b, of the same month or a later one; nil: b is the
// last.
func Next(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (*payrun.Batch, error) {
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

// maxFound is how many records an ID number's prefix may match: more would not fit a page.
const maxFound = 1000

// PeopleByNumber returns the people with an ID number (身份证号), present or former, that has
// the prefix, in order. Errors: fault.Invalid where they are too many.
func PeopleByNumber(ctx context.Context, db *postgres.DB, region int32, beginning string) ([]int64, error) {
	var all []int64
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND id_number >= $2 AND id_number < $2 || '~' LIMIT $3`,
			region, beginning, maxFound)
		if err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
			return fmt.Errorf("look for people: %w", err)
		}
		return nil
	})
	if len(all) == maxFound {
		return nil, fault.New(fault.Invalid, "身份证号以“%s”开头的人太多，请多输几位", beginning)
	}
	slices.Sort(all)
	return slices.Compact(all), err
}
