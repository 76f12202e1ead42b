package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
)

// ErrNoChange rolls a Change back without an error: the function given to Change returns it
// when nothing would change, so that no revision is used and repeating is idempotent.
var ErrNoChange = errors.New("nothing to change")

// EnsureRegion inserts the region's row unless it exists; an existing one stays as it is.
// region is a six-digit division code (行政区划代码). Errors: fault.Invalid (the code).
func (db *DB) EnsureRegion(ctx context.Context, region int32, name string) error {
	if region < 100000 || region > 999999 {
		return fault.New(fault.Invalid, "行政区划代码 %d 不是六位数字，请检查 --region", region)
	}
	return db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO region (region, name, head_hash) VALUES ($1, $2, $3)
			ON CONFLICT (region) DO NOTHING`, region, name, journal.Genesis(region))
		if err != nil {
			return fmt.Errorf("insert region %d: %w", region, err)
		}
		return nil
	})
}

// Region is a region of the database.
type Region struct {
	Code int32 // six-digit division code (行政区划代码)
	Name string
	Head int64 // its newest revision; 0: none yet
}

// String returns the region for sentences: 平城区（140213）.
func (r Region) String() string {
	if r.Name == "" {
		return fmt.Sprintf("区划 %d", r.Code)
	}
	return fmt.Sprintf("%s（%d）", r.Name, r.Code)
}

// Regions returns the regions of the database, ordered by code.
func (db *DB) Regions(ctx context.Context) ([]Region, error) {
	var all []Region
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT region, name, head FROM region ORDER BY region`)
		if err == nil {
			all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Region])
		}
		if err != nil {
			return fmt.Errorf("read regions: %w", err)
		}
		return nil
	})
	return all, err
}

// Change is the only way to write what is journalled: knowledge, money, signatures. In
// one transaction it locks the region, gives fn the next revision, and appends fn's entry
// to the region's hash chain, with by's actor, time and reason. fn writes its rows with
// that revision and returns Action, Subject, Digest and Summary; Change fills in the rest
// of the entry. fn may run more than once (see InTx).
//
// Change returns the revision; 0 and no error where fn returned ErrNoChange. Errors:
// fn's own, all rolled back; fault.NotFound when the region does not exist.
//
// The lock order is: the region's row first, before anything else is read for the
// change or written; then whatever fn touches. As every change begins with the same
// row, changes of a region are serialized and cannot deadlock, and fn may read the head
// and rely on it until the commit. Without the lock two imports could use the same
// revision, or both assign a number to the same new person. Regions do not wait for each
// other, and a transaction never changes two of them, so regions need no lock order.
//
// The lock is FOR NO KEY UPDATE: it excludes other changes, but not the checks of
// foreign keys to region, so that inserting a draft batch need not wait for an import.
func (db *DB) Change(ctx context.Context, region int32, by journal.By,
	fn func(scope Scope) (journal.Entry, error)) (int64, error) {
	var rev int64
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		last, err := ReadHead(ctx, tx, region, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		before, err := StatesBefore(ctx, In(tx, region))
		if err != nil {
			return err
		}
		entry, err := fn(In(tx, region).At(last.Rev + 1))
		if err != nil {
			return err
		}
		entry = entry.Signed(by)
		entry.Region, entry.Rev = region, last.Rev+1
		rev = entry.Rev
		return AppendEntry(ctx, tx, last.Hash, entry.AsStored(), before)
	})
	if errors.Is(err, ErrNoChange) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return rev, nil
}

// Head returns the region's last revision and the hash of its entry; 0 and the
// genesis hash before the first. Fails with fault.NotFound when the region does not exist.
func (db *DB) Head(ctx context.Context, region int32) (rev int64, hash []byte, err error) {
	var h Head
	err = db.Read(ctx, func(tx pgx.Tx) error {
		h, err = ReadHead(ctx, tx, region, "")
		return err
	})
	return h.Rev, h.Hash, err
}

