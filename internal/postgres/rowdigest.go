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
	marksPerPart = 4096 // rows
	MarkSize     = 6    // bytes of a row's SHA-256 that are kept
)

// keepDigests digests what revision e.Rev wrote, keeps the tables' digests and marks, and
// fills in e's Rows, Before and After. The rows are read back as they are stored,
// in the order of their keys, so what vouches for them cannot differ from what is there.
// It takes some 12 bytes of memory a row, whatever the rows' size.
func keepDigests(ctx context.Context, tx pgx.Tx, e *journal.Entry) error {
	written, err := writtenTables(ctx, In(tx, e.Region).At(e.Rev))
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
		if err := storeMarks(ctx, tx, g, e, s); err != nil {
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

// writtenTables returns the growing tables that have rows of the revision, in one query.
func writtenTables(ctx context.Context, scope Scope) ([]*Grown, error) {
	tests := make([]string, len(Growing))
	for i := range Growing {
		tests[i] = fmt.Sprintf("EXISTS (SELECT FROM %s WHERE %s)", Growing[i].Name, Growing[i].At(scope.Region, scope.Rev))
	}
	// Without statistics of what was written a moment ago the planner would rather read
	// whole tables in vain; the memory is for sorting a revision's rows.
	_, err := scope.Tx.Exec(ctx, `SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '64MB'`)
	if err != nil {
		return nil, fmt.Errorf("prepare digest: %w", err)
	}
	has := make([]bool, 0, len(Growing))
	err = scope.Tx.QueryRow(ctx, "SELECT ARRAY["+strings.Join(tests, ", ")+"]", pgx.QueryExecModeExec).Scan(&has)
	if err != nil {
		return nil, fmt.Errorf("look for rows of revision %d: %w", scope.Rev, err)
	}
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL enable_seqscan = on`); err != nil {
		return nil, fmt.Errorf("prepare digest: %w", err)
	}
	var written []*Grown
	for i := range Growing {
		if has[i] {
			written = append(written, &Growing[i])
		}
	}
	return written, nil
}

// rowSums are the digests of a table's rows at a revision.
type rowSums struct {
	Rows  journal.Rows
	known *journal.RowSum // of what the rows say, without those that only say "none"
	parts [][]byte        // marks, compressed
}

// SumRows digests the rows of a table at a revision. With keep it also makes the marks
// and their digest.
func SumRows(ctx context.Context, tx pgx.Tx, g *Grown, region int32, rev int64, keep bool) (*rowSums, error) {
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

// EachRow calls fn with the rows that a condition selects, in the order of their keys:
// key as rowKey has it and SHA-256. Both are valid until fn returns.
func EachRow(ctx context.Context, tx pgx.Tx, g *Grown, where string, fn func(key []byte, row *[sha256.Size]byte, none bool) error) error {
	sql := fmt.Sprintf("COPY (SELECT %s FROM %s WHERE %s %s) TO STDOUT (FORMAT binary)", g.Columns(""), g.Name, where, g.order())
	return copyRowSums(ctx, tx, g, sql, fn)
}

func copyRowSums(ctx context.Context, tx pgx.Tx, g *Grown, sql string, fn func(key []byte, row *[sha256.Size]byte, none bool) error) error {
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

// rowKey returns the first n fields of a row as COPY writes them: length and value each.
func rowKey(r *RowReader, raw []byte, n int) []byte {
	const count = 2 // bytes before the first field
	if n == 0 || n > len(r.fields) {
		return nil
	}
	last := r.fields[n-1]
	return raw[count : last.at+max(last.len, 0)]
}

// sumBefore digests what was known before the revision of everything it restates.
func sumBefore(ctx context.Context, tx pgx.Tx, g *Grown, region int32, rev int64) (*journal.RowSum, error) {
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

// storeMarks keeps a table's digest and marks.
func storeMarks(ctx context.Context, tx pgx.Tx, g *Grown, e *journal.Entry, s *rowSums) error {
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

// marker collects what names rows: for each the length of its key as a varint, the key
// and the beginning of its SHA-256.
type marker struct {
	sum   hash.Hash // over the parts as they are kept
	open  []byte    // the part being filled
	count int       // its rows
	parts [][]byte  // compressed
}

func newMarker() *marker { return &marker{sum: sha256.New()} }

func (m *marker) add(key []byte, row *[sha256.Size]byte) {
	m.open = binary.AppendUvarint(m.open, uint64(len(key)))
	m.open = append(append(m.open, key...), row[:MarkSize]...)
	if m.count++; m.count == marksPerPart {
		m.flush()
	}
}

func (m *marker) flush() {
	if m.count == 0 {
		return
	}
	packed := markPacker().EncodeAll(m.open, nil)
	m.sum.Write(packed)
	m.parts = append(m.parts, packed)
	m.open, m.count = m.open[:0], 0
}

// markPacker and markUnpacker may be used by several goroutines.
var markPacker = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are right, whatever the input
	}
	return w
})

var MarkUnpacker = sync.OnceValue(func() *zstd.Decoder {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRow))
	if err != nil {
		panic(err)
	}
	return r
})
