package monthly

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
)

var checkColumns = []kit.Column{kit.TextColumn("level", "级别"), kit.TextColumn("kind", "类型"), kit.TextColumn("id", "编号"), kit.TextColumn("bureau", "单位"),
	kit.TextColumn("item", "项目"), kit.TextColumn("decision", "处理"), kit.TextColumn("text", "内容")}

// ChecksCommand is checks.
func ChecksCommand(a *kit.App) *cobra.Command {
	var out, bureau string
	c := a.Command("checks YYYY-MM", "检查结果：阻断、疑点、须确认、提示", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := kit.ParseMonth(args[0])
		if err != nil {
			return err
		}
		if out != "" {
			return checksWorkbook(ctx, a, m, bureau, out)
		}
		return checks(ctx, a, m, bureau)
	})
	c.Flags().StringVar(&out, "out", "", "把疑点写成 xlsx，填好“决定”“理由”后用 decide --from 一次处理")
	c.Flags().StringVar(&bureau, "bureau", "", "只看一个单位")
	return c
}

// checks prints what runs found, each finding of a bureau once, with what was decided.
func checks(ctx context.Context, a *kit.App, m month.Month, bureau string) error {
	all, err := monthly.Checks(ctx, a.Office, m, bureau)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range all {
		c := &all[i]
		rows = append(rows, []string{c.Level.Chinese(), c.Kind, c.ID, c.Bureau, c.Item, c.Decided(), c.Sentence})
	}
	return a.PrintRows(checkColumns, rows)
}

// checksWorkbook writes what may be decided about as a workbook to fill in.
func checksWorkbook(ctx context.Context, a *kit.App, m month.Month, bureau, path string) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	rows, open, err := monthly.ChecksWorkbook(ctx, a.Office, m, bureau, path, by)
	if err != nil {
		return err
	}
	a.Printf("已写出 %s：疑点 %d 项，其中未决 %d 项。填好“决定”“理由”后运行 disburse decide %s --from %s\n", path, rows, open, m, path)
	return nil
}
