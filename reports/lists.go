package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/workbook"
)

// listsName is 服务名册.xlsx.
const listsName = "服务名册"

// newLists makes the service lists of the bureau, one sheet an item, and returns how
// many people are on them.
func newLists(ctx context.Context, is *Issue, cat *catalogue, src Source, full bool, dir string) (*paper, int, error) {
	p, err := newPaper(is, cat, dir, listsName)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	for _, it := range cat.lists() {
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
	tableOf[listRow]
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

func newList(p *paper, it *packfile.Item, full bool) *list {
	l := &list{it: it, full: full || it.List.Value != "changes", counts: map[string]*listCount{}}
	l.detail, l.visits = detailColumn(p.cat.file, it)
	l.places = placement(it)
	spec := tableSpec{
		name: p.cat.title(it.Code.Value), title: it.Name.Value + "名册", unit: "单位：人",
		landscape: l.visits || l.places, late: true, filter: true, byHand: l.visits || l.places,
	}
	l.tableOf = newTableOf(p, spec, l.listColumns())
	l.top = l.reserve(len(p.cat.file.Streets) + 3)
	l.headings()
	return l
}

func (l *list) fill(ctx context.Context, src Source) error {
	order := newOrder(l.p.cat)
	err := src.Listing(ctx, l.it.Code.Value, func(r *explain.ListRow) error {
		if err := order.next(ctx, r.Street, r.ID, 0); err != nil {
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
	l.row(&listRow{r, l.serial})
}

// visitPlan writes the visits community by community, for whoever goes there takes
// the pages of theirs along.
func (l *list) visitPlan() {
	slices.SortStableFunc(l.plan, func(a, b explain.ListRow) int {
		return cmp.Or(l.p.cat.compareStreets(a.Street, b.Street), strings.Compare(a.Community, b.Community))
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
		l.subtotal(fmt.Sprintf("%s　%s　%d 人　应探访 %d 次", streetName(r.Street), cmp.Or(r.Community, "（未填社区）"), people, visits))
		people, visits = 0, 0
	}
}

// left writes somebody who is no longer on the list.
func (l *list) left(r *explain.ListRow) { l.row(&listRow{ListRow: r}) }

func (l *list) finish() {
	if l.serial == 0 {
		text := "名册上没有人"
		if !l.full {
			text = "本月没有新增"
		}
		l.across(l.p.st.center, text, 24)
	}
	if len(l.gone) > 0 {
		l.section(fmt.Sprintf("本月停止 %d 人", len(l.gone)))
		for i := range l.gone {
			l.left(&l.gone[i])
		}
	}
	l.keep(l.tailHeight(1, l.it.Note.Value, ""))
	l.total(fmt.Sprintf("在册共 %d 人，其中本月新增 %d 人；本月停止 %d 人", l.all.on(), l.all.came, l.all.left))
	if !l.full {
		l.notes("本项目面向全体符合年龄条件的老年人，本表只列本月变动；需要全部名单时，写出文件时选“变动名单列出在册的全部人员”（--full-lists）。")
	}
	if n := l.it.Note.Value; n != "" {
		l.notes(n)
	}
	for _, n := range l.p.cat.unconfirmed(l.it, l.p.is.Batch.Month, l.p.is.Batch.Month) {
		if l.it.Pay == nil {
			l.notes("待核定——" + n)
		}
	}
	signs := []string{"制表人：", "负责人：", "日期：　　年　月　日", "盖章："}
	if l.narrow(len(signs)) {
		l.across(l.p.st.sign, strings.Join(signs, "　　　　　　　"), signHeight)
	} else {
		l.spread(signs)
	}
	l.streets()
}

// streets writes the counts by 街道 into the rows kept at the top: those of the pack
// in its order, all others in one row.
func (l *list) streets() {
	s := &l.p.st
	l.topRow(s.head, s.head, "街道", "在册人数", "其中新增", "本月停止")
	for _, street := range l.p.cat.file.Streets {
		c := l.counts[street.Value]
		if c == nil {
			c = &listCount{}
		}
		l.topRow(s.text, s.count, street.Value, c.on(), c.came, c.left)
	}
	var other listCount
	for _, street := range l.unknown() {
		c := l.counts[street]
		other.stayed, other.came, other.left = other.stayed+c.stayed, other.came+c.came, other.left+c.left
	}
	if other != (listCount{}) {
		l.topRow(s.text, s.count, "其他街道", other.on(), other.came, other.left)
	}
	l.topRow(s.total, s.totalCount, "合计", l.all.on(), l.all.came, l.all.left)
}

func (l *list) unknown() []string {
	var names []string
	for street := range l.counts {
		if _, ok := l.p.cat.street[street]; !ok {
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
