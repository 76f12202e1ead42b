package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
)

// changesName is 变动名单.xlsx, which the street offices get to verify (核实).
const changesName = "变动名单"

// changeList is a sheet of 变动名单: everybody of one kind of change, street by street,
// each street on pages of its own, for its office gets only those.
type changeList struct {
	tableOf[changeRow]
	kind   string
	serial int
	street changeSum
	all    changeSum
	places []placeSum
	items  map[string]*moves // ties with the sheet 变动
}

// changeSum counts changes; a person with several items counts once.
type changeSum struct {
	people, rows int
	last, this   money.Fen
}

func (s *changeSum) add(r *explain.BridgeRow, same bool) {
	if !same {
		s.people++
	}
	s.rows++
	s.last, s.this = s.last.Add(r.Last), s.this.Add(r.This)
}

func (s *changeSum) text(name string) string {
	return fmt.Sprintf("%s　%d 人　%d 项", name, s.people, s.rows)
}

// placeSum is one street's sum.
type placeSum struct {
	street string
	changeSum
}

// wantsChanges reports whether there is a month to compare with; in a first month every
// name would be new.
func wantsChanges(is *Issue) bool { return is.Previous != nil && !is.Batch.Extra }

// changeBook is 变动名单 with its sheets.
type changeBook struct {
	*paper
	lists []*changeList
}

// newChanges makes 变动名单.
func newChanges(ctx context.Context, is *Issue, cat *catalogue, src Source, dir string) (*changeBook, error) {
	rows, err := changedPeople(ctx, cat, src)
	if err != nil {
		return nil, err
	}
	p, err := newPaper(is, cat, dir, changesName)
	if err != nil {
		return nil, err
	}
	b := &changeBook{paper: p}
	for _, kind := range []string{begun, stopped, changed} {
		c := newChangeList(p, kind)
		if err := c.fill(ctx, rows); err != nil {
			_ = p.Close()
			return nil, err
		}
		b.lists = append(b.lists, c)
	}
	return b, nil
}

// sum is how many changes there are and what they come to.
func (b *changeBook) sum() (rows int, amount money.Fen) {
	for _, c := range b.lists {
		rows, amount = rows+c.all.rows, amount.Add(c.all.this.Sub(c.all.last))
	}
	return rows, amount
}

// changedPeople reads all changes and puts them in the order in which an office goes
// over them: street, community, person, item.
func changedPeople(ctx context.Context, cat *catalogue, src Source) ([]explain.BridgeRow, error) {
	var rows []explain.BridgeRow
	err := src.Bridge(ctx, func(r *explain.BridgeRow) error {
		if len(rows)&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if r.Last != r.This {
			rows = append(rows, *r)
		}
		return nil
	})
	slices.SortStableFunc(rows, func(a, b explain.BridgeRow) int {
		return cmp.Or(cat.compareStreets(a.Street, b.Street), strings.Compare(a.Community, b.Community), strings.Compare(a.ID, b.ID),
			strings.Compare(a.Name, b.Name), cmp.Compare(cat.order[a.Item], cat.order[b.Item]))
	})
	return rows, err
}

// changeRow is one change, or the sum of several.
type changeRow struct {
	*explain.BridgeRow
	serial int
}

func changeColumns(cat *catalogue) []columnOf[changeRow] {
	return []columnOf[changeRow]{
		col("序号", 7, centered, func(r *changeRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *changeRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *changeRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *changeRow) cell { return text(streetName(r.Street)) }),
		col("社区", 16, wrapped, func(r *changeRow) cell { return text(r.Community) }),
		col("项目", 22, wrapped, func(r *changeRow) cell { return text(cat.title(r.Item)) }),
		col("上月当月金额", 12, amounts, func(r *changeRow) cell { return fen(r.Last) }).sums(),
		col("本月当月金额", 12, amounts, func(r *changeRow) cell { return fen(r.This) }).sums(),
		col("增减", 12, amounts, func(r *changeRow) cell { return fen(r.This.Sub(r.Last)) }).sums(),
		col("原因", 34, wrapped, func(r *changeRow) cell { return text(r.Reason) }),
		col("核实情况", 16, wrapped, byHand[changeRow]),
	}
}

