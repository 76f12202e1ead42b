package postgres

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
)

// maxProblems is how many problems an audit names; more are counted.
const maxProblems = 1000

// AuditProblem is a row that is not as it was written.
type AuditProblem struct {
	Rev   int64  // 0: of no revision
	Table string // the database's name of it
	Key   string // of the row, in Chinese; empty: cannot be told
	What  string // 被改动, 缺失, 多出 …, with what to know besides
}

// String is the problem in Chinese: revision, table, row, what.
func (p AuditProblem) String() string {
	title := titleOf(p.Table)
	at := "不属于任何修订"
	if p.Rev > 0 {
		at = fmt.Sprintf("修订 %d", p.Rev)
	}
	if p.Key == "" {
		return fmt.Sprintf("%s，%s：%s", at, title, p.What)
	}
	return fmt.Sprintf("%s，%s，%s：%s", at, title, p.Key, p.What)
}

// AuditReport is what an audit found.
type AuditReport struct {
	Entries  int64 // of the chain
	Head     []byte
	Rows     int64 // compared with their digests
	Old      int64 // entries of sha256-v1, which have no digests of rows
	Unsealed int64 // rows of the access log that no seal covers yet
	Problems []AuditProblem
	More     int64 // problems not named
}

// Anchor is a head of the chain that lies on paper.
type Anchor struct {
	Rev  int64  // 0: not said
	Hash string // lower-case hex, or how it begins
}

// AuditVerify walks the region's chain and compares every row of every table that only
// grows with what its revision's entry vouches for, and with these the rows that the
// program's role may change: batches and what was signed with them, the region, accounts.
// What is not as it was written is named in the report, and is no error. anchor may be nil. progress, which may be nil, is
// told which revision was compared last. It reads one moment and holds no locks.
func (db *DB) AuditVerify(ctx context.Context, region int32, anchor *Anchor, progress func(rev, of int64)) (*AuditReport, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	a := &audit{region: region, progress: progress}
	err := db.Read(ctx, func(tx pgx.Tx) error {
		a.tx = tx
		return a.run(ctx, anchor)
	})
	return &a.report, err
}

// audit is one on its way.
type audit struct {
	tx       pgx.Tx
	region   int32
	progress func(rev, of int64)
	report   AuditReport
	links    map[int64]link
	people   []int // problems, by index, whose key begins with a person
}

func (a *audit) run(ctx context.Context, anchor *Anchor) error {
	if err := a.chain(ctx); err != nil {
		return err
	}
	if anchor != nil {
		a.anchor(anchor)
	}
	digests, err := a.digests(ctx)
	if err != nil {
		return err
	}
	revs := slices.AppendSeq(slices.Collect(maps.Keys(a.links)), maps.Keys(digests))
	slices.Sort(revs)
	for _, rev := range slices.Compact(revs) {
		if err := a.revision(ctx, rev, digests[rev]); err != nil {
			return err
		}
		a.progress(rev, a.report.Entries)
	}
	for _, check := range []func(context.Context, map[int64][]journal.Rows) error{a.strangers, a.strayMarks, a.accessGaps, a.packs,
		a.batches, a.answerSums, a.standing, a.accounts} {
		if err := check(ctx, digests); err != nil {
			return err
		}
	}
	return a.nameRows(ctx)
}

func (a *audit) found(p AuditProblem) {
	if len(a.report.Problems) >= maxProblems {
		a.report.More++
		return
	}
	a.report.Problems = append(a.report.Problems, p)
}

