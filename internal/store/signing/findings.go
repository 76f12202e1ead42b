package signing

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// FindingKind counts a batch's findings of one kind.
type FindingKind struct {
	Level    payrun.Level
	Kind     string
	Findings int
	Open     int // of them without a decision
	Fresh    int // of them decided after the batch was computed: the decision counts from the next run on
}

// FindingKinds counts a batch's findings by level and kind.
func FindingKinds(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) ([]FindingKind, error) {
	var all []FindingKind
	err := db.Read(ctx, func(tx pgx.Tx) error {
		// Decisions are few and findings many, so the decided ones are counted separately instead
		// of joining every finding with the decisions.
		rows, err := tx.Query(ctx, `
			WITH found AS (SELECT level, kind, count(DISTINCT id) AS n FROM finding WHERE region = $1 AND batch = $2 GROUP BY level, kind),
			     decided AS (
			    SELECT level, kind, count(DISTINCT id) AS n, count(DISTINCT id) FILTER (WHERE d.rev > $3) AS fresh
			    FROM (SELECT id, max(rev) AS rev FROM decision WHERE region = $1 GROUP BY id) d JOIN finding f USING (id)
			    WHERE f.region = $1 AND f.batch = $2 GROUP BY level, kind)
			SELECT level, kind, f.n, f.n - coalesce(d.n, 0), coalesce(fresh, 0)
			FROM found f LEFT JOIN decided d USING (level, kind) ORDER BY level, kind COLLATE "C"`, region, b.Number, b.Revision)
		if err != nil {
			return fmt.Errorf("count findings: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[FindingKind]); err != nil {
			return fmt.Errorf("count findings: %w", err)
		}
		return nil
	})
	return all, err
}

// FindingRow is a finding with everybody it is about and the decision in force.
type FindingRow struct {
	payrun.Finding
	People    []int64   // without 0
	Decision  *Decision // nil: none
	DecidedAt time.Time
}

// FindingPage asks for one page of the findings of a kind, in order of id (keyset paging).
type FindingPage struct {
	Kind  string
	Open  bool   // only those without a decision
	After string // id; empty: from the first
	Limit int
}

// FindingsOf returns a page of a batch's findings. The ids of a kind begin with "kind-", so
// that a page is a range scan of the primary key: '.' is the character after '-'.
func FindingsOf(ctx context.Context, db *postgres.DB, region, batch int32, p FindingPage) ([]FindingRow, error) {
	return findingRows(ctx, db, region, `AND f.id > $3 AND f.id < $4 AND f.kind = $5
		AND (NOT $6 OR NOT EXISTS (SELECT FROM decision d WHERE d.region = f.region AND d.id = f.id)) GROUP BY f.id ORDER BY f.id LIMIT $7`,
		region, batch, max(p.After, p.Kind+"-"), p.Kind+".", p.Kind, p.Open, p.Limit)
}

// FindingsAt returns a batch's findings of a level in order of id, at most limit.
func FindingsAt(ctx context.Context, db *postgres.DB, region, batch int32, level payrun.Level, limit int) ([]FindingRow, error) {
	return findingRows(ctx, db, region, `AND f.level = $3 GROUP BY f.id ORDER BY f.id LIMIT $4`, region, batch, level, limit)
}

func findingRows(ctx context.Context, db *postgres.DB, region int32, where string, args ...any) ([]FindingRow, error) {
	var all []FindingRow
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		rows, err := scope.Tx.Query(ctx, `
			SELECT f.id, min(f.level), min(f.kind), min(f.item), (array_agg(f.sentence ORDER BY f.person))[1],
			       array_agg(f.person ORDER BY f.person) FILTER (WHERE f.person <> 0)
			FROM finding f WHERE f.region = $1 AND f.batch = $2 `+where, args...)
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (FindingRow, error) {
			var f FindingRow
			err := row.Scan(&f.ID, &f.Level, &f.Kind, &f.Item, &f.Sentence, &f.People)
			if len(f.People) == 1 {
				f.Person = f.People[0]
			}
			return f, err
		})
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		return addDecisions(ctx, scope, all)
	})
	return all, err
}

// addDecisions sets the latest decision of each finding.
func addDecisions(ctx context.Context, scope postgres.Scope, all []FindingRow) error {
	at := map[string]*FindingRow{}
	var ids []string
	for i := range all {
		at[all[i].ID] = &all[i]
		ids = append(ids, all[i].ID)
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (d.id) d.id, d.rev, d.release, d.actor, d.reason, j.at
		FROM decision d JOIN journal j USING (region, rev) WHERE d.region = $1 AND d.id = ANY ($2) ORDER BY d.id, d.rev DESC`, scope.Region, ids)
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	var d Decision
	var when time.Time
	_, err = pgx.ForEachRow(rows, []any{&d.Finding, &d.Rev, &d.Release, &d.Actor, &d.Reason, &when}, func() error {
		made := d
		at[d.Finding].Decision, at[d.Finding].DecidedAt = &made, when
		return nil
	})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	return nil
}
