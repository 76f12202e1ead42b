package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// LogAccess appends an entry to the access log: Action, Subject, Person and Scope are a's, the
// rest is by's and the log's. It must be called before anything is shown or exported, and on an
// error nothing may be shown: no access without an entry. It does not wait for the region's lock,
// only for a concurrent append. Errors: fault.NotFound when the region does not exist;
// fault.Refused after too many retries.
func LogAccess(ctx context.Context, db *postgres.DB, region int32, by journal.By, a journal.Access) error {
	return LogAccessIn(ctx, db.InTx, region, by, a)
}

// inTransaction runs fn in a transaction.
type inTransaction func(ctx context.Context, fn func(pgx.Tx) error) error

// LogAccessIn is LogAccess with transactions begun by in, for callers without a postgres.DB.
func LogAccessIn(ctx context.Context, in inTransaction, region int32, by journal.By, a journal.Access) error {
	const attempts = 100 // each failed attempt means that somebody else has appended one
	for range attempts {
		added := false
		err := in(ctx, func(tx pgx.Tx) error {
			var err error
			added, err = AddAccess(ctx, postgres.In(tx, region), by, a)
			return err
		})
		if err != nil || added {
			return err
		}
	}
	return fault.New(fault.Refused, "访问记录一直有人在写，没有登记成功，请重试")
}

// AddAccess appends an entry with the next number, chained to the one before; false: a concurrent
// append took the number, and the caller must retry in a new transaction.
func AddAccess(ctx context.Context, scope postgres.Scope, by journal.By, a journal.Access) (bool, error) {
	e := journal.Entry{Subject: a.Subject, Summary: roster.HideNumbers(a.Scope)}.Signed(by).AsStored()
	a.Region, a.At, a.Actor, a.Origin, a.Subject, a.Scope = scope.Region, e.At, e.Actor, e.Origin, e.Subject, e.Summary
	var linked bool
	err := scope.Tx.QueryRow(ctx, `SELECT coalesce((SELECT max(n) FROM access_log WHERE region = $1), 0) + 1, to_regclass('access_link') IS NOT NULL
		FROM region WHERE region = $1`, scope.Region).Scan(&a.N, &linked)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = postgres.ReadHead(ctx, scope.Tx, scope.Region, "")
		return false, err
	}
	if err != nil {
		return false, fmt.Errorf("read end of access log: %w", err)
	}
	tag, err := scope.Tx.Exec(ctx, `
		INSERT INTO access_log (region, n, at, actor, origin, action, subject, person, scope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT DO NOTHING`, scope.Region, a.N, a.At, a.Actor, a.Origin, a.Action, a.Subject, a.Person, a.Scope)
	if err != nil {
		return false, fmt.Errorf("insert access log: %w", err)
	}
	if tag.RowsAffected() == 0 || !linked { // without table access_link: a backup of a database not upgraded yet
		return tag.RowsAffected() == 1, nil
	}
	return true, linkAccess(ctx, scope.Tx, &a)
}

// linkAccess inserts the chain link of an entry that was just added. The INSERT of the entry has
// waited for any concurrent one with a lower number, so that the previous link is committed.
func linkAccess(ctx context.Context, tx pgx.Tx, a *journal.Access) error {
	previous := journal.Genesis(a.Region)
	err := tx.QueryRow(ctx, `SELECT hash FROM access_link WHERE region = $1 AND n < $2 ORDER BY n DESC LIMIT 1`, a.Region, a.N).Scan(&previous)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read access link: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO access_link (region, n, hash) VALUES ($1, $2, $3)`, a.Region, a.N, journal.AccessHash(previous, a))
	if err != nil {
		return fmt.Errorf("link access log: %w", err)
	}
	return nil
}

// SealAccess seals the new entries of the access log: one journal entry with their digest. It
// returns how many there were; with none it writes nothing.
func SealAccess(ctx context.Context, db *postgres.DB, region int32, by journal.By) (rev, count int64, err error) {
	rev, err = db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		var first, last int64
		err := scope.Tx.QueryRow(ctx, `
			WITH sealed AS (SELECT coalesce(max(last), 0) AS last FROM access_seal WHERE region = $1)
			SELECT coalesce(min(n), 0), coalesce(max(n), 0), count(*) FROM access_log, sealed WHERE region = $1 AND n > sealed.last`,
			region).Scan(&first, &last, &count)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("read access log: %w", err)
		}
		if count == 0 {
			return journal.Entry{}, postgres.ErrNoChange
		}
		_, err = scope.Tx.Exec(ctx, `INSERT INTO access_seal (region, rev, first, last) VALUES ($1, $2, $3, $4)`, region, scope.Rev, first, last)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert access seal: %w", err)
		}
		s, err := postgres.SumRows(ctx, scope.Tx, tableNamed("access_log"), region, scope.Rev, false)
		if err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: "封存访问记录", Subject: fmt.Sprintf("第 %d—%d 条", first, last), Digest: s.Rows.Digest,
			Summary: fmt.Sprintf("%d 条", count)}, nil
	})
	return rev, count, err
}

// AccessLog streams the entries of the access log from a time on and before another (zero: no
// limit) to fn, in ascending order.
func AccessLog(ctx context.Context, db *postgres.DB, region int32, from, to time.Time, fn func(journal.Access) error) error {
	return db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT a.n, a.at, a.actor, a.origin, a.action, a.subject, a.person, a.scope,
			       coalesce((SELECT s.rev FROM access_seal s WHERE s.region = a.region AND a.n BETWEEN s.first AND s.last LIMIT 1), 0)
			FROM access_log a WHERE a.region = $1 AND a.at >= $2 AND a.at < $3 ORDER BY a.n`, region, notBefore(from), notAfter(to))
		if err != nil {
			return fmt.Errorf("read access log: %w", err)
		}
		a := journal.Access{Region: region}
		_, err = pgx.ForEachRow(rows, []any{&a.N, &a.At, &a.Actor, &a.Origin, &a.Action, &a.Subject, &a.Person, &a.Scope, &a.Sealed},
			func() error { return fn(a) })
		if err != nil {
			return fmt.Errorf("read access log: %w", err)
		}
		return nil
	})
}

// Journal streams the entries of the chain from a time on and before another (zero: no limit) to
// fn, in ascending order.
func Journal(ctx context.Context, db *postgres.DB, region int32, from, to time.Time, fn func(journal.Link) error) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		if _, err := postgres.ReadHead(ctx, scope.Tx, region, ""); err != nil {
			return err
		}
		return postgres.EachLink(ctx, scope, func(l postgres.Link) error {
			if l.Entry.At.Before(from) || (!to.IsZero() && !l.Entry.At.Before(to)) {
				return nil
			}
			return fn(journal.Link{Entry: l.Entry, Algorithm: l.Algorithm, Hash: l.Hash})
		})
	})
}

func notBefore(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).AddDate(-1000, 0, 0)
	}
	return t
}

func notAfter(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).AddDate(5000, 0, 0)
	}
	return t
}
