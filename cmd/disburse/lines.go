package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/office/monthly"
)

var lineColumns = []column{textColumn("id_number", "身份证号"), textColumn("name", "姓名"), textColumn("item", "项目"), textColumn("benefit_month", "所属月份"),
	textColumn("kind", "类别"), numberColumn("amount", "金额"), textColumn("status", "状态"), textColumn("reason", "原因"), textColumn("payee", "收款"),
	textColumn("bureau", "单位"), textColumn("street", "街道"), textColumn("against", "从何项扣")}

// linesCommand is lines.
func (a *app) linesCommand() *cobra.Command {
	var x monthly.LinesOrder
	c := a.command("lines YYYY-MM", "一个月的明细", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var err error
		if x.Month, err = parseMonth(args[0]); err != nil {
			return err
		}
		if x.Status != "" && x.Status != "可发" && x.Status != "暂缓" {
			return usage("--status 只能是 可发 或 暂缓，不能是“%s”", x.Status)
		}
		if x.By, err = a.by(ctx, ""); err != nil {
			return err
		}
		return a.lines(ctx, &x)
	})
	c.Flags().StringVar(&x.Item, "item", "", "只看一个项目，如 11 或 18-1")
	c.Flags().StringVar(&x.Status, "status", "", "只看 可发 或 暂缓")
	c.Flags().IntVar(&x.Batch, "batch", 0, "看第几批（缺省看各单位最后一批）")
	c.Flags().BoolVar(&x.All, "all", false, "看全部批次")
	return c
}

func (a *app) lines(ctx context.Context, x *monthly.LinesOrder) error {
	lines, err := monthly.Lines(ctx, a.Office, x)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range lines {
		l := &lines[i]
		rows = append(rows, []string{l.ID, l.Name, l.Item, l.Month.String(), l.Kind.String(), l.Amount.String(), l.Status(), l.Hold.String(),
			l.Payee, l.Bureau, l.Street, l.Against})
	}
	return a.print(lineColumns, rows)
}
