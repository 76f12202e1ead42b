package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

func (a *app) openingCommand() *cobra.Command {
	c := &cobra.Command{Use: "opening", Short: "期初：老系统留下的多付和欠付"}
	template := &cobra.Command{
		Use: "template FILE.xlsx", Short: "生成空白的期初表", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
			if err := a.rulesInUse(c.Context()); err != nil {
				return err
			}
			err := saveWhole(args[0], func(w io.Writer) error {
				return roster.WriteOpeningTemplate(w, a.pack.Vocabulary().Title, a.payingItems())
			})
			if err == nil {
				fmt.Printf("已生成空白的期初表：%s\n", args[0])
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
		return a.importOpening(ctx, args[0], opening, dryRun, errorsFile)
	})
	imports.Flags().BoolVar(&dryRun, "dry-run", false, "只检查，不保存")
	imports.Flags().StringVar(&errorsFile, "errors", "", "把有问题的行写到这个工作簿，改好后可再导入")
	imports.Flags().StringVar(&first, "opening", "", "期初月，YYYY-MM（还没有运行过时必填：本系统第一次运行的月份）")
	c.AddCommand(template, imports)
	return c
}

// payingItems are the items that 期初 can be about.
func (a *app) payingItems() []roster.ItemName {
	var all []roster.ItemName
	for _, it := range a.pack.Items() {
		if it.Pay != nil {
			all = append(all, roster.ItemName{Code: it.Code.Value, Name: it.Name.Value})
		}
	}
	return all
}

func (a *app) importOpening(ctx context.Context, file string, opening month.Month, dryRun bool, errorsFile string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	bar := newProgress("读取期初 行")
	in, err := roster.ReadOpening(ctx, file, a.payingItems(), func(rows int) { bar.show(int64(rows), 0) })
	bar.end()
	if err != nil {
		return err
	}
	report, err := a.db.ImportOpening(ctx, postgres.OpeningOrder{Region: a.region, In: in, Opening: opening, By: by, DryRun: dryRun})
	if err != nil {
		return err
	}
	printOpening(report, dryRun)
	if errorsFile != "" && len(report.Problems) > 0 {
		if err := a.looksAt(ctx, journal.Exported, "期初退回的行", 0, filepath.Base(errorsFile)); err != nil {
			return err
		}
		if err := roster.WriteErrors(errorsFile, file, report.Problems); err != nil {
			return err
		}
		fmt.Printf("有问题的行已写到 %s，改好后可直接再次导入\n", errorsFile)
	}
	if len(report.Problems) > 0 && report.Changed+report.Unchanged == 0 {
		return fault.New(fault.Invalid, "“%s”里没有一行可以导入，什么都没有改动；原因见上", file)
	}
	return nil
}

func printOpening(r *postgres.OpeningReport, dryRun bool) {
	printProblems(r.Problems, r.Warnings)
	word := "已导入期初"
	switch {
	case dryRun:
		word = "检查结果（未保存）"
	case r.Rev == 0:
		word = "没有变化"
	}
	fmt.Printf("%s：变更 %d 行；与已知相同 %d 行；退回 %d 行。多付 %s 元（待扣回），欠付 %s 元（待补发），期初月 %s\n",
		word, r.Changed, r.Unchanged, r.Refused, r.Overpaid.Grouped(), r.Owed.Grouped(), r.Opening)
	if r.Rev > 0 && !dryRun {
		fmt.Printf("修订号 %d\n", r.Rev)
	}
}

// saveWhole writes a file beside its place and moves it there whole.
func saveWhole(file string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".期初-*")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", file)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(write(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查磁盘空间和权限", file)
	}
	return nil
}
