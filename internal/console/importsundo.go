package console

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// undoData is an import that may be undone, and what that would do.
type undoData struct {
	Rev   int64
	Past  postgres.PastImport
	Tried *triedUndo // nil: not yet
}

// triedUndo is what undoing an import would do, as known at a revision.
type triedUndo struct {
	Report *postgres.UndoReport // nil: it cannot be undone
	Wrong  string               // why not
	Head   int64
}

// undoPage shows what undoing an import would restate, once it was tried.
func (v *visit) undoPage() error {
	rev, err := v.number("rev")
	if err != nil {
		return err
	}
	past, err := v.office.DB.PastImports(v.r.Context(), v.office.Region, rev+1, 1)
	if err != nil {
		return err
	}
	if len(past) == 0 || past[0].Rev != rev {
		return fault.New(fault.NotFound, "修订 %d 不是导入或人员页登记，请从“导入花名册”的列表选择", rev)
	}
	d := undoData{Rev: rev, Past: past[0]}
	head, _, err := v.office.DB.Head(v.r.Context(), v.office.Region)
	if err != nil {
		return err
	}
	if tried, ok := remembered[*triedUndo](v.Server, v.trialKey("undo", rev)); ok && tried.Head == head {
		d.Tried = tried
	}
	return v.page("undo", fmt.Sprintf("撤销修订 %d", rev), d)
}

// undoImport tries to undo an import, or does it.
func (v *visit) undoImport() error {
	rev, err := v.number("rev")
	if err != nil {
		return err
	}
	if v.form("step") != "do" {
		return v.tryUndo(rev)
	}
	by, of := v.by(v.typed("reason")), v.office
	if by.Reason == "" {
		return fault.New(fault.Invalid, "撤销要写明理由，没有撤销，请回到上一页补上")
	}
	return v.start(job{kind: "import", title: fmt.Sprintf("撤销修订 %d", rev), do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("恢复导入以前所知")
		r, err := of.UndoImport(ctx, rev, false, by)
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("已撤销修订 %d（撤销记为修订 %d）：%s", rev, r.Rev, r.Summary()), "/imports", nil
	}})
}

func (v *visit) tryUndo(rev int64) error {
	by, of, s, key := v.by("试撤销"), v.office, v.Server, v.trialKey("undo", rev)
	page := fmt.Sprintf("/imports/undo/%d", rev)
	return v.start(job{kind: "import", title: fmt.Sprintf("试撤销修订 %d", rev), do: func(ctx context.Context, p *progress) (string, string, error) {
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
		return "试撤销完成，什么都还没有改动，请看结果", page, remember(s, key, tried)
	}})
}

// mergeData is the form for merging two records, with what it would do.
type mergeData struct {
	Kept, Gone, Reason string // as typed
	Report             *postgres.MergeReport
	Only               []string // what only the record that ends says
}

func (v *visit) mergePage() error {
	return v.page("merge", "合并人员", mergeData{Kept: v.form("kept"), Gone: v.form("gone")})
}

// mergePeople shows what merging two records would do, and does it when it is confirmed.
func (v *visit) mergePeople() error {
	d := mergeData{Kept: roster.CleanID(strings.ToUpper(v.form("kept"))), Gone: roster.CleanID(strings.ToUpper(v.form("gone"))), Reason: v.typed("reason")}
	try := v.form("step") != "do"
	var err error
	if d.Reason == "" {
		err = badInput("reason", "理由和依据", "合并要写明理由和依据，请补上")
	}
	for _, id := range []struct{ name, label, value string }{{"kept", "保留的身份证号", d.Kept}, {"gone", "并入的身份证号", d.Gone}} {
		if err == nil {
			err = onInput(id.name, id.label, roster.CheckID(id.value))
		}
	}
	if err == nil {
		d.Report, err = v.office.Merge(v.r.Context(), d.Kept, d.Gone, try, v.by(d.Reason))
	}
	if err != nil {
		return v.refuse(err, "merge", "merge", "合并人员", d)
	}
	if !try {
		return v.goTo(fmt.Sprintf("/people/%d", d.Report.Kept.Number), fmt.Sprintf("已合并（修订 %d），转移 %s 项已结款项", d.Report.Rev, grouped(d.Report.Entries)))
	}
	d.Only = office.OnlyGone(&d.Report.Kept, &d.Report.Gone)
	return v.page("merge", "合并人员", d)
}

// Weight is about what the trial takes, in bytes.
func (x *triedUndo) Weight() int64 { return int64(len(x.Wrong)) }
