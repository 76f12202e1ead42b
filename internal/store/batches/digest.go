package batches

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// The tables of a batch's lines: draft_line until approval, whose rows a run replaces, and
// the append-only line afterwards.
const (
	DraftLines = "draft_line"
	FinalLines = "line"
)

// LinesDigest computes, from what a table holds (DraftLines or FinalLines), the digest
// of a batch: hex SHA-256 over approval.DigestHeader and the lines in primary-key order as
// binary COPY tuples. Where it equals the batch's digest, nobody has changed what was
// computed and signed. Memory does not depend on the number of lines.
func LinesDigest(ctx context.Context, tx pgx.Tx, table string, region int32, b payrun.Batch) (string, error) {
	sum := sha256.New()
	sum.Write([]byte(approval.DigestHeader(region, b.Month, b.Bureau, b.N, b.Revision, b.Pack)))
	// COPY takes no parameters; both numbers are integers of ours.
	err := postgres.CopyOut(ctx, tx.Conn().PgConn(), fmt.Sprintf(`
		COPY (SELECT person, item, payee, month, against, kind, amount, hold, id_number, name,
		             street, community, bank, account, holder
		      FROM %s WHERE region = %d AND batch = %d
		      ORDER BY person, item, payee, month, against)
		TO STDOUT (FORMAT binary)`, table, region, b.Number), func(rows *postgres.RowReader) error {
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

// StoredDigest computes a batch's digest from its lines as stored now.
func StoredDigest(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (string, error) {
	var digest string
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		digest, err = LinesDigest(ctx, tx, LineTable(b), region, b)
		return err
	})
	return digest, err
}
