package rosters

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
)

// RosterCommand is roster and what is below it.
func RosterCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "roster", Short: "花名册：模板、导入、导出、比对、合并"}
	template := &cobra.Command{
		Use: "template FILE.xlsx", Short: "生成空白花名册", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			if err := a.RulesInUse(c.Context()); err != nil {
				return err
			}
			if err := rosters.Template(a.Office, args[0]); err != nil {
				return err
			}
			a.Printf("已生成空白花名册：%s\n", args[0])
			return nil
		},
	}
	var dryRun bool
	var errorsFile string
	imports := a.Beginning("import FILE.xlsx", "导入花名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return importRoster(ctx, a, &rosters.Order{File: args[0], DryRun: dryRun, Errors: errorsFile})
	})
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "只检查，不保存")
	imports.Flags().StringVar(&errorsFile, "errors", "", "把有问题的行写到这个工作簿，改好后可再导入")
	export := a.Command("export FILE.xlsx", "导出花名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return exportRoster(ctx, a, args[0])
	})
	c.AddCommand(template, imports, export, matchCommand(a), mergeCommand(a), undoCommand(a))
	return c
}

func importRoster(ctx context.Context, a *kit.App, x *rosters.Order) error {
	var err error
	if x.By, err = a.By(ctx, ""); err != nil {
		return err
	}
	bar := a.Progress("读取花名册 行")
	x.Rows = func(rows int) { bar.Show(int64(rows), 0) }
	x.Tell = func(s string) {
		bar.End() // the rows are read
		a.Tell(s)
	}
	report, err := rosters.Import(ctx, a.Office, x)
	bar.End()
	if report != nil {
		printReport(a, report.Report, x.DryRun)
		tellRefused(a, report.Refused)
	}
	return err
}

// tellRefused says where the refused rows are.
func tellRefused(a *kit.App, file string) {
	if file != "" {
		a.Printf("有问题的行已写到 %s，改好后可直接再次导入\n", file)
	}
}

func printReport(a *kit.App, r *roster.Report, dryRun bool) {
	a.PrintProblems(r.Problems, r.Warnings)
	word := "已导入"
	switch {
	case dryRun:
		word = "检查结果（未保存）"
	case r.Rev == 0:
		word = "没有变化"
	}
	a.Printf("%s：新增 %d 人，变更 %d 人，事实 %d 项，核定金额 %d 项，收款单位 %d 个；与已知相同 %d 行；退回 %d 行\n",
		word, r.NewPeople, r.ChangedPeople, r.ChangedFacts, r.ChangedAwards, r.ChangedPayees, r.Unchanged, r.Refused)
	if waits := rosters.ImportWaits(r); waits != "" {
		a.Println(waits + "。用 disburse accounts list 查看，accounts confirm 或 refuse 办理（网页：账户变更）")
	}
	if closes := rosters.ImportCloses(r); closes != "" {
		a.Println(closes)
	}
	if r.Rev > 0 && !dryRun {
		a.Printf("修订号 %d\n", r.Rev)
	}
}

func exportRoster(ctx context.Context, a *kit.App, file string) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	bar := a.Progress("导出花名册 人")
	count, err := rosters.Export(ctx, a.Office, file, by, func(people int) { bar.Show(int64(people), 0) })
	bar.End()
	if err != nil {
		return err
	}
	a.Printf("已导出 %d 人：%s\n", count, file)
	return nil
}
