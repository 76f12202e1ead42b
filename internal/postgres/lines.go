package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

const lineColumns = `person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder`

// decodeLine reads a row of lineColumns.
func decodeLine(r *RowReader) payrun.Line {
	row := string(r.Raw())
	return payrun.Line{
		Person: r.Int64(0), Item: r.substring(row, 1), Payee: r.substring(row, 2), Month: r.Month(3), Against: r.substring(row, 4),
		Kind: payrun.Kind(r.Int16(5)), Amount: money.Fen(r.Int64(6)), Hold: payrun.Hold(r.Int16(7)),
		ID: r.substring(row, 8), Name: r.substring(row, 9), Street: r.substring(row, 10), Community: r.substring(row, 11),
		Account: roster.Account{Bank: r.substring(row, 12), Number: r.substring(row, 13), Holder: r.substring(row, 14)},
	}
}

// lineTable is where a batch's lines are.
func lineTable(b payrun.Batch) string {
	if b.State == payrun.Approved || b.State == payrun.Voided {
		return finalLines
	}
	return draftLines
}

// readLines reads a batch's lines of a range of people in the order of Line.Compare.
func readLines(ctx context.Context, conn *pgx.Conn, region int32, b payrun.Batch, at chunkRange) ([]payrun.Line, error) {
	sql := fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE region = %d AND batch = %d AND person >= %d AND person < %d
		ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, lineColumns, lineTable(b), region, b.Number, at.from, at.to)
	var lines []payrun.Line
	err := CopyOut(ctx, conn.PgConn(), sql, func(r *RowReader) error {
		for r.Next() {
			lines = append(lines, decodeLine(r))
		}
		return r.Err()
	})
	return lines, err
}

// Lines returns the lines of a batch in the order of `lines` (docs/interface.md §3.1).
func (db *DB) Lines(ctx context.Context, region int32, b payrun.Batch, pack *policy.Pack) ([]payrun.Line, error) {
	var lines []payrun.Line
	err := db.reader(ctx, func(conn *pgx.Conn) error {
		var err error
		lines, err = readLines(ctx, conn, region, b, chunkRange{0, 1 << 62})
		return err
	})
	order := payrun.Sorting{Pack: pack}
	slices.SortFunc(lines, func(a, b payrun.Line) int { return order.Lines(&a, &b) })
	return lines, err
}

// Pack returns the policy pack that a batch was computed with.
func (db *DB) Pack(ctx context.Context, region int32, hash string) (*policy.Pack, error) {
	var pack *policy.Pack
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		pack, err = packByHash(ctx, tx, region, hash)
		return err
	})
	return pack, err
}

// LastApproved returns the bureau's last approved batch before the month and number,
// or of an earlier month only with regular: that month's first one that was not voided;
// nil when there is none.
func (db *DB) LastApproved(ctx context.Context, region int32, bureau string, m month.Month, n int, regular bool) (*payrun.Batch, error) {
	where := `AND b.bureau = $2 AND b.state = 'approved' AND (b.month, b.n) < ($3, $4) ORDER BY b.month DESC, b.n DESC LIMIT 1`
	args := []any{region, bureau, firstDay(m), n}
	if regular {
		where = `AND b.bureau = $2 AND b.state = 'approved' AND b.month < $3
			AND b.month = (SELECT max(o.month) FROM batch o WHERE o.region = $1 AND o.bureau = $2 AND o.state = 'approved' AND o.month < $3)
			ORDER BY b.n LIMIT 1`
		args = args[:3]
	}
	var found []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectBatch+where, args...)
		if err != nil {
			return fmt.Errorf("read last approved batch: %w", err)
		}
		found, err = pgx.CollectRows(rows, scanBatch)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ItemTotals returns a batch's control totals by item.
func (db *DB) ItemTotals(ctx context.Context, region, batch int32) (map[string]payrun.ItemTotal, error) {
	var totals map[string]payrun.ItemTotal
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		totals, err = itemTotals(ctx, tx, region, batch)
		return err
	})
	return totals, err
}

