package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
)

// personHit is a row of match_hit.
type personHit struct {
	person int64
	n      int32
	engine.Hit
}

// hits returns the matches by person, without duplicates.
func (m *matchRun) hits() []personHit {
	all := make([]personHit, 0, len(m.report.Matches))
	for _, x := range m.report.Matches {
		all = append(all, personHit{person: x.Person.Number,
			Hit: engine.Hit{List: m.order.Kind.Name.Value, How: x.How, Listed: m.order.List.Rows[x.Row].Listed}})
	}
	slices.SortFunc(all, comparePersonHits)
	all = slices.CompactFunc(all, func(a, b personHit) bool { return comparePersonHits(a, b) == 0 })
	for i := range all {
		all[i].n = 1
		if i > 0 && all[i-1].person == all[i].person {
			all[i].n = all[i-1].n + 1
		}
	}
	return all
}

// comparePersonHits orders hits by person and all their contents: equal ones are duplicates.
func comparePersonHits(a, b personHit) int {
	return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.How, b.How), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Birth, b.Birth), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Street, b.Street), cmp.Compare(a.Note, b.Note))
}

func (m *matchRun) write(ctx context.Context, hits []personHit, digest string) error {
	o := &m.order
	_, err := m.Tx.Exec(ctx, `INSERT INTO match_list (region, kind, rev, file, digest, rows) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.Region, o.Kind.Name.Value, m.Rev, o.List.File, digest, len(o.List.Rows))
	if err != nil {
		return fmt.Errorf("insert list: %w", err)
	}
	err = postgres.CopyRows(ctx, m.Tx, `COPY match_hit (region, kind, person, rev, n, how, id_number, name, birth, dated, street, note)
		FROM STDIN (FORMAT binary)`, len(hits), func(w *postgres.RowWriter, i int) {
		h := &hits[i]
		w.Row(12)
		w.Int32(o.Region)
		w.Text(h.List)
		w.Int64(h.person)
		w.Int64(m.Rev)
		w.Int32(h.n)
		w.Int16(int16(h.How))
		w.Text(h.ID)
		w.Text(h.Name)
		w.Date(h.Birth)
		w.Date(h.Date)
		w.Text(h.Street)
		w.Text(h.Note)
	})
	if err != nil {
		return fmt.Errorf("write hits: %w", err)
	}
	return m.writeMissing(ctx)
}

func (m *matchRun) writeMissing(ctx context.Context) error {
	missing := m.missing()
	err := postgres.CopyRows(ctx, m.Tx, `COPY match_missing (region, kind, rev, n, id_number, name, birth, street) FROM STDIN (FORMAT binary)`,
		len(missing), func(w *postgres.RowWriter, i int) {
			r := &missing[i]
			w.Row(8)
			w.Int32(m.order.Region)
			w.Text(m.order.Kind.Name.Value)
			w.Int64(m.Rev)
			w.Int32(int32(i + 1))
			w.Text(r.ID)
			w.Text(r.Name)
			w.Date(r.Birth)
			w.Text(r.Street)
		})
	if err != nil {
		return fmt.Errorf("write who is missing: %w", err)
	}
	return nil
}
