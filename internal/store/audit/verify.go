package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// maxProblems is how many problems of one table an audit names; more are counted. Each
// table has its own, so that a flood in one does not hide what another has.
const maxProblems = 1000

// Problem is a row that is not as it was written.
type Problem struct {
	Rev   int64  // 0: of no revision
	Table string // the database's name of it
	Key   string // of the row, in Chinese; empty: cannot be told
	What  string // 被改动, 缺失, 多出 …, with what to know besides
}

// String is the problem in Chinese, in one line whatever the database holds: revision,
// table, row, what.
func (p Problem) String() string {
	title := titleOf(p.Table)
	at := "不属于任何修订"
	if p.Rev != 0 {
		at = fmt.Sprintf("修订 %d", p.Rev)
	}
	if p.Key == "" {
		return plainLine(fmt.Sprintf("%s，%s：%s", at, title, p.What))
	}
	return plainLine(fmt.Sprintf("%s，%s，%s：%s", at, title, p.Key, p.What))
}

// plainLine makes what a terminal may be shown of a text out of the database: a name with
// a line break would pass for a line of the report, one with an escape for none.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Report is what an audit found.
type Report struct {
	Entries  int64 // of the chain
	Head     []byte
	Rows     int64 // compared with their digests
	Old      int64 // entries of sha256-v1, which have no digests of rows
	Unsealed int64 // rows of the access log that no seal covers yet
	Problems []Problem
	More     int64 // problems not named
	Powers   []Power
}

// Anchor is a head of the chain that lies on paper.
type Anchor struct {
	Rev  int64  // 0: not said
	Hash string // lower-case hex, or how it begins
}

// Verify walks the region's chain and compares every row of every table with what
// the chain says of it (docs/audit.md says which columns it says nothing of). What is not
// as it was written is named in the report, and is no error; neither is a part that cannot
// be read. An error means that the audit could not be done: the connection is lost, or ctx
// has ended, or there is no trace of the region (fault.NotFound). anchor may be nil. progress, which may be nil, is told how many revisions are
// compared, of how many. It reads one moment and holds no locks.
func Verify(ctx context.Context, db *postgres.DB, region int32, anchor *Anchor, progress func(done, of int64)) (*Report, error) {
	var report *Report
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		report, err = auditVerify(ctx, scope, anchor, progress)
		return err
	})
	return report, err
}

func auditVerify(ctx context.Context, scope postgres.Scope, anchor *Anchor, progress func(done, of int64)) (*Report, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	a := &audit{Scope: scope, progress: progress, named: map[string]int{}, digests: map[int64][]journal.Rows{}, links: map[int64]postgres.Link{}}
	err := a.run(ctx, anchor)
	return &a.report, err
}

// audit is one on its way.
type audit struct {
	postgres.Scope
	progress func(done, of int64)
	report   Report
	named    map[string]int // problems by table
	end      postgres.Head  // of the chain, as the region's row says
	links    map[int64]postgres.Link
	digests  map[int64][]journal.Rows // of tables, by revision
	people   []int                    // problems, by index, whose key begins with a person
}

// run looks at every part, whatever the others came to.
func (a *audit) run(ctx context.Context, anchor *Anchor) error {
	var unknown error
	if err := a.part(ctx, "journal", func(ctx context.Context) error { unknown = a.unknown(ctx); return nil }); err != nil || unknown != nil {
		return cmp.Or(err, unknown)
	}
	parts := []auditPart{{"region", a.readEnd}, {"journal", a.chain}, {"journal", func(context.Context) error { a.anchor(anchor); return nil }},
		{"row_digest", a.readDigests}}
	if err := a.each(ctx, parts); err != nil {
		return err
	}
	if err := a.revisions(ctx); err != nil {
		return err
	}
	if err := a.strangers(ctx); err != nil {
		return err
	}
	return a.each(ctx, []auditPart{{"row_mark", a.keptMarks}, {"row_mark", a.strayMarks}, {"access_log", a.accessEnd}, {"pack", a.packs}, {"batch", a.batches}, {"draft_line", a.strayParts},
		{"answer_sum", a.answerSums}, {"region", a.standing}, {"account_user", a.accounts}, {"row_change", a.changes}, {"region", a.lostRegions},
		{"region", a.powers}, {"person", a.nameRows}})
}

// revisions compares what each revision wrote, with or without an entry of the chain.
func (a *audit) revisions(ctx context.Context) error {
	revs := slices.AppendSeq(slices.Collect(maps.Keys(a.links)), maps.Keys(a.digests))
	slices.Sort(revs)
	revs = slices.Compact(revs)
	for i, rev := range revs {
		if err := a.revision(ctx, rev, a.digests[rev]); err != nil {
			return err
		}
		a.progress(int64(i+1), int64(len(revs)))
	}
	return nil
}

func (a *audit) found(p Problem) {
	if a.named[p.Table]++; a.named[p.Table] > maxProblems {
		a.report.More++
		return
	}
	a.report.Problems = append(a.report.Problems, p)
}