// Head is the end of a region's chain.
type Head struct {
	Rev  int64
	Hash []byte
}

// ReadHead reads the end of the chain; lock is a locking clause (FOR …) or empty. Errors:
// fault.NotFound (no such region).
func ReadHead(ctx context.Context, tx pgx.Tx, region int32, lock string) (Head, error) {
	var h Head
	err := tx.QueryRow(ctx, `SELECT head, head_hash FROM region WHERE region = $1 `+lock, region).Scan(&h.Rev, &h.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Head{}, fault.New(fault.NotFound, "数据库里没有区划 %d，请检查 --region，或先导入花名册", region)
	}
	if err != nil {
		return Head{}, fmt.Errorf("read head of region %d: %w", region, err)
	}
	return h, nil
}

// AppendEntry ends a change: it inserts the changes of mutable rows since before was read,
// the digests of the rows that the revision wrote, and the entry, whose hash covers both;
// then it moves the region's head. Nothing may be written at the revision after it, as no
// digest would cover that.
func AppendEntry(ctx context.Context, tx pgx.Tx, previous []byte, e journal.Entry, before rowStates) error {
	if err := insertRowChanges(ctx, In(tx, e.Region).At(e.Rev), before); err != nil {
		return err
	}
	if err := insertDigests(ctx, tx, &e); err != nil {
		return err
	}
	hash := journal.Hash(previous, e)
	_, err := tx.Exec(ctx, `
		INSERT INTO journal (region, rev, at, actor, origin, action, subject, reason, digest, summary, algorithm, previous, hash,
		                     rows_digest, before_digest, after_digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		e.Region, e.Rev, e.At, e.Actor, e.Origin, e.Action, e.Subject, e.Reason, e.Digest, e.Summary,
		journal.Algorithm, previous, hash, e.Rows, e.Before, e.After)
	if err != nil {
		return fmt.Errorf("insert journal entry %d: %w", e.Rev, err)
	}
	_, err = tx.Exec(ctx, `UPDATE region SET head = $2, head_hash = $3 WHERE region = $1`, e.Region, e.Rev, hash)
	if err != nil {
		return fmt.Errorf("move head to %d: %w", e.Rev, err)
	}
	return nil
}

// EachLink calls fn with the entries of a region's chain by revision. A null or an infinite
// time, which only tampering can produce, is read as a value that the entry's hash does not
// cover: the audit then reports that entry and continues, instead of failing to scan it.
func EachLink(ctx context.Context, scope Scope, fn func(Link) error) error {
	rows, err := scope.Tx.Query(ctx, `
		SELECT coalesce(rev, 0), CASE WHEN at BETWEEN '0001-01-01' AND '9999-12-31' THEN at ELSE '0001-01-01' END,
		       coalesce(actor, ''), coalesce(origin, ''), coalesce(action, ''), coalesce(subject, ''), coalesce(reason, ''),
		       coalesce(digest, ''), coalesce(summary, ''), coalesce(algorithm, ''), previous, hash,
		       coalesce(rows_digest, ''), coalesce(before_digest, ''), coalesce(after_digest, '')
		FROM journal WHERE region = $1 ORDER BY rev`, scope.Region)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l := Link{Entry: journal.Entry{Region: scope.Region}}
		e := &l.Entry
		if err := rows.Scan(&e.Rev, &e.At, &e.Actor, &e.Origin, &e.Action, &e.Subject, &e.Reason,
			&e.Digest, &e.Summary, &l.Algorithm, &l.Previous, &l.Hash, &e.Rows, &e.Before, &e.After); err != nil {
			return fmt.Errorf("scan journal: %w", err)
		}
		if err := fn(l); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}

// Link is one entry of the hash chain as stored.
type Link struct {
	Entry          journal.Entry
	Algorithm      string
	Previous, Hash []byte
}
