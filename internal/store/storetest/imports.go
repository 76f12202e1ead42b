package storetest

import (
	"disburse/internal/journal"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/merging"
	"disburse/internal/store/requests"
)

// Learn imports a workbook in which nothing may be refused, and has the 复核 confirm the pending
// requests. It returns the revision.
func (d *District) Learn(s *Sheet) int64 {
	d.T.Helper()
	return d.confirmed(d.Imports(&s.In))
}

// Imports imports a workbook in which nothing may be refused.
func (d *District) Imports(in *roster.Import) *roster.Report {
	d.T.Helper()
	report, err := imports.ImportRoster(d.T.Context(), d.Db, DeskRegion, in, RunBy, false, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	if len(report.Problems) > 0 {
		d.T.Fatalf("refused: %+v", report.Problems)
	}
	return report
}

// confirmed has the 复核 confirm all pending requests, and returns the import's revision.
func (d *District) confirmed(report *roster.Report) int64 {
	d.T.Helper()
	if report.Asked > 0 {
		if _, err := d.Replies(true, ""); err != nil {
			d.T.Fatal(err)
		}
	}
	return report.Rev
}

// Replies has the 复核 answer pending requests: those of the numbers, or all.
func (d *District) Replies(grant bool, reason string, numbers ...int) ([]requests.Request, error) {
	return imports.AnswerRequests(d.T.Context(), d.Db, imports.AnswerOrder{Region: DeskRegion, Numbers: numbers, All: len(numbers) == 0, Grant: grant,
		By: journal.By{Actor: Reviewer.Name, Origin: "主机", At: DeskNow, Reason: reason}})
}

func (d *District) TryMatch(kind string, l *roster.MatchList, dry bool) (*imports.MatchReport, error) {
	d.T.Helper()
	k, err := d.Pack.MatchList(kind)
	if err != nil {
		d.T.Fatal(err)
	}
	return imports.MatchList(d.T.Context(), d.Db, imports.MatchOrder{Region: DeskRegion, Kind: k, List: l, By: RunBy, DryRun: dry})
}

func (d *District) Match(kind string, l *roster.MatchList) *imports.MatchReport {
	d.T.Helper()
	r, err := d.TryMatch(kind, l, false)
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

func (d *District) TryUndo(rev int64, with ...func(*imports.UndoOrder)) (*imports.UndoReport, error) {
	o := imports.UndoOrder{Region: DeskRegion, Rev: rev, User: Clerk, By: journal.By{Origin: "主机", At: DeskNow, Reason: "导错了文件"}}
	for _, f := range with {
		f(&o)
	}
	return imports.UndoImport(d.T.Context(), d.Db, o)
}

func (d *District) Undo(rev int64) *imports.UndoReport {
	d.T.Helper()
	report, err := d.TryUndo(rev)
	if err != nil {
		d.T.Fatal(err)
	}
	return report
}

func (d *District) MergeOrder(kept, gone string) merging.Order {
	return merging.Order{Region: DeskRegion, Kept: kept, Gone: gone, User: Clerk,
		By: journal.By{Origin: "主机", At: DeskNow, Reason: "户籍核对，同一个人"}}
}

// Merge merges the records of people born in two years, and checks that the settled sum over all
// people does not change.
func (d *District) Merge(kept, gone int) *merging.Report {
	d.T.Helper()
	before := settledInAll(d)
	report, err := merging.Merge(d.T.Context(), d.Db, d.MergeOrder(IdOf(kept), IdOf(gone)))
	if err != nil {
		d.T.Fatal(err)
	}
	if after := settledInAll(d); after != before {
		d.T.Errorf("%d 分 settled before the merge, %d after", before, after)
	}
	return report
}

func settledInAll(d *District) int64 {
	return d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger`)
}
