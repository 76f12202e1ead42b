package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
)

func yearDisagrees(what string, written, expected money.Fen) error {
	return fault.New(fault.Internal, "控制总数不符：%s，逐人合计 %s 元，批次和付款合计 %s 元；未写出任何文件，请联系维护人员核对台账", what, written, expected)
}

// monthColumns are the twelve pay months.
func monthColumns[R any](width float64, of func(r *R, m int) cell) []columnOf[R] {
	var columns []columnOf[R]
	for m := range 12 {
		columns = append(columns, col(fmt.Sprintf("%d月", m+1), width, amounts, func(r *R) cell { return of(r, m) }).sums())
	}
	return columns
}

// yearPeople is the sheet 个人: a row a person and item.
type yearPeople struct {
	tableOf[personYear]
	sums   yearSums
	street yearCells // of the present street
	name   string
	serial int
}

// personYear is a row of it, or a sum of rows.
type personYear struct {
	*YearRow
	serial int
}

func personColumns(cat *catalogue) []columnOf[personYear] {
	return slices.Concat([]columnOf[personYear]{
		col("序号", 6, centered, func(r *personYear) cell { return whole(r.serial) }),
		col("姓名", 9, plainText, func(r *personYear) cell { return text(r.Name) }),
		col("身份证号", 19, number, func(r *personYear) cell { return text(r.ID) }).freeze(),
		col("街道", 8, plainText, func(r *personYear) cell { return text(streetName(r.Street)) }),
		col("项目", 17, plainText, func(r *personYear) cell { return text(cat.title(r.Item)) }),
	}, monthColumns(9, func(r *personYear, m int) cell { return fenOrBlank(r.Paid[m]) }), []columnOf[personYear]{
		col("合计", 11, amounts, func(r *personYear) cell { return fen(sumOf(r.Paid)) }).sums(),
		col("退回", 9, amounts, func(r *personYear) cell { return fenOrBlank(r.Failed) }).sums(),
		col("未了结暂缓", 9, amounts, func(r *personYear) cell { return fenOrBlank(r.Held) }).sums(),
	})
}

func newYearPeople(p *paper) *yearPeople {
	return &yearPeople{
		sums: yearSums{items: map[string]*yearCells{}},
		tableOf: newTableOf(p, tableSpec{
			name: "个人", title: "养老待遇个人领取情况", unit: "金额单位：元", landscape: true, filter: true,
			origin: "单位：" + p.is.Batch.Bureau + "　　按发放月份列示实发金额",
		}, personColumns(p.cat)),
	}
}

func (y *yearPeople) fill(ctx context.Context, src YearSource) (*YearControl, error) {
	order := newOrder(y.p.cat)
	control, err := src.Year(ctx, func(r *YearRow) error {
		if err := order.next(ctx, r.Street, r.ID, 0); err != nil {
			return fmt.Errorf("people of a year: %w", err)
		}
		if y.serial > 0 && r.Street != y.name {
			y.endStreet()
		}
		y.name = r.Street
		y.person(r)
		return y.Err()
	})
	if err != nil {
		return nil, err
	}
	y.finish()
	return control, y.Err()
}

func (y *yearPeople) person(r *YearRow) {
	y.sums.row(r)
	y.street.add(r)
	y.serial++
	y.row(&personYear{r, y.serial})
}

func (c *yearCells) cells() []cell {
	var all []cell
	for _, a := range append(slices.Clone(c.paid[:]), c.total(), c.failed, c.held) {
		all = append(all, fenOrBlank(a))
	}
	return all
}

func (y *yearPeople) endStreet() {
	y.subtotal(streetName(y.name)+"　小计", y.street.cells()...)
	y.street = yearCells{}
}

func (y *yearPeople) finish() {
	y.sums.endPerson()
	if y.serial > 0 {
		y.endStreet()
	}
	y.empty("本年度没有实发和暂缓")
	notes := yearNotes()
	y.keep(y.tailHeight(1, notes...))
	all := &y.sums.all
	y.total(fmt.Sprintf("合计　领取 %d 人　%d 行", all.yearHeads, y.serial), all.cells()...)
	y.words(all.total())
	y.notes(notes...)
	y.signatures()
}

// yearNotes say how the numbers are meant.
func yearNotes() []string {
	return []string{
		"各月为发放月份，金额为该月已审批批次的实发（当月、补发合计，已减扣回）；已作废的批次不计。付给机构的款项记在所属老人名下。",
		"退回为银行答复未付成的金额，已包含在当时的发放月份内；重新发放的计入重新发放的月份。实发减退回即本年已入台账的金额。",
		"未了结暂缓以本年最后一个已审批批次为准，没有发放，不计入各月和合计。姓名、身份证号、街道为本年最后一次签批时的。",
	}
}

// yearSummary is the sheet 汇总: item × pay month.
type yearSummary struct {
	tableOf[yearLine]
	year int
}

