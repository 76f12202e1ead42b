package books

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/people"
	"disburse/internal/store/signing"
)

// YearOrder asks what one bureau paid, and to whom, in the pay months of a year.
type YearOrder struct {
	Region  int32
	Year    int
	Bureau  string
	Items   []string // codes, in pack order
	Streets []string // in pack order; others follow, by bytes
}

// YearRow is what one person got of one item, in 分. What an institution is paid for a person
// counts for that person. The item is the one whose payment carried the lines.
type YearRow struct {
	Person    int64
	ID        string // as signed in the last of the year's batches that has the person
	Name      string
	Street    string
	Community string
	Item      string
	Paid      [12]money.Fen // by pay month: payments made, failed ones too
	Failed    money.Fen     // of Paid, what banks returned
	Held      money.Fen     // 暂缓 in the year's last batch: not settled, of no month
}

// YearControl has the control totals of the rows, computed from batches and payments instead of
// lines, so that a missing person shows.
type YearControl struct {
	Revision int64     // of the snapshot
	At       time.Time // of that revision
	Batches  []YearBatch
	Items    []YearItem // items with payments, by code

	// By pack and pay month: the batches' stored totals of each item; its payments; and 扣回 of an
	// item that is netted in payments of another one.
	Dues, Payments, Carried []payrun.ItemFlow
}

// YearBatch is an approved batch of the year.
type YearBatch struct {
	Month month.Month
	N     int
	Pays  money.Fen // 分, as signed
	Held  money.Fen
}

// YearItem are the payments of one item.
type YearItem struct {
	Item   string
	Paid   [12]money.Fen // by pay month
	Failed money.Fen
}

// YearBureau is a bureau with approved batches in the year.
type YearBureau struct {
	Bureau string
	Pack   string // hash: that of its last batch
}

