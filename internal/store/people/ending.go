package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// EndingPerson is a person with a fact that ends soon (即将到期).
type EndingPerson struct {
	Number int64
	Name   string
	ID     string // 身份证号, in full: pages mask it
	Street string
	Fact   string
	Value  string
	Until  month.Date // the last day on which it holds
}

// EndingQuery asks for a page, ordered by last day, person and fact; After is the cursor.
type EndingQuery struct {
	From, To month.Date // last days, both included
	Fact     string     // empty: all
	After    EndingPerson
	Limit    int
}

// EndingPeople returns the facts whose last day is within the range and that are not
// continued by another record from the next day on; the dead and those who moved away are
// left out. The same rule as calendar.EndingFacts, whose counts link here.
func EndingPeople(ctx context.Context, db *postgres.DB, region int32, q EndingQuery) ([]EndingPerson, error) {
	var all []EndingPerson
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT f.person, p.name, p.id_number, p.street, f.fact, f.value, f.until
			FROM fact f JOIN person_now p USING (region, person)
			WHERE f.region = $1 AND f.n > 0 AND f.until BETWEEN $2 AND $3 AND ($4 = '' OR f.fact = $4)
			  AND (p.died IS NULL OR p.died > $2) AND (p.moved_out IS NULL OR p.moved_out > $2)
			  AND NOT EXISTS (SELECT FROM fact l WHERE l.region = $1 AND l.person = f.person AND l.fact = f.fact AND l.rev > f.rev)
			  AND NOT EXISTS (SELECT FROM fact g WHERE g.region = $1 AND g.person = f.person AND g.fact = f.fact AND g.rev = f.rev
			                  AND g.n > 0 AND g.since <= f.until + 1 AND (g.until IS NULL OR g.until > f.until))
			  AND ($5 = 0 OR (f.until, f.person, f.fact) > ($6, $5, $7))
			ORDER BY f.until, f.person, f.fact LIMIT $8`,
			region, q.From.Time(), q.To.Time(), q.Fact, q.After.Number, q.After.Until.Time(), q.After.Fact, q.Limit)
		if err != nil {
			return fmt.Errorf("read whose facts end: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (EndingPerson, error) {
			var x EndingPerson
			var until time.Time
			err := row.Scan(&x.Number, &x.Name, &x.ID, &x.Street, &x.Fact, &x.Value, &until)
			x.Until = month.FromTime(until)
			return x, err
		})
		return postgres.Wrap("read whose facts end", err)
	})
	return all, err
}
