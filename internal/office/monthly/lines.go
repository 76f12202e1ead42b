package monthly

import (
	"cmp"
	"context"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
)

// LinesOrder asks for the lines of a month.
type LinesOrder struct {
	Month  month.Month
	Bureau string // empty: all
	Item   string // empty: all
	Status string // 可发 or 暂缓; empty: both
	Batch  int    // 0: each bureau's latest
	All    bool   // of all batches
	By     journal.By
}

// Line is a line and the bureau whose batch it is in. The item alone does not tell: the
// pack at hand need not be the one that the batch was computed with.
type Line struct {
	payrun.Line
	Bureau string
}

// wants reports whether lines of the batch are asked for.
func (x *LinesOrder) wants(b payrun.Batch) bool {
	return (x.All || x.Batch == 0 || b.N == x.Batch) && (x.Bureau == "" || b.Bureau == x.Bureau)
}

// Lines are the lines of a month (明细) in the order of sheets. It fails with
// fault.NotFound when there is no such batch.
func Lines(ctx context.Context, o *office.Office, x *LinesOrder) ([]Line, error) {
	if x.Item != "" {
		if _, err := o.Pack.Item(x.Item); err != nil {
			return nil, err
		}
	}
	if err := o.KnownBureau(x.Bureau); err != nil {
		return nil, err
	}
	batchList, err := o.Batches(ctx, x.Month, !x.All && x.Batch == 0)
	if err != nil {
		return nil, err
	}
	batchList = slices.DeleteFunc(batchList, func(b payrun.Batch) bool { return !x.wants(b) })
	if len(batchList) == 0 {
		return nil, fault.Command(fault.New(fault.NotFound, "%s %s没有%s，请核对批次和单位", x.Month, x.Bureau, cmp.Or(office.BatchWord(x.Batch), "批次")), "--batch、--bureau")
	}
	var lines []Line
	for _, b := range batchList {
		part, err := batches.Lines(ctx, o.DB, o.Region, b, o.Pack)
		if err != nil {
			return nil, err
		}
		for _, l := range part {
			if (x.Item == "" || l.Item == x.Item) && (x.Status == "" || l.Status() == x.Status) {
				lines = append(lines, Line{l, b.Bureau})
			}
		}
	}
	order := payrun.Sorting{Pack: o.Pack}
	slices.SortStableFunc(lines, func(x, y Line) int { return order.Lines(&x.Line, &y.Line) })
	return lines, o.LogAccess(ctx, x.By, journal.Viewed, "发放明细", 0, x.Month.String(), x.Bureau)
}
