package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
)

// ErrNoChange is what the function given to Change returns when it finds that
// everything is already as it should be: nothing is written, and no revision taken.
var ErrNoChange = errors.New("nothing to change")

// EnsureRegion makes the region's row where there is none yet; it leaves an existing
// one as it is. region is a six-digit division code (行政区划代码).
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
	Head int64 // its newest revision; 0: nothing has become known in it yet
}

// String is the region as people call it: 平城区（140213）.
func (r Region) String() string {
	if r.Name == "" {
		return fmt.Sprintf("区划 %d", r.Code)
	}
	return fmt.Sprintf("%s（%d）", r.Name, r.Code)
}

// Regions returns the regions of the database by their codes.
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

// Change is the one way to change knowledge or money of a region. In one transaction
// it locks the region, gives fn the next revision, and appends fn's entry to the
// region's chain, signed with by. fn writes its rows with that revision and returns
// Action, Subject, Digest and Summary; the rest of the entry is filled in here. It may
// run more than once (see InTx).
//
// Change returns the revision; 0 and no error where fn returned ErrNoChange. Errors:
// fn's own, all rolled back; fault.NotFound when the region does not exist.
//
// The lock order is: the region's row first, before anything else is read for the
// change or written; then whatever fn touches. As every change begins with the same
// row, two changes of a region run one after the other and cannot lock each other
// out, and fn may read "what is known now" and rely on it until the commit. Without
// the lock two imports could take the same revision, or both give a number to the
// same new person. Regions do not wait for each other, and a transaction never
// changes two of them, so there is no order among regions to keep.
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

// ReadHead reads the end of the chain, with a locking clause or none.
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

// AppendEntry writes the entry with the digests of what its revision wrote and with what
// it made of rows that change (before: as it found them), and moves the region's head to
// it. It is the last that a change does.
func AppendEntry(ctx context.Context, tx pgx.Tx, previous []byte, e journal.Entry, before states) error {
	if err := keepChanges(ctx, In(tx, e.Region).At(e.Rev), before); err != nil {
		return err
	}
	if err := keepDigests(ctx, tx, &e); err != nil {
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

// EachLink calls fn with the entries of a region's chain in their order. A null or a time
// without end, which the schema forbids or no clock gives, comes as something that the
// entry's hash does not cover: an audit then names the entry, and reads on.
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

// Link is one entry of the chain as it is stored.
type Link struct {
	Entry          journal.Entry
	Algorithm      string
	Previous, Hash []byte
}
