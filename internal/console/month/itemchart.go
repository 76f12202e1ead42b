package month

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/store/books"
)

// itemChart is a chart of 24 months of payments by item: stacked columns, and the same figures
// as a table for readers who do not see the drawing. Coordinates are pixels.
type itemChart struct {
	Width, Height int
	Columns       []chartColumn
	Lines         []web.ChartLine // grid lines
	Legend        []web.ChartKey
}

// chartColumn is one month.
type chartColumn struct {
	Month  month.Month
	X      int
	Name   string // label below; empty for most, as they would overlap
	Total  money.Fen
	Signed bool
	Parts  []chartPart
}

type chartPart struct {
	X, Y, Width, Height int
	Class               string
	Title               string
	Item                string
	Pays                money.Fen
}

const (
	chartMonths = 24
	chartItems  = 7 // with a colour of their own; the others share one
	chartLeft   = 64
	chartTop    = 10
	chartTall   = 190
	chartWide   = 1060
)

// monthChart draws the 24 months up to m of the bureaus the user may see; nil: no payments.
func monthChart(v *web.Visit, m month.Month) (*itemChart, error) {
	rows, err := books.MonthItems(v.R.Context(), v.Office.DB, v.Office.Region, m.Add(1-chartMonths), m, v.User.Bureau)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return drawItems(rows, m, v.ItemTitle), nil
}

// drawItems is monthChart without the database, for tests.
func drawItems(rows []books.MonthItem, last month.Month, title func(string) string) *itemChart {
	order := biggest(rows)
	c := &itemChart{Width: chartLeft + chartWide, Height: chartTop + chartTall + 24}
	for i, item := range order {
		if i < chartItems {
			c.Legend = append(c.Legend, web.ChartKey{Class: fmt.Sprintf("s%d", i), Name: title(item)})
		}
	}
	if len(order) > chartItems {
		c.Legend = append(c.Legend, web.ChartKey{Class: "s8", Name: "其他"})
	}
	sums := map[month.Month]money.Fen{}
	top := money.Fen(1)
	for _, r := range rows {
		sums[r.Month] = sums[r.Month].Add(max(r.Pays, 0))
		top = max(top, sums[r.Month])
	}
	top = roundUp(top)
	parts := 5
	if leading(top) == 2 {
		parts = 4 // grid lines at 0, 0.5, 1 …, which are easier to read than fifths of 2
	}
	for i := range parts + 1 {
		c.Lines = append(c.Lines, web.ChartLine{Y: chartTop + chartTall - chartTall*i/parts, Name: inWan(top * money.Fen(i) / money.Fen(parts))})
	}
	width := chartWide / chartMonths
	for i := range chartMonths {
		c.Columns = append(c.Columns, column(rows, last.Add(i+1-chartMonths), chartLeft+i*width, width, top, order, title))
	}
	return c
}

// column stacks one month's items, the largest at the bottom.
func column(rows []books.MonthItem, m month.Month, x, width int, top money.Fen, order []string, title func(string) string) chartColumn {
	col := chartColumn{Month: m, X: x + width/2, Signed: true}
	if m.InYear()%3 == 1 {
		col.Name = fmt.Sprintf("%d-%02d", m.Year()%100, m.InYear())
	}
	y, sum := chartTop+chartTall, money.Fen(0)
	for i, item := range order {
		for _, r := range rows {
			if r.Month != m || r.Item != item || r.Pays <= 0 {
				continue
			}
			col.Total, col.Signed = col.Total.Add(r.Pays), col.Signed && r.Signed
			// The running sum is rounded, not each part: many small parts would otherwise change
			// the height of the column.
			sum = sum.Add(r.Pays)
			tall := max(1, y-(chartTop+chartTall-int((int64(sum)*chartTall+int64(top)/2)/int64(top))))
			y -= tall
			class := "s8"
			if i < chartItems {
				class = fmt.Sprintf("s%d", i)
			}
			name := title(item)
			tip := fmt.Sprintf("%s %s %s 元", m.Chinese(), name, web.Yuan(r.Pays))
			col.Parts = append(col.Parts, chartPart{x + 6, y, width - 12, tall, class, tip, name, r.Pays})
		}
	}
	return col
}

// biggest orders items by their sum, the largest first.
func biggest(rows []books.MonthItem) []string {
	sums := map[string]money.Fen{}
	for _, r := range rows {
		sums[r.Item] = sums[r.Item].Add(r.Pays)
	}
	var items []string
	for item := range sums {
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	return items
}

// roundUp is the next number of the form 1, 2 or 5 times a power of ten, at least 1 元, in 分.
func roundUp(f money.Fen) money.Fen {
	step := money.Fen(100)
	for {
		for _, k := range []money.Fen{1, 2, 5} {
			if step*k >= f {
				return step * k
			}
		}
		step *= 10
	}
}

// leading is the first digit of a positive amount.
func leading(f money.Fen) int {
	for f >= 10 {
		f /= 10
	}
	return int(f)
}

// inWan prints an axis label in 元, or in 万元 (cut to a tenth) from 10,000 元 on.
func inWan(f money.Fen) string {
	yuan := int64(f) / 100
	if yuan >= 10_000 {
		if yuan%10_000 == 0 {
			return web.Grouped(yuan/10_000) + "万"
		}
		return fmt.Sprintf("%d.%d万", yuan/10_000, yuan%10_000/1000)
	}
	return web.Grouped(yuan)
}
