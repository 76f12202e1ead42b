package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// JournalPage returns up to limit entries of the chain before a revision (0: from the
// end), the latest first (keyset paging); words filters by action, actor and subject.
func JournalPage(ctx context.Context, db *postgres.DB, region int32, before int64, words string, limit int) ([]journal.Link, error) {
	var all []journal.Link
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT rev, at, actor, origin, action, subject, reason, digest, summary, algorithm, hash FROM journal
			WHERE region = $1 AND rev < $2 AND ($3 = '' OR strpos(action || ' ' || actor || ' ' || subject, $3) > 0) ORDER BY rev DESC LIMIT $4`,
			region, postgres.CursorOrEnd(before), words, limit)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l journal.Link, err error) {
			l.Region = region
			err = row.Scan(&l.Rev, &l.At, &l.Actor, &l.Origin, &l.Action, &l.Subject, &l.Reason, &l.Digest, &l.Summary, &l.Algorithm, &l.Hash)
			return l, err
		})
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		return nil
	})
	return all, err
}

// AccessPage returns up to limit entries of the access log before a number (0: from the end), the
// latest first (keyset paging); words filters by actor, subject and scope.
func AccessPage(ctx context.Context, db *postgres.DB, region int32, before int64, words string, limit int) ([]journal.Access, error) {
	var all []journal.Access
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT a.n, a.at, a.actor, a.origin, a.action, a.subject, a.person, a.scope,
			       coalesce((SELECT s.rev FROM access_seal s WHERE s.region = a.region AND a.n BETWEEN s.first AND s.last LIMIT 1), 0)
			FROM access_log a
			WHERE a.region = $1 AND a.n < $2 AND ($3 = '' OR strpos(actor || ' ' || subject || ' ' || scope, $3) > 0) ORDER BY a.n DESC LIMIT $4`,
			region, postgres.CursorOrEnd(before), words, limit)
		if err != nil {
			return fmt.Errorf("read access log: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a journal.Access, err error) {
			a.Region = region
			err = row.Scan(&a.N, &a.At, &a.Actor, &a.Origin, &a.Action, &a.Subject, &a.Person, &a.Scope, &a.Sealed)
			return a, err
		})
		if err != nil {
			return fmt.Errorf("read access log: %w", err)
		}
		return nil
	})
	return all, err
}
