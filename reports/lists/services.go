package lists

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// ServicesName is 服务名册.xlsx.
const ServicesName = "服务名册"

// NewServices makes the service lists of the bureau, one sheet an item, and returns how
// many people are on them.
func NewServices(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, full bool, dir string) (*sheet.Paper, int, error) {
	p, err := sheet.NewPaper(is, cat, dir, ServicesName)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	for _, it := range cat.Lists() {
		l := newList(p, it, full)
		if err := l.fill(ctx, src); err != nil {
			_ = p.Close()
			return nil, 0, err
		}
		n += l.all.on()
	}
	return p, n, nil
}

// list is the sheet of one list item.
type list struct {
	sheet.TableOf[member]
	it     *packfile.Item
	full   bool              // everybody, or only who came and left
	visits bool              // columns to fill in at a visit; by 社区
	places bool              // columns to fill in for who waits for a place (待安置)
	plan   []explain.ListRow // of visits, until all are known
	detail string
	top    *workbook.Rows // counts by 街道
	counts map[string]*listCount
	all    listCount
	gone   []explain.ListRow // 停止, written below the others
	serial int
}

// listCount counts the people of a street on a list.
type listCount struct{ stayed, came, left int }

func (c *listCount) on() int { return c.stayed + c.came }

func newList(p *sheet.Paper, it *packfile.Item, full bool) *list {
	l := &list{it: it, full: full || it.List.Value != "changes", counts: map[string]*listCount{}}
	l.detail, l.visits = detailColumn(p.Catalogue.File, it)
	l.places = placement(it)
	spec := sheet.Spec{
		Name: p.Catalogue.Title(it.Code.Value), Title: it.Name.Value + "名册", Unit: "单位：人",
		Landscape: l.visits || l.places, Late: true, Filter: true, ByHand: l.visits || l.places,
	}
	l.TableOf = sheet.NewTable(p, spec, l.listColumns())
	l.top = l.ReserveTop(len(p.Catalogue.File.Streets) + 3)
	l.Headings()
	return l
}

func (l *list) fill(ctx context.Context, src source.Rows) error {
	order := control.NewOrder(l.Paper.Catalogue)
	err := src.Listing(ctx, l.it.Code.Value, func(r *explain.ListRow) error {
		if err := order.Next(ctx, r.Street, r.ID, 0); err != nil {
			return fmt.Errorf("list %s: %w", l.it.Code.Value, err)
		}
		if err := l.count(r); err != nil {
			return err
		}
		switch {
		case r.Change == explain.Left:
			l.gone = append(l.gone, *r)
		case l.visits:
			l.plan = append(l.plan, *r)
		case l.full || r.Change == explain.Came:
			l.person(r)
		}
		return l.Err()
	})
	if err != nil {
		return err
	}
	l.visitPlan()
	l.finish()
	if err := l.top.Err(); err != nil {
		return err
	}
	return l.Err()
}

func (l *list) count(r *explain.ListRow) error {
	c := l.counts[r.Street]
	if c == nil {
		c = &listCount{}
		l.counts[r.Street] = c
	}
	for _, c := range []*listCount{c, &l.all} {
		switch r.Change {
		case explain.Stayed:
			c.stayed++
		case explain.Came:
			c.came++
		case explain.Left:
			c.left++
		default:
			return fmt.Errorf("list %s: change %q", l.it.Code.Value, r.Change)
		}
	}
	return nil
}

func (l *list) person(r *explain.ListRow) {
	l.serial++
	l.Add(&member{r, l.serial})
}

