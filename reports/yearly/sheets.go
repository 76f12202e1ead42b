package yearly

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

func disagree(what string, written, expected money.Fen) error {
	return fault.New(fault.Internal, "控制总数不符：%s，逐人合计 %s 元，批次和付款合计 %s 元；未写出任何文件，请联系维护人员核对台账", what, written, expected)
}

// monthColumns are the twelve pay months.
func monthColumns[R any](width float64, of func(r *R, m int) sheet.Cell) []sheet.Column[R] {
	var columns []sheet.Column[R]
	for m := range 12 {
		columns = append(columns, sheet.Col(fmt.Sprintf("%d月", m+1), width, sheet.Amounts, func(r *R) sheet.Cell { return of(r, m) }).Sums())
	}
	return columns
}

// yearPeople is the sheet 个人: a row a person and item.
type yearPeople struct {
	sheet.TableOf[personYear]
	sums   yearSums
	street yearCells // of the present street
	name   string
	serial int
}

// personYear is a row of it, or a sum of rows.
type personYear struct {
	*Row
	serial int
}

func personColumns(cat *source.Catalogue) []sheet.Column[personYear] {
	return slices.Concat([]sheet.Column[personYear]{
		sheet.Col("序号", 6, sheet.Centered, func(r *personYear) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 9, sheet.PlainText, func(r *personYear) sheet.Cell { return sheet.Text(r.Name) }),
		sheet.Col("身份证号", 19, sheet.Number, func(r *personYear) sheet.Cell { return sheet.Text(r.ID) }).Freeze(),
		sheet.Col("街道", 8, sheet.PlainText, func(r *personYear) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("项目", 17, sheet.PlainText, func(r *personYear) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
	}, monthColumns(9, func(r *personYear, m int) sheet.Cell { return sheet.FenOrBlank(r.Paid[m]) }), []sheet.Column[personYear]{
		sheet.Col("合计", 11, sheet.Amounts, func(r *personYear) sheet.Cell { return sheet.Fen(sumOf(r.Paid)) }).Sums(),
		sheet.Col("退回", 9, sheet.Amounts, func(r *personYear) sheet.Cell { return sheet.FenOrBlank(r.Failed) }).Sums(),
		sheet.Col("未了结暂缓", 9, sheet.Amounts, func(r *personYear) sheet.Cell { return sheet.FenOrBlank(r.Held) }).Sums(),
	})
}

func newYearPeople(p *sheet.Paper) *yearPeople {
	return &yearPeople{
		sums: yearSums{items: map[string]*yearCells{}},
		TableOf: sheet.NewTable(p, sheet.Spec{
			Name: "个人", Title: "养老待遇个人领取情况", Unit: "金额单位：元", Landscape: true, Filter: true,
			Origin: "单位：" + p.Issue.Batch.Bureau + "　　按发放月份列示实发金额",
		}, personColumns(p.Catalogue)),
	}
}

func (y *yearPeople) fill(ctx context.Context, src Source) (*Control, error) {
	order := control.NewOrder(y.Paper.Catalogue)
	control, err := src.Year(ctx, func(r *Row) error {
		if err := order.Next(ctx, r.Street, r.ID, 0); err != nil {
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

func (y *yearPeople) person(r *Row) {
	y.sums.row(r)
	y.street.add(r)
	y.serial++
	y.Add(&personYear{r, y.serial})
}

func (c *yearCells) cells() []sheet.Cell {
	var all []sheet.Cell
	for _, a := range append(slices.Clone(c.paid[:]), c.total(), c.failed, c.held) {
		all = append(all, sheet.FenOrBlank(a))
	}
	return all
}

func (y *yearPeople) endStreet() {
	y.Subtotal(sheet.StreetName(y.name)+"　小计", y.street.cells()...)
	y.street = yearCells{}
}

func (y *yearPeople) finish() {
	y.sums.endPerson()
	if y.serial > 0 {
		y.endStreet()
	}
	y.Empty("本年度没有实发和暂缓")
	notes := yearNotes()
	y.KeepTogether(y.TailHeight(1, notes...))
	all := &y.sums.all
	y.Total(fmt.Sprintf("合计　领取 %d 人　%d 行", all.yearHeads, y.serial), all.cells()...)
	y.Words(all.total())
	y.Notes(notes...)
	y.Signatures()
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
	sheet.TableOf[yearLine]
	year int
}

// yearLine is one figure of an item or a fund, month by month.
type yearLine struct {
	title, what string
	months      [12]sheet.Cell
	total       sheet.Cell
}

var yearColumns = slices.Concat([]sheet.Column[yearLine]{
	sheet.Col("项目、资金来源", 24, sheet.PlainText, func(r *yearLine) sheet.Cell { return sheet.Text(r.title) }),
	sheet.Col("指标", 11, sheet.Centered, func(r *yearLine) sheet.Cell { return sheet.Text(r.what) }).Freeze(),
}, monthColumns(12, func(r *yearLine, m int) sheet.Cell { return r.months[m] }), []sheet.Column[yearLine]{
	sheet.Col("全年", 14, sheet.Amounts, func(r *yearLine) sheet.Cell { return r.total }).Sums(),
})

func newYearSummary(p *sheet.Paper, year int) *yearSummary {
	return &yearSummary{year: year, TableOf: sheet.NewTable(p, sheet.Spec{
		Name: "汇总", Title: "养老待遇领取情况汇总表", Unit: "金额单位：元　人数单位：人", Landscape: true,
		Origin: "单位：" + p.Issue.Batch.Bureau + "　　按发放月份统计",
	}, yearColumns)}
}

func (y *yearSummary) finish(s *yearSums, c *Control) error {
	var codes []string
	for code := range s.items {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(y.Paper.Catalogue.Order[a], y.Paper.Catalogue.Order[b]), strings.Compare(a, b))
	})
	for _, code := range codes {
		y.item(y.Paper.Catalogue.Title(code), s.items[code])
	}
	y.Empty("本年度没有实发和暂缓")
	notes := append(yearNotes(), "人数按人计，同一人同月多条明细只计一次；全年人数是全年领取过的人数，不是各月相加。", batchesNote(c),
		fmt.Sprintf("数据截至 %s（第 %d 号修订）。", c.Known, c.Revision))
	all := &s.all
	y.KeepTogether(y.TailHeight(5))
	y.figures("合计（人数不重复）", all)
	y.Words(all.total())
	net := all.total().Sub(all.failed)
	y.Across(y.Paper.Styles.Words, fmt.Sprintf("实发减退回：%s 元（大写：%s）", net.Grouped(), net.Chinese()), sheet.WordsHeight)
	if err := y.funds(c, all); err != nil {
		return err
	}
	y.KeepTogether(y.TailHeight(0, notes...))
	y.Notes(notes...)
	y.Signatures()
	return y.Err()
}

// item writes an item's rows: heads and amounts, and what did not arrive.
func (y *yearSummary) item(title string, c *yearCells) {
	heads := yearLine{title: title, what: "人数", total: sheet.Whole(c.yearHeads).As(sheet.Counts)}
	for m, n := range c.heads {
		if n != 0 {
			heads.months[m] = sheet.Whole(n)
		}
		heads.months[m] = heads.months[m].As(sheet.Counts)
	}
	y.Add(&heads)
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
	r := yearLine{title: title, what: what, total: sheet.Fen(total)}
	for m, a := range months {
		r.months[m] = sheet.FenOrBlank(a)
	}
	y.Add(&r)
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
	st := &y.Paper.Styles
	y.Row(sheet.SumHeight)
	y.Text(st.Total, title)
	for _, c := range cells {
		switch c := c.(type) {
		case string:
			y.Text(st.Total, c)
		case int:
			if c != 0 {
				y.Int(st.TotalCount, c)
				continue
			}
			y.Blank(st.TotalCount, 1)
		case money.Fen:
			y.Amount(st.TotalAmount, c)
		default:
			y.Blank(st.TotalAmount, 1)
		}
	}
}

// batchesNote names the batches that count.
func batchesNote(c *Control) string {
	var names []string
	for _, b := range c.Batches {
		names = append(names, fmt.Sprintf("%s %s 元", sheet.BatchNumber(b.Month, b.N), b.Pays.Grouped()))
	}
	return "所含批次：" + strings.Join(names, "；") + "。"
}
