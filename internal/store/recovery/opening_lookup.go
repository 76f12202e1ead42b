package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/payments"
	"disburse/internal/store/people"
)

// numberCarrier is a person who has or had an ID number, and their current number.
type numberCarrier struct {
	person int64
	now    string
}

func (m *openingImporter) people(ctx context.Context) (map[string]numberCarrier, error) {
	ids := make([]string, len(m.order.In.Rows))
	for i := range m.order.In.Rows {
		ids[i] = m.order.In.Rows[i].ID
	}
	// Sorted so that whoever has the number now comes last and wins in the map. The number of
	// a merged record counts as a former one of the survivor.
	rows, err := m.Tx.Query(ctx, `WITH RECURSIVE `+people.SurvivorsCTE+`
		SELECT DISTINCT p.id_number, coalesce(b.survivor, p.person), n.id_number, n.id_number = p.id_number FROM person p
		LEFT JOIN became b USING (person) CROSS JOIN LATERAL (
		    SELECT id_number FROM person q WHERE q.region = p.region AND q.person = coalesce(b.survivor, p.person) ORDER BY rev DESC LIMIT 1) n
		WHERE p.region = $1 AND p.id_number = ANY($2) ORDER BY 4, 2`, m.order.Region, ids)
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	people := map[string]numberCarrier{}
	var id string
	var c numberCarrier
	var same bool
	_, err = pgx.ForEachRow(rows, []any{&id, &c.person, &c.now, &same}, func() error {
		people[id] = c
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return people, nil
}

func (m *openingImporter) payees(ctx context.Context) (map[string]bool, error) {
	rows, err := m.Tx.Query(ctx, `SELECT DISTINCT name FROM payee WHERE region = $1`, m.order.Region)
	if err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read payees: %w", err)
	}
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	return known, nil
}

// inSigning returns the keys of months before the opening month with a line in a batch that
// is being signed.
func (m *openingImporter) inSigning(ctx context.Context) (map[payments.DueKey]bool, error) {
	rows, err := m.Tx.Query(ctx, `
		SELECT l.person, l.item, l.payee, l.month FROM draft_line l JOIN batch b USING (region, batch)
		WHERE l.region = $1 AND b.state IN ('submitted', 'reviewed', 'endorsed') AND l.month < $2`, m.order.Region, postgres.FirstDay(m.report.Opening))
	if err != nil {
		return nil, fmt.Errorf("read lines in signing: %w", err)
	}
	keys := map[payments.DueKey]bool{}
	var k payments.DueKey
	var of time.Time
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &of}, func() error {
		k.Month = month.FromTime(of).Month()
		keys[k] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read lines in signing: %w", err)
	}
	return keys, nil
}
