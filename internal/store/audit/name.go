package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// storedMarks are the marks of a revision's rows of one table as they are kept.
type storedMarks struct {
	digest string            // of what is kept
	byKey  map[string][]byte // key as rowKey has it: beginning of the row's SHA-256
	order  []string          // the keys
	parts  []int32
	broken int32 // a part that cannot be read; 0: none
}

// readMarks reads marks; what cannot be read is left out, and shows in the digest.
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

// asKept reports whether the parts are all there, one after the other, and are what the
// digest says.
func (m *storedMarks) asKept(digest string) bool {
	for i, part := range m.parts {
		if part != int32(i+1) {
			return false
		}
	}
	return m.digest == digest
}

// suspect names the part that does not read or is not there, else all parts.
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

// describe says a key in words: 人员 12，情况 低保，第几条 1.
func describe(g *postgres.AppendOnlyTable, key []byte) string {
	var words []string
	for _, k := range g.Key {
		if len(key) < 4 {
			break
		}
		size := int(int32(binary.BigEndian.Uint32(key)))
		if key = key[4:]; size < 0 || size > len(key) {
			break
		}
		words = append(words, k.Title+" "+fieldText(k.Kind, key[:size]))
		key = key[size:]
	}
	return strings.Join(words, "，")
}

// fieldText is a field of a binary COPY in words.
func fieldText(kind string, b []byte) string {
	switch {
	case kind == "text":
		return string(b)
	case kind == "i2" && len(b) == 2:
		return strconv.Itoa(int(int16(binary.BigEndian.Uint16(b))))
	case kind == "i4" && len(b) == 4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(b))))
	case kind == "i8" && len(b) == 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10)
	case kind == "date" && len(b) == 4:
		return (month.Date(int32(binary.BigEndian.Uint32(b))) + postgres.Epoch).String()
	}
	return hex.EncodeToString(b)
}

// nameRows adds name and masked number of the people that problems are about.
func (a *audit) nameRows(ctx context.Context) error {
	for _, i := range a.people {
		p := &a.report.Problems[i]
		_, rest, _ := strings.Cut(p.Key, postgres.KeyPerson.Title+" ")
		digits, _, _ := strings.Cut(rest, "，")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		who, err := personCalled(ctx, a.Scope, number)
		if err != nil {
			return err
		}
		if who != "" {
			p.Key += "（" + who + "）"
		}
	}
	return nil
}

// personCalled is a person's latest name and masked number; "" where there is none.
func personCalled(ctx context.Context, scope postgres.Scope, number int64) (string, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT name, id_number FROM person WHERE region = $1 AND person = $2 ORDER BY rev DESC LIMIT 1`, scope.Region, number)
	if err != nil {
		return "", fmt.Errorf("read person %d: %w", number, err)
	}
	var name, id, who string
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		who = name + " " + roster.MaskID(id)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read person %d: %w", number, err)
	}
	return who, nil
}
