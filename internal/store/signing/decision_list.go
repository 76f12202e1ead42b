package signing

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// Question is a finding that may be decided, with all its people: one decision covers them all.
type Question struct {
	ID       string
	Kind     string
	Sentence string   // of the first of its people
	Names    []string // of the people, as the batch's run knew them
	Numbers  []string // 身份证号 of the same
	Decided  *Decision
}

// Questions returns the findings of the batches that may be decided, ordered by kind and
// person, with the decisions in force.
func Questions(ctx context.Context, db *postgres.DB, region int32, batches []int32) ([]Question, error) {
	var all []Question
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		if all, err = readDecidable(ctx, scope, batches); err != nil {
			return err
		}
		head, err := postgres.ReadHead(ctx, scope.Tx, region, "")
		if err != nil {
			return err
		}
		decided, err := decisionsAt(ctx, scope.At(head.Rev))
		if err != nil {
			return err
		}
		standing := map[string]*Decision{}
		for i := range decided {
			standing[decided[i].Finding] = &decided[i]
		}
		for i := range all {
			all[i].Decided = standing[all[i].ID]
		}
		return nil
	})
	return all, err
}

func readDecidable(ctx context.Context, scope postgres.Scope, batches []int32) ([]Question, error) {
	rows, err := scope.Tx.Query(ctx, `
		WITH about AS (
		    SELECT DISTINCT ON (f.id, f.person) f.id, f.person, f.level, f.kind, f.sentence,
		           coalesce(p.name, '') AS name, coalesce(p.id_number, '') AS id_number
		    FROM finding f JOIN batch b USING (region, batch)
		    LEFT JOIN LATERAL (
		        SELECT name, id_number FROM person p WHERE p.region = f.region AND p.person = f.person AND p.rev <= b.revision
		        ORDER BY p.rev DESC LIMIT 1) p ON true
		    WHERE f.region = $1 AND f.batch = ANY ($2) AND (f.level = $3 OR f.kind = $4)
		    ORDER BY f.id, f.person, f.batch DESC)
		SELECT id, min(kind), (array_agg(sentence ORDER BY person))[1],
		       array_agg(name ORDER BY person), array_agg(id_number ORDER BY person)
		FROM about GROUP BY id ORDER BY min(level), min(kind) COLLATE "C", min(person), id`,
		pgx.QueryExecModeExec, scope.Region, batches, payrun.Doubt, payrun.RefusedAccount)
	if err != nil {
		return nil, fmt.Errorf("read what may be decided: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Question, error) {
		var q Question
		err := row.Scan(&q.ID, &q.Kind, &q.Sentence, &q.Names, &q.Numbers)
		return q, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what may be decided: %w", err)
	}
	return all, nil
}
