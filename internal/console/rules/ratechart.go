package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// rateChart is a step chart of one rate over time; the titles of its points have the 文号 of each
// value. Coordinates are pixels.
type rateChart struct {
	Name, Unit string
	Lines      []ratePath
	Axis       []web.ChartLine
	Years      []yearMark
	Legend     []web.ChartKey
}

type ratePath struct {
	Class  string
	D      string // of the SVG path
	Points []ratePoint
}

type ratePoint struct {
	X, Y  int
	Class string // style of its line
	Title string
}

type yearMark struct {
	X    int
	Name string
}

const (
	rateLeft, rateWide = 60, 1000
	rateTop, rateTall  = 14, 160
)

// firstChanging is the first rate with several values, else the first: a flat line says little.
func firstChanging(rows []rateRow) string {
	for _, r := range rows {
		for _, l := range r.Lines {
			if len(l.Values) > 1 {
				return r.Name.Value
			}
		}
	}
	return rows[0].Name.Value
}

// drawRates draws one rate from its first month to a year from now. Only coordinates are rounded;
// amounts are printed as the pack writes them.
func drawRates(rows []rateRow, now month.Month, name string) rateChart {
	c := rateChart{Name: name}
	row := rows[0]
	for _, r := range rows {
		if r.Name.Value == name {
			row = r
		}
	}
	c.Name, c.Unit = row.Name.Value, row.Unit.Value
	first, last, top := span(&row, now)
	x := func(m month.Month) int { return rateLeft + rateWide*int(m-first)/max(1, int(last-first)) }
	y := func(d decimal.Decimal) int {
		return rateTop + rateTall - int(d.Mul(decimal.New(rateTall, 0)).Div(top).IntPart())
	}
	for i := range 5 {
		at := top.Mul(decimal.New(int64(i), 0)).Div(decimal.New(4, 0))
		c.Axis = append(c.Axis, web.ChartLine{Y: y(at), Name: at.String()})
	}
	for year := first.Year() + 1; month.Of(year, 1) <= last; year++ {
		c.Years = append(c.Years, yearMark{x(month.Of(year, 1)), fmt.Sprint(year)})
	}
	for i, l := range row.Lines {
		class := fmt.Sprintf("l%d", i%6)
		c.Lines = append(c.Lines, stepsOf(&l, class, last, x, y))
		if l.When != "" {
			c.Legend = append(c.Legend, web.ChartKey{Class: fmt.Sprintf("s%d", i%6), Name: rateCase(row.By.Value, l.When)})
		}
	}
	return c
}

// rateValue is a value of a rate in the table.
type rateValue struct {
	packfile.RateValue
	Case  string      // whom it is for, in words
	Until month.Month // its last month; 0: no end
}

// Table lists the rate's values by case. A value without an end, or with a later one, ends in the
// month before the next value of its case begins.
func (r rateRow) Table() []rateValue {
	var all []rateValue
	for _, l := range r.Lines {
		for i, v := range l.Values {
			x := rateValue{v, rateCase(r.By.Value, l.When), v.To.Value}
			if i+1 < len(l.Values) {
				if before := l.Values[i+1].From.Value.Add(-1); x.Until == 0 || before < x.Until {
					x.Until = before
				}
			}
			all = append(all, x)
		}
	}
	return all
}

// rateCase is the case of a value in words: an age band, or a value of the fact that the rate
// depends on.
func rateCase(by, when string) string {
	low, top, band := strings.Cut(when, "-")
	_, err := strconv.Atoi(low)
	switch {
	case when == "":
		return ""
	case band && err == nil && top == "":
		return low + " 周岁及以上"
	case band && err == nil:
		return low + " 至 " + top + " 周岁"
	}
	return by + "：" + when
}

// span is the range of months and the top amount of a rate's chart.
func span(row *rateRow, now month.Month) (first, last month.Month, top decimal.Decimal) {
	first, last, top = now, now.Add(12), decimal.New(1, 0)
	for _, l := range row.Lines {
		for _, v := range l.Values {
			first, last = min(first, v.From.Value), max(last, v.From.Value.Add(12))
			if d, err := decimal.NewFromString(v.Value.Value); err == nil && d.GreaterThan(top) {
				top = d
			}
		}
	}
	return first, last, niceTop(top)
}

// niceTop is the next number of the form 1, 2, 4 or 8 times a power of ten, whose quarters are
// round labels of the axis.
func niceTop(top decimal.Decimal) decimal.Decimal {
	step := decimal.New(1, 0)
	for {
		for _, k := range []int64{1, 2, 4, 8} {
			if t := step.Mul(decimal.New(k, 0)); t.GreaterThanOrEqual(top) {
				return t
			}
		}
		step = step.Mul(decimal.New(10, 0))
	}
}

// stepsOf draws one case: a horizontal line from each value's first month to its end.
func stepsOf(l *rateLine, class string, last month.Month, x func(month.Month) int, y func(decimal.Decimal) int) ratePath {
	p := ratePath{Class: class}
	for i, v := range l.Values {
		d, err := decimal.NewFromString(v.Value.Value)
		if err != nil {
			continue // cannot happen: loading a pack checks it
		}
		end := last
		if i+1 < len(l.Values) {
			end = l.Values[i+1].From.Value
		}
		if v.To.Value != 0 {
			end = min(end, v.To.Value.Add(1))
		}
		move := "M"
		if i > 0 && l.Values[i-1].To.Value == 0 {
			move = "L"
		}
		p.D += fmt.Sprintf("%s%d %d L%d %d ", move, x(v.From.Value), y(d), x(end), y(d))
		p.Points = append(p.Points, ratePoint{x(v.From.Value), y(d), "s" + class[1:], rateTitle(&v)})
	}
	return p
}

func rateTitle(v *packfile.RateValue) string {
	s := "自 " + v.From.Value.String() + "：" + v.Value.Value + "，" + v.Source.Value
	if v.Unconfirmed.Value != "" {
		s += "（待核定：" + v.Unconfirmed.Value + "）"
	}
	return s
}