// yearLine is one figure of an item or a fund, month by month.
type yearLine struct {
	title, what string
	months      [12]cell
	total       cell
}

var yearColumns = slices.Concat([]columnOf[yearLine]{
	col("项目、资金来源", 24, plainText, func(r *yearLine) cell { return text(r.title) }),
	col("指标", 11, centered, func(r *yearLine) cell { return text(r.what) }).freeze(),
}, monthColumns(12, func(r *yearLine, m int) cell { return r.months[m] }), []columnOf[yearLine]{
	col("全年", 14, amounts, func(r *yearLine) cell { return r.total }).sums(),
})

func newYearSummary(p *paper, year int) *yearSummary {
	return &yearSummary{year: year, tableOf: newTableOf(p, tableSpec{
		name: "汇总", title: "养老待遇领取情况汇总表", unit: "金额单位：元　人数单位：人", landscape: true,
		origin: "单位：" + p.is.Batch.Bureau + "　　按发放月份统计",
	}, yearColumns)}
}

func (y *yearSummary) finish(s *yearSums, c *YearControl) error {
	var codes []string
	for code := range s.items {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(y.p.cat.order[a], y.p.cat.order[b]), strings.Compare(a, b))
	})
	for _, code := range codes {
		y.item(y.p.cat.title(code), s.items[code])
	}
	y.empty("本年度没有实发和暂缓")
	notes := append(yearNotes(), "人数按人计，同一人同月多条明细只计一次；全年人数是全年领取过的人数，不是各月相加。", batchesNote(c),
		fmt.Sprintf("数据截至 %s（第 %d 号修订）。", c.Known, c.Revision))
	all := &s.all
	y.keep(y.tailHeight(5))
	y.figures("合计（人数不重复）", all)
	y.words(all.total())
	net := all.total().Sub(all.failed)
	y.across(y.p.st.words, fmt.Sprintf("实发减退回：%s 元（大写：%s）", net.Grouped(), net.Chinese()), wordsHeight)
	if err := y.funds(c, all); err != nil {
		return err
	}
	y.keep(y.tailHeight(0, notes...))
	y.notes(notes...)
	y.signatures()
	return y.Err()
}

// item writes an item's rows: heads and amounts, and what did not arrive.
func (y *yearSummary) item(title string, c *yearCells) {
	heads := yearLine{title: title, what: "人数", total: whole(c.yearHeads).as(counts)}
	for m, n := range c.heads {
		if n != 0 {
			heads.months[m] = whole(n)
		}
		heads.months[m] = heads.months[m].as(counts)
	}
	y.row(&heads)
	y.amountRow(title, "实发", c.paid, c.total())
	for _, f := range []struct {
		name   string
		amount money.Fen
	}{{"退回", c.failed}, {"暂缓", c.held}} {
		if f.amount != 0 {
			y.amountRow(title, f.name, [12]money.Fen{}, f.amount)
		}
	}
}

func (y *yearSummary) amountRow(title, what string, months [12]money.Fen, total money.Fen) {
	r := yearLine{title: title, what: what, total: fen(total)}
	for m, a := range months {
		r.months[m] = fenOrBlank(a)
	}
	y.row(&r)
}

// figures writes the totals.
func (y *yearSummary) figures(title string, c *yearCells) {
	heads, paid := []any{"人数"}, []any{"实发"}
	for m := range c.paid {
		heads = append(heads, c.heads[m])
		if c.paid[m] == 0 {
			paid = append(paid, nil)
			continue
		}
		paid = append(paid, c.paid[m])
	}
	y.totalRow(title, append(heads, c.yearHeads))
	y.totalRow(title, append(paid, c.total()))
	for _, f := range []struct {
		name   string
		amount money.Fen
	}{{"退回", c.failed}, {"暂缓", c.held}} {
		row := append([]any{f.name}, make([]any, 12)...)
		y.totalRow(title, append(row, f.amount))
	}
}

// totalRow writes one row of totals: a string, int, money.Fen or nil a cell.
func (y *yearSummary) totalRow(title string, cells []any) {
	st := &y.p.st
	y.Row(sumHeight)
	y.Text(st.total, title)
	for _, c := range cells {
		switch c := c.(type) {
		case string:
			y.Text(st.total, c)
		case int:
			if c != 0 {
				y.Int(st.totalCount, c)
				continue
			}
			y.Blank(st.totalCount, 1)
		case money.Fen:
			y.Amount(st.totalAmount, c)
		default:
			y.Blank(st.totalAmount, 1)
		}
	}
}

// batchesNote names the batches that count.
func batchesNote(c *YearControl) string {
	var names []string
	for _, b := range c.Batches {
		names = append(names, fmt.Sprintf("%s %s 元", batchNumber(b.Month, b.N), b.Pays.Grouped()))
	}
	return "所含批次：" + strings.Join(names, "；") + "。"
}
