package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Scope is what nearly every query is about: one region, in one transaction, at one
// revision. It goes by value, so that a function can look back (At) without its caller
// noticing.
type Scope struct {
	Tx     pgx.Tx
	Region int32 // six-digit division code (行政区划代码)
	// Rev is the revision that is read as known, or, within Change, the one that is being
	// written. 0: none was asked for; only what does not depend on a revision may be read.
	Rev int64
}

// In is a region's scope without a revision.
func In(tx pgx.Tx, region int32) Scope { return Scope{Tx: tx, Region: region} }

// At is the same scope at another revision.
func (s Scope) At(rev int64) Scope {
	s.Rev = rev
	return s
}

// ReadRegion is Read for one region.
func (db *DB) ReadRegion(ctx context.Context, region int32, fn func(scope Scope) error) error {
	return db.Read(ctx, func(tx pgx.Tx) error { return fn(In(tx, region)) })
}
