package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"disburse/internal/journal"
)

const (
	rowsPerPart = 4096 // rows whose marks are stored together
	// MarkSize is how many bytes of a row's SHA-256 its mark has: enough to name the altered
	// row; that something was altered is proven by the full digest.
	MarkSize = 6
)

// insertDigests computes and stores, per append-only table, the digest and marks of the
// rows that revision e.Rev wrote, and sets e's Rows, Before and After. It reads the rows
// back from the database in primary-key order, so that the digest covers what is stored,
// not what was meant to be. Memory: about 12 bytes a row, whatever the rows' size.
func insertDigests(ctx context.Context, tx pgx.Tx, e *journal.Entry) error {
	written, err := tablesWritten(ctx, In(tx, e.Region).At(e.Rev))
	if err != nil || len(written) == 0 {
		return err
	}
	var all []journal.Rows
	var before, after []journal.Rows
	for _, g := range written {
		s, err := SumRows(ctx, tx, g, e.Region, e.Rev, true)
		if err != nil {
			return err
		}
		if err := insertMarks(ctx, tx, g, e, s); err != nil {
			return err
		}
		all = append(all, s.Rows)
		if g.unit == 0 {
			continue
		}
		past, err := sumBefore(ctx, tx, g, e.Region, e.Rev)
		if err != nil {
			return err
		}
		before = append(before, journal.Rows{Table: g.Name, Count: past.Count(), Digest: past.Hex()})
		after = append(after, journal.Rows{Table: g.Name, Count: s.known.Count(), Digest: s.known.Hex()})
	}
	e.Rows, e.Before, e.After = journal.RowsDigest(all), journal.RowsDigest(before), journal.RowsDigest(after)
	return nil
}

// tablesWritten returns the append-only tables that have rows of the revision, in one query.
func tablesWritten(ctx context.Context, scope Scope) ([]*AppendOnlyTable, error) {
	tests := make([]string, len(AppendOnlyTables))
	for i := range AppendOnlyTables {
		tests[i] = fmt.Sprintf("EXISTS (SELECT FROM %s WHERE %s)", AppendOnlyTables[i].Name, AppendOnlyTables[i].At(scope.Region, scope.Rev))
	}
	// There are no statistics yet of rows written a moment ago, so the planner would choose
	// sequential scans of whole tables; work_mem is for sorting a revision's rows.
	_, err := scope.Tx.Exec(ctx, `SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '64MB'`)
	if err != nil {
		return nil, fmt.Errorf("prepare digest: %w", err)
	}
	has := make([]bool, 0, len(AppendOnlyTables))
	err = scope.Tx.QueryRow(ctx, "SELECT ARRAY["+strings.Join(tests, ", ")+"]", pgx.QueryExecModeExec).Scan(&has)
	if err != nil {
		return nil, fmt.Errorf("look for rows of revision %d: %w", scope.Rev, err)
	}
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL enable_seqscan = on`); err != nil {
		return nil, fmt.Errorf("prepare digest: %w", err)
	}
	var written []*AppendOnlyTable
	for i := range AppendOnlyTables {
		if has[i] {
			written = append(written, &AppendOnlyTables[i])
		}
	}
	return written, nil
}

// rowSums are the digests of a table's rows at a revision.
type rowSums struct {
	Rows  journal.Rows
	known *journal.RowSum // without placeholder rows, which only say "none"
	parts [][]byte        // marks, compressed
}

// SumRows digests the rows of a table at a revision. With marks it also makes the marks
// and their digest; the audit, which compares digests first, does not need them.
func SumRows(ctx context.Context, tx pgx.Tx, g *AppendOnlyTable, region int32, rev int64, keep bool) (*rowSums, error) {
	s := &rowSums{known: journal.NewRowSum("known", g.Name)}
	sum, m := journal.NewRowSum("rows", g.Name), newMarker()
	err := EachRow(ctx, tx, g, g.At(region, rev), func(key []byte, row *[sha256.Size]byte, none bool) error {
		sum.Add(row)
		if !none {
			s.known.Add(row)
		}
		if keep {
			m.add(key, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.flush()
	s.Rows = journal.Rows{Table: g.Name, Count: sum.Count(), Digest: sum.Hex()}
	if keep {
		s.Rows.Marks, s.parts = hex.EncodeToString(m.sum.Sum(nil)), m.parts
	}
	return s, nil
}

// EachRow calls fn with the key (see rowKey) and SHA-256 of each row that the condition
// selects, in primary-key order. Both are valid until fn returns.
func EachRow(ctx context.Context, tx pgx.Tx, g *AppendOnlyTable, where string, fn func(key []byte, row *[sha256.Size]byte, none bool) error) error {
	sql := fmt.Sprintf("COPY (SELECT %s FROM %s WHERE %s %s) TO STDOUT (FORMAT binary)", g.Columns(""), g.Name, where, g.order())
	return copyRowSums(ctx, tx, g, sql, fn)
}

func copyRowSums(ctx context.Context, tx pgx.Tx, g *AppendOnlyTable, sql string, fn func(key []byte, row *[sha256.Size]byte, none bool) error) error {
	err := CopyOut(ctx, tx.Conn().PgConn(), sql, func(r *RowReader) error {
		var row [sha256.Size]byte
		for r.Next() {
			raw := r.Raw()
			row = sha256.Sum256(raw)
			none := g.none >= 0 && r.Int16(g.none) == 0
			if err := fn(rowKey(r, raw, len(g.Key)), &row, none); err != nil {
				return err
			}
		}
		return r.Err()
	})
	if err != nil {
		return fmt.Errorf("digest %s: %w", g.Name, err)
	}
	return nil
}

// rowKey returns the first n fields of a row in COPY's encoding: length and value each.
func rowKey(r *RowReader, raw []byte, n int) []byte {
	const count = 2 // bytes before the first field
	if n == 0 || n > len(r.fields) {
		return nil
	}
	last := r.fields[n-1]
	return raw[count : last.at+max(last.len, 0)]
}

// sumBefore digests what the revision replaces: of each unit that it states anew, the rows
// of the latest earlier revision. With the digest after it, an entry shows from what to
// what knowledge changed.
func sumBefore(ctx context.Context, tx pgx.Tx, g *AppendOnlyTable, region int32, rev int64) (*journal.RowSum, error) {
	sum := journal.NewRowSum("known", g.Name)
	var earlier bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM row_digest WHERE region = $1 AND name = $2 AND rev < $3)
		OR EXISTS (SELECT FROM journal WHERE region = $1 AND algorithm = $4)`, region, g.Name, rev, journal.V1).Scan(&earlier)
	if err != nil {
		return nil, fmt.Errorf("look for earlier rows of %s: %w", g.Name, err)
	}
	if !earlier {
		return sum, nil
	}
	unit := g.keyNames("", g.unit)
	sql := fmt.Sprintf(`COPY (SELECT %[1]s FROM %[2]s t JOIN (
			SELECT %[3]s, max(rev) AS rev FROM %[2]s WHERE region = %[4]d AND rev < %[5]d
			AND (%[3]s) IN (SELECT %[3]s FROM %[2]s WHERE region = %[4]d AND rev = %[5]d) GROUP BY %[3]s) b USING (%[3]s, rev)
		WHERE t.region = %[4]d %[6]s) TO STDOUT (FORMAT binary)`, g.Columns(""), g.Name, unit, region, rev, g.order())
	err = copyRowSums(ctx, tx, g, sql, func(_ []byte, row *[sha256.Size]byte, none bool) error {
		if !none {
			sum.Add(row)
		}
		return nil
	})
	return sum, err
}

