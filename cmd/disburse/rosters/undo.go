package rosters

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/rosters"
)

// undoCommand is roster undo.
func undoCommand(a *kit.App) *cobra.Command {
	var reason string
	var dryRun bool
	c := a.Command("undo REV", "撤销一次花名册导入：恢复导入之前所知", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		rev, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || rev < 1 {
			return kit.Usage("REV 是导入时显示的修订号（也可用 disburse audit log 查看），不能是“%s”", args[0])
		}
		if a.As == "" {
			return kit.Usage("请用 --as 写明用户名")
		}
		by, err := a.By(ctx, reason)
		if err != nil {
			return err
		}
		report, err := rosters.UndoImport(ctx, a.Office, rev, dryRun, by)
		if err != nil {
			return err
		}
		word := "已撤销"
		if dryRun {
			word = "检查结果（未保存）"
		}
		a.Printf("%s修订 %d 的导入（%s）：%s\n", word, rev, report.File, report.Summary())
		if !dryRun {
			a.Printf("修订号 %d\n", report.Rev)
		}
		return nil
	})
	c.Long = "以新的修订恢复那次导入之前所知的一切：什么都不删除，按当时所知算过的月份不受影响，多发少发由下次运行补扣。\n" +
		"那次导入之后又有变动的、新增后已经发放或正在签批的，不能撤销，会说明是谁；请改用一份更正的花名册。"
	c.Flags().StringVar(&reason, "reason", "", "理由")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "只看会恢复什么，不保存")
	return c
}
