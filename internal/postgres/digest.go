package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

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
	tuples := &tupleWriter{to: sum}
	// COPY takes no parameters; both numbers are integers of ours.
	_, err := tx.Conn().PgConn().CopyTo(ctx, tuples, fmt.Sprintf(`
		COPY (SELECT person, item, payee, month, against, kind, amount, hold, id_number, name,
		             street, community, bank, account, holder
		      FROM %s WHERE region = %d AND batch = %d
		      ORDER BY person, item, payee, month, against)
		TO STDOUT (FORMAT binary)`, table, region, b.Number))
	if err != nil {
		return "", fmt.Errorf("copy out lines of batch %d: %w", b.Number, err)
	}
	if err := tuples.finish(); err != nil {
		return "", fmt.Errorf("digest lines of batch %d: %w", b.Number, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// copyHeader is how a binary COPY begins: signature, no flags, no extension.
var copyHeader = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// copyTrailer is how it ends: a tuple of −1 fields.
var copyTrailer = []byte{0xff, 0xff}

// tupleWriter passes on the tuples of a binary COPY without header and trailer,
// however the stream is cut. The last two bytes seen are kept back, since they may be
// the trailer.
type tupleWriter struct {
	to     hash.Hash
	header []byte
	kept   []byte
}

func (w *tupleWriter) Write(p []byte) (int, error) {
	n := len(p)
	if missing := len(copyHeader) - len(w.header); missing > 0 {
		take := min(missing, len(p))
		w.header = append(w.header, p[:take]...)
		p = p[take:]
	}
	if len(p) >= len(copyTrailer) {
		w.to.Write(w.kept)
		w.to.Write(p[:len(p)-len(copyTrailer)])
		w.kept = append(w.kept[:0], p[len(p)-len(copyTrailer):]...)
		return n, nil
	}
	w.kept = append(w.kept, p...)
	if over := len(w.kept) - len(copyTrailer); over > 0 {
		w.to.Write(w.kept[:over])
		w.kept = append(w.kept[:0], w.kept[over:]...)
	}
	return n, nil
}

func (w *tupleWriter) finish() error {
	if !bytes.Equal(w.header, copyHeader) || !bytes.Equal(w.kept, copyTrailer) {
		return errors.New("not a whole binary COPY of version 1")
	}
	return nil
}
