package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// checkUnrecorded reports rows at revisions without a digest of their table: nothing of the program
// has written them.
func (a *audit) checkUnrecorded(ctx context.Context) error {
	for i := range postgres.AppendOnlyTables {
		g := &postgres.AppendOnlyTables[i]
		if err := a.runCheck(ctx, g.Name, func(ctx context.Context) error { return a.checkUnrecordedIn(ctx, g) }); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) checkUnrecordedIn(ctx context.Context, g *postgres.AppendOnlyTable) error {
	rows, err := a.Tx.Query(ctx, g.Revisions(a.Region))
	if err != nil {
		return fmt.Errorf("count %s: %w", g.Name, err)
	}
	revs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rev int64, err error) {
		var count int64
		err = row.Scan(&rev, &count)
		return rev, err
	})
	if err != nil {
		return fmt.Errorf("count %s: %w", g.Name, err)
	}
	slices.Sort(revs)
	for _, rev := range slices.Compact(revs) {
		if !a.isUnrecorded(g, rev) {
			continue
		}
		where := g.At(a.Region, rev)
		if rev == 0 && g.Orphans(a.Region) != "" {
			where = g.Orphans(a.Region)
		}
		err := postgres.EachRow(ctx, a.Tx, g, where, func(key []byte, _ *[sha256.Size]byte, _ bool) error {
			a.addRow(g, rev, key, "多出，不是本程序登记的")
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// isUnrecorded reports whether no digest covers the table's rows at a revision, and no other check
// reports that.
func (a *audit) isUnrecorded(g *postgres.AppendOnlyTable, rev int64) bool {
	if a.outsideChain(rev) {
		return true
	}
	l, there := a.links[rev]
	old := there && l.Algorithm == journal.V1
	named := there && journal.RowsDigest(a.digests[rev]) != l.Entry.Rows // reported by checkDigests
	return !old && !named && digestOf(a.digests[rev], g.Name) == nil
}

// checkStrayMarks reports row marks without a digest.
func (a *audit) checkStrayMarks(ctx context.Context) error {
	rows, err := a.Tx.Query(ctx, `SELECT m.rev, m.name, m.part FROM row_mark m WHERE m.region = $1 AND NOT EXISTS (
		SELECT FROM row_digest d WHERE d.region = m.region AND d.rev = m.rev AND d.name = m.name) ORDER BY 1, 2, 3`, a.Region)
	if err != nil {
		return fmt.Errorf("read stray marks: %w", err)
	}
	var rev int64
	var name string
	var part int32
	_, err = pgx.ForEachRow(rows, []any{&rev, &name, &part}, func() error {
		a.add(Problem{Rev: rev, Table: "row_mark", Key: fmt.Sprintf("表 %s，第 %d 段", name, part), What: "多出，没有对应的行摘要"})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read stray marks: %w", err)
	}
	return nil
}

// checkPacks reports packs whose body does not have their hash, at revisions without digests.
func (a *audit) checkPacks(ctx context.Context) error {
	rows, err := a.Tx.Query(ctx, `
		SELECT rev, hash FROM pack WHERE region = $1 AND hash <> encode(sha256(convert_to(body, 'UTF8')), 'hex')`, a.Region)
	if err != nil {
		return fmt.Errorf("check packs: %w", err)
	}
	p := Problem{Table: "pack", What: "被改动"}
	var hash string
	_, err = pgx.ForEachRow(rows, []any{&p.Rev, &hash}, func() error {
		if digestOf(a.digests[p.Rev], p.Table) == nil {
			p.Key = "摘要 " + hash
			a.add(p)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check packs: %w", err)
	}
	return nil
}

// checkStrayParts reports rows of the tables that runs rewrite whose batch does not exist, or is final
// and so can have no draft.
func (a *audit) checkStrayParts(ctx context.Context) error {
	for _, table := range []string{"draft_line", "finding", "debt", "batch_item", "later_register", "later_debt"} {
		err := a.runCheck(ctx, table, func(ctx context.Context) error {
			rows, err := a.Tx.Query(ctx, `SELECT t.batch, count(*) FROM `+table+` t LEFT JOIN batch b ON b.region = t.region AND b.batch = t.batch
				WHERE t.region = $1 AND (b.batch IS NULL OR ($2 AND b.state IN ('approved', 'voided'))) GROUP BY 1 ORDER BY 1`, a.Region, table == batches.DraftLines)
			if err != nil {
				return fmt.Errorf("look for stray rows of %s: %w", table, err)
			}
			var batch int32
			var count int64
			_, err = pgx.ForEachRow(rows, []any{&batch, &count}, func() error {
				a.add(Problem{Table: table, Key: fmt.Sprintf("批次 %d", batch), What: fmt.Sprintf("多出 %d 条，没有待审批的这个批次", count)})
				return nil
			})
			if err != nil {
				return fmt.Errorf("look for stray rows of %s: %w", table, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkOrphanedRegions reports rows of regions that do not exist: no audit by region would ever
// see them.
func (a *audit) checkOrphanedRegions(ctx context.Context) error {
	tables, err := regionTables(ctx, a.Tx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		err := a.runCheck(ctx, table, func(ctx context.Context) error {
			// A loose index scan: every primary key begins with the region.
			rows, err := a.Tx.Query(ctx, fmt.Sprintf(`
				WITH RECURSIVE here AS (SELECT min(region) AS region FROM %[1]s
				    UNION ALL SELECT (SELECT min(t.region) FROM %[1]s t WHERE t.region > here.region) FROM here WHERE here.region IS NOT NULL)
				SELECT region::bigint FROM here WHERE region IS NOT NULL AND region NOT IN (SELECT r.region FROM region r) ORDER BY 1`, pgx.Identifier{table}.Sanitize()))
			if err != nil {
				return fmt.Errorf("look at regions of %s: %w", table, err)
			}
			var region int64
			_, err = pgx.ForEachRow(rows, []any{&region}, func() error {
				a.add(Problem{Table: table, Key: fmt.Sprintf("区划 %d", region), What: "多出，数据库里没有这个区划"})
				return nil
			})
			if err != nil {
				return fmt.Errorf("look at regions of %s: %w", table, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// regionTables lists the program's tables with a column region: those that its role may read.
func regionTables(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `
		SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'region' AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND has_table_privilege($1, c.oid, 'SELECT') ORDER BY 1`, postgres.AppRole)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return all, nil
}
