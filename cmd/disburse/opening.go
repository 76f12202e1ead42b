package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/month"
	"disburse/internal/office/rosters"
	"disburse/internal/store/recovery"
)

// openingCommand is opening and what is below it.
func (a *app) openingCommand() *cobra.Command {
	c := &cobra.Command{Use: "opening", Short: "期初：老系统留下的多付和欠付"}
	template := &cobra.Command{
		Use: "template FILE.xlsx", Short: "生成空白的期初表", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
			if err := a.rulesInUse(c.Context()); err != nil {
				return err
			}
			err := rosters.OpeningTemplate(a.Office, args[0])
			if err == nil {
				a.printf("已生成空白的期初表：%s\n", args[0])
			}
			return err
		},
	}
	var dryRun bool
	var errorsFile, first string
	imports := a.command("import FILE.xlsx", "导入期初", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var opening month.Month
		if first != "" {
			var err error
			if opening, err = parseMonth(first); err != nil {
				return err
			}
		}
		return a.importOpening(ctx, &rosters.OpeningOrder{File: args[0], First: opening, DryRun: dryRun, Errors: errorsFile})
	})
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "只检查，不保存")
	imports.Flags().StringVar(&errorsFile, "errors", "", "把有问题的行写到这个工作簿，改好后可再导入")
	imports.Flags().StringVar(&first, "opening", "", "期初月，YYYY-MM（还没有运行过时必填：本系统第一次运行的月份）")
	c.AddCommand(template, imports)
	return c
}

func (a *app) importOpening(ctx context.Context, x *rosters.OpeningOrder) error {
	var err error
	if x.By, err = a.by(ctx, ""); err != nil {
		return err
	}
	bar := a.progress("读取期初 行")
	x.Rows = func(rows int) { bar.show(int64(rows), 0) }
	report, err := rosters.ImportOpening(ctx, a.Office, x)
	bar.end()
	if report != nil {
		a.printOpening(report.OpeningReport, x.DryRun)
		a.tellRefused(report.Refused)
	}
	return err
}

func (a *app) printOpening(r *recovery.OpeningReport, dryRun bool) {
	a.printProblems(r.Problems, r.Warnings)
	word := "已导入期初"
	switch {
	case dryRun:
		word = "检查结果（未保存）"
	case r.Rev == 0:
		word = "没有变化"
	}
	a.printf("%s：变更 %d 行；与已知相同 %d 行；退回 %d 行。多付 %s 元（待扣回），欠付 %s 元（待补发），期初月 %s\n",
		word, r.Changed, r.Unchanged, r.Refused, r.Overpaid.Grouped(), r.Owed.Grouped(), r.Opening)
	if r.Rev > 0 && !dryRun {
		a.printf("修订号 %d\n", r.Rev)
	}
}
