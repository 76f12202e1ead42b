package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/month"
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
func readMarks(ctx context.Context, tx pgx.Tx, region int32, rev int64, table string) (*storedMarks, error) {
	m := &storedMarks{byKey: make(map[string][]byte)}
	sum := sha256.New()
	rows, err := tx.Query(ctx, `SELECT part, marks FROM row_mark WHERE region = $1 AND rev = $2 AND name = $3 ORDER BY part`, region, rev, table)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	var part int32
	var packed []byte
	_, err = pgx.ForEachRow(rows, []any{&part, &packed}, func() error {
		m.parts = append(m.parts, part)
		open, err := markUnpacker().DecodeAll(packed, nil)
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
		if n <= 0 || size > uint64(len(open)-n) || len(open)-n-int(size) < markSize {
			return false
		}
		key := string(open[n : n+int(size)])
		open = open[n+int(size):]
		m.byKey[key] = open[:markSize:markSize]
		m.order = append(m.order, key)
		open = open[markSize:]
	}
	return true
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
func (g *grown) describe(key []byte) string {
	var words []string
	for _, k := range g.key {
		if len(key) < 4 {
			break
		}
		size := int(int32(binary.BigEndian.Uint32(key)))
		if key = key[4:]; size < 0 || size > len(key) {
			break
		}
		words = append(words, k.title+" "+fieldText(k.kind, key[:size]))
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
		return (month.Date(int32(binary.BigEndian.Uint32(b))) + postgresEpoch).String()
	}
	return hex.EncodeToString(b)
}

// nameRows adds name and masked number of the people that problems are about.
func (a *audit) nameRows(ctx context.Context) error {
	for _, i := range a.people {
		p := &a.report.Problems[i]
		_, rest, _ := strings.Cut(p.Key, keyPerson.title+" ")
		digits, _, _ := strings.Cut(rest, "，")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		who, err := personCalled(ctx, a.tx, a.region, number)
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
func personCalled(ctx context.Context, tx pgx.Tx, region int32, number int64) (string, error) {
	rows, err := tx.Query(ctx, `SELECT name, id_number FROM person WHERE region = $1 AND person = $2 ORDER BY rev DESC LIMIT 1`, region, number)
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

// strangers names rows of revisions that have no digest of their table.
func (a *audit) strangers(ctx context.Context, digests map[int64][]journal.Rows) error {
	for i := range growing {
		g := &growing[i]
		rows, err := a.tx.Query(ctx, g.revisions(a.region))
		if err != nil {
			return fmt.Errorf("count %s: %w", g.name, err)
		}
		var unknown []int64
		var rev, count int64
		_, err = pgx.ForEachRow(rows, []any{&rev, &count}, func() error {
			l, there := a.links[rev]
			old := there && l.algorithm == journal.V1
			named := there && journal.RowsDigest(digests[rev]) != l.entry.Rows // by digestsOf
			if !old && !named && digestOf(digests[rev], g.name) == nil {
				unknown = append(unknown, rev)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("count %s: %w", g.name, err)
		}
		for _, rev := range unknown {
			where := g.at(a.region, rev)
			if rev == 0 && g.stray(a.region) != "" {
				where = g.stray(a.region)
			}
			err := eachRow(ctx, a.tx, g, where, func(key []byte, _ *[sha256.Size]byte, _ bool) error {
				a.row(g, rev, key, "多出，不是本程序登记的")
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// strayMarks names marks that no digest vouches for.
func (a *audit) strayMarks(ctx context.Context, _ map[int64][]journal.Rows) error {
	rows, err := a.tx.Query(ctx, `SELECT m.rev, m.name, m.part FROM row_mark m WHERE m.region = $1 AND NOT EXISTS (
		SELECT FROM row_digest d WHERE d.region = m.region AND d.rev = m.rev AND d.name = m.name) ORDER BY 1, 2, 3`, a.region)
	if err != nil {
		return fmt.Errorf("read stray marks: %w", err)
	}
	var rev int64
	var name string
	var part int32
	_, err = pgx.ForEachRow(rows, []any{&rev, &name, &part}, func() error {
		a.found(AuditProblem{Rev: rev, Table: "row_mark", Key: fmt.Sprintf("表 %s，第 %d 段", name, part), What: "多出，没有对应的行摘要"})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read stray marks: %w", err)
	}
	return nil
}

// accessGaps names rows of the access log that are gone before a seal could cover them,
// and counts those that none covers yet.
func (a *audit) accessGaps(ctx context.Context, _ map[int64][]journal.Rows) error {
	const unsealed = `n > coalesce((SELECT max(last) FROM access_seal WHERE region = $1), 0)`
	if err := a.tx.QueryRow(ctx, `SELECT count(*) FROM access_log WHERE region = $1 AND `+unsealed, a.region).Scan(&a.report.Unsealed); err != nil {
		return fmt.Errorf("count access log: %w", err)
	}
	rows, err := a.tx.Query(ctx, `SELECT n - 1 FROM (SELECT n, lag(n, 1, coalesce((SELECT max(last) FROM access_seal WHERE region = $1), 0)) OVER (ORDER BY n) AS p
		FROM access_log WHERE region = $1 AND `+unsealed+`) t WHERE n <> p + 1`, a.region)
	if err != nil {
		return fmt.Errorf("read access log: %w", err)
	}
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&n}, func() error {
		a.found(AuditProblem{Table: "access_log", Key: fmt.Sprintf("序号 %d", n), What: "缺失（还没有封存）"})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read access log: %w", err)
	}
	return nil
}

// packs names packs that are not what their hash says, of revisions without digests.
func (a *audit) packs(ctx context.Context, digests map[int64][]journal.Rows) error {
	rows, err := a.tx.Query(ctx, `
		SELECT rev, hash FROM pack WHERE region = $1 AND hash <> encode(sha256(convert_to(body, 'UTF8')), 'hex')`, a.region)
	if err != nil {
		return fmt.Errorf("check packs: %w", err)
	}
	p := AuditProblem{Table: "pack", What: "被改动"}
	var hash string
	_, err = pgx.ForEachRow(rows, []any{&p.Rev, &hash}, func() error {
		if digestOf(digests[p.Rev], p.Table) == nil {
			p.Key = "摘要 " + hash
			a.found(p)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check packs: %w", err)
	}
	return nil
}
