package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

var checkColumns = []column{{"level", "级别", false}, {"kind", "类型", false}, {"id", "编号", false}, {"bureau", "单位", false},
	{"item", "项目", false}, {"decision", "处理", false}, {"text", "内容", false}}

func (a *app) checksCommand() *cobra.Command {
	var out, bureau string
	c := a.command("checks YYYY-MM", "检查结果：阻断、疑点、须确认、提示", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		batches, err := a.checkedBatches(ctx, m, bureau)
		if err != nil {
			return err
		}
		if out != "" {
			return a.checksWorkbook(ctx, m, batches, out)
		}
		return a.checks(ctx, batches)
	})
	c.Flags().StringVar(&out, "out", "", "把疑点写成 xlsx，填好“决定”“理由”后用 decide --from 一次处理")
	c.Flags().StringVar(&bureau, "bureau", "", "只看一个单位")
	return c
}

// checkedBatches are the latest batches of a month, of one bureau or of all.
func (a *app) checkedBatches(ctx context.Context, m month.Month, bureau string) ([]payrun.Batch, error) {
	if bureau != "" {
		if _, err := a.pack.Bureau(bureau); err != nil {
			return nil, err
		}
	}
	batches, err := a.monthBatches(ctx, m, true)
	if err != nil || bureau == "" {
		return batches, err
	}
	batches = slices.DeleteFunc(batches, func(b payrun.Batch) bool { return b.Bureau != bureau })
	if len(batches) == 0 {
		return nil, fault.New(fault.NotFound, "%s%s还没有批次，请核对部门和月份，或先运行该月", bureau, m.Chinese())
	}
	return batches, nil
}

type check struct {
	payrun.Finding
	bureau string
}

// checks prints what runs found, each finding of a bureau once, with what was decided.
func (a *app) checks(ctx context.Context, batches []payrun.Batch) error {
	head, _, err := a.db.Head(ctx, a.region)
	if err != nil {
		return err
	}
	decisions, err := a.db.Decisions(ctx, a.region, head)
	if err != nil {
		return err
	}
	decided := map[string]string{}
	for _, d := range decisions {
		decided[d.Finding] = "暂缓：" + d.Reason
		if d.Release {
			decided[d.Finding] = "放行：" + d.Reason
		}
	}
	var all []check
	for _, b := range batches {
		found, err := a.db.Findings(ctx, a.region, b.Number)
		if err != nil {
			return err
		}
		for _, f := range found {
			all = append(all, check{f, b.Bureau})
		}
	}
	slices.SortStableFunc(all, func(x, y check) int { return cmp.Compare(x.Level, y.Level) })
	var rows [][]string
	for _, c := range all {
		rows = append(rows, []string{c.Level.Chinese(), c.Kind, c.ID, c.bureau, c.Item, a.decisionText(&c, decided), c.Sentence})
	}
	return a.print(checkColumns, rows)
}

func (a *app) decisionText(c *check, decided map[string]string) string {
	if !c.Decidable() {
		return ""
	}
	if s, ok := decided[c.ID]; ok {
		return s
	}
	return "未决"
}
