package monthly

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/reports/worklists"
)

// Check is what a run found, in which bureau's batch, and what was decided about it.
type Check struct {
	payrun.Finding
	Bureau   string
	Decision *signing.Decision // nil: none, or none may be made
}

// Decided says the decision in words: 发放：理由, 未决; empty where none may be made.
func (c *Check) Decided() string {
	switch {
	case !c.Decidable():
		return ""
	case c.Decision == nil:
		return "未决"
	case c.Decision.Release:
		return "发放：" + c.Decision.Reason
	}
	return "暂缓：" + c.Decision.Reason
}

// Checks are the findings of the latest batches of a month, of one bureau or of all, the
// gravest first.
func Checks(ctx context.Context, o *office.Office, m month.Month, bureau string) ([]Check, error) {
	batchList, err := checkedBatches(ctx, o, m, bureau)
	if err != nil {
		return nil, err
	}
	decided, err := decisions(ctx, o)
	if err != nil {
		return nil, err
	}
	var all []Check
	for _, b := range batchList {
		found, err := batches.Findings(ctx, o.DB, o.Region, b.Number)
		if err != nil {
			return nil, err
		}
		for i, f := range found {
			if i > 0 && f.ID == found[i-1].ID && f.Sentence == found[i-1].Sentence {
				continue // of several people, and names them all
			}
			all = append(all, Check{f, b.Bureau, decided[f.ID]})
		}
	}
	slices.SortStableFunc(all, func(x, y Check) int { return cmp.Compare(x.Level, y.Level) })
	return all, nil
}

// decisions are those that stand, by the finding's id.
func decisions(ctx context.Context, o *office.Office) (map[string]*signing.Decision, error) {
	head, _, err := o.DB.Head(ctx, o.Region)
	if err != nil {
		return nil, err
	}
	decisions, err := signing.Decisions(ctx, o.DB, o.Region, head)
	decided := map[string]*signing.Decision{}
	for i := range decisions {
		decided[decisions[i].Finding] = &decisions[i]
	}
	return decided, err
}

// checkedBatches are the latest batches of a month, of one bureau or of all.
func checkedBatches(ctx context.Context, o *office.Office, m month.Month, bureau string) ([]payrun.Batch, error) {
	if err := o.KnownBureau(bureau); err != nil {
		return nil, err
	}
	batches, err := o.Batches(ctx, m, true)
	if err != nil || bureau == "" {
		return batches, err
	}
	batches = slices.DeleteFunc(batches, func(b payrun.Batch) bool { return b.Bureau != bureau })
	if len(batches) == 0 {
		return nil, fault.New(fault.NotFound, "%s%s还没有批次，请核对部门和月份，或先运行该月", bureau, m.Chinese())
	}
	return batches, nil
}

// ChecksWorkbook writes what may be decided about as a workbook to fill in, and counts
// the rows and those that are open. It holds no full number.
func ChecksWorkbook(ctx context.Context, o *office.Office, m month.Month, bureau, path string, by journal.By) (rows, open int, err error) {
	if err := office.Replaceable(path, office.TitleEnds("疑点")); err != nil {
		return 0, 0, err
	}
	batches, err := checkedBatches(ctx, o, m, bureau)
	if err != nil {
		return 0, 0, err
	}
	var numbers []int32
	for _, b := range batches {
		numbers = append(numbers, b.Number)
	}
	asked, err := signing.Questions(ctx, o.DB, o.Region, numbers)
	if err != nil {
		return 0, 0, err
	}
	var all []worklists.CheckRow
	for i := range asked {
		r := checkRow(&asked[i])
		if r.Decision == "" {
			open++
		}
		all = append(all, r)
	}
	return len(all), open, office.SaveWhole(path, func(w io.Writer) error {
		return worklists.WriteChecks(w, filepath.Dir(path), m.Chinese()+"疑点", office.Today(by), all)
	})
}

func checkRow(q *signing.Question) worklists.CheckRow {
	r := worklists.CheckRow{ID: q.ID, Kind: q.Kind, Sentence: q.Sentence, Name: strings.Join(q.Names, "、")}
	var masked []string
	for _, id := range q.Numbers {
		masked = append(masked, roster.MaskID(id))
	}
	r.Masked = strings.Join(masked, "、")
	if d := q.Decided; d != nil {
		r.Decision, r.Reason = worklists.HoldWord, d.Reason
		if d.Release {
			r.Decision = worklists.PayWord
		}
	}
	return r
}
