package imports

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/merging"
)

// undoData is an import that may be undone, and what that would do.
type undoData struct {
	Rev   int64
	Past  imports.PastImport
	Tried *triedUndo // nil: not yet
}

// triedUndo is what undoing an import would do, as known at a revision.
type triedUndo struct {
	Report *imports.UndoReport // nil: it cannot be undone
	Wrong  string              // why not
	Head   int64
}

// undoPage shows what undoing an import would restate, once it was tried.
func undoPage(v *web.Visit) error {
	rev, err := v.Number("rev")
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
	if tried, ok := web.Remembered[*triedUndo](v.Server, trialKey(v, "undo", rev)); ok && tried.Head == head {
		d.Tried = tried
	}
	return v.Page("undo", fmt.Sprintf("撤销修订 %d", rev), d)
}

// undoImport tries to undo an import, or does it.
func undoImport(v *web.Visit) error {
	rev, err := v.Number("rev")
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
	return v.Start(web.Job{Kind: "import", Title: fmt.Sprintf("撤销修订 %d", rev), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("恢复导入以前所知")
		r, err := of.UndoImport(ctx, rev, false, by)
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("已撤销修订 %d（撤销记为修订 %d）：%s", rev, r.Rev, r.Summary()), "/imports", nil
	}})
}

func tryUndo(v *web.Visit, rev int64) error {
	by, of, s, key := v.By("试撤销"), v.Office, v.Server, trialKey(v, "undo", rev)
	page := fmt.Sprintf("/imports/undo/%d", rev)
	return v.Start(web.Job{Kind: "import", Title: fmt.Sprintf("试撤销修订 %d", rev), Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("看能不能撤销")
		tried := &triedUndo{}
		var err error
		if tried.Head, _, err = of.DB.Head(ctx, of.Region); err != nil {
			return "", page, err
		}
		tried.Report, err = of.UndoImport(ctx, rev, true, by)
		if fault.Is(err, fault.Refused) {
			tried.Wrong, err = err.Error(), nil
		}
		if err != nil {
			return "", page, err
		}
		return "试撤销完成，什么都还没有改动，请看结果", page, web.Remember(s, key, tried)
	}})
}

// mergeData is the form for merging two records, with what it would do.
type mergeData struct {
	Kept, Gone, Reason string // as typed
	Report             *merging.MergeReport
	Only               []string // what only the record that ends says
}

func mergePage(v *web.Visit) error {
	return v.Page("merge", "合并人员", mergeData{Kept: v.Form("kept"), Gone: v.Form("gone")})
}

// mergePeople shows what merging two records would do, and does it when it is confirmed.
func mergePeople(v *web.Visit) error {
	d := mergeData{Kept: roster.CleanID(strings.ToUpper(v.Form("kept"))), Gone: roster.CleanID(strings.ToUpper(v.Form("gone"))), Reason: v.Typed("reason")}
	try := v.Form("step") != "do"
	var err error
	if d.Reason == "" {
		err = web.BadInput("reason", "理由和依据", "合并要写明理由和依据，请补上")
	}
	for _, id := range []struct{ name, label, value string }{{"kept", "保留的身份证号", d.Kept}, {"gone", "并入的身份证号", d.Gone}} {
		if err == nil {
			err = web.OnInput(id.name, id.label, roster.CheckID(id.value))
		}
	}
	if err == nil {
		d.Report, err = v.Office.Merge(v.R.Context(), d.Kept, d.Gone, try, v.By(d.Reason))
	}
	if err != nil {
		return v.Refuse(err, "merge", "merge", "合并人员", d)
	}
	if !try {
		return v.GoTo(fmt.Sprintf("/people/%d", d.Report.Kept.Number), fmt.Sprintf("已合并（修订 %d），转移 %s 项已结款项", d.Report.Rev, web.Grouped(d.Report.Entries)))
	}
	d.Only = office.OnlyGone(&d.Report.Kept, &d.Report.Gone)
	return v.Page("merge", "合并人员", d)
}

// Weight is about what the trial takes, in bytes.
func (x *triedUndo) Weight() int64 { return int64(len(x.Wrong)) }