// Findings returns what a run found for a batch, by level and id.
func (db *DB) Findings(ctx context.Context, region, batch int32) ([]payrun.Finding, error) {
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

// Debts returns the debts that a batch left.
func (db *DB) Debts(ctx context.Context, region, batch int32) ([]payrun.Debt, error) {
	return db.debts(ctx, `SELECT person, item, payee, month, amount, id_number, name, street FROM debt
		WHERE region = $1 AND batch = $2`, region, batch)
}

// DebtTotal counts and adds up the debts that a batch found.
func (db *DB) DebtTotal(ctx context.Context, region, batch int32) (debts int, sum money.Fen, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(amount), 0)::bigint FROM debt WHERE region = $1 AND batch = $2`, region, batch).Scan(&debts, &sum)
		if err != nil {
			return fmt.Errorf("add up debts: %w", err)
		}
		return nil
	})
	return debts, sum, err
}

// Register is the recovery register (追缴台账) as it is now: the debts of each
// bureau's latest batch, or those that a later run found without making one, less what
// was collected, waived or moved to another record (合并) since.
func (db *DB) Register(ctx context.Context, region int32) ([]payrun.Debt, error) {
	return db.debts(ctx, `
		WITH latest AS (
		    SELECT DISTINCT ON (bureau) batch, revision FROM batch
		    WHERE region = $1 AND state NOT IN ('carried', 'voided') ORDER BY bureau, month DESC, n DESC
		), found AS (
		    SELECT d.*, revision FROM debt d JOIN latest USING (batch)
		    WHERE region = $1 AND NOT EXISTS (SELECT FROM later_register l WHERE l.region = $1 AND l.batch = d.batch)
		    UNION ALL
		    SELECT d.*, l.revision FROM later_debt d JOIN later_register l USING (region, batch) JOIN latest USING (batch)
		    WHERE region = $1
		), given AS MATERIALIZED ( -- few, while debts may be ten thousand
		    SELECT person, item, payee, month, rev, amount, kind FROM ledger WHERE region = $1 AND kind IN (4, 6)
		    UNION ALL
		    SELECT person, item, payee, month, rev, amount, 0 FROM waiver WHERE region = $1
		), settled AS (
		    SELECT f.person, f.item, f.payee, f.month, f.amount AS was, f.id_number, f.name, f.street,
		           coalesce(sum(-g.amount) FILTER (WHERE g.kind = 4), 0) + greatest(0, coalesce(sum(-g.amount) FILTER (WHERE g.kind = 6), 0))
		           + coalesce(sum(g.amount) FILTER (WHERE g.kind = 0), 0) AS since
		    FROM found f LEFT JOIN given g ON g.person = f.person AND g.item = f.item AND g.payee = f.payee AND g.month = f.month AND g.rev > f.revision
		    GROUP BY f.batch, f.person, f.item, f.payee, f.month, f.amount, f.id_number, f.name, f.street)
		SELECT person, item, payee, month, (was - since)::bigint, id_number, name, street FROM settled WHERE was > since`, region)
}

func (db *DB) debts(ctx context.Context, sql string, args ...any) ([]payrun.Debt, error) {
	var all []payrun.Debt
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return fmt.Errorf("read debts: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (payrun.Debt, error) {
			var d payrun.Debt
			var first time.Time
			err := row.Scan(&d.Person, &d.Item, &d.Payee, &first, &d.Amount, &d.ID, &d.Name, &d.Street)
			d.Month = month.FromTime(first).Month()
			return d, err
		})
		slices.SortFunc(all, compareDebts)
		return err
	})
	return all, err
}

// compareDebts is the order in which debts are handed out: the database's own is none.
func compareDebts(a, b payrun.Debt) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Payee, b.Payee), cmp.Compare(a.Month, b.Month))
}

// PersonLines returns a person's lines of a month: those of each bureau's latest batch,
// and what approved batches before it pay; also those of records merged into the person.
func (db *DB) PersonLines(ctx context.Context, region int32, m month.Month, person int64) ([]payrun.Line, error) {
	batches, err := db.Batches(ctx, region, m)
	if err != nil {
		return nil, err
	}
	records, err := db.recordsOf(ctx, region, person)
	if err != nil {
		return nil, err
	}
	var all []payrun.Line
	err = db.reader(ctx, func(conn *pgx.Conn) error {
		for i, b := range batches { // by bureau and number
			superseded := i+1 < len(batches) && batches[i+1].Bureau == b.Bureau
			if superseded && b.State != payrun.Approved {
				continue
			}
			lines, err := recordLines(ctx, conn, region, b, records)
			if err != nil {
				return err
			}
			if superseded { // what it held came back in a later batch
				lines = slices.DeleteFunc(lines, func(l payrun.Line) bool { return l.Hold != 0 })
			}
			all = append(all, lines...)
		}
		return nil
	})
	return all, err
}

// Batch returns a batch by its number in the region. Errors: fault.NotFound.
func (db *DB) Batch(ctx context.Context, region, batch int32) (payrun.Batch, error) {
	var b payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		b, err = batchByNumber(ctx, tx, region, batch)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "没有第 %d 号批次，请从“批次”里重新选", batch)
		}
		return err
	})
	return b, err
}

// ChainHash returns the audit chain's hash after a revision.
func (db *DB) ChainHash(ctx context.Context, region int32, rev int64) ([]byte, error) {
	var hash []byte
	err := db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT hash FROM journal WHERE region = $1 AND rev = $2`, region, rev).Scan(&hash)
	})
	if err != nil {
		return nil, fmt.Errorf("read journal entry %d: %w", rev, err)
	}
	return hash, nil
}
