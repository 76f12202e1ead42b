package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/judge"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

func comparePersonHits(a, b personHit) int {
	return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.How, b.How), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Birth, b.Birth), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Street, b.Street), cmp.Compare(a.Note, b.Note))
}

// hits reads what the newest list of each kind says, by person. What it said of a record
// that was merged since, it says of the survivor.
func (p *planner) hits(ctx context.Context) (map[int64][]payrun.Hit, error) {
	rows, err := p.tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC)
		SELECT h.person, h.kind, h.how, h.id_number, h.name, h.birth, h.dated, h.street, h.note
		FROM match_hit h JOIN newest USING (kind, rev) WHERE h.region = $1 ORDER BY h.kind, h.person, h.n`, p.order.Region, p.revision)
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	all := map[int64][]payrun.Hit{}
	var person int64
	var h payrun.Hit
	var birth, dated *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &h.List, &h.How, &h.ID, &h.Name, &birth, &dated, &h.Street, &h.Note}, func() error {
		h.Birth, h.Date = dateOf(birth), dateOf(dated)
		who := p.merged.survivor(person)
		if !slices.Contains(all[who], h) { // one row may have matched both records of a person
			all[who] = append(all[who], h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	return all, nil
}

// missing reads the rows of the newest lists of whom the roster had nobody, and still has
// nobody: somebody may have been put down since.
func (p *planner) missing(ctx context.Context) ([]payrun.Missing, error) {
	rows, err := p.tx.Query(ctx, `
		WITH newest AS (
		    SELECT DISTINCT ON (kind) kind, rev FROM match_list WHERE region = $1 AND rev <= $2 ORDER BY kind, rev DESC),
		absent AS (
		    SELECT m.* FROM match_missing m JOIN newest USING (kind, rev) WHERE m.region = $1 AND (m.id_number = '' OR NOT EXISTS (
		        SELECT FROM person p WHERE p.region = m.region AND p.id_number = m.id_number AND p.rev <= $2)))
		SELECT kind, id_number, name, birth, street FROM absent m WHERE m.id_number <> '' OR NOT EXISTS (
		    SELECT FROM person p WHERE p.region = m.region AND p.name = m.name AND p.birth = m.birth AND p.rev > m.rev AND p.rev <= $2)
		ORDER BY kind, rev, n`, p.order.Region, p.revision)
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payrun.Missing, error) {
		var m payrun.Missing
		var birth time.Time
		err := row.Scan(&m.List, &m.ID, &m.Name, &birth, &m.Street)
		m.Birth = month.FromTime(birth)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read people who are not on the roster: %w", err)
	}
	return all, nil
}

// listed gives the judge the rows of match lists about the people of a range: those of
// which no newer list of their kind was known.
func (s *session) listed(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	var number int64
	var row judge.ListRow
	var date *time.Time
	return s.each(ctx, "match lists", `
		WITH RECURSIVE named (listed, person) AS (
		    SELECT gone, kept FROM merge WHERE region = $1 AND rev <= $4
		    UNION ALL SELECT n.listed, m.kept FROM named n JOIN merge m ON m.region = $1 AND m.gone = n.person AND m.rev <= $4)
		SELECT who, kind, dated FROM (
		    SELECT person AS who, h.* FROM match_hit h WHERE region = $1 AND person >= $2 AND person < $3
		    UNION ALL
		    SELECT n.person, h.* FROM named n JOIN match_hit h ON h.region = $1 AND h.person = n.listed WHERE n.person >= $2 AND n.person < $3) h
		WHERE rev <= $4 AND NOT EXISTS (
		    SELECT FROM match_list l WHERE l.region = h.region AND l.kind = h.kind AND l.rev > h.rev AND l.rev <= $4)`,
		[]any{s.region, from, to, s.batch.Revision}, []any{&number, &row.List, &date},
		func() {
			row.Date = dateOf(date)
			if c := people[number]; c != nil {
				c.Listed = append(c.Listed, row)
			}
		})
}

// PersonPay is what an item pays a person for a month.
type PersonPay struct {
	Item   string
	Amount money.Fen // 分, 当月 only
	Held   bool      // 暂缓
}

// CurrentPay returns what people's items pay for the latest month that was run, by
// person and in the order of item codes; month 0 where none was.
func (db *DB) CurrentPay(ctx context.Context, region int32, people []int64) (month.Month, map[int64][]PersonPay, error) {
	pays := map[int64][]PersonPay{}
	var latest *time.Time
	err := db.Read(ctx, func(tx pgx.Tx) error {
		const counts = `region = $1 AND state NOT IN ('carried', 'voided')`
		if err := tx.QueryRow(ctx, `SELECT max(month) FROM batch WHERE `+counts, region).Scan(&latest); err != nil || latest == nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT person, item, sum(amount)::bigint, bool_or(hold <> 0) FROM (
			    SELECT region, batch, person, item, amount, hold FROM line WHERE region = $1 AND person = ANY($2) AND kind = 1
			    UNION ALL
			    SELECT region, batch, person, item, amount, hold FROM draft_line WHERE region = $1 AND person = ANY($2) AND kind = 1) l
			JOIN batch b USING (region, batch) WHERE b.month = $3 AND b.state NOT IN ('carried', 'voided')
			GROUP BY person, item ORDER BY person, item`, region, people, latest)
		if err != nil {
			return err
		}
		var person int64
		var pay PersonPay
		_, err = pgx.ForEachRow(rows, []any{&person, &pay.Item, &pay.Amount, &pay.Held}, func() error {
			pays[person] = append(pays[person], pay)
			return nil
		})
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read current payments: %w", err)
	}
	return monthIn(latest), pays, nil
}
