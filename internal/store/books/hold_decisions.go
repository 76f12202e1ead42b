package books

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// holdDecisions are the decisions to hold (决定暂缓) that were in force for a batch, by person.
type holdDecisions map[int64][]holdDecision

type holdDecision struct {
	kind, item    string // of the finding; item empty: all lines of the person
	actor, reason string
	at            time.Time
}

// readHoldDecisions reads the decisions to hold, as of the batch's revision, on findings of some
// people, or of everybody (nil).
func readHoldDecisions(ctx context.Context, scope postgres.Scope, b payrun.Batch, people []int64) (holdDecisions, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT f.person, f.kind, f.item, d.actor, d.reason, j.at FROM (
		    SELECT DISTINCT ON (id) id, rev, release, actor, reason FROM decision
		    WHERE region = $1 AND rev <= $3 ORDER BY id, rev DESC) d
		JOIN finding f ON f.region = $1 AND f.batch = $2 AND f.id = d.id
		JOIN journal j ON j.region = $1 AND j.rev = d.rev
		WHERE NOT d.release AND ($4::bigint[] IS NULL OR f.person = ANY ($4)) ORDER BY f.person, d.rev`,
		pgx.QueryExecModeExec, scope.Region, b.Number, b.Revision, people)
	if err != nil {
		return nil, fmt.Errorf("read decisions to hold: %w", err)
	}
	all := holdDecisions{}
	var person int64
	var d holdDecision
	_, err = pgx.ForEachRow(rows, []any{&person, &d.kind, &d.item, &d.actor, &d.reason, &d.at}, func() error {
		all[person] = append(all[person], d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions to hold: %w", err)
	}
	return all, nil
}

// HoldDecisions returns a lookup by line, for a batch and some people: who decided to hold it, when and
// why, in Chinese.
func HoldDecisions(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch, people []int64) (func(*payrun.Line) string, error) {
	var all holdDecisions
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = readHoldDecisions(ctx, scope, b, people)
		return err
	})
	return all.of, err
}

// of says who decided to hold a line, when and why; empty for a line without such a decision.
func (all holdDecisions) of(l *payrun.Line) string {
	if l.Hold&payrun.KeptBack == 0 {
		return ""
	}
	var said []string
	for _, d := range all[l.Person] {
		if d.item != "" && d.item != l.Item {
			continue
		}
		s := fmt.Sprintf("%s %s 对“%s”决定暂缓：%s", d.actor, d.at.In(month.Shanghai).Format(time.DateOnly), d.kind, d.reason)
		if !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return strings.Join(said, "；")
}
