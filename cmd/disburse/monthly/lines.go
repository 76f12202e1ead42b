package monthly

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/monthly"
)

var lineColumns = []kit.Column{kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名"), kit.TextColumn("item", "项目"), kit.TextColumn("benefit_month", "所属月份"),
	kit.TextColumn("kind", "类别"), kit.NumberColumn("amount", "金额"), kit.TextColumn("status", "状态"), kit.TextColumn("reason", "原因"), kit.TextColumn("payee", "收款"),
	kit.TextColumn("bureau", "单位"), kit.TextColumn("street", "街道"), kit.TextColumn("against", "从何项扣")}

// LinesCommand is lines.
func LinesCommand(a *kit.App) *cobra.Command {
	var x monthly.LinesOrder
	c := a.Command("lines YYYY-MM", "一个月的明细", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var err error
		if x.Month, err = kit.ParseMonth(args[0]); err != nil {
			return err
		}
		if x.Status != "" && x.Status != "可发" && x.Status != "暂缓" {
			return kit.Usage("--status 只能是 可发 或 暂缓，不能是“%s”", x.Status)
		}
		if x.By, err = a.By(ctx, ""); err != nil {
			return err
		}
		return lines(ctx, a, &x)
	})
	c.Flags().StringVar(&x.Item, "item", "", "只看一个项目，如 11 或 18-1")
	c.Flags().StringVar(&x.Status, "status", "", "只看 可发 或 暂缓")
	c.Flags().IntVar(&x.Batch, "batch", 0, "看第几批（缺省看各单位最后一批）")
	c.Flags().BoolVar(&x.All, "all", false, "看全部批次")
	return c
}

func lines(ctx context.Context, a *kit.App, x *monthly.LinesOrder) error {
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
	return a.PrintRows(lineColumns, rows)
}
