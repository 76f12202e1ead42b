package rosters

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/month"
	"disburse/internal/office/rosters"
	"disburse/internal/store/recovery"
)

// OpeningCommand is opening and what is below it.
func OpeningCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "opening", Short: "期初：老系统留下的多付和欠付"}
	template := &cobra.Command{
		Use: "template FILE.xlsx", Short: "生成空白的期初表", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			if err := a.RulesInUse(c.Context()); err != nil {
				return err
			}
			err := rosters.OpeningTemplate(a.Office, args[0])
			if err == nil {
				a.Printf("已生成空白的期初表：%s\n", args[0])
			}
			return err
		},
	}
	var dryRun bool
	var errorsFile, first string
	imports := a.Command("import FILE.xlsx", "导入期初", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var opening month.Month
		if first != "" {
			var err error
			if opening, err = kit.ParseMonth(first); err != nil {
				return err
			}
		}
		return importOpening(ctx, a, &rosters.OpeningOrder{File: args[0], First: opening, DryRun: dryRun, Errors: errorsFile})
	})
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "只检查，不保存")
	imports.Flags().StringVar(&errorsFile, "errors", "", "把有问题的行写到这个工作簿，改好后可再导入")
	imports.Flags().StringVar(&first, "opening", "", "期初月，YYYY-MM（还没有运行过时必填：本系统第一次运行的月份）")
	c.AddCommand(template, imports)
	return c
}

func importOpening(ctx context.Context, a *kit.App, x *rosters.OpeningOrder) error {
	var err error
	if x.By, err = a.By(ctx, ""); err != nil {
		return err
	}
	bar := a.Progress("读取期初 行")
	x.Rows = func(rows int) { bar.Show(int64(rows), 0) }
	report, err := rosters.ImportOpening(ctx, a.Office, x)
	bar.End()
	if report != nil {
		printOpening(a, report.OpeningReport, x.DryRun)
		tellRefused(a, report.Refused)
	}
	return err
}

func printOpening(a *kit.App, r *recovery.OpeningReport, dryRun bool) {
	a.PrintProblems(r.Problems, r.Warnings)
	word := "已导入期初"
	switch {
	case dryRun:
		word = "检查结果（未保存）"
	case r.Rev == 0:
		word = "没有变化"
	}
	a.Printf("%s：变更 %d 行；与已知相同 %d 行；退回 %d 行。多付 %s 元（待扣回），欠付 %s 元（待补发），期初月 %s\n",
		word, r.Changed, r.Unchanged, r.Refused, r.Overpaid.Grouped(), r.Owed.Grouped(), r.Opening)
	if r.Rev > 0 && !dryRun {
		a.Printf("修订号 %d\n", r.Rev)
	}
}
