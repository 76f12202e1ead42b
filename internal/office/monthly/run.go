package monthly

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/store/audit"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
)

// RunOrder asks for a month to be computed.
type RunOrder struct {
	Month   month.Month
	Opening month.Month // of the district's first run (期初月); 0: that month
	Full    bool        // look at everybody's past months
	// DiscardLater takes away what runs of later months made (their month was mistyped),
	// for By.Reason, while nobody has signed any of it.
	DiscardLater bool
	By           journal.By // not needed where nothing is stored
	// Progress, which may be nil, is told how many people are done, of how many.
	Progress func(done, total int64)
	// Line, which may be nil, is told of every line as postgres.RunOrder says.
	Line   func(batch int32, m *batches.LineSummary)
	Gentle bool // leaves a processor to others
}

func runOrder(o *office.Office, r *RunOrder) runs.Order {
	return runs.Order{Region: o.Region, Month: r.Month, Opening: r.Opening, Pack: o.Pack, Full: r.Full,
		DiscardLater: r.DiscardLater, By: r.By, Progress: r.Progress, Line: r.Line, Gentle: r.Gentle}
}

// FarAhead is a remark on a month more than one after the present one, which is most
// often a slip: it does not stop the run. Empty: there is nothing to remark.
func (r *RunOrder) FarAhead() string {
	now := office.Today(r.By).Month()
	if r.By.At.IsZero() || r.Month <= now+1 {
		return ""
	}
	return fmt.Sprintf("注意：%s 比现在的 %s 晚 %d 个月，请核对月份；写错了的，在签批以前可以撤销：计算正确的月份时选择撤销以后月份（disburse run 正确的月份 --discard-later --reason 理由）", r.Month, now, r.Month-now)
}

// Run computes a month. It also seals what the access log has gathered. The bureaus come
// in the pack's order; Blocked says whether all of them were run.
func Run(ctx context.Context, o *office.Office, r *RunOrder) (*runs.Report, error) {
	if _, _, err := audit.SealAccess(ctx, o.DB, o.Region, r.By); err != nil {
		return nil, err
	}
	report, err := runs.Run(ctx, o.DB, runOrder(o, r))
	if err != nil {
		return nil, err
	}
	sortBureaus(o, report)
	return report, nil
}

// Try computes a month and stores nothing (试算).
func Try(ctx context.Context, o *office.Office, r *RunOrder) (*runs.Report, error) {
	report, err := runs.Try(ctx, o.DB, runOrder(o, r))
	if err != nil {
		return nil, err
	}
	sortBureaus(o, report)
	return report, nil
}

// ProveFull computes a month twice, looking back at touched people only and at everybody,
// and stores nothing. Unproven says whether both came to the same.
func ProveFull(ctx context.Context, o *office.Office, r *RunOrder) (*runs.Proof, error) {
	proof, err := runs.ProveFull(ctx, o.DB, runOrder(o, r))
	if err != nil {
		return nil, err
	}
	sortBureaus(o, proof.Report)
	return proof, nil
}

// sortBureaus puts the bureaus of a run into the pack's order.
func sortBureaus(o *office.Office, report *runs.Report) {
	slices.SortStableFunc(report.Bureaus, func(x, y runs.BureauRun) int {
		return cmp.Compare(o.BureauOrder(x.Bureau), o.BureauOrder(y.Bureau))
	})
}

// Blocked is a fault when a bureau was not run.
func Blocked(report *runs.Report) error {
	for _, b := range report.Bureaus {
		if b.Outcome == runs.Blocked {
			return b.WithDiscardHint(fault.New(fault.Refused, "%s没有运行：%s", b.Bureau, b.Reason))
		}
	}
	return nil
}

// Unproven is a fault when looking at everybody did not come to the same.
func Unproven(p *runs.Proof) error {
	if len(p.Differences) == 0 {
		return nil
	}
	return fault.New(fault.Refused, "回看 %d 人与回看全部 %d 人的结果不一致（列出 %d 处），请把以上内容交给维护人员", p.Touched, p.Report.People, len(p.Differences))
}
