package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
)

// merges says of people who were merged (合并) who they are now: gone → survivor, past all
// links of a chain. Whoever is not in it is themselves.
type merges map[int64]int64

// readMerges reads the merges known at a revision.
func readMerges(ctx context.Context, tx pgx.Tx, region int32, rev int64) (merges, error) {
	rows, err := tx.Query(ctx, `SELECT gone, kept FROM merge WHERE region = $1 AND rev <= $2`, region, rev)
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	m := merges{}
	var gone, kept int64
	if _, err = pgx.ForEachRow(rows, []any{&gone, &kept}, func() error { m[gone] = kept; return nil }); err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	for gone := range m {
		m[gone] = m.survivor(gone)
	}
	return m, nil
}

// survivor returns who a person is now. There is no circle: only somebody who is still
// there can be merged, and only into somebody who is.
func (m merges) survivor(person int64) int64 {
	for {
		kept, gone := m[person]
		if !gone {
			return person
		}
		person = kept
	}
}

// into returns the people who are now this one, in order, without this one.
func (m merges) into(survivor int64) []int64 {
	var all []int64
	for gone, kept := range m {
		if kept == survivor {
			all = append(all, gone)
		}
	}
	slices.Sort(all)
	return all
}

// survivors returns who the people are now, each once and in order.
func (m merges) survivors(people []int64) []int64 {
	all := make([]int64, 0, len(people))
	for _, p := range people {
		all = append(all, m.survivor(p))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// withGone adds to people those who were merged into them, in order.
func (m merges) withGone(people []int64) []int64 {
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

// wasMerged is a condition on rows of a table by column person: that the person was
// merged into another one by the revision. COPY takes no parameters, so it is text.
func wasMerged(table string, region int32, rev int64) string {
	return fmt.Sprintf("EXISTS (SELECT FROM merge gone WHERE gone.region = %d AND gone.gone = %s.person AND gone.rev <= %d)", region, table, rev)
}

// survivorsCTE is a WITH RECURSIVE query became (person, survivor): who the people that
// were merged by now are. Join it by person, and take coalesce(survivor, person).
// $1 is the region.
const survivorsCTE = `link (person, kept) AS (
	    SELECT gone, kept FROM merge WHERE region = $1
	    UNION ALL
	    SELECT link.person, m.kept FROM link JOIN merge m ON m.region = $1 AND m.gone = link.kept
	), became (person, survivor) AS MATERIALIZED (
	    SELECT person, kept FROM link WHERE NOT EXISTS (SELECT FROM merge m WHERE m.region = $1 AND m.gone = link.kept)
	)`

// dropMerged takes the people of a range out of the chunk who were merged into another
// one: from then on they are not there.
func (c *chunk) dropMerged(ctx context.Context, conn *pgx.Conn, region int32, rev int64, at chunkRange) error {
	rows, err := conn.Query(ctx, `SELECT gone FROM merge WHERE region = $1 AND gone >= $2 AND gone < $3 AND rev <= $4`, region, at.from, at.to, rev)
	if err != nil {
		return fmt.Errorf("read merged people: %w", err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("read merged people: %w", err)
	}
	if len(gone) == 0 {
		return nil
	}
	kept := c.dossiers[:0]
	for i := range c.dossiers {
		if !slices.Contains(gone, c.dossiers[i].Number) {
			kept = append(kept, c.dossiers[i])
		}
	}
	c.dossiers = kept
	return nil
}

// recordsOf returns the person and those merged into them by now, in order.
func (db *DB) recordsOf(ctx context.Context, region int32, person int64) ([]int64, error) {
	var all []int64
	err := db.Read(ctx, func(tx pgx.Tx) error {
		at, err := revisionOf(ctx, tx, region, 0)
		if err != nil {
			return err
		}
		m, err := readMerges(ctx, tx, region, at)
		all = m.withGone([]int64{person})
		return err
	})
	return all, err
}

// recordLines reads a batch's lines of a few people.
func recordLines(ctx context.Context, conn *pgx.Conn, region int32, b payrun.Batch, people []int64) ([]payrun.Line, error) {
	var all []payrun.Line
	for _, person := range people {
		lines, err := readLines(ctx, conn, region, b, chunkRange{person, person + 1})
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}
