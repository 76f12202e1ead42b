package imports

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/merging"
)

// undoData is the data of the page of undoing an import.
type undoData struct {
	Rev   int64
	Past  imports.PastImport
	Tried *triedUndo // nil: not yet
}

// triedUndo is the result of a dry run of undoing an import, as of revision Head.
type triedUndo struct {
	Report *imports.UndoReport // nil: it cannot be undone, for the reason Wrong
	Wrong  string
	Head   int64
}

// undoPage shows an import and, after a dry run at the present revision, what undoing it would
// restore.
func undoPage(v *web.Visit) error {
	rev, err := v.PathNumber("rev")
	if err != nil {
		return err
	}
	past, err := imports.ListImports(v.R.Context(), v.Office.DB, v.Office.Region, rev+1, 1)
	if err != nil {
		return err
	}
	if len(past) == 0 || past[0].Rev != rev {
		return fault.New(fault.NotFound, "修订 %d 不是导入或人员页登记，请从“导入花名册”的列表选择", rev)
	}
	d := undoData{Rev: rev, Past: past[0]}
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return err
	}
	if tried, ok := web.GetTrial[*triedUndo](v.Server, trialKey(v, "undo", rev)); ok && tried.Head == head {
		d.Tried = tried
	}
	return v.Page("undo", fmt.Sprintf("撤销修订 %d", rev), d)
}

// undoImport starts a dry run, or undoes the import after the confirmation.
func undoImport(v *web.Visit) error {
	rev, err := v.PathNumber("rev")
	if err != nil {
		return err
	}
	if v.Form("step") != "do" {
		return tryUndo(v, rev)
	}
	by, of := v.By(v.Typed("reason")), v.Office
	if by.Reason == "" {
		return fault.New(fault.Invalid, "撤销要写明理由，没有撤销，请回到上一页补上")
	}
	return v.Start(web.Task{Kind: "import", Title: fmt.Sprintf("撤销修订 %d", rev), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("恢复导入以前所知")
		r, err := rosters.UndoImport(ctx, of, rev, false, by)
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("已撤销修订 %d（撤销记为修订 %d）：%s", rev, r.Rev, r.Summary()), "/imports", nil
	}})
}

func tryUndo(v *web.Visit, rev int64) error {
	by, of, s, key := v.By("试撤销"), v.Office, v.Server, trialKey(v, "undo", rev)
	page := fmt.Sprintf("/imports/undo/%d", rev)
	return v.Start(web.Task{Kind: "import", Title: fmt.Sprintf("试撤销修订 %d", rev), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("看能不能撤销")
		tried := &triedUndo{}
		var err error
		if tried.Head, _, err = of.DB.Head(ctx, of.Region); err != nil {
			return "", page, err
		}
		tried.Report, err = rosters.UndoImport(ctx, of, rev, true, by)
		if fault.Is(err, fault.Refused) {
			tried.Wrong, err = err.Error(), nil
		}
		if err != nil {
			return "", page, err
		}
		web.PutTrial(s, key, tried)
		return "试撤销完成，什么都还没有改动，请看结果", page, nil
	}})
}

// mergeData is the form for merging two records of a person, with the result of a dry run.
type mergeData struct {
	KeepID, MergeID, Reason string // as typed
	Report                  *merging.Report
	Only                    []string // what only the merged record has, and would be lost
}

func mergePage(v *web.Visit) error {
	return v.Page("merge", "合并人员", mergeData{KeepID: v.Form("kept"), MergeID: v.Form("gone")})
}

// mergePeople shows a dry run of merging two records, or merges them after the confirmation.
func mergePeople(v *web.Visit) error {
	d := mergeData{KeepID: roster.CleanID(strings.ToUpper(v.Form("kept"))), MergeID: roster.CleanID(strings.ToUpper(v.Form("gone"))), Reason: v.Typed("reason")}
	try := v.Form("step") != "do"
	var err error
	if d.Reason == "" {
		err = web.BadInput("reason", "理由和依据", "合并要写明理由和依据，请补上")
	}
	for _, id := range []struct{ name, label, value string }{{"kept", "保留的身份证号", d.KeepID}, {"gone", "并入的身份证号", d.MergeID}} {
		if err == nil {
			err = web.OnInput(id.name, id.label, roster.CheckID(id.value))
		}
	}
	if err == nil {
		d.Report, err = rosters.Merge(v.R.Context(), v.Office, d.KeepID, d.MergeID, try, v.By(d.Reason))
	}
	if err != nil {
		return v.Refuse(err, "merge", "merge", "合并人员", d)
	}
	if !try {
		return v.Redirect(fmt.Sprintf("/people/%d", d.Report.Kept.Number), fmt.Sprintf("已合并（修订 %d），转移 %s 项已结款项", d.Report.Rev, web.Grouped(d.Report.Entries)))
	}
	d.Only = rosters.OnlyGone(&d.Report.Kept, &d.Report.Gone)
	return v.Page("merge", "合并人员", d)
}

// Weight estimates the memory of the trial in bytes.
func (x *triedUndo) Weight() int64 { return int64(len(x.Wrong)) }
