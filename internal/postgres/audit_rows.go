package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"disburse/internal/journal"
)

// beyond reports whether a revision is none of the chain's: above its head, or not above 0.
func (a *audit) beyond(rev int64) bool { return rev > a.end.rev || rev <= 0 }

// revision compares the rows of one revision.
func (a *audit) revision(ctx context.Context, rev int64, stored []journal.Rows) error {
	if a.beyond(rev) { // its rows are named by strangers
		for _, d := range stored {
			a.found(AuditProblem{Rev: rev, Table: "row_digest", Key: "表 " + d.Table, What: fmt.Sprintf("多出，审计链上没有这次修订（最后修订号应为 %d）", a.end.rev)})
		}
		return nil
	}
	if journal.RowsDigest(stored) != a.links[rev].entry.Rows {
		if err := a.digestsOf(ctx, rev, stored); err != nil {
			return err
		}
	}
	for _, d := range stored {
		g := tableNamed(d.Table)
		if g == nil {
			continue // digestsOf has named it, or a newer program wrote it
		}
		if err := a.part(ctx, g.name, func(ctx context.Context) error { return a.table(ctx, g, rev, d) }); err != nil {
			return err
		}
	}
	return nil
}

func tableNamed(name string) *grown {
	for i := range growing {
		if growing[i].name == name {
			return &growing[i]
		}
	}
	return nil
}

// digestsOf names the digests of a revision that are not what the rows say, where the
// entry does not vouch for them.
func (a *audit) digestsOf(ctx context.Context, rev int64, stored []journal.Rows) error {
	before := a.count()
	actual := make(map[string]bool)
	for i := range growing {
		g := &growing[i]
		err := a.part(ctx, g.name, func(ctx context.Context) error {
			s, err := sumRows(ctx, a.tx, g, a.region, rev, false)
			if err != nil || s.rows.Count == 0 {
				return err
			}
			actual[g.name] = true
			d := digestOf(stored, g.name)
			a.digestAgrees(rev, g.name, d, &s.rows)
			if marks, err := a.marks(ctx, rev, g.name); d != nil || marks == nil || len(marks.order) == 0 {
				return err
			} else { // the marks still tell the rows apart
				return a.compare(ctx, g, rev, marks)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, d := range stored {
		if !actual[d.Table] {
			a.digest(rev, d.Table, "有行摘要而没有行")
			continue
		}
		marks, err := a.marks(ctx, rev, d.Table)
		if err != nil {
			return err
		}
		if marks != nil && !marks.asKept(d.Marks) {
			a.digest(rev, d.Table, "行摘要与行标记不符，被改动的是其中之一")
		}
	}
	if a.count() == before {
		a.found(AuditProblem{Rev: rev, Table: "row_digest", What: "行摘要与审计日志不符，被改动、缺失或多出"})
	}
	return nil
}

// digest takes in a problem with a table's digest at a revision.
func (a *audit) digest(rev int64, table, what string) {
	a.found(AuditProblem{Rev: rev, Table: "row_digest", Key: "表 " + table, What: what})
}

func (a *audit) digestAgrees(rev int64, table string, d, actual *journal.Rows) {
	switch {
	case d == nil && a.links[rev].algorithm == journal.V2:
		a.digest(rev, table, "行摘要缺失")
	case d != nil && (d.Count != actual.Count || d.Digest != actual.Digest):
		a.digest(rev, table, "行摘要与登记的行不符，被改动的是其中之一")
	}
}

// count is how many problems were found so far.
func (a *audit) count() int64 { return int64(len(a.report.Problems)) + a.report.More }

func digestOf(stored []journal.Rows, name string) *journal.Rows {
	for i := range stored {
		if stored[i].Table == name {
			return &stored[i]
		}
	}
	return nil
}

// table compares a revision's rows of one table.
func (a *audit) table(ctx context.Context, g *grown, rev int64, d journal.Rows) error {
	s, err := sumRows(ctx, a.tx, g, a.region, rev, false)
	if err != nil {
		return err
	}
	a.report.Rows += s.rows.Count
	if s.rows.Digest == d.Digest && s.rows.Count == d.Count {
		return nil
	}
	marks, err := a.marks(ctx, rev, g.name)
	if err != nil {
		return err
	}
	if marks == nil {
		marks = &storedMarks{}
	}
	return a.compare(ctx, g, rev, marks)
}

// marks reads a revision's marks of a table; nil where they cannot be read, which is a
// problem of their own.
func (a *audit) marks(ctx context.Context, rev int64, table string) (*storedMarks, error) {
	var marks *storedMarks
	err := a.part(ctx, "row_mark", func(ctx context.Context) error {
		m, err := readMarks(ctx, a.tx, a.region, rev, table)
		if err == nil {
			marks = m
		}
		return err
	})
	return marks, err
}

// compare names the rows of a revision that are not as their marks say.
func (a *audit) compare(ctx context.Context, g *grown, rev int64, marks *storedMarks) error {
	before := a.count()
	left := marks.byKey
	err := eachRow(ctx, a.tx, g, g.at(a.region, rev), func(key []byte, row *[32]byte, _ bool) error {
		mark, there := left[string(key)]
		switch {
		case !there:
			a.row(g, rev, key, "多出，不是本程序在这次修订登记的")
		case !bytes.Equal(mark, row[:markSize]):
			a.row(g, rev, key, "被改动")
		}
		delete(left, string(key))
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range marks.order {
		if _, there := left[key]; there {
			a.row(g, rev, []byte(key), "缺失")
		}
	}
	if a.count() == before && digestOf(a.digests[rev], g.name) != nil {
		a.found(AuditProblem{Rev: rev, Table: g.name, What: "与登记时的摘要不符，哪一行已无法判明"})
	}
	return nil
}

// row takes in a problem with one row.
func (a *audit) row(g *grown, rev int64, key []byte, what string) {
	if a.named[g.name] < maxProblems && slices.Contains(g.key, keyPerson) {
		a.people = append(a.people, len(a.report.Problems))
	}
	a.found(AuditProblem{Rev: rev, Table: g.name, Key: g.describe(key), What: what})
}
