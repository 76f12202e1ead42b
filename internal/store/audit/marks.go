package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// revTable is a table at a revision.
type revTable struct {
	rev  int64
	name string
}

// checkMarks compares all row marks with their digests in one query: a query per revision takes
// longer than reading the rows themselves.
func (a *audit) checkMarks(ctx context.Context) error {
	sums, err := a.markSums(ctx)
	if err != nil {
		return err
	}
	for _, rev := range slices.Sorted(maps.Keys(a.digests)) {
		if a.outsideChain(rev) {
			continue
		}
		for _, d := range a.digests[rev] {
			if sums[revTable{rev, d.Table}] == d.Marks {
				continue
			}
			marks, err := a.marks(ctx, rev, d.Table)
			if err != nil {
				return err
			}
			if marks != nil {
				a.add(Problem{Rev: rev, Table: "row_mark", Key: marks.suspect(d.Table), What: "行标记被改动、缺失或多出"})
			}
		}
	}
	return nil
}

// markSums computes the digests of the region's stored marks, by revision and table; "" where the
// part numbers have gaps.
func (a *audit) markSums(ctx context.Context) (map[revTable]string, error) {
	rows, err := a.Tx.Query(ctx, `SELECT rev, name, part, marks FROM row_mark WHERE region = $1 ORDER BY rev, name, part`, a.Region)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	sums := map[revTable]string{}
	var at, last revTable
	var part, parts int32
	var packed []byte
	sum := sha256.New()
	_, err = pgx.ForEachRow(rows, []any{&at.rev, &at.name, &part, &packed}, func() error {
		if at != last {
			last, parts = at, 0
			sum.Reset()
		}
		sum.Write(packed)
		if parts++; part != parts {
			parts = -1 // never again in order
		}
		sums[at] = ""
		if parts > 0 {
			sums[at] = hex.EncodeToString(sum.Sum(nil))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	return sums, nil
}
