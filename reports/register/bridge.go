package register

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// bridge is the sheet 变动: last month's 当月 + 新增 − 停发 ± 变更 = this month's, item by
// item and to the 分, and the people behind each number. 新增 and 停发 are written as amounts
// without a sign, which the formula gives them; only 变更 has one of its own.
type bridge struct {
	sheet.TableOf[bridgeRow]
	top    *workbook.Rows
	items  []*packfile.Item
	moves  map[string]*control.Moves
	places map[string]*control.Moves // by street, of those who are named
	serial int
}

// bridgeRow is one change.
type bridgeRow struct {
	*explain.BridgeRow
	serial int
	kind   string
}

func bridgeColumns(cat *source.Catalogue) []sheet.Column[bridgeRow] {
	return []sheet.Column[bridgeRow]{
		sheet.Col("序号", 9, sheet.Centered, func(r *bridgeRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 14, sheet.Wrapped, func(r *bridgeRow) sheet.Cell { return sheet.Text(r.Name) }),
		sheet.Col("身份证号", 20, sheet.Number, func(r *bridgeRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 11, sheet.PlainText, func(r *bridgeRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("项目", 22, sheet.PlainText, func(r *bridgeRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("变动", 10, sheet.Centered, func(r *bridgeRow) sheet.Cell { return sheet.Text(r.kind) }),
		sheet.Col("上月当月金额", 15, sheet.Amounts, func(r *bridgeRow) sheet.Cell { return sheet.Fen(r.Last) }),
		sheet.Col("本月当月金额", 15, sheet.Amounts, func(r *bridgeRow) sheet.Cell { return sheet.Fen(r.This) }),
		sheet.Col("增减", 15, sheet.Amounts, func(r *bridgeRow) sheet.Cell { return sheet.Fen(r.This.Sub(r.Last)) }),
		sheet.Col("原因", 36, sheet.Wrapped, func(r *bridgeRow) sheet.Cell { return sheet.Text(r.Reason) }),
	}
}

func newBridge(p *sheet.Paper, items []*packfile.Item) *bridge {
	b := &bridge{items: items, moves: map[string]*control.Moves{}, places: map[string]*control.Moves{}}
	for _, it := range items {
		b.moves[it.Code.Value] = &control.Moves{}
	}
	b.TableOf = sheet.NewTable(p, sheet.Spec{
		Name: "变动", Title: "发放变动表", Unit: "金额单位：元", Landscape: true, Origin: b.base(p), Late: true, Filter: true,
	}, bridgeColumns(p.Catalogue))
	b.top = b.ReserveTop(len(items) + 3)
	b.Headings()
	return b
}

// base says what is compared with what.
func (b *bridge) base(p *sheet.Paper) string {
	is := p.Issue
	switch {
	case is.Batch.Extra:
		return p.Origin() + "　　补充批次，当月金额均为本月新增"
	case is.Previous == nil:
		return p.Origin() + "　　没有以前月份的已审批批次，全部为新增"
	}
	return p.Origin() + "　　上月：" + sheet.BatchName(is.Previous)
}

// compares reports whether there is a month to start from.
func (b *bridge) compares() bool { return b.Paper.Issue.Previous != nil && !b.Paper.Issue.Batch.Extra }

// fill writes the sheet and checks that it balances.
func (b *bridge) fill(ctx context.Context, src source.Rows, totals map[string]*control.Sums) error {
	if b.compares() {
		for _, t := range b.Paper.Issue.PreviousTotals {
			if m := b.moves[t.Item]; m != nil {
				m.Last = t.Current
			} else if t.Current != 0 {
				return control.Disagree("变动表缺少上月项目 "+t.Item, 0, t.Current)
			}
		}
		if err := b.names(ctx, src); err != nil {
			return err
		}
		b.Empty("与上月相比没有变动")
	} else {
		for code, m := range b.moves {
			m.Came, m.CameBy = totals[code].CurrentHeads, totals[code].Current
		}
		b.Across(b.Paper.Styles.Center, "全部为新增，名单见各项目表", 24)
	}
	for _, it := range b.items {
		m := b.moves[it.Code.Value]
		m.This = totals[it.Code.Value].Current
		if got := m.Last.Add(m.CameBy).Sub(m.LeftBy).Add(m.Other); got != m.This {
			return control.Disagree(b.Paper.Catalogue.Title(it.Code.Value)+" 变动后的当月金额（元）", got, m.This)
		}
	}
	b.KeepTogether(b.TailHeight(0))
	b.Signatures()
	b.summary()
	if err := b.top.Err(); err != nil {
		return err
	}
	return b.streets()
}

// names writes everybody whose amount changed.
func (b *bridge) names(ctx context.Context, src source.Rows) error {
	at, order := "", control.NewOrder(b.Paper.Catalogue)
	place := -1
	return src.Bridge(ctx, func(r *explain.BridgeRow) error {
		m := b.moves[r.Item]
		if m == nil {
			return fmt.Errorf("bridge: item %s is not one of %s", r.Item, b.Paper.Issue.Batch.Bureau)
		}
		if r.Item != at {
			if b.Paper.Catalogue.Order[r.Item] <= place {
				return fmt.Errorf("bridge: item %s is out of order", r.Item)
			}
			at, place, order = r.Item, b.Paper.Catalogue.Order[r.Item], control.NewOrder(b.Paper.Catalogue)
		}
		if err := order.Next(ctx, r.Street, r.ID, 0); err != nil {
			return fmt.Errorf("bridge of item %s: %w", r.Item, err)
		}
		if r.Last != r.This {
			b.serial++
			b.Add(&bridgeRow{r, b.serial, m.Add(r)})
			b.place(r)
		}
		return b.Err()
	})
}

// place counts a change in its street.
func (b *bridge) place(r *explain.BridgeRow) {
	if b.places[r.Street] == nil {
		b.places[r.Street] = &control.Moves{}
	}
	b.places[r.Street].Add(r)
}

// streets writes 新增, 停发 and 变更 by 街道 on a sheet of its own, for it has other headings
// than the names.
func (b *bridge) streets() error {
	if len(b.places) == 0 {
		return nil
	}
	spec := sheet.Spec{Name: "变动街道", Title: "各街道发放变动表", Unit: "金额单位：元", Origin: b.Spec.Origin, Landscape: true}
	t := sheet.NewTableAfter(b.Table, spec, streetColumns)
	all := &control.Moves{}
	for _, name := range slices.SortedFunc(maps.Keys(b.places), b.Paper.Catalogue.CompareStreets) {
		m := b.places[name]
		t.Add(&streetMoves{name, m})
		all.Join(m)
	}
	const note = "一人享受多项的，每项计一次。＋新增 −停发 ±变更 ＝净增减；只比当月金额，不含补发、扣回和暂缓。"
	t.KeepTogether(t.TailHeight(1, note))
	t.Total("合计", t.Summed(&streetMoves{Moves: all})...)
	t.Notes(note)
	t.Signatures()
	return t.Err()
}

// streetMoves are the changes of a street.
type streetMoves struct {
	street string
	*control.Moves
}

var streetColumns = []sheet.Column[streetMoves]{
	sheet.Col("街道", 18, sheet.PlainText, func(r *streetMoves) sheet.Cell { return sheet.Text(sheet.StreetName(r.street)) }),
	sheet.Col("新增人数", 11, sheet.Counts, func(r *streetMoves) sheet.Cell { return sheet.Whole(r.Came) }).Sums(),
	sheet.Col("停发人数", 11, sheet.Counts, func(r *streetMoves) sheet.Cell { return sheet.Whole(r.Left) }).Sums(),
	sheet.Col("变更人数", 11, sheet.Counts, func(r *streetMoves) sheet.Cell { return sheet.Whole(r.Changed) }).Sums(),
	sheet.Col("合计人数", 11, sheet.Counts, func(r *streetMoves) sheet.Cell { return sheet.Whole(r.Came + r.Left + r.Changed) }).Sums(),
	sheet.Col("新增金额（＋）", 16, sheet.Amounts, func(r *streetMoves) sheet.Cell { return sheet.Fen(r.CameBy) }).Sums(),
	sheet.Col("停发金额（−）", 16, sheet.Amounts, func(r *streetMoves) sheet.Cell { return sheet.Fen(r.LeftBy) }).Sums(),
	sheet.Col("变更增减（±）", 16, sheet.Amounts, func(r *streetMoves) sheet.Cell { return sheet.Fen(r.Other) }).Sums(),
	sheet.Col("净增减（＝）", 16, sheet.Amounts, func(r *streetMoves) sheet.Cell { return sheet.Fen(r.CameBy.Sub(r.LeftBy).Add(r.Other)) }).Sums(),
}

// summary fills the rows kept at the top: heading, items, total and what they mean.
func (b *bridge) summary() {
	s := &b.Paper.Styles
	b.top.Row(24)
	for i, head := range []string{"项目", "", "上月当月金额", "新增人数", "新增金额（＋）", "停发人数", "停发金额（−）", "变更人数", "变更增减（±）", "本月当月金额（＝）"} {
		b.top.Text(s.Head, head)
		if i == 1 {
			b.top.Merge(1, 2)
		}
	}
	t := &control.Moves{}
	for _, it := range b.items {
		m := b.moves[it.Code.Value]
		b.line(s.Text, s.Amount, s.Count, b.Paper.Catalogue.Title(it.Code.Value), m)
		t.Join(m)
	}
	b.line(s.Total, s.TotalAmount, s.TotalCount, "合计", t)
	b.top.Row(20)
	b.top.Text(s.Note, "上月 ＋新增 −停发 ±变更 ＝本月；只比当月金额，不含补发、扣回和暂缓。")
	b.top.Blank(s.Note, len(b.Spec.Columns)-1)
	b.top.Merge(1, len(b.Spec.Columns))
}

func (b *bridge) line(label, amount, count workbook.Style, text string, m *control.Moves) {
	b.top.Row(18)
	b.top.Text(label, text)
	b.top.Blank(label, 1)
	b.top.Merge(1, 2)
	b.top.Amount(amount, m.Last)
	b.top.Int(count, m.Came)
	b.top.Amount(amount, m.CameBy)
	b.top.Int(count, m.Left)
	b.top.Amount(amount, m.LeftBy)
	b.top.Int(count, m.Changed)
	b.top.Amount(amount, m.Other)
	b.top.Amount(amount, m.This)
}
