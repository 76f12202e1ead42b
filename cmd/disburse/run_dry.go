package main

import (
	"context"

	"disburse/internal/office/monthly"
)

// dryRun computes a month and shows what would come of it, with nothing stored. With
// --full it also proves that looking back at touched people only gives the same.
func (a *app) dryRun(ctx context.Context, o *monthly.RunOrder) error {
	bar := a.progress("试算 " + o.Month.String())
	o.Progress = bar.show
	if !o.Full {
		report, err := monthly.Try(ctx, a.Office, o)
		bar.end()
		if err != nil {
			return err
		}
		a.remark("%s（试算，没有保存）：按第 %d 号修订计算 %d 人（期初月 %s，回看 %d 人）", o.Month.Chinese(), report.Revision, report.People, report.Opening, report.Touched)
		return a.printRun(report)
	}
	proof, err := monthly.ProveFull(ctx, a.Office, o)
	bar.end()
	if err != nil {
		return err
	}
	r := proof.Report
	a.remark("%s（试算，没有保存）：按第 %d 号修订计算 %d 人（期初月 %s）", o.Month.Chinese(), r.Revision, r.People, r.Opening)
	if err := a.printRun(r); err != nil {
		return err
	}
	if len(proof.Differences) > 0 {
		for _, d := range proof.Differences {
			a.remark("  %s", d)
		}
		return monthly.Unproven(proof)
	}
	if proof.Lines == 0 && proof.Debts == 0 {
		a.remark("本月没有明细，也没有追缴，没有可以核对的")
		return nil
	}
	a.remark("核对一致：只回看 %d 人与回看全部 %d 人，结果相同（明细 %d 条，追缴 %d 条）", proof.Touched, r.People, proof.Lines, proof.Debts)
	return nil
}
