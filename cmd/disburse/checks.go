package main

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/internal/month"
	"disburse/internal/office/monthly"
)

var checkColumns = []column{textColumn("level", "级别"), textColumn("kind", "类型"), textColumn("id", "编号"), textColumn("bureau", "单位"),
	textColumn("item", "项目"), textColumn("decision", "处理"), textColumn("text", "内容")}

// checksCommand is checks.
func (a *app) checksCommand() *cobra.Command {
	var out, bureau string
	c := a.command("checks YYYY-MM", "检查结果：阻断、疑点、须确认、提示", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if out != "" {
			return a.checksWorkbook(ctx, m, bureau, out)
		}
		return a.checks(ctx, m, bureau)
	})
	c.Flags().StringVar(&out, "out", "", "把疑点写成 xlsx，填好“决定”“理由”后用 decide --from 一次处理")
	c.Flags().StringVar(&bureau, "bureau", "", "只看一个单位")
	return c
}

// checks prints what runs found, each finding of a bureau once, with what was decided.
func (a *app) checks(ctx context.Context, m month.Month, bureau string) error {
	all, err := monthly.Checks(ctx, a.Office, m, bureau)
	if err != nil {
		return err
	}
	var rows [][]string
	for i := range all {
		c := &all[i]
		rows = append(rows, []string{c.Level.Chinese(), c.Kind, c.ID, c.Bureau, c.Item, c.Decided(), c.Sentence})
	}
	return a.print(checkColumns, rows)
}

// checksWorkbook writes what may be decided about as a workbook to fill in.
func (a *app) checksWorkbook(ctx context.Context, m month.Month, bureau, path string) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	rows, open, err := monthly.ChecksWorkbook(ctx, a.Office, m, bureau, path, by)
	if err != nil {
		return err
	}
	a.printf("已写出 %s：疑点 %d 项，其中未决 %d 项。填好“决定”“理由”后运行 disburse decide %s --from %s\n", path, rows, open, m, path)
	return nil
}
