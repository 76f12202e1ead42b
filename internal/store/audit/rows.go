package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// outsideChain reports whether no chain entry can have the revision: above the head, or below 1.
func (a *audit) outsideChain(rev int64) bool { return rev > a.end.Rev || rev <= 0 }

// checkRevision verifies the rows of one revision: first the digests against the journal entry, then
// the rows against the digests.
func (a *audit) checkRevision(ctx context.Context, rev int64, stored []journal.Rows) error {
	if a.outsideChain(rev) { // its rows are reported by checkUnrecorded
		for _, d := range stored {
			a.add(Problem{Rev: rev, Table: "row_digest", Key: "表 " + d.Table, What: fmt.Sprintf("多出，审计链上没有这次修订（最后修订号应为 %d）", a.end.Rev)})
		}
		return nil
	}
	if journal.RowsDigest(stored) != a.links[rev].Entry.Rows {
		if err := a.checkDigests(ctx, rev, stored); err != nil {
			return err
		}
	}
	for _, d := range stored {
		g := tableNamed(d.Table)
		if g == nil {
			continue // reported by checkDigests, or written by a newer version
		}
		if err := a.runCheck(ctx, g.Name, func(ctx context.Context) error { return a.checkTable(ctx, g, rev, d) }); err != nil {
			return err
		}
	}
	return nil
}

func tableNamed(name string) *postgres.AppendOnlyTable {
	for i := range postgres.AppendOnlyTables {
		if postgres.AppendOnlyTables[i].Name == name {
			return &postgres.AppendOnlyTables[i]
		}
	}
	return nil
}

// checkDigests finds which digests of a revision differ from the rows, where the journal entry does
// not match the digests as a whole.
func (a *audit) checkDigests(ctx context.Context, rev int64, stored []journal.Rows) error {
	before := a.count()
	actual := make(map[string]bool)
	for i := range postgres.AppendOnlyTables {
		g := &postgres.AppendOnlyTables[i]
		err := a.runCheck(ctx, g.Name, func(ctx context.Context) error {
			s, err := postgres.SumRows(ctx, a.Tx, g, a.Region, rev, false)
			if err != nil || s.Rows.Count == 0 {
				return err
			}
			actual[g.Name] = true
			d := digestOf(stored, g.Name)
			a.compareDigest(rev, g.Name, d, &s.Rows)
			if marks, err := a.marks(ctx, rev, g.Name); d != nil || marks == nil || len(marks.order) == 0 {
				return err
			} else { // without the digest, the marks still tell which rows differ
				return a.compareRows(ctx, g, rev, marks)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, d := range stored {
		if !actual[d.Table] {
			a.addDigest(rev, d.Table, "有行摘要而没有行")
			continue
		}
		marks, err := a.marks(ctx, rev, d.Table)
		if err != nil {
			return err
		}
		if marks != nil && !marks.intact(d.Marks) {
			a.addDigest(rev, d.Table, "行摘要与行标记不符，被改动的是其中之一")
		}
	}
	if a.count() == before {
		a.add(Problem{Rev: rev, Table: "row_digest", What: "行摘要与审计日志不符，被改动、缺失或多出"})
	}
	return nil
}

// addDigest adds a problem with a table's digest at a revision.
func (a *audit) addDigest(rev int64, table, what string) {
	a.add(Problem{Rev: rev, Table: "row_digest", Key: "表 " + table, What: what})
}

func (a *audit) compareDigest(rev int64, table string, d, actual *journal.Rows) {
	switch {
	case d == nil && a.links[rev].Algorithm == journal.V2:
		a.addDigest(rev, table, "行摘要缺失")
	case d != nil && (d.Count != actual.Count || d.Digest != actual.Digest):
		a.addDigest(rev, table, "行摘要与登记的行不符，被改动的是其中之一")
	}
}

// count returns how many problems were found so far.
func (a *audit) count() int64 { return int64(len(a.report.Problems)) + a.report.More }

func digestOf(stored []journal.Rows, name string) *journal.Rows {
	for i := range stored {
		if stored[i].Table == name {
			return &stored[i]
		}
	}
	return nil
}

// checkTable compares a revision's rows of one table with their digest.
func (a *audit) checkTable(ctx context.Context, g *postgres.AppendOnlyTable, rev int64, d journal.Rows) error {
	s, err := postgres.SumRows(ctx, a.Tx, g, a.Region, rev, false)
	if err != nil {
		return err
	}
	a.report.Rows += s.Rows.Count
	if s.Rows.Digest == d.Digest && s.Rows.Count == d.Count {
		return nil
	}
	marks, err := a.marks(ctx, rev, g.Name)
	if err != nil {
		return err
	}
	if marks == nil {
		marks = &storedMarks{}
	}
	return a.compareRows(ctx, g, rev, marks)
}

// marks reads a revision's marks of a table; nil where they cannot be read, which is reported as a
// problem of row_mark.
func (a *audit) marks(ctx context.Context, rev int64, table string) (*storedMarks, error) {
	var marks *storedMarks
	err := a.runCheck(ctx, "row_mark", func(ctx context.Context) error {
		m, err := readMarks(ctx, a.Scope.At(rev), table)
		if err == nil {
			marks = m
		}
		return err
	})
	return marks, err
}

// compareRows reports the rows of a revision that differ from their marks, are missing or are extra.
func (a *audit) compareRows(ctx context.Context, g *postgres.AppendOnlyTable, rev int64, marks *storedMarks) error {
	before := a.count()
	left := marks.byKey
	err := postgres.EachRow(ctx, a.Tx, g, g.At(a.Region, rev), func(key []byte, row *[32]byte, _ bool) error {
		mark, there := left[string(key)]
		switch {
		case !there:
			a.addRow(g, rev, key, "多出，不是本程序在这次修订登记的")
		case !bytes.Equal(mark, row[:postgres.MarkSize]):
			a.addRow(g, rev, key, "被改动")
		}
		delete(left, string(key))
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range marks.order {
		if _, there := left[key]; there {
			a.addRow(g, rev, []byte(key), "缺失")
		}
	}
	if a.count() == before && digestOf(a.digests[rev], g.Name) != nil {
		a.add(Problem{Rev: rev, Table: g.Name, What: "与登记时的摘要不符，哪一行已无法判明"})
	}
	return nil
}

// addRow adds a problem with one row.
func (a *audit) addRow(g *postgres.AppendOnlyTable, rev int64, key []byte, what string) {
	if a.named[g.Name] < maxProblems && slices.Contains(g.Key, postgres.KeyPerson) {
		a.people = append(a.people, len(a.report.Problems))
	}
	a.add(Problem{Rev: rev, Table: g.Name, Key: describe(g, key), What: what})
}
