package batches

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
)

// LineColumns are the columns of a line in the order in which DecodeLine reads them.
const LineColumns = `person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder`

// DecodeLine decodes a row of LineColumns, with one allocation for all its texts.
func DecodeLine(r *postgres.RowReader) payrun.Line {
	row := string(r.Raw())
	return payrun.Line{
		Person: r.Int64(0), Item: r.Substring(row, 1), Payee: r.Substring(row, 2), Month: r.Month(3), Against: r.Substring(row, 4),
		Kind: payrun.Kind(r.Int16(5)), Amount: money.Fen(r.Int64(6)), Hold: payrun.Hold(r.Int16(7)),
		ID: r.Substring(row, 8), Name: r.Substring(row, 9), Street: r.Substring(row, 10), Community: r.Substring(row, 11),
		Account: roster.Account{Bank: r.Substring(row, 12), Number: r.Substring(row, 13), Holder: r.Substring(row, 14)},
	}
}

// LineTable returns the table that holds a batch's lines, by its state.
func LineTable(b payrun.Batch) string {
	if b.State == payrun.Approved || b.State == payrun.Voided {
		return FinalLines
	}
	return DraftLines
}

// ReadLines reads a batch's lines of a range of people in the order of Line.Compare.
func ReadLines(ctx context.Context, conn *pgx.Conn, region int32, b payrun.Batch, at ChunkRange) ([]payrun.Line, error) {
	sql := fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE region = %d AND batch = %d AND person >= %d AND person < %d
		ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, LineColumns, LineTable(b), region, b.Number, at.From, at.To)
	var lines []payrun.Line
	err := postgres.CopyOut(ctx, conn.PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			lines = append(lines, DecodeLine(r))
		}
		return r.Err()
	})
	return lines, err
}

// Lines returns the lines of a batch in the order of `lines` (docs/interface.md §3.1).
func Lines(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, pack *policy.Pack) ([]payrun.Line, error) {
	var lines []payrun.Line
	err := db.WithConn(ctx, func(conn *pgx.Conn) error {
		var err error
		lines, err = ReadLines(ctx, conn, region, b, ChunkRange{0, 1 << 62})
		return err
	})
	order := payrun.Sorting{Pack: pack}
	slices.SortFunc(lines, func(a, b payrun.Line) int { return order.Lines(&a, &b) })
	return lines, err
}

// Pack returns the policy pack that a batch was computed with.
func Pack(ctx context.Context, db *postgres.DB, region int32, hash string) (*policy.Pack, error) {
	var pack *policy.Pack
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		pack, err = packs.ByHash(ctx, scope, hash)
		return err
	})
	return pack, err
}

// PersonLines returns a person's lines of a month: those of each bureau's latest batch,
// and what approved batches before it pay; also those of records merged into the person.
func PersonLines(ctx context.Context, db *postgres.DB, region int32, m month.Month, person int64) ([]payrun.Line, error) {
	batches, err := OfMonth(ctx, db, region, m)
	if err != nil {
		return nil, err
	}
	records, err := people.RecordsOf(ctx, db, region, person)
	if err != nil {
		return nil, err
	}
	var all []payrun.Line
	err = db.WithConn(ctx, func(conn *pgx.Conn) error {
		for i, b := range batches { // by bureau and number
			superseded := i+1 < len(batches) && batches[i+1].Bureau == b.Bureau
			if superseded && b.State != payrun.Approved {
				continue
			}
			lines, err := recordLines(ctx, conn, region, b, records)
			if err != nil {
				return err
			}
			if superseded { // its held lines were computed again in a later batch
				lines = slices.DeleteFunc(lines, func(l payrun.Line) bool { return l.Hold != 0 })
			}
			all = append(all, lines...)
		}
		return nil
	})
	return all, err
}

// recordLines reads a batch's lines of the records of one person.
func recordLines(ctx context.Context, conn *pgx.Conn, region int32, b payrun.Batch, people []int64) ([]payrun.Line, error) {
	var all []payrun.Line
	for _, person := range people {
		lines, err := ReadLines(ctx, conn, region, b, ChunkRange{person, person + 1})
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// ChunkRange is a range of person numbers [From, To) that is read, computed and written in
// one step: large enough to make queries cheap, small enough to bound memory.
type ChunkRange struct{ From, To int64 }
