package monthly

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/office/monthly"
	"disburse/internal/store/runs"
)

// RunCommand is run.
func RunCommand(a *kit.App) *cobra.Command {
	var opening, reason string
	var dry bool
	var x monthly.RunOrder
	c := a.Beginning("run YYYY-MM", "计算一个月", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var err error
		if x.Month, err = kit.ParseMonth(args[0]); err != nil {
			return err
		}
		if opening != "" {
			if x.Opening, err = kit.ParseMonth(opening); err != nil {
				return err
			}
		}
		if reason != "" && !x.DiscardLater {
			return kit.Usage("--reason 只与 --discard-later 同用")
		}
		if x.By, err = a.By(ctx, reason); err != nil {
			return err
		}
		if s := x.FarAhead(); s != "" {
			a.Tell(s)
		}
		if dry {
			return dryRun(ctx, a, &x)
		}
		return run(ctx, a, &x)
	})
	c.Flags().StringVar(&opening, "opening", "", "期初月（只在第一次运行时设定，缺省为运行的月份）")
	c.Flags().BoolVar(&x.Full, "full", false, "重新核对所有人以前的月份")
	c.Flags().BoolVar(&x.DiscardLater, "discard-later", false, "撤销写错月份的运行：以后月份的批次只要都没有提交过，就撤销，本月重新计算")
	c.Flags().StringVar(&reason, "reason", "", "撤销的理由（与 --discard-later 同用）")
	c.Flags().BoolVar(&dry, "dry-run", false, "只试算，不保存；与 --full 同用时，还核对只回看有变动的人与回看所有人结果是否相同")
	return c
}

func run(ctx context.Context, a *kit.App, x *monthly.RunOrder) error {
	bar := a.Progress("计算 " + x.Month.String())
	x.Progress = bar.Show
	report, err := monthly.Run(ctx, a.Office, x)
	bar.End()
	if err != nil {
		return err
	}
	a.Remark("%s：按第 %d 号修订计算 %d 人（期初月 %s，回看 %d 人）", x.Month.Chinese(), report.Revision, report.People, report.Opening, report.Touched)
	if report.Behind != "" {
		a.Remark("%s", report.Behind)
	}
	for _, b := range report.Carried {
		a.Remark("结转：%s未提交，其应发并入本次补发", approval.Title(b))
	}
	for _, b := range report.Discarded {
		a.Remark("撤销：%s（明细 %d 条），到了 %s 可以照常运行", approval.Title(b), b.Lines, b.Month)
	}
	if err := printRun(a, report); err != nil {
		return err
	}
	return monthly.Blocked(report)
}

func printRun(a *kit.App, report *runs.Report) error {
	columns := []kit.Column{kit.TextColumn("bureau", "单位"), kit.TextColumn("outcome", "结果"), kit.NumberColumn("batch", "批次"), kit.TextColumn("state", "状态"),
		kit.NumberColumn("lines", "明细条数"), kit.NumberColumn("heads", "人数"), kit.NumberColumn("pays", "可发金额"), kit.NumberColumn("held", "暂缓金额"), kit.TextColumn("reason", "说明")}
	var rows [][]string
	for _, b := range report.Bureaus {
		rows = append(rows, []string{b.Bureau, string(b.Outcome), fmt.Sprint(b.Batch.N), b.Batch.State.Chinese(),
			fmt.Sprint(b.Batch.Lines), fmt.Sprint(b.Batch.Heads), b.Batch.Pays.Grouped(), b.Batch.Held.Grouped(), b.Reason})
	}
	return a.PrintRows(columns, rows)
}