// chain walks the journal; a break is a problem, and what is behind it is still compared.
func (a *audit) chain(ctx context.Context) error {
	a.links = make(map[int64]link)
	end, err := eachLink(ctx, a.tx, a.region, func(l link) error {
		a.links[l.entry.Rev] = l
		if l.algorithm == journal.V1 {
			a.report.Old++
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.report.Entries, a.report.Head = end.rev, end.hash
	walk := chainWalk{head{0, journal.Genesis(a.region)}, end}
	for _, rev := range slices.Sorted(maps.Keys(a.links)) {
		if err := walk.step(a.links[rev]); err != nil {
			return a.broken(err)
		}
	}
	if err := walk.finish(); err != nil {
		return a.broken(err)
	}
	return nil
}

// broken takes in where the chain breaks.
func (a *audit) broken(err error) error {
	var b *brokenChain
	if !errors.As(err, &b) {
		return err
	}
	a.found(AuditProblem{Rev: b.rev, Table: "journal", Key: fmt.Sprintf("修订 %d", b.rev), What: b.what})
	return nil
}

// anchor looks for the head that lies on paper.
func (a *audit) anchor(anchor *Anchor) {
	if anchor.Rev > 0 {
		l, there := a.links[anchor.Rev]
		if !there || !strings.HasPrefix(hex.EncodeToString(l.hash), anchor.Hash) {
			a.found(AuditProblem{Rev: anchor.Rev, Table: "journal", What: "与纸面上的链头 " + anchor.Hash + " 不符，整条链可能被重写"})
		}
		return
	}
	for _, l := range a.links {
		if strings.HasPrefix(hex.EncodeToString(l.hash), anchor.Hash) {
			return
		}
	}
	a.found(AuditProblem{Table: "journal", What: "链上没有纸面上的链头 " + anchor.Hash + "，整条链可能被重写"})
}

// digests reads the tables' digests of all revisions, by name.
func (a *audit) digests(ctx context.Context) (map[int64][]journal.Rows, error) {
	rows, err := a.tx.Query(ctx, `SELECT rev, name, rows, digest, marks FROM row_digest WHERE region = $1 ORDER BY rev, name`, a.region)
	if err != nil {
		return nil, fmt.Errorf("read row digests: %w", err)
	}
	all := make(map[int64][]journal.Rows)
	var rev int64
	var r journal.Rows
	_, err = pgx.ForEachRow(rows, []any{&rev, &r.Table, &r.Count, &r.Digest, &r.Marks}, func() error {
		all[rev] = append(all[rev], r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read row digests: %w", err)
	}
	return all, nil
}

// revision compares the rows of one revision.
func (a *audit) revision(ctx context.Context, rev int64, stored []journal.Rows) error {
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
		if err := a.table(ctx, g, rev, d); err != nil {
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
	const table = "row_digest"
	named := false
	name := func(of, what string) {
		named = true
		a.found(AuditProblem{Rev: rev, Table: table, Key: "表 " + of, What: what})
	}
	actual := make(map[string]bool)
	for i := range growing {
		g := &growing[i]
		s, err := sumRows(ctx, a.tx, g, a.region, rev, false)
		if err != nil {
			return err
		}
		if s.rows.Count == 0 {
			continue
		}
		actual[g.name] = true
		d := digestOf(stored, g.name)
		switch {
		case d == nil && a.links[rev].algorithm == journal.V2:
			name(g.name, "行摘要缺失")
		case d != nil && (d.Count != s.rows.Count || d.Digest != s.rows.Digest):
			name(g.name, "行摘要与登记的行不符，被改动的是其中之一")
		}
	}
	for _, d := range stored {
		if !actual[d.Table] {
			name(d.Table, "有行摘要而没有行")
			continue
		}
		marks, err := readMarks(ctx, a.tx, a.region, rev, d.Table)
		if err != nil {
			return err
		}
		if marks.digest != d.Marks {
			name(d.Table, "行摘要与行标记不符，被改动的是其中之一")
		}
	}
	if !named {
		a.found(AuditProblem{Rev: rev, Table: table, What: "行摘要与审计日志不符，被改动、缺失或多出"})
	}
	return nil
}

func digestOf(stored []journal.Rows, name string) *journal.Rows {
	for i := range stored {
		if stored[i].Table == name {
			return &stored[i]
		}
	}
	return nil
}

// table compares a revision's rows of one table, and their marks.
func (a *audit) table(ctx context.Context, g *grown, rev int64, d journal.Rows) error {
	s, err := sumRows(ctx, a.tx, g, a.region, rev, false)
	if err != nil {
		return err
	}
	a.report.Rows += s.rows.Count
	marks, err := readMarks(ctx, a.tx, a.region, rev, g.name)
	if err != nil {
		return err
	}
	if marks.digest != d.Marks {
		a.found(AuditProblem{Rev: rev, Table: "row_mark", Key: marks.suspect(g.name), What: "行标记被改动、缺失或多出"})
	}
	if s.rows.Digest == d.Digest && s.rows.Count == d.Count {
		return nil
	}
	return a.compare(ctx, g, rev, marks)
}

// compare names the rows of a revision that are not as their marks say.
func (a *audit) compare(ctx context.Context, g *grown, rev int64, marks *storedMarks) error {
	before := int64(len(a.report.Problems)) + a.report.More
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
	if int64(len(a.report.Problems))+a.report.More == before {
		a.found(AuditProblem{Rev: rev, Table: g.name, What: "与登记时的摘要不符，哪一行已无法判明"})
	}
	return nil
}

// row takes in a problem with one row.
func (a *audit) row(g *grown, rev int64, key []byte, what string) {
	if len(a.report.Problems) < maxProblems && len(g.key) > 0 {
		for _, k := range g.key {
			if k == keyPerson {
				a.people = append(a.people, len(a.report.Problems))
			}
		}
	}
	a.found(AuditProblem{Rev: rev, Table: g.name, Key: g.describe(key), What: what})
}

// VerifyChain walks the region's audit chain from its beginning to its head and fails
// with a fault.Refused that names the first revision at which something was altered,
// taken out or slipped in. It reads one consistent moment and holds no locks.
func (db *DB) VerifyChain(ctx context.Context, region int32) error {
	return db.Read(ctx, func(tx pgx.Tx) error { return verifyChain(ctx, tx, region) })
}

func verifyChain(ctx context.Context, tx pgx.Tx, region int32) error {
	end, err := readHead(ctx, tx, region, "")
	if err != nil {
		return err
	}
	walk := chainWalk{head{0, journal.Genesis(region)}, end}
	if _, err = eachLink(ctx, tx, region, walk.step); err == nil {
		err = walk.finish()
	}
	var b *brokenChain
	if errors.As(err, &b) {
		return fault.New(fault.Refused, "审计链在修订 %d 处断裂：%s，请保留现场并报告管理员，与签字页上的链头核对", b.rev, b.what)
	}
	return err
}
