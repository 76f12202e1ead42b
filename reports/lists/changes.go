package lists

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// ChangesName is 变动名单.xlsx, which the street offices get to verify (核实).
const ChangesName = "变动名单"

// changeList is a sheet of 变动名单: everybody of one kind of change, street by street,
// each street on pages of its own, for its office gets only those.
type changeList struct {
	sheet.TableOf[changeRow]
	kind   string
	serial int
	street changeSum
	all    changeSum
	places []placeSum
	items  map[string]*control.Moves // ties with the sheet 变动
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

// WantsChanges reports whether there is a month to compare with; in a first month every
// name would be new.
func WantsChanges(is *source.Issue) bool { return is.Previous != nil && !is.Batch.Extra }

// Changes is 变动名单 with its sheets.
type Changes struct {
	*sheet.Paper
	lists []*changeList
}

// NewChanges makes 变动名单.
func NewChanges(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, dir string) (*Changes, error) {
	rows, err := changedPeople(ctx, cat, src)
	if err != nil {
		return nil, err
	}
	p, err := sheet.NewPaper(is, cat, dir, ChangesName)
	if err != nil {
		return nil, err
	}
	b := &Changes{Paper: p}
	for _, kind := range []string{control.Begun, control.Stopped, control.Changed} {
		c := newChangeList(p, kind)
		if err := c.fill(ctx, rows); err != nil {
			_ = p.Close()
			return nil, err
		}
		b.lists = append(b.lists, c)
	}
	return b, nil
}

// Sum is how many changes there are and what they come to.
func (b *Changes) Sum() (rows int, amount money.Fen) {
	for _, c := range b.lists {
		rows, amount = rows+c.all.rows, amount.Add(c.all.this.Sub(c.all.last))
	}
	return rows, amount
}

// changedPeople reads all changes and puts them in the order in which an office goes
// over them: street, community, person, item.
func changedPeople(ctx context.Context, cat *source.Catalogue, src source.Rows) ([]explain.BridgeRow, error) {
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
		return cmp.Or(cat.CompareStreets(a.Street, b.Street), strings.Compare(a.Community, b.Community), strings.Compare(a.ID, b.ID),
			strings.Compare(a.Name, b.Name), cmp.Compare(cat.Order[a.Item], cat.Order[b.Item]))
	})
	return rows, err
}

// changeRow is one change, or the sum of several.
type changeRow struct {
	*explain.BridgeRow
	serial int
}

func changeColumns(cat *source.Catalogue) []sheet.Column[changeRow] {
	return []sheet.Column[changeRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *changeRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *changeRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *changeRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *changeRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("社区", 16, sheet.Wrapped, func(r *changeRow) sheet.Cell { return sheet.Text(r.Community) }),
		sheet.Col("项目", 22, sheet.Wrapped, func(r *changeRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("上月当月金额", 12, sheet.Amounts, func(r *changeRow) sheet.Cell { return sheet.Fen(r.Last) }).Sums(),
		sheet.Col("本月当月金额", 12, sheet.Amounts, func(r *changeRow) sheet.Cell { return sheet.Fen(r.This) }).Sums(),
		sheet.Col("增减", 12, sheet.Amounts, func(r *changeRow) sheet.Cell { return sheet.Fen(r.This.Sub(r.Last)) }).Sums(),
		sheet.Col("原因", 34, sheet.Wrapped, func(r *changeRow) sheet.Cell { return sheet.Text(r.Reason) }),
		sheet.Col("核实情况", 16, sheet.Wrapped, sheet.ByHand[changeRow]),
	}
}

func newChangeList(p *sheet.Paper, kind string) *changeList {
	return &changeList{kind: kind, items: map[string]*control.Moves{}, TableOf: sheet.NewTable(p, sheet.Spec{
		Name: kind, Title: kind + "人员名单", Unit: "金额单位：元", Landscape: true, Filter: true, ByHand: true,
		Origin: p.Origin() + "　　上月：" + sheet.BatchName(p.Issue.Previous),
	}, changeColumns(p.Catalogue))}
}

// sumCells are the cells of a sum; the rest of its row has no columns.
func (c *changeList) sumCells(s *changeSum) []sheet.Cell {
	return append(c.Summed(&changeRow{BridgeRow: &explain.BridgeRow{Last: s.last, This: s.this}}), sheet.Text(""))
}

// kindOf names a change.
func kindOf(r *explain.BridgeRow) string {
	switch {
	case r.Last == 0:
		return control.Begun
	case r.This == 0:
		return control.Stopped
	}
	return control.Changed
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
			c.BreakAt(c.Next())
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
		c.items[r.Item] = &control.Moves{}
	}
	c.items[r.Item].Add(r)
	c.street.add(r, same)
	c.serial++
	c.Add(&changeRow{BridgeRow: r, serial: c.serial})
}

// endStreet writes a street's sum and where its office signs.
func (c *changeList) endStreet(street string) {
	s := c.street
	c.street = changeSum{}
	c.all.people, c.all.rows = c.all.people+s.people, c.all.rows+s.rows
	c.all.last, c.all.this = c.all.last.Add(s.last), c.all.this.Add(s.this)
	c.places = append(c.places, placeSum{street, s})
	c.KeepTogether(sheet.SumHeight + officeHeight)
	c.Subtotal(s.text(sheet.StreetName(street)+"　小计"), c.sumCells(&s)...)
	c.Across(c.Paper.Styles.Sign, "街道核实人：　　　　　　　　　　核实日期：　　　　年　　月　　日　　　　　　街道盖章：", officeHeight)
}

// officeHeight is the height of the row in which a street office signs.
const officeHeight = 36.0

// finish writes what all streets add up to, on a page of its own where there are several.
func (c *changeList) finish() {
	c.Empty("本月没有" + c.kind)
	if len(c.places) > 1 {
		c.BreakAt(c.Next())
		c.Section("各街道合计")
		for i := range c.places {
			p := &c.places[i]
			c.Subtotal(p.text(sheet.StreetName(p.street)), c.sumCells(&p.changeSum)...)
		}
	} else {
		c.KeepTogether(c.TailHeight(2))
	}
	t := &c.all
	c.Total(t.text(c.kind+"合计"), c.sumCells(t)...)
	c.Notes("只比两个月第1批的当月金额，不含补发、扣回和暂缓；与发放清册“变动”表一致。请街道逐人核实，不符的在“核实情况”写明后退回。")
	c.Signatures()
}

// Tie holds the lists to the sheet 变动, item by item.
func (b *Changes) Tie(bridge map[string]*control.Moves) error {
	written := map[string]*control.Moves{}
	for _, c := range b.lists {
		for code, m := range c.items {
			if written[code] == nil {
				written[code] = &control.Moves{}
			}
			written[code].Join(m)
		}
	}
	for code := range written {
		if bridge[code] == nil {
			return fmt.Errorf("list of changes: item %s is not one of the bridge", code)
		}
	}
	for code, want := range bridge {
		got := cmp.Or(written[code], &control.Moves{})
		if n, m := got.Came+got.Left+got.Changed, want.Came+want.Left+want.Changed; n != m {
			return control.Disagree(b.Catalogue.Title(code)+" 变动名单项数", n, m)
		}
		for _, pair := range [][2]money.Fen{{got.CameBy, want.CameBy}, {got.LeftBy, want.LeftBy}, {got.Other, want.Other}} {
			if pair[0] != pair[1] {
				return control.Disagree(b.Catalogue.Title(code)+" 变动名单金额（元）", pair[0], pair[1])
			}
		}
	}
	return nil
}
