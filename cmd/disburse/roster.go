package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/office/rosters"
	"disburse/internal/roster"
)

// rosterCommand is roster and what is below it.
func (a *app) rosterCommand() *cobra.Command {
	c := &cobra.Command{Use: "roster", Short: "花名册：模板、导入、导出、比对、合并"}
	template := &cobra.Command{
		Use: "template FILE.xlsx", Short: "生成空白花名册", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
			if err := a.rulesInUse(c.Context()); err != nil {
				return err
			}
			if err := rosters.Template(a.Office, args[0]); err != nil {
				return err
			}
			a.printf("已生成空白花名册：%s\n", args[0])
			return nil
		},
	}
	var dryRun bool
	var errorsFile string
	imports := a.beginning("import FILE.xlsx", "导入花名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return a.importRoster(ctx, &rosters.Order{File: args[0], DryRun: dryRun, Errors: errorsFile})
	})
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "只检查，不保存")
	imports.Flags().StringVar(&errorsFile, "errors", "", "把有问题的行写到这个工作簿，改好后可再导入")
	export := a.command("export FILE.xlsx", "导出花名册", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return a.exportRoster(ctx, args[0])
	})
	c.AddCommand(template, imports, export, a.matchCommand(), a.mergeCommand(), a.undoCommand())
	return c
}

func (a *app) importRoster(ctx context.Context, x *rosters.Order) error {
	var err error
	if x.By, err = a.by(ctx, ""); err != nil {
		return err
	}
	bar := a.progress("读取花名册 行")
	x.Rows = func(rows int) { bar.show(int64(rows), 0) }
	x.Tell = func(s string) {
		bar.end() // the rows are read
		a.tell(s)
	}
	report, err := rosters.Import(ctx, a.Office, x)
	bar.end()
	if report != nil {
		a.printReport(report.Report, x.DryRun)
		a.tellRefused(report.Refused)
	}
	return err
}

// tellRefused says where the refused rows are.
func (a *app) tellRefused(file string) {
	if file != "" {
		a.printf("有问题的行已写到 %s，改好后可直接再次导入\n", file)
	}
}

// shownProblems is how many problems are printed at most.
const shownProblems = 20

func (a *app) printReport(r *roster.Report, dryRun bool) {
	a.printProblems(r.Problems, r.Warnings)
	word := "已导入"
	switch {
	case dryRun:
		word = "检查结果（未保存）"
	case r.Rev == 0:
		word = "没有变化"
	}
	a.printf("%s：新增 %d 人，变更 %d 人，事实 %d 项，核定金额 %d 项，收款单位 %d 个；与已知相同 %d 行；退回 %d 行\n",
		word, r.NewPeople, r.ChangedPeople, r.ChangedFacts, r.ChangedAwards, r.ChangedPayees, r.Unchanged, r.Refused)
	if waits := rosters.ImportWaits(r); waits != "" {
		a.println(waits + "。用 disburse accounts list 查看，accounts confirm 或 refuse 办理（网页：账户变更）")
	}
	if closes := rosters.ImportCloses(r); closes != "" {
		a.println(closes)
	}
	if r.Rev > 0 && !dryRun {
		a.printf("修订号 %d\n", r.Rev)
	}
}

// printProblems prints the first of what was refused, and of what staff should look at.
func (a *app) printProblems(problems, warnings []roster.Problem) {
	for i, p := range problems {
		if i == shownProblems {
			a.printf("…… 共 %d 处问题，用 --errors（比对名单用 --report）写到工作簿查看全部\n", len(problems))
			break
		}
		a.println(problemText("不能导入", &p))
	}
	for i, p := range warnings {
		if i == shownProblems {
			a.printf("…… 共 %d 条提示\n", len(warnings))
			break
		}
		a.println(problemText("提示", &p))
	}
}

// problemText says what is wrong with a row, and where.
func problemText(kind string, p *roster.Problem) string {
	at := ""
	if p.Place.Sheet != "" {
		at = "“" + p.Place.Sheet + "”"
	}
	if p.Place.Row > 0 {
		at += fmt.Sprintf("第 %d 行", p.Place.Row)
	}
	if p.Column != "" {
		at += "“" + p.Column + "”"
	}
	if p.Value != "" {
		at += "（" + p.Value + "）"
	}
	return kind + " " + at + "：" + p.Reason
}

func (a *app) exportRoster(ctx context.Context, file string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	bar := a.progress("导出花名册 人")
	count, err := rosters.Export(ctx, a.Office, file, by, func(people int) { bar.show(int64(people), 0) })
	bar.end()
	if err != nil {
		return err
	}
	a.printf("已导出 %d 人：%s\n", count, file)
	return nil
}
