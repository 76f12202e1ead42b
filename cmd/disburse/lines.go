package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

var lineColumns = []column{{"id_number", "身份证号", false}, {"name", "姓名", false}, {"item", "项目", false}, {"benefit_month", "所属月份", false},
	{"kind", "类别", false}, {"amount", "金额", true}, {"status", "状态", false}, {"reason", "原因", false}, {"payee", "收款", false},
	{"bureau", "单位", false}, {"street", "街道", false}, {"against", "从何项扣", false}}

func (a *app) linesCommand() *cobra.Command {
	var item, status string
	var batch int
	var all bool
	c := a.command("lines YYYY-MM", "一个月的明细", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		m, err := parseMonth(args[0])
		if err != nil {
			return err
		}
		if status != "" && status != "可发" && status != "暂缓" {
			return usage("--status 只能是 可发 或 暂缓，不能是“%s”", status)
		}
		if err := a.knownItem(item); err != nil {
			return err
		}
		return a.lines(ctx, m, func(b payrun.Batch) bool { return all || batch == 0 || b.N == batch }, !all && batch == 0,
			func(l *payrun.Line) bool {
				return (item == "" || l.Item == item) && (status == "" || l.Status() == status)
			})
	})
	c.Flags().StringVar(&item, "item", "", "只看一个项目，如 11 或 18-1")
	c.Flags().StringVar(&status, "status", "", "只看 可发 或 暂缓")
	c.Flags().IntVar(&batch, "batch", 0, "看第几批（缺省看各单位最后一批）")
	c.Flags().BoolVar(&all, "all", false, "看全部批次")
	return c
}

func (a *app) knownItem(code string) error {
	if code == "" {
		return nil
	}
	_, err := a.pack.Item(code)
	return err
}

// monthBatches returns the month's batches, or only each bureau's latest.
func (a *app) monthBatches(ctx context.Context, m month.Month, latest bool) ([]payrun.Batch, error) {
	batches, err := a.db.Batches(ctx, a.region, m)
	if err != nil {
		return nil, err
	}
	if len(batches) == 0 {
		return nil, fault.New(fault.NotFound, "%s 还没有运行，请先运行 disburse run %s", m, m)
	}
	if !latest {
		return batches, nil
	}
	var last []payrun.Batch
	for i, b := range batches { // by bureau and number
		if i+1 == len(batches) || batches[i+1].Bureau != b.Bureau {
			last = append(last, b)
		}
	}
	return last, nil
}

// batchLine is a line and the bureau whose batch it is in. The item alone does not tell:
// the pack at hand need not be the one that the batch was computed with.
type batchLine struct {
	payrun.Line
	bureau string
}

func (a *app) lines(ctx context.Context, m month.Month, wanted func(payrun.Batch) bool, latest bool, shown func(*payrun.Line) bool) error {
	batches, err := a.monthBatches(ctx, m, latest)
	if err != nil {
		return err
	}
	var lines []batchLine
	for _, b := range batches {
		if !wanted(b) {
			continue
		}
		part, err := a.db.Lines(ctx, a.region, b, a.pack)
		if err != nil {
			return err
		}
		for _, l := range part {
			lines = append(lines, batchLine{l, b.Bureau})
		}
	}
	order := payrun.Sorting{Pack: a.pack}
	slices.SortStableFunc(lines, func(x, y batchLine) int { return order.Lines(&x.Line, &y.Line) })
	var rows [][]string
	for i := range lines {
		l := &lines[i]
		if !shown(&l.Line) {
			continue
		}
		rows = append(rows, []string{l.ID, l.Name, l.Item, l.Month.String(), l.Kind.String(), l.Amount.String(), l.Status(), l.Hold.String(),
			l.Payee, l.bureau, l.Street, l.Against})
	}
	if err := a.looksAt(ctx, journal.Viewed, "发放明细", 0, m.String()); err != nil {
		return err
	}
	return a.print(lineColumns, rows)
}
