package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Scope is what nearly every query needs: one transaction, one region, one revision. It is
// passed by value, so that a function can read at another revision (At) without affecting
// its caller.
type Scope struct {
	Tx     pgx.Tx
	Region int32 // six-digit division code (行政区划代码)
	// Rev is the revision as of which is read or, within Change, the one being written.
	// 0: none; only queries that do not depend on a revision are valid.
	Rev int64
}

// In returns a region's scope without a revision.
func In(tx pgx.Tx, region int32) Scope { return Scope{Tx: tx, Region: region} }

// At returns the scope at another revision.
func (s Scope) At(rev int64) Scope {
	s.Rev = rev
	return s
}

// ReadRegion is Read for one region.
func (db *DB) ReadRegion(ctx context.Context, region int32, fn func(scope Scope) error) error {
	return db.Read(ctx, func(tx pgx.Tx) error { return fn(In(tx, region)) })
}