// insertMarks stores a table's digest and marks.
func insertMarks(ctx context.Context, tx pgx.Tx, g *AppendOnlyTable, e *journal.Entry, s *rowSums) error {
	_, err := tx.Exec(ctx, `INSERT INTO row_digest (region, rev, name, rows, digest, marks) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.Region, e.Rev, g.Name, s.Rows.Count, s.Rows.Digest, s.Rows.Marks)
	if err != nil {
		return fmt.Errorf("insert digest of %s: %w", g.Name, err)
	}
	err = CopyRows(ctx, tx, `COPY row_mark (region, rev, name, part, marks) FROM STDIN (FORMAT binary)`, len(s.parts), func(w *RowWriter, i int) {
		w.Row(5)
		w.Int32(e.Region)
		w.Int64(e.Rev)
		w.Text(g.Name)
		w.Int32(int32(i + 1))
		w.Bytes(s.parts[i])
	})
	if err != nil {
		return fmt.Errorf("write marks of %s: %w", g.Name, err)
	}
	return nil
}

// marker collects row marks: for each row the length of its key as a varint, the key and the
// first MarkSize bytes of its SHA-256. They are what lets an audit name the rows that were
// altered, added or deleted, where the digest only proves that some were.
type marker struct {
	sum   hash.Hash // over the compressed parts
	part  []byte    // the part being filled
	rows  int       // in it
	parts [][]byte  // compressed
}

func newMarker() *marker { return &marker{sum: sha256.New()} }

func (m *marker) add(key []byte, row *[sha256.Size]byte) {
	m.part = binary.AppendUvarint(m.part, uint64(len(key)))
	m.part = append(append(m.part, key...), row[:MarkSize]...)
	if m.rows++; m.rows == rowsPerPart {
		m.flush()
	}
}

func (m *marker) flush() {
	if m.rows == 0 {
		return
	}
	packed := markPacker().EncodeAll(m.part, nil)
	m.sum.Write(packed)
	m.parts = append(m.parts, packed)
	m.part, m.rows = m.part[:0], 0
}

// markPacker and MarkUnpacker are safe for concurrent use.
var markPacker = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // only wrong options fail, and these are constant
	}
	return w
})

// MarkUnpacker decompresses parts of marks, at most maxRow bytes each, as a tampered part
// could claim any size.
var MarkUnpacker = sync.OnceValue(func() *zstd.Decoder {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRow))
	if err != nil {
		panic(err)
	}
	return r
})
