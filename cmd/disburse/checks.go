package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"disburse/internal/month"
	"disburse/internal/payrun"
)

var checkColumns = []column{{"level", "级别", false}, {"kind", "类型", false}, {"id", "编号", false}, {"bureau", "单位", false},
	{"item", "项目", false}, {"decision", "处理", false}, {"text", "内容", false}}

func (a *app) checksCommand() *cobra.Command {
	return a.command("checks YYYY-MM", "检查结果：阻断、疑点、须确认、提示", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		return a.checks(ctx, m)
	})
}

type check struct {
	payrun.Finding
	bureau string
}

// checks prints what runs found, each finding of a bureau once, with what was decided.
func (a *app) checks(ctx context.Context, m month.Month) error {
	batches, err := a.monthBatches(ctx, m, true)
	if err != nil {
		return err
	}
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
	if c.Level != payrun.Doubt {
		return ""
	}
	if s, ok := decided[c.ID]; ok {
		return s
	}
	return "未决"
}

var registerColumns = []column{{"id_number", "身份证号", false}, {"name", "姓名", false}, {"item", "项目", false}, {"payee", "收款", false},
	{"benefit_month", "所属月份", false}, {"amount", "未收回金额", true}, {"street", "街道", false}}

func (a *app) recoveryCommand() *cobra.Command {
	return a.command("recovery", "追缴台账", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		debts, err := a.db.Register(ctx, a.region)
		if err != nil {
			return err
		}
		order := payrun.Sorting{Pack: a.pack}
		slices.SortFunc(debts, func(x, y payrun.Debt) int {
			return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Month, y.Month),
				cmp.Compare(a.pack.ItemOrder(x.Item), a.pack.ItemOrder(y.Item)), cmp.Compare(x.Payee, y.Payee))
		})
		var rows [][]string
		for _, d := range debts {
			rows = append(rows, []string{d.ID, d.Name, d.Item, d.Payee, d.Month.String(), d.Amount.String(), d.Street})
		}
		return a.print(registerColumns, rows)
	})
}
