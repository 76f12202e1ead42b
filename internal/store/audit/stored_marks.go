package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// storedMarks are the marks of a revision's rows in one table: a prefix of each row's hash, by
// key. They tell which row differs where the digest only says that one does.
type storedMarks struct {
	digest string            // of the stored bytes
	byKey  map[string][]byte // by encoded key: prefix of the row's SHA-256
	order  []string          // the keys
	parts  []int32
	broken int32 // a part that cannot be read; 0: none
}

// readMarks reads the marks of a table as of the scope's revision. Undecodable parts are skipped;
// they show as a digest that differs.
func readMarks(ctx context.Context, scope postgres.Scope, table string) (*storedMarks, error) {
	m := &storedMarks{byKey: make(map[string][]byte)}
	sum := sha256.New()
	rows, err := scope.Tx.Query(ctx, `SELECT part, marks FROM row_mark WHERE region = $1 AND rev = $2 AND name = $3 ORDER BY part`, scope.Region, scope.Rev, table)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	var part int32
	var packed []byte
	_, err = pgx.ForEachRow(rows, []any{&part, &packed}, func() error {
		m.parts = append(m.parts, part)
		open, err := postgres.MarkUnpacker().DecodeAll(packed, nil)
		if err != nil || !m.add(open) {
			m.broken = part
		}
		sum.Write(packed)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	m.digest = hex.EncodeToString(sum.Sum(nil))
	return m, nil
}

func (m *storedMarks) add(open []byte) bool {
	for len(open) > 0 {
		size, n := binary.Uvarint(open)
		if n <= 0 || size > uint64(len(open)-n) || len(open)-n-int(size) < postgres.MarkSize {
			return false
		}
		key := string(open[n : n+int(size)])
		open = open[n+int(size):]
		m.byKey[key] = open[:postgres.MarkSize:postgres.MarkSize]
		m.order = append(m.order, key)
		open = open[postgres.MarkSize:]
	}
	return true
}

// intact reports whether all parts are there in sequence and match the digest.
func (m *storedMarks) intact(digest string) bool {
	for i, part := range m.parts {
		if part != int32(i+1) {
			return false
		}
	}
	return m.digest == digest
}

// suspect names the part that is undecodable or missing, else all parts.
func (m *storedMarks) suspect(table string) string {
	if m.broken > 0 {
		return fmt.Sprintf("表 %s，第 %d 段", table, m.broken)
	}
	for i, part := range m.parts {
		if part != int32(i+1) {
			return fmt.Sprintf("表 %s，第 %d 段", table, i+1)
		}
	}
	return fmt.Sprintf("表 %s，第 1—%d 段", table, max(len(m.parts), 1))
}
