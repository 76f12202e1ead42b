package people

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// CheckNotMergedSince refuses a batch with a line of somebody who was merged after it was
// computed: it would pay one person twice. Merging is refused while a batch of theirs is
// being signed, so checking at submission is enough.
func CheckNotMergedSince(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	var name string
	err := scope.Tx.QueryRow(ctx, `
		SELECT l.name FROM merge m JOIN draft_line l ON l.region = m.region AND l.batch = $2 AND l.person IN (m.gone, m.kept)
		WHERE m.region = $1 AND m.rev > $3 ORDER BY m.rev, l.person LIMIT 1`, scope.Region, b.Number, b.Revision).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for merges since: %w", err)
	}
	return fault.New(fault.Refused, "%s算出以后，其中的 %s 与另一条记录合并了，金额已经过时，请重新运行", approval.Title(b), name)
}

// Merges maps merged people (合并) to their survivors, resolved through chains of merges.
// Whoever is not in it was not merged.
type Merges map[int64]int64

// ReadMerges reads the merges known at a revision.
func ReadMerges(ctx context.Context, scope postgres.Scope) (Merges, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT gone, kept FROM merge WHERE region = $1 AND rev <= $2`, scope.Region, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	m := Merges{}
	var gone, kept int64
	if _, err = pgx.ForEachRow(rows, []any{&gone, &kept}, func() error { m[gone] = kept; return nil }); err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	for gone := range m {
		m[gone] = m.Survivor(gone)
	}
	return m, nil
}

// Survivor returns who a person is now. The loop ends, as there is no cycle: only a record
// that was not merged itself can be merged, and only into one that was not.
func (m Merges) Survivor(person int64) int64 {
	for {
		kept, gone := m[person]
		if !gone {
			return person
		}
		person = kept
	}
}

// Into returns the people who were merged into this one, in order, without this one.
func (m Merges) Into(survivor int64) []int64 {
	var all []int64
	for gone, kept := range m {
		if kept == survivor {
			all = append(all, gone)
		}
	}
	slices.Sort(all)
	return all
}

// Survivors returns the people's survivors, without duplicates and in order.
func (m Merges) Survivors(people []int64) []int64 {
	all := make([]int64, 0, len(people))
	for _, p := range people {
		all = append(all, m.Survivor(p))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// WithMerged adds to people those who were merged into them, in order.
func (m Merges) WithMerged(people []int64) []int64 {
	if len(m) == 0 {
		return people
	}
	all := slices.Clone(people)
	for gone, kept := range m {
		if slices.Contains(people, kept) {
			all = append(all, gone)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// WasMerged returns the SQL condition that the person of a table's row was merged into
// another one as of the revision. It is text, as COPY takes no parameters.
func WasMerged(table string, region int32, rev int64) string {
	return fmt.Sprintf("EXISTS (SELECT FROM merge gone WHERE gone.region = %d AND gone.gone = %s.person AND gone.rev <= %d)", region, table, rev)
}

// SurvivorsCTE defines, for WITH RECURSIVE, became (person, survivor): the survivors of all
// people merged up to the head. LEFT JOIN it by person and use coalesce(survivor, person).
// $1 is the region.
const SurvivorsCTE = `link (person, kept) AS (
	    SELECT gone, kept FROM merge WHERE region = $1
	    UNION ALL
	    SELECT link.person, m.kept FROM link JOIN merge m ON m.region = $1 AND m.gone = link.kept
	), became (person, survivor) AS MATERIALIZED (
	    SELECT person, kept FROM link WHERE NOT EXISTS (SELECT FROM merge m WHERE m.region = $1 AND m.gone = link.kept)
	)`

// RecordsOf returns the person and those merged into them up to the head, in order.
func RecordsOf(ctx context.Context, db *postgres.DB, region int32, person int64) ([]int64, error) {
	var all []int64
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := ResolveRevision(ctx, scope.At(0))
		if err != nil {
			return err
		}
		m, err := ReadMerges(ctx, scope.At(at))
		all = m.WithMerged([]int64{person})
		return err
	})
	return all, err
}

// NameOf names a person in sentences, with a masked ID number: sentences reach logs and
// people who may not see the number.
func NameOf(d *roster.Dossier) string { return d.Name + "（" + roster.MaskID(d.ID) + "）" }

// JournalSubject is how a journal entry names a person, with a masked ID number.
func JournalSubject(d *roster.Dossier) string { return d.Name + " " + roster.MaskID(d.ID) }
