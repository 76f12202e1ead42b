package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/workbook"
)

// bridge is the sheet 变动: last month's 当月 + 新增 − 停发 ± 变更 = this month's, item by
// item and to the 分, and the people behind each number. 新增 and 停发 are written as amounts
// without a sign, which the formula gives them; only 变更 has one of its own.
type bridge struct {
	tableOf[bridgeRow]
	top    *workbook.Rows
	items  []*packfile.Item
	moves  map[string]*moves
	places map[string]*moves // by street, of those who are named
	serial int
}

// moves are the changes of one item.
type moves struct {
	last, this            money.Fen
	came, left, changed   int
	cameBy, leftBy, other money.Fen // leftBy is positive
}

// The kinds of change.
const (
	begun   = "新增"
	stopped = "停发"
	changed = "变更"
)

// bridgeRow is one change.
type bridgeRow struct {
	*explain.BridgeRow
	serial int
	kind   string
}

func bridgeColumns(cat *catalogue) []columnOf[bridgeRow] {
	return []columnOf[bridgeRow]{
		col("序号", 9, centered, func(r *bridgeRow) cell { return whole(r.serial) }),
		col("姓名", 14, wrapped, func(r *bridgeRow) cell { return text(r.Name) }),
		col("身份证号", 20, number, func(r *bridgeRow) cell { return text(r.ID) }),
		col("街道", 11, plainText, func(r *bridgeRow) cell { return text(streetName(r.Street)) }),
		col("项目", 22, plainText, func(r *bridgeRow) cell { return text(cat.title(r.Item)) }),
		col("变动", 10, centered, func(r *bridgeRow) cell { return text(r.kind) }),
		col("上月当月金额", 15, amounts, func(r *bridgeRow) cell { return fen(r.Last) }),
		col("本月当月金额", 15, amounts, func(r *bridgeRow) cell { return fen(r.This) }),
		col("增减", 15, amounts, func(r *bridgeRow) cell { return fen(r.This.Sub(r.Last)) }),
		col("原因", 36, wrapped, func(r *bridgeRow) cell { return text(r.Reason) }),
	}
}

func newBridge(p *paper, items []*packfile.Item) *bridge {
	b := &bridge{items: items, moves: map[string]*moves{}, places: map[string]*moves{}}
	for _, it := range items {
		b.moves[it.Code.Value] = &moves{}
	}
	b.tableOf = newTableOf(p, tableSpec{
		name: "变动", title: "发放变动表", unit: "金额单位：元", landscape: true, origin: b.base(p), late: true, filter: true,
	}, bridgeColumns(p.cat))
	b.top = b.reserve(len(items) + 3)
	b.headings()
	return b
}

// base says what is compared with what.
func (b *bridge) base(p *paper) string {
	is := p.is
	switch {
	case is.Batch.Extra:
		return p.origin() + "　　补充批次，当月金额均为本月新增"
	case is.Previous == nil:
		return p.origin() + "　　没有以前月份的已审批批次，全部为新增"
	}
	return p.origin() + "　　上月：" + batchName(is.Previous)
}

// compares reports whether there is a month to start from.
func (b *bridge) compares() bool { return b.p.is.Previous != nil && !b.p.is.Batch.Extra }

// fill writes the sheet and checks that it balances.
func (b *bridge) fill(ctx context.Context, src Source, totals map[string]*sums) error {
	if b.compares() {
		for _, t := range b.p.is.PreviousTotals {
			if m := b.moves[t.Item]; m != nil {
				m.last = t.Current
			} else if t.Current != 0 {
				return disagree("变动表缺少上月项目 "+t.Item, 0, t.Current)
			}
		}
		if err := b.names(ctx, src); err != nil {
			return err
		}
		b.empty("与上月相比没有变动")
	} else {
		for code, m := range b.moves {
			m.came, m.cameBy = totals[code].currentHeads, totals[code].current
		}
		b.across(b.p.st.center, "全部为新增，名单见各项目表", 24)
	}
	for _, it := range b.items {
		m := b.moves[it.Code.Value]
		m.this = totals[it.Code.Value].current
		if got := m.last.Add(m.cameBy).Sub(m.leftBy).Add(m.other); got != m.this {
			return disagree(b.p.cat.title(it.Code.Value)+" 变动后的当月金额（元）", got, m.this)
		}
	}
	b.keep(b.tailHeight(0))
	b.signatures()
	b.summary()
	if err := b.top.Err(); err != nil {
		return err
	}
	return b.streets()
}

// names writes everybody whose amount changed.
func (b *bridge) names(ctx context.Context, src Source) error {
	at, order := "", newOrder(b.p.cat)
	place := -1
	return src.Bridge(ctx, func(r *explain.BridgeRow) error {
		m := b.moves[r.Item]
		if m == nil {
			return fmt.Errorf("bridge: item %s is not one of %s", r.Item, b.p.is.Batch.Bureau)
		}
		if r.Item != at {
			if b.p.cat.order[r.Item] <= place {
				return fmt.Errorf("bridge: item %s is out of order", r.Item)
			}
			at, place, order = r.Item, b.p.cat.order[r.Item], newOrder(b.p.cat)
		}
		if err := order.next(ctx, r.Street, r.ID, 0); err != nil {
			return fmt.Errorf("bridge of item %s: %w", r.Item, err)
		}
		if r.Last != r.This {
			b.serial++
			b.row(&bridgeRow{r, b.serial, m.add(r)})
			b.place(r)
		}
		return b.Err()
	})
}

