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

// maxProblems is how many problems of one table are listed; more are only counted. The limit is
// per table, so that a flood in one does not hide the problems of another.
const maxProblems = 1000

// Problem is a row, or table, that is not as the program wrote it.
type Problem struct {
	Rev   int64  // 0: of no revision
	Table string // database name
	Key   string // of the row, in Chinese; empty: unknown
	What  string // in Chinese: 被改动, 缺失, 多出 …, with details
}

// String describes the problem in one line of Chinese: revision, table, row, what.
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

// plainLine replaces unprintable characters of text from the database: a line break could forge a
// line of the report, an escape sequence could hide one on a terminal.
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
	More     int64 // problems that were counted, not listed
	Powers   []Privilege
}

// Anchor is a head of the chain that is printed on paper.
type Anchor struct {
	Rev  int64  // 0: unknown
	Hash string // lower-case hex, or a prefix of it
}

// Verify verifies the region's chain and compares every row of every table with it (docs/audit.md
// lists the columns that it does not cover). Differences and unreadable tables are problems in the
// report, not errors. An error means that the audit could not be completed: the connection is lost,
// ctx has ended, or there is no trace of the region (fault.NotFound). anchor may be nil. progress,
// which may be nil, is called with how many revisions are done, of how many. It reads one snapshot
// and holds no locks.
func Verify(ctx context.Context, db *postgres.DB, region int32, anchor *Anchor, progress func(done, of int64)) (*Report, error) {
	var report *Report
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		report, err = verify(ctx, scope, anchor, progress)
		return err
	})
	return report, err
}

func verify(ctx context.Context, scope postgres.Scope, anchor *Anchor, progress func(done, of int64)) (*Report, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	a := &audit{Scope: scope, progress: progress, named: map[string]int{}, digests: map[int64][]journal.Rows{}, links: map[int64]postgres.Link{}}
	err := a.run(ctx, anchor)
	return &a.report, err
}

// audit is the state of one audit in progress.
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

// run executes all checks, whatever the others find.
func (a *audit) run(ctx context.Context, anchor *Anchor) error {
	var unknown error
	if err := a.runCheck(ctx, "journal", func(ctx context.Context) error { unknown = a.checkKnown(ctx); return nil }); err != nil || unknown != nil {
		return cmp.Or(err, unknown)
	}
	parts := []check{{"region", a.readEnd}, {"journal", a.checkChain}, {"journal", func(context.Context) error { a.checkAnchor(anchor); return nil }},
		{"row_digest", a.readDigests}}
	if err := a.runChecks(ctx, parts); err != nil {
		return err
	}
	if err := a.checkRevisions(ctx); err != nil {
		return err
	}
	if err := a.checkUnrecorded(ctx); err != nil {
		return err
	}
	return a.runChecks(ctx, []check{{"row_mark", a.checkMarks}, {"row_mark", a.checkStrayMarks}, {"access_log", a.checkAccessTail}, {"pack", a.checkPacks}, {"batch", a.checkBatches}, {"draft_line", a.checkStrayParts},
		{"answer_sum", a.checkAnswerSums}, {"region", a.checkRegionRow}, {"account_user", a.checkAccounts}, {"row_change", a.checkChanges}, {"region", a.checkOrphanedRegions},
		{"region", a.readPowers}, {"person", a.nameRows}})
}

// checkRevisions verifies what each revision wrote, whether or not the chain has an entry of it.
func (a *audit) checkRevisions(ctx context.Context) error {
	revs := slices.AppendSeq(slices.Collect(maps.Keys(a.links)), maps.Keys(a.digests))
	slices.Sort(revs)
	revs = slices.Compact(revs)
	for i, rev := range revs {
		if err := a.checkRevision(ctx, rev, a.digests[rev]); err != nil {
			return err
		}
		a.progress(int64(i+1), int64(len(revs)))
	}
	return nil
}

func (a *audit) add(p Problem) {
	if a.named[p.Table]++; a.named[p.Table] > maxProblems {
		a.report.More++
		return
	}
	a.report.Problems = append(a.report.Problems, p)
}
