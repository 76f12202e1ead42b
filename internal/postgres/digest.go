package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
)

// The two places where a batch's lines are: until approval, and after it.
const (
	draftLines = "draft_line"
	finalLines = "line"
)

// DraftDigest computes, from what is stored, the digest of a batch that is not
// approved: hex SHA-256 over approval.DigestHeader and the lines in primary-key order
// as binary COPY tuples. Where it equals the batch's digest, nobody has changed what
// was computed and signed. Memory does not depend on the number of lines.
func DraftDigest(ctx context.Context, tx pgx.Tx, region int32, batch int32) (string, error) {
	return storedDigest(ctx, tx, draftLines, region, batch)
}

// LineDigest is DraftDigest of an approved batch, from the lines that are kept.
func LineDigest(ctx context.Context, tx pgx.Tx, region int32, batch int32) (string, error) {
	return storedDigest(ctx, tx, finalLines, region, batch)
}

func storedDigest(ctx context.Context, tx pgx.Tx, table string, region, batch int32) (string, error) {
	b, err := batchByNumber(ctx, tx, region, batch)
	if err != nil {
		return "", err
	}
	return linesDigest(ctx, tx, table, region, b)
}

func linesDigest(ctx context.Context, tx pgx.Tx, table string, region int32, b payrun.Batch) (string, error) {
	sum := sha256.New()
	sum.Write([]byte(approval.DigestHeader(region, b.Month, b.Bureau, b.N, b.Revision, b.Pack)))
	// COPY takes no parameters; both numbers are integers of ours.
	err := CopyOut(ctx, tx.Conn().PgConn(), fmt.Sprintf(`
		COPY (SELECT person, item, payee, month, against, kind, amount, hold, id_number, name,
		             street, community, bank, account, holder
		      FROM %s WHERE region = %d AND batch = %d
		      ORDER BY person, item, payee, month, against)
		TO STDOUT (FORMAT binary)`, table, region, b.Number), func(rows *RowReader) error {
		for rows.Next() {
			sum.Write(rows.Raw())
		}
		return rows.Err()
	})
	if err != nil {
		return "", fmt.Errorf("digest lines of batch %d: %w", b.Number, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// copyHeader is how a binary COPY begins: signature, no flags, no extension.
var copyHeader = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// copyTrailer is how it ends: a tuple of −1 fields.
var copyTrailer = []byte{0xff, 0xff}

// StoredDigest computes a batch's digest from its lines as they are kept now.
func (db *DB) StoredDigest(ctx context.Context, region int32, b payrun.Batch) (string, error) {
	var digest string
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		digest, err = linesDigest(ctx, tx, lineTable(b), region, b)
		return err
	})
	return digest, err
}
