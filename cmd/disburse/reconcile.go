package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/reports"
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
	if bureau != "" {
		if _, err := a.pack.Bureau(bureau); err != nil {
			return err
		}
	}
	found, err := a.db.Reconcile(ctx, a.region, m, bureau)
	if err != nil {
		return err
	}
	var all []*reports.Reconciliation
	for i := range found {
		if !a.pack.Pays(found[i].Bureau) && len(found[i].Cells) == 0 {
			continue // it only keeps lists
		}
		r, err := a.reconciliation(ctx, m, &found[i])
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return fault.New(fault.NotFound, "%s%s没有发放资金的批次，没有可以对账的，请核对单位", bureau, m.Chinese())
	}
	if err := a.looksAt(ctx, journal.Exported, "对账表", 0, m.String(), bureau); err != nil {
		return err
	}
	paths, err := reports.WriteReconciliations(ctx, dir, all)
	if err != nil {
		return err
	}
	return a.printReconciliations(all, paths)
}

// reconciliation adds the packs to what was read.
func (a *app) reconciliation(ctx context.Context, m month.Month, x *bank.Reconciliation) (*reports.Reconciliation, error) {
	r := &reports.Reconciliation{Reconciliation: *x, Packs: map[string]*policy.File{}, Month: m}
	for _, b := range x.Batches {
		if b.State != payrun.Approved {
			continue
		}
		pack, err := a.packOf(ctx, b.Pack)
		if err != nil {
			return nil, err
		}
		r.Pack, r.Packs[b.Pack] = pack.File, pack.File
	}
	return r, nil
}

// printReconciliations prints a row and a sentence for each bureau. It fails when some
// bureau's own figures do not agree.
func (a *app) printReconciliations(all []*reports.Reconciliation, paths []string) error {
	columns := []column{{"bureau", "单位", false}, {"listed", "名单", true}, {"files", "拨付", true}, {"difference", "名单−拨付", true}, {"paid", "成功", true},
		{"failed", "失败退回", true}, {"unknown", "未知", true}, {"unanswered", "未回", true}, {"unsent", "未送", true}, {"balanced", "结论", false}}
	var rows [][]string
	var wrong []string
	for _, r := range all {
		s := r.Sums()
		verdict := "未回齐"
		switch {
		case len(r.Differences()) > 0:
			verdict = "不符"
			wrong = append(wrong, r.Bureau)
		case r.Balanced():
			verdict = "账平"
		}
		row := []string{r.Bureau}
		for _, amount := range []money.Fen{s.Listed, s.Files, s.Listed.Sub(s.Files), s.Answers[bank.Paid], s.Answers[bank.Failed], s.Answers[bank.Unknown], s.Answers[0], s.Unsent} {
			row = append(row, a.amount(postgres.Sum{Amount: amount}))
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
	if len(wrong) > 0 {
		return fault.New(fault.Internal, "%s内部对账不符，详见对账表“总表”；请停止送盘，并联系维护人员", strings.Join(wrong, "、"))
	}
	return nil
}
