package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/office/export"
	"disburse/internal/office/monthly"
)

// verifyCommand is verify.
func (a *app) verifyCommand() *cobra.Command {
	var files string
	c := a.command("verify YYYY-MM", "按当时所知重算已审批的批次，逐行核对；加 --files 也核对写出的文件", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if err := a.verify(ctx, m); err != nil || files == "" {
			return err
		}
		return a.verifyFiles(ctx, m, files)
	})
	c.Flags().StringVar(&files, "files", "", "export 写文件的目录（--out）：逐个核对 SHA-256，再与现在重新写出的比较")
	return c
}

// verify recomputes every approved batch of the month from its own revision and pack.
func (a *app) verify(ctx context.Context, m month.Month) error {
	bar := a.progress("复算 人")
	all, failed := monthly.Verify(ctx, a.Office, m, func(done int) { bar.show(int64(done), 0) })
	bar.end()
	for i := range all {
		b := &all[i].Batch
		a.printf("%s：明细 %d 条，可发 %s 元，不一致 %d 处\n", approval.Title(*b), b.Lines, b.Pays.Grouped(), len(all[i].Differences))
		a.printIndented(all[i].Differences)
	}
	return failed
}

// verifyFiles compares the files of a month with their manifest and with what would be
// written now.
func (a *app) verifyFiles(ctx context.Context, m month.Month, dir string) error {
	report, failed := export.Verify(ctx, a.Office, m, dir)
	if report == nil {
		return failed
	}
	a.printIndented(report.Strange)
	for i := range report.Batches {
		v := &report.Batches[i]
		note := ""
		if v.Encrypted > 0 {
			note = fmt.Sprintf("（其中 %d 个已加密，只核对了 SHA-256）", v.Encrypted)
		}
		a.printf("%s第%d批：%d 个文件%s，不一致 %d 处\n", v.Bureau, v.N, v.Files, note, len(v.Differences))
		a.printIndented(v.Differences)
	}
	return failed
}

func (a *app) printIndented(sentences []string) {
	for _, s := range sentences {
		a.println("  " + s)
	}
}