// YearBureaus returns the bureaus with approved batches in the pay months of a year, by name.
// Voided batches do not count.
func YearBureaus(ctx context.Context, db *postgres.DB, region int32, year int) ([]YearBureau, error) {
	var all []YearBureau
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT ON (bureau) bureau, pack FROM batch
			WHERE region = $1 AND state = 'approved' AND month BETWEEN $2 AND $3 ORDER BY bureau, month DESC, n DESC`,
			region, postgres.FirstDay(month.Of(year, 1)), postgres.FirstDay(month.Of(year, 12)))
		if err != nil {
			return fmt.Errorf("read bureaus of a year: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[YearBureau]); err != nil {
			return fmt.Errorf("read bureaus of a year: %w", err)
		}
		return nil
	})
	return all, err
}

// Year streams one row per person and item to fn, ordered by street, ID number and item, and
// returns the control totals of the same snapshot. The server groups and sorts, on disk where
// necessary, so memory here does not grow with the number of people. The row is reused for the
// next call; fn must not use db. Errors: fn's own; fault.NotFound when no batch of the year is
// approved.
func Year(ctx context.Context, db *postgres.DB, o YearOrder, fn func(*YearRow) error) (*YearControl, error) {
	var control *YearControl
	err := db.Read(ctx, func(tx pgx.Tx) error {
		if err := signing.TuneForBulk(ctx, tx); err != nil {
			return err
		}
		var err error
		if control, err = o.control(ctx, tx); err != nil {
			return err
		}
		return o.people(ctx, tx, fn)
	})
	return control, err
}

// yearBatches begins a query with two CTEs: b, the year's approved batches in order, and failed,
// their failed payments. $1 to $4 are those of args.
const yearBatches = `
	WITH RECURSIVE b AS MATERIALIZED (
	    SELECT batch, pack, month, n, pays, held, extract(month FROM month)::int AS m, row_number() OVER (ORDER BY month, n) AS place,
	           row_number() OVER (ORDER BY month DESC, n DESC) = 1 AS last
	    FROM batch WHERE region = $1 AND bureau = $2 AND state = 'approved' AND month BETWEEN $3 AND $4
	), failed AS MATERIALIZED (
	    SELECT r.batch, r.file, r.seq FROM payment_result r JOIN b USING (batch) WHERE r.region = $1 AND r.outcome = 2
	)`

// args begins with the exec mode: the statement is planned for these values and not cached.
func (o *YearOrder) args(more ...any) []any {
	args := []any{pgx.QueryExecModeExec, o.Region, o.Bureau, postgres.FirstDay(month.Of(o.Year, 1)), postgres.FirstDay(month.Of(o.Year, 12))}
	return append(args, more...)
}

func (o *YearOrder) control(ctx context.Context, tx pgx.Tx) (*YearControl, error) {
	c := &YearControl{}
	err := tx.QueryRow(ctx, `SELECT rev, at FROM journal WHERE region = $1 ORDER BY rev DESC LIMIT 1`, o.Region).Scan(&c.Revision, &c.At)
	if err != nil {
		return nil, fmt.Errorf("read last revision: %w", err)
	}
	rows, err := tx.Query(ctx, yearBatches+` SELECT month, n, pays, held FROM b ORDER BY place`, o.args()...)
	if err != nil {
		return nil, fmt.Errorf("read batches of a year: %w", err)
	}
	var b YearBatch
	var m postgres.ScannedMonth
	_, err = pgx.ForEachRow(rows, []any{&m.Day, &b.N, &b.Pays, &b.Held}, func() error {
		b.Month = m.Month()
		c.Batches = append(c.Batches, b)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read batches of a year: %w", err)
	}
	if len(c.Batches) == 0 {
		return nil, fault.New(fault.NotFound, "%s%d年没有已审批的批次，请核对年份和部门", o.Bureau, o.Year)
	}
	if c.Items, err = o.payments(ctx, tx); err != nil {
		return nil, err
	}
	return c, o.flows(ctx, tx, c)
}

// flows reads the sums from which the figures by fund are computed.
func (o *YearOrder) flows(ctx context.Context, tx pgx.Tx, c *YearControl) error {
	for _, q := range []struct {
		to  *[]payrun.ItemFlow
		sql string
	}{
		{&c.Dues, `SELECT pack, b.month, i.item, i.item, sum(i.current + i.arrears + i.recovery)::bigint
			FROM batch_item i JOIN b USING (batch) WHERE i.region = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`},
		{&c.Payments, `SELECT pack, b.month, p.item, p.item, sum(p.amount)::bigint
			FROM payment p JOIN b USING (batch) WHERE p.region = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`},
		{&c.Carried, `SELECT pack, b.month, l.item, l.against, sum(l.amount)::bigint
			FROM line l JOIN b USING (batch) WHERE l.region = $1 AND l.hold = 0 AND l.item <> l.against GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`},
	} {
		rows, err := tx.Query(ctx, yearBatches+q.sql, o.args()...)
		if err != nil {
			return fmt.Errorf("read sums of a year by item: %w", err)
		}
		*q.to, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f payrun.ItemFlow, err error) {
			var m postgres.ScannedMonth
			err = row.Scan(&f.Pack, &m.Day, &f.Item, &f.Against, &f.Amount)
			f.Month = m.Month()
			return f, err
		})
		if err != nil {
			return fmt.Errorf("read sums of a year by item: %w", err)
		}
	}
	return nil
}

// payments sums up the payments by item and pay month, independently of the lines.
func (o *YearOrder) payments(ctx context.Context, tx pgx.Tx) ([]YearItem, error) {
	rows, err := tx.Query(ctx, yearBatches+`
		SELECT p.item, m, sum(p.amount)::bigint, coalesce(sum(p.amount) FILTER (WHERE failed.seq IS NOT NULL), 0)::bigint
		FROM payment p JOIN b USING (batch) LEFT JOIN failed USING (batch, file, seq)
		WHERE p.region = $1 GROUP BY p.item, m ORDER BY p.item, m`, o.args()...)
	if err != nil {
		return nil, fmt.Errorf("read payments of a year: %w", err)
	}
	var items []YearItem
	var item string
	var m int
	var paid, failed money.Fen
	_, err = pgx.ForEachRow(rows, []any{&item, &m, &paid, &failed}, func() error {
		if n := len(items); n == 0 || items[n-1].Item != item {
			items = append(items, YearItem{Item: item})
		}
		it := &items[len(items)-1]
		it.Paid[m-1] = paid
		it.Failed = it.Failed.Add(failed)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read payments of a year: %w", err)
	}
	return items, nil
}

// people sums up the lines by person and item. Lines that netted to zero have no payment and
// count 0. A person whose lines were only held earlier in the year, and are neither paid nor held
// any more, has no row.
func (o *YearOrder) people(ctx context.Context, tx pgx.Tx, fn func(*YearRow) error) error {
	months := ""
	for m := 1; m <= 12; m++ {
		months += fmt.Sprintf("coalesce(sum(l.amount) FILTER (WHERE m = %d AND l.file IS NOT NULL), 0)::bigint AS m%d, ", m, m)
	}
	rows, err := tx.Query(ctx, yearBatches+`, `+people.SurvivorsCTE+`, sums AS MATERIALIZED (
		    SELECT coalesce(survivor, l.person) AS person, l.against AS item, `+months+`
		           coalesce(sum(l.amount) FILTER (WHERE failed.seq IS NOT NULL), 0)::bigint AS failed,
		           coalesce(sum(l.amount) FILTER (WHERE l.hold <> 0 AND last), 0)::bigint AS held, max(place) AS place
		    FROM line l JOIN b USING (batch) LEFT JOIN failed USING (batch, file, seq) LEFT JOIN became ON became.person = l.person
		    WHERE l.region = $1 GROUP BY coalesce(survivor, l.person), l.against
		    HAVING count(l.file) > 0 OR bool_or(l.hold <> 0 AND last)
		), who AS (
		    SELECT person, max(place) AS place FROM sums GROUP BY person
		), named AS (
		    SELECT DISTINCT ON (who.person) who.person, l.id_number, l.name, l.street, l.community
		    FROM line l JOIN b USING (batch) LEFT JOIN became ON became.person = l.person
		    JOIN who ON who.person = coalesce(survivor, l.person) AND who.place = b.place
		    WHERE l.region = $1 ORDER BY who.person, l.person <> who.person)
		SELECT person, id_number, name, street, community, item, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, failed, held
		FROM sums JOIN named USING (person)
		ORDER BY array_position($6::text[], street), street COLLATE "C", id_number, person, array_position($5::text[], item), item`,
		o.args(o.Items, o.Streets)...)
	if err != nil {
		return fmt.Errorf("read people of a year: %w", err)
	}
	var r YearRow
	targets := []any{&r.Person, &r.ID, &r.Name, &r.Street, &r.Community, &r.Item}
	for m := range r.Paid {
		targets = append(targets, &r.Paid[m])
	}
	if _, err = pgx.ForEachRow(rows, append(targets, &r.Failed, &r.Held), func() error { return fn(&r) }); err != nil {
		return fmt.Errorf("read people of a year: %w", err)
	}
	return nil
}