func newChangeList(p *paper, kind string) *changeList {
	return &changeList{kind: kind, items: map[string]*moves{}, tableOf: newTableOf(p, tableSpec{
		name: kind, title: kind + "人员名单", unit: "金额单位：元", landscape: true, filter: true, byHand: true,
		origin: p.origin() + "　　上月：" + batchName(p.is.Previous),
	}, changeColumns(p.cat))}
}

// sumCells are the cells of a sum; the rest of its row has no columns.
func (c *changeList) sumCells(s *changeSum) []cell {
	return append(c.summed(&changeRow{BridgeRow: &explain.BridgeRow{Last: s.last, This: s.this}}), text(""))
}

// kindOf names a change.
func kindOf(r *explain.BridgeRow) string {
	switch {
	case r.Last == 0:
		return begun
	case r.This == 0:
		return stopped
	}
	return changed
}

func (c *changeList) fill(ctx context.Context, rows []explain.BridgeRow) error {
	var before *explain.BridgeRow
	for i := range rows {
		r := &rows[i]
		if i&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if kindOf(r) != c.kind {
			continue
		}
		if before != nil && before.Street != r.Street {
			c.endStreet(before.Street)
			c.breakAt(c.Next())
			before = nil
		}
		c.change(r, before != nil && before.ID == r.ID && before.Name == r.Name)
		before = r
	}
	if before != nil {
		c.endStreet(before.Street)
	}
	c.finish()
	return c.Err()
}

// change writes one change. same: of the person of the row before.
func (c *changeList) change(r *explain.BridgeRow, same bool) {
	if c.items[r.Item] == nil {
		c.items[r.Item] = &moves{}
	}
	c.items[r.Item].add(r)
	c.street.add(r, same)
	c.serial++
	c.row(&changeRow{BridgeRow: r, serial: c.serial})
}

// endStreet writes a street's sum and where its office signs.
func (c *changeList) endStreet(street string) {
	s := c.street
	c.street = changeSum{}
	c.all.people, c.all.rows = c.all.people+s.people, c.all.rows+s.rows
	c.all.last, c.all.this = c.all.last.Add(s.last), c.all.this.Add(s.this)
	c.places = append(c.places, placeSum{street, s})
	c.keep(sumHeight + officeHeight)
	c.subtotal(s.text(streetName(street)+"　小计"), c.sumCells(&s)...)
	c.across(c.p.st.sign, "街道核实人：　　　　　　　　　　核实日期：　　　　年　　月　　日　　　　　　街道盖章：", officeHeight)
}

// officeHeight is the height of the row in which a street office signs.
const officeHeight = 36.0

// finish writes what all streets add up to, on a page of its own where there are several.
func (c *changeList) finish() {
	c.empty("本月没有" + c.kind)
	if len(c.places) > 1 {
		c.breakAt(c.Next())
		c.section("各街道合计")
		for i := range c.places {
			p := &c.places[i]
			c.subtotal(p.text(streetName(p.street)), c.sumCells(&p.changeSum)...)
		}
	} else {
		c.keep(c.tailHeight(2))
	}
	t := &c.all
	c.total(t.text(c.kind+"合计"), c.sumCells(t)...)
	c.notes("只比两个月第1批的当月金额，不含补发、扣回和暂缓；与发放清册“变动”表一致。请街道逐人核实，不符的在“核实情况”写明后退回。")
	c.signatures()
}

// tie holds the lists to the sheet 变动, item by item.
func (b *changeBook) tie(bridge map[string]*moves) error {
	written := map[string]*moves{}
	for _, c := range b.lists {
		for code, m := range c.items {
			if written[code] == nil {
				written[code] = &moves{}
			}
			written[code].join(m)
		}
	}
	for code := range written {
		if bridge[code] == nil {
			return fmt.Errorf("list of changes: item %s is not one of the bridge", code)
		}
	}
	for code, want := range bridge {
		got := cmp.Or(written[code], &moves{})
		if n, m := got.came+got.left+got.changed, want.came+want.left+want.changed; n != m {
			return disagree(b.cat.title(code)+" 变动名单项数", n, m)
		}
		for _, pair := range [][2]money.Fen{{got.cameBy, want.cameBy}, {got.leftBy, want.leftBy}, {got.other, want.other}} {
			if pair[0] != pair[1] {
				return disagree(b.cat.title(code)+" 变动名单金额（元）", pair[0], pair[1])
			}
		}
	}
	return nil
}
