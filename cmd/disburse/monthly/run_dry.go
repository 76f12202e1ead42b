package monthly

import (
	"context"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/monthly"
)

// dryRun computes a month and shows what would come of it, with nothing stored. With
// --full it also proves that looking back at touched people only gives the same.
func dryRun(ctx context.Context, a *kit.App, o *monthly.RunOrder) error {
	bar := a.Progress("试算 " + o.Month.String())
	o.Progress = bar.Show
	if !o.Full {
		report, err := monthly.Try(ctx, a.Office, o)
		bar.End()
		if err != nil {
			return err
		}
		a.Remark("%s（试算，没有保存）：按第 %d 号修订计算 %d 人（期初月 %s，回看 %d 人）", o.Month.Chinese(), report.Revision, report.People, report.Opening, report.Touched)
		return printRun(a, report)
	}
	proof, err := monthly.ProveFull(ctx, a.Office, o)
	bar.End()
	if err != nil {
		return err
	}
	r := proof.Report
	a.Remark("%s（试算，没有保存）：按第 %d 号修订计算 %d 人（期初月 %s）", o.Month.Chinese(), r.Revision, r.People, r.Opening)
	if err := printRun(a, r); err != nil {
		return err
	}
	if len(proof.Differences) > 0 {
		for _, d := range proof.Differences {
			a.Remark("  %s", d)
		}
		return monthly.Unproven(proof)
	}
	if proof.Lines == 0 && proof.Debts == 0 {
		a.Remark("本月没有明细，也没有追缴，没有可以核对的")
		return nil
	}
	a.Remark("核对一致：只回看 %d 人与回看全部 %d 人，结果相同（明细 %d 条，追缴 %d 条）", proof.Touched, r.People, proof.Lines, proof.Debts)
	return nil
}