// place counts a change in its street.
func (b *bridge) place(r *explain.BridgeRow) {
	if b.places[r.Street] == nil {
		b.places[r.Street] = &moves{}
	}
	b.places[r.Street].add(r)
}

// streets writes 新增, 停发 and 变更 by 街道 on a sheet of its own, for it has other headings
// than the names.
func (b *bridge) streets() error {
	if len(b.places) == 0 {
		return nil
	}
	spec := tableSpec{name: "变动街道", title: "各街道发放变动表", unit: "金额单位：元", origin: b.spec.origin, landscape: true}
	t := newTableAfter(b.table, spec, streetColumns)
	all := &moves{}
	for _, name := range slices.SortedFunc(maps.Keys(b.places), b.p.cat.compareStreets) {
		m := b.places[name]
		t.row(&streetMoves{name, m})
		all.join(m)
	}
	const note = "一人享受多项的，每项计一次。＋新增 −停发 ±变更 ＝净增减；只比当月金额，不含补发、扣回和暂缓。"
	t.keep(t.tailHeight(1, note))
	t.total("合计", t.summed(&streetMoves{moves: all})...)
	t.notes(note)
	t.signatures()
	return t.Err()
}

// streetMoves are the changes of a street.
type streetMoves struct {
	street string
	*moves
}

var streetColumns = []columnOf[streetMoves]{
	col("街道", 18, plainText, func(r *streetMoves) cell { return text(streetName(r.street)) }),
	col("新增人数", 11, counts, func(r *streetMoves) cell { return whole(r.came) }).sums(),
	col("停发人数", 11, counts, func(r *streetMoves) cell { return whole(r.left) }).sums(),
	col("变更人数", 11, counts, func(r *streetMoves) cell { return whole(r.changed) }).sums(),
	col("合计人数", 11, counts, func(r *streetMoves) cell { return whole(r.came + r.left + r.changed) }).sums(),
	col("新增金额（＋）", 16, amounts, func(r *streetMoves) cell { return fen(r.cameBy) }).sums(),
	col("停发金额（−）", 16, amounts, func(r *streetMoves) cell { return fen(r.leftBy) }).sums(),
	col("变更增减（±）", 16, amounts, func(r *streetMoves) cell { return fen(r.other) }).sums(),
	col("净增减（＝）", 16, amounts, func(r *streetMoves) cell { return fen(r.cameBy.Sub(r.leftBy).Add(r.other)) }).sums(),
}

// add counts a change and names its kind.
func (m *moves) add(r *explain.BridgeRow) string {
	switch {
	case r.Last == 0:
		m.came++
		m.cameBy = m.cameBy.Add(r.This)
		return begun
	case r.This == 0:
		m.left++
		m.leftBy = m.leftBy.Add(r.Last)
		return stopped
	}
	m.changed++
	m.other = m.other.Add(r.This.Sub(r.Last))
	return changed
}

// summary fills the rows kept at the top: heading, items, total and what they mean.
func (b *bridge) summary() {
	s := &b.p.st
	b.top.Row(24)
	for i, head := range []string{"项目", "", "上月当月金额", "新增人数", "新增金额（＋）", "停发人数", "停发金额（−）", "变更人数", "变更增减（±）", "本月当月金额（＝）"} {
		b.top.Text(s.head, head)
		if i == 1 {
			b.top.Merge(1, 2)
		}
	}
	t := &moves{}
	for _, it := range b.items {
		m := b.moves[it.Code.Value]
		b.line(s.text, s.amount, s.count, b.p.cat.title(it.Code.Value), m)
		t.join(m)
	}
	b.line(s.total, s.totalAmount, s.totalCount, "合计", t)
	b.top.Row(20)
	b.top.Text(s.note, "上月 ＋新增 −停发 ±变更 ＝本月；只比当月金额，不含补发、扣回和暂缓。")
	b.top.Blank(s.note, len(b.spec.columns)-1)
	b.top.Merge(1, len(b.spec.columns))
}

func (b *bridge) line(label, amount, count workbook.Style, text string, m *moves) {
	b.top.Row(18)
	b.top.Text(label, text)
	b.top.Blank(label, 1)
	b.top.Merge(1, 2)
	b.top.Amount(amount, m.last)
	b.top.Int(count, m.came)
	b.top.Amount(amount, m.cameBy)
	b.top.Int(count, m.left)
	b.top.Amount(amount, m.leftBy)
	b.top.Int(count, m.changed)
	b.top.Amount(amount, m.other)
	b.top.Amount(amount, m.this)
}

// join adds the changes of another item or street.
func (m *moves) join(o *moves) {
	m.last, m.this = m.last.Add(o.last), m.this.Add(o.this)
	m.came, m.left, m.changed = m.came+o.came, m.left+o.left, m.changed+o.changed
	m.cameBy, m.leftBy, m.other = m.cameBy.Add(o.cameBy), m.leftBy.Add(o.leftBy), m.other.Add(o.other)
}
