package monthly

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/office/export"
	"disburse/internal/office/monthly"
)

// VerifyCommand is verify.
func VerifyCommand(a *kit.App) *cobra.Command {
	var files string
	c := a.Command("verify YYYY-MM", "按当时所知重算已审批的批次，逐行核对；加 --files 也核对写出的文件", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := kit.ParseMonth(args[0])
		if err != nil {
			return err
		}
		if err := verify(ctx, a, m); err != nil || files == "" {
			return err
		}
		return verifyFiles(ctx, a, m, files)
	})
	c.Flags().StringVar(&files, "files", "", "export 写文件的目录（--out）：逐个核对 SHA-256，再与现在重新写出的比较")
	return c
}

// verify recomputes every approved batch of the month from its own revision and pack.
func verify(ctx context.Context, a *kit.App, m month.Month) error {
	bar := a.Progress("复算 人")
	all, failed := monthly.Verify(ctx, a.Office, m, func(done int) { bar.Show(int64(done), 0) })
	bar.End()
	for i := range all {
		b := &all[i].Batch
		a.Printf("%s：明细 %d 条，可发 %s 元，不一致 %d 处\n", approval.Title(*b), b.Lines, b.Pays.Grouped(), len(all[i].Differences))
		printIndented(a, all[i].Differences)
	}
	return failed
}

// verifyFiles compares the files of a month with their manifest and with what would be
// written now.
func verifyFiles(ctx context.Context, a *kit.App, m month.Month, dir string) error {
	report, failed := export.Verify(ctx, a.Office, m, dir)
	if report == nil {
		return failed
	}
	printIndented(a, report.Strange)
	for i := range report.Batches {
		v := &report.Batches[i]
		note := ""
		if v.Encrypted > 0 {
			note = fmt.Sprintf("（其中 %d 个已加密，只核对了 SHA-256）", v.Encrypted)
		}
		a.Printf("%s第%d批：%d 个文件%s，不一致 %d 处\n", v.Bureau, v.N, v.Files, note, len(v.Differences))
		printIndented(a, v.Differences)
	}
	return failed
}

func printIndented(a *kit.App, sentences []string) {
	for _, s := range sentences {
		a.Println("  " + s)
	}
}
