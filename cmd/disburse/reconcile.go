package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/store/payments"
	"disburse/reports/reconcile"
)

// reconcileCommand is bank reconcile: 名单 = 拨付 = 回单.
func (a *app) reconcileCommand() *cobra.Command {
	var bureau, dir string
	c := a.command("reconcile YYYY-MM", "对账：名单、拨付、回单是否相符，差在哪里", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if dir == "" {
			return usage("请用 --out 写明目录")
		}
		return a.reconcile(ctx, m, bureau, dir)
	})
	c.Long = "把一个单位当月全部已审批批次的名单、银行文件、银行答复和台账逐项核对，写出 对账表.xlsx。\n" +
		"内部不符（名单与银行文件对不上）时退出码为 1；只是银行还没有答复完的，照实列出，退出码为 0。"
	c.Flags().StringVar(&bureau, "bureau", "", "只对一个单位的账")
	c.Flags().StringVar(&dir, "out", "", "目录")
	return c
}

func (a *app) reconcile(ctx context.Context, m month.Month, bureau, dir string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	all, paths, err := finance.Reconcile(ctx, a.Office, m, bureau, dir, by)
	if err != nil {
		return err
	}
	return a.printReconciliations(all, paths)
}

// printReconciliations prints a row and a sentence for each bureau. It fails when some
// bureau's own figures do not agree.
func (a *app) printReconciliations(all []*reconcile.Report, paths []string) error {
	columns := []column{textColumn("bureau", "单位"), numberColumn("listed", "名单"), numberColumn("files", "拨付"), numberColumn("difference", "名单−拨付"), numberColumn("paid", "成功"),
		numberColumn("failed", "失败退回"), numberColumn("unknown", "未知"), numberColumn("unanswered", "未回"), numberColumn("unsent", "未送"), textColumn("balanced", "结论")}
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
			row = append(row, a.amount(payments.Sum{Amount: amount}))
		}
		rows = append(rows, append(row, verdict))
	}
	if err := a.print(columns, rows); err != nil {
		return err
	}
	for i, r := range all {
		a.remark("%s：%s。", r.Bureau, r.Conclusion())
		a.remark("对账表：%s", filepath.ToSlash(paths[i]))
	}
	return finance.Unbalanced(all)
}
