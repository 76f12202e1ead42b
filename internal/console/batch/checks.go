package batch

import (
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/signing"
)

// checksData is what 检查 shows: the kinds with their counts, and the findings of one.
type checksData struct {
	Kinds    []signing.FindingKind
	Kind     *signing.FindingKind // the one whose findings are listed; nil: there are none
	Open     bool                 // only undecided ones are listed
	Rows     []checkRow
	After    string // id that the page begins behind; empty: it is the first
	Next     string // id that the page ends with; empty: it is the last
	Fresh    int    // decisions that count from the next run on
	Decides  bool   // the user may decide
	Bulk     bool   // also by kind and by workbook, which are about the last batch
	Rerun    bool
	Advice   string
	Decision decisionForm
}

// decisionForm is what was typed, when it is shown again.
type decisionForm struct {
	Ruling, Reason string
	Chosen         map[string]bool // findings by id
}

type checkRow struct {
	signing.FindingRow
	Can      bool // a decision may be made
	Standing bool // decided before this batch was computed: it counted
}

// advice says what to do about the levels.
var advice = map[payrun.Level]string{
	payrun.Blocking:    "不改正不能提交：按说明改正规则包或花名册，再重新计算。",
	payrun.Doubt:       "没有决定之前，这些人的款项暂缓。“发放”从下一次计算起发放，“暂缓”继续不发；证据不变，决定一直有效。",
	payrun.Acknowledge: "逐项看过即可；提交时一并确认，并写明理由。",
	payrun.Information: "知道就行，不影响提交。",
}

// adviceRefused is of the one kind for information that somebody may decide about.
const adviceRefused = "银行退回过这些账户，付到这里的款项暂缓，不影响提交。本人的账户请在人员页登记新账户；单位的账户请在花名册工作簿的“收款单位”表里改好，从“导入花名册”导入。" +
	"原账户已恢复使用的，可以决定“发放”，从下一次计算起再试原账户。"

func batchChecks(v *web.Visit) error {
	p, err := pageOf(v, "checks")
	if err != nil {
		return err
	}
	return showChecks(v, p, decisionForm{}, "", nil)
}

// showChecks shows the page; with what is wrong with one of its forms.
func showChecks(v *web.Visit, p *batchPage, form decisionForm, id string, wrong error) error {
	d := &checksData{Open: v.Form("open") != "", After: v.Form("after"), Decision: form, Decides: p.Signs, Bulk: p.Signs && p.Latest,
		Rerun: slices.Contains(web.Clerk, v.User.Post) && p.Signs && p.Latest && p.Batch.State.Unsigned()}
	var err error
	if d.Kinds, err = findingKinds(v, p.Batch); err != nil {
		return err
	}
	for _, k := range d.Kinds {
		d.Fresh += k.Fresh
	}
	if d.Kind = chosenKind(d.Kinds, v.Form("kind")); d.Kind != nil {
		d.Advice = advice[d.Kind.Level]
		if d.Kind.Kind == payrun.RefusedAccount {
			d.Advice = adviceRefused
		}
		if err := addFindings(v, p.Batch, d); err != nil {
			return err
		}
	}
	if wrong != nil {
		p.Data = d
		return v.Refuse(wrong, id, "batch-checks", approval.Title(p.Batch), p)
	}
	return showBatch(v, "batch-checks", p, d)
}

// findingKinds counts the findings once a revision.
func findingKinds(v *web.Visit, b payrun.Batch) ([]signing.FindingKind, error) {
	head, _, err := v.Office.DB.Head(v.R.Context(), v.Office.Region)
	if err != nil {
		return nil, err
	}
	return findingKindCache.Of(v.Server).Get(fmt.Sprintf("%d %d", b.Number, head), func() ([]signing.FindingKind, error) {
		return signing.FindingKinds(v.Life, v.Office.DB, v.Office.Region, b)
	})
}

// chosenKind is the kind of that name, or the first that somebody must do something about.
func chosenKind(kinds []signing.FindingKind, name string) *signing.FindingKind {
	at := slices.IndexFunc(kinds, func(k signing.FindingKind) bool { return k.Kind == name })
	if at < 0 && name == "" && len(kinds) > 0 {
		at = max(0, slices.IndexFunc(kinds, func(k signing.FindingKind) bool {
			return k.Level == payrun.Blocking || (k.Level == payrun.Doubt && k.Open > 0)
		}))
	}
	if at < 0 {
		return nil
	}
	return &kinds[at]
}

func addFindings(v *web.Visit, b payrun.Batch, d *checksData) error {
	rows, err := signing.FindingsOf(v.R.Context(), v.Office.DB, v.Office.Region, b.Number,
		signing.FindingPage{Kind: d.Kind.Kind, Open: d.Open, After: d.After, Limit: pageRows + 1})
	if err != nil {
		return err
	}
	if len(rows) > pageRows {
		rows = rows[:pageRows]
		d.Next = rows[pageRows-1].ID
	}
	for _, r := range rows {
		x := checkRow{FindingRow: r, Can: d.Decides && r.Decidable()}
		x.Standing = r.Decision != nil && r.Decision.Rev <= b.Revision
		d.Rows = append(d.Rows, x)
	}
	return nil
}

// Decidable says whether somebody may decide about the kind on show.
func (d *checksData) Decidable() bool {
	f := payrun.Finding{Level: d.Kind.Level, Kind: d.Kind.Kind}
	return f.Decidable()
}

var findingKindCache = web.NewKind(web.SmallRoom, web.SizeOf[signing.FindingKind])
