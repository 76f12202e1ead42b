package finance

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/store/payments"
	"disburse/reports/reconcile"
)

// reconcileCommand is bank reconcile: 名单 = 拨付 = 回单.
func reconcileCommand(a *kit.App) *cobra.Command {
	var bureau, dir string
	c := a.Command("reconcile YYYY-MM", "对账：名单、拨付、回单是否相符，差在哪里", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := kit.ParseMonth(args[0])
		if err != nil {
			return err
		}
		if dir == "" {
			return kit.Usage("请用 --out 写明目录")
		}
		return reconcileMonth(ctx, a, m, bureau, dir)
	})
	c.Long = "把一个单位当月全部已审批批次的名单、银行文件、银行答复和台账逐项核对，写出 对账表.xlsx。\n" +
		"内部不符（名单与银行文件对不上）时退出码为 1；只是银行还没有答复完的，照实列出，退出码为 0。"
	c.Flags().StringVar(&bureau, "bureau", "", "只对一个单位的账")
	c.Flags().StringVar(&dir, "out", "", "目录")
	return c
}

func reconcileMonth(ctx context.Context, a *kit.App, m month.Month, bureau, dir string) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	all, paths, err := finance.Reconcile(ctx, a.Office, m, bureau, dir, by)
	if err != nil {
		return err
	}
	return PrintReconciliations(a, all, paths)
}

// PrintReconciliations prints a row and a sentence for each bureau. It fails when some
// bureau's own figures do not agree.
func PrintReconciliations(a *kit.App, all []*reconcile.Report, paths []string) error {
	columns := []kit.Column{kit.TextColumn("bureau", "单位"), kit.NumberColumn("listed", "名单"), kit.NumberColumn("files", "拨付"), kit.NumberColumn("difference", "名单−拨付"), kit.NumberColumn("paid", "成功"),
		kit.NumberColumn("failed", "失败退回"), kit.NumberColumn("unknown", "未知"), kit.NumberColumn("unanswered", "未回"), kit.NumberColumn("unsent", "未送"), kit.TextColumn("balanced", "结论")}
	var rows [][]string
	for _, r := range all {
		s := r.Sums()
		verdict := "未回齐"
		switch {
		case len(r.Differences()) > 0:
			verdict = "不符"
		case r.Balanced():
			verdict = "账平"
		}
		row := []string{r.Bureau}
		for _, amount := range []money.Fen{s.Listed, s.Files, s.Listed.Sub(s.Files), s.Answers[bank.Paid], s.Answers[bank.Failed], s.Answers[bank.Unknown], s.Answers[0], s.Unsent} {
			row = append(row, amountText(a, payments.Sum{Amount: amount}))
		}
		rows = append(rows, append(row, verdict))
	}
	if err := a.PrintRows(columns, rows); err != nil {
		return err
	}
	for i, r := range all {
		a.Remark("%s：%s。", r.Bureau, r.Conclusion())
		a.Remark("对账表：%s", filepath.ToSlash(paths[i]))
	}
	return finance.Unbalanced(all)
}