// visitPlan writes the visits community by community, for whoever goes there takes
// the pages of theirs along.
func (l *list) visitPlan() {
	slices.SortStableFunc(l.plan, func(a, b explain.ListRow) int {
		return cmp.Or(l.Paper.Catalogue.CompareStreets(a.Street, b.Street), strings.Compare(a.Community, b.Community))
	})
	people, visits := 0, 0
	for i := range l.plan {
		r := &l.plan[i]
		l.person(r)
		people++
		if n, err := strconv.Atoi(r.Detail); err == nil {
			visits += n
		}
		if i+1 < len(l.plan) && l.plan[i+1].Street == r.Street && l.plan[i+1].Community == r.Community {
			continue
		}
		l.Subtotal(fmt.Sprintf("%s　%s　%d 人　应探访 %d 次", sheet.StreetName(r.Street), cmp.Or(r.Community, "（未填社区）"), people, visits))
		people, visits = 0, 0
	}
}

// left writes somebody who is no longer on the list.
func (l *list) left(r *explain.ListRow) { l.Add(&member{ListRow: r}) }

func (l *list) finish() {
	if l.serial == 0 {
		text := "名册上没有人"
		if !l.full {
			text = "本月没有新增"
		}
		l.Across(l.Paper.Styles.Center, text, 24)
	}
	if len(l.gone) > 0 {
		l.Section(fmt.Sprintf("本月停止 %d 人", len(l.gone)))
		for i := range l.gone {
			l.left(&l.gone[i])
		}
	}
	l.KeepTogether(l.TailHeight(1, l.it.Note.Value, ""))
	l.Total(fmt.Sprintf("在册共 %d 人，其中本月新增 %d 人；本月停止 %d 人", l.all.on(), l.all.came, l.all.left))
	if !l.full {
		l.Notes("本项目面向全体符合年龄条件的老年人，本表只列本月变动；需要全部名单时，写出文件时选“变动名单列出在册的全部人员”（--full-lists）。")
	}
	if n := l.it.Note.Value; n != "" {
		l.Notes(n)
	}
	for _, n := range l.Paper.Catalogue.Unconfirmed(l.it, l.Paper.Issue.Batch.Month, l.Paper.Issue.Batch.Month) {
		if l.it.Pay == nil {
			l.Notes("待核定——" + n)
		}
	}
	signs := []string{"制表人：", "负责人：", "日期：　　年　月　日", "盖章："}
	if l.Narrow(len(signs)) {
		l.Across(l.Paper.Styles.Sign, strings.Join(signs, "　　　　　　　"), sheet.SignHeight)
	} else {
		l.Spread(signs)
	}
	l.streets()
}

// streets writes the counts by 街道 into the rows kept at the top: those of the pack
// in its order, all others in one row.
func (l *list) streets() {
	s := &l.Paper.Styles
	l.topRow(s.Head, s.Head, "街道", "在册人数", "其中新增", "本月停止")
	for _, street := range l.Paper.Catalogue.File.Streets {
		c := l.counts[street.Value]
		if c == nil {
			c = &listCount{}
		}
		l.topRow(s.Text, s.Count, street.Value, c.on(), c.came, c.left)
	}
	var other listCount
	for _, street := range l.unknown() {
		c := l.counts[street]
		other.stayed, other.came, other.left = other.stayed+c.stayed, other.came+c.came, other.left+c.left
	}
	if other != (listCount{}) {
		l.topRow(s.Text, s.Count, "其他街道", other.on(), other.came, other.left)
	}
	l.topRow(s.Total, s.TotalCount, "合计", l.all.on(), l.all.came, l.all.left)
}

func (l *list) unknown() []string {
	var names []string
	for street := range l.counts {
		if _, ok := l.Paper.Catalogue.Street[street]; !ok {
			names = append(names, street)
		}
	}
	slices.Sort(names)
	return names
}

// topRow writes a row of the counts over the first five columns.
func (l *list) topRow(label, number workbook.Style, street string, cells ...any) {
	l.top.Row(18)
	l.top.Text(label, street)
	l.top.Blank(label, 1)
	l.top.Merge(1, 2)
	for _, c := range cells {
		switch c := c.(type) {
		case int:
			l.top.Int(number, c)
		case string:
			l.top.Text(number, c)
		}
	}
}
