package audit

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// RegionsWithTraces returns the regions that have a row or journal entries, so that nobody evades an audit by
// deleting the region's row. Unreadable tables are skipped: the audit itself reports them.
func RegionsWithTraces(ctx context.Context, db *postgres.DB) []postgres.Region {
	var all []postgres.Region
	for _, sql := range []string{
		`SELECT region, name, head FROM region`,
		`SELECT region, '', max(rev) FROM journal GROUP BY region`,
	} {
		var some []postgres.Region
		err := db.Read(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, sql)
			if err == nil {
				some, err = pgx.CollectRows(rows, pgx.RowToStructByPos[postgres.Region])
			}
			return err
		})
		if err != nil {
			continue
		}
		for _, r := range some {
			at := slices.IndexFunc(all, func(known postgres.Region) bool { return known.Code == r.Code })
			if at < 0 {
				all = append(all, r)
				continue
			}
			all[at].Head = max(all[at].Head, r.Head)
		}
	}
	if slices.ContainsFunc(all, func(r postgres.Region) bool { return r.Head > 0 }) {
		all = slices.DeleteFunc(all, func(r postgres.Region) bool { return r.Head <= 0 })
	}
	slices.SortFunc(all, func(a, b postgres.Region) int { return cmp.Compare(a.Code, b.Code) })
	return all
}
