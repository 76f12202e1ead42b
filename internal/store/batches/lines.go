package batches

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
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

// LastApproved returns the bureau's last approved batch before month m and number n; nil when
// there is none. With regular it returns instead the first approved batch of the latest
// earlier month: a comparison of months leaves supplementary batches out.
func LastApproved(ctx context.Context, db *postgres.DB, region int32, bureau string, m month.Month, n int, regular bool) (*payrun.Batch, error) {
	where := `AND b.bureau = $2 AND b.state = 'approved' AND (b.month, b.n) < ($3, $4) ORDER BY b.month DESC, b.n DESC LIMIT 1`
	args := []any{region, bureau, postgres.FirstDay(m), n}
	if regular {
		where = `AND b.bureau = $2 AND b.state = 'approved' AND b.month < $3
			AND b.month = (SELECT max(o.month) FROM batch o WHERE o.region = $1 AND o.bureau = $2 AND o.state = 'approved' AND o.month < $3)
			ORDER BY b.n LIMIT 1`
		args = args[:3]
	}
	var found []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, SelectBatch+where, args...)
		if err != nil {
			return fmt.Errorf("read last approved batch: %w", err)
		}
		found, err = pgx.CollectRows(rows, ScanBatch)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ItemTotals returns a batch's control totals by item.
func ItemTotals(ctx context.Context, db *postgres.DB, region, batch int32) (map[string]payrun.ItemTotal, error) {
	var totals map[string]payrun.ItemTotal
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		totals, err = ItemTotalsIn(ctx, scope, batch)
		return err
	})
	return totals, err
}

// Findings returns the findings (检查结果) of a batch, by level and id.
func Findings(ctx context.Context, db *postgres.DB, region, batch int32) ([]payrun.Finding, error) {
	var all []payrun.Finding
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, level, kind, person, item, sentence FROM finding
			WHERE region = $1 AND batch = $2 ORDER BY level, id, person`, region, batch)
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[payrun.Finding])
		return err
	})
	return all, err
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

// Get returns a batch by its number in the region. Errors: fault.NotFound.
func Get(ctx context.Context, db *postgres.DB, region, batch int32) (payrun.Batch, error) {
	var b payrun.Batch
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		b, err = ByNumber(ctx, scope, batch)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "没有第 %d 号批次，请从“批次”里重新选", batch)
		}
		return err
	})
	return b, err
}

// ChainHash returns the audit chain's hash after a revision.
func ChainHash(ctx context.Context, db *postgres.DB, region int32, rev int64) ([]byte, error) {
	var hash []byte
	err := db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT hash FROM journal WHERE region = $1 AND rev = $2`, region, rev).Scan(&hash)
	})
	if err != nil {
		return nil, fmt.Errorf("read journal entry %d: %w", rev, err)
	}
	return hash, nil
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

// ItemTotalsIn reads a batch's control totals by item.
func ItemTotalsIn(ctx context.Context, scope postgres.Scope, batch int32) (map[string]payrun.ItemTotal, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT item, heads, current, arrears, recovery, held FROM batch_item
		WHERE region = $1 AND batch = $2`, scope.Region, batch)
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	totals := map[string]payrun.ItemTotal{}
	var t payrun.ItemTotal
	_, err = pgx.ForEachRow(rows, []any{&t.Item, &t.Heads, &t.Current, &t.Arrears, &t.Recovery, &t.Held}, func() error {
		totals[t.Item] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	return totals, nil
}

// ChunkRange is a range of person numbers [From, To) that is read, computed and written in
// one step: large enough to make queries cheap, small enough to bound memory.
type ChunkRange struct{ From, To int64 }
