package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Chart is one horizontal bar a row, of numbers that stand in the sheet.
type Chart struct {
	Title       string
	Names       int // column of the bars' names, counted from 1
	Values      int // and of their numbers
	First, Last int // rows that are shown
	Row, Rows   int // where it lies: over so many rows of the sheet's RowHeight, its whole width
}

// Chart puts a chart on the sheet. There is one at most.
func (s *Sheet) Chart(c Chart) { s.chart = &c }

// charted adds the chart. Widths are set before, for excelize places it by them.
func (s *Sheet) charted(f *excelize.File) error {
	if s.chart == nil {
		return nil
	}
	c := s.chart
	pixels := 0.0
	for i, w := range slices.Backward(s.layout.Widths) { // as in stream
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetColWidth(s.name, col, col, w); err != nil {
			return err
		}
		pixels += w * charPixels
	}
	area := func(col int) string {
		letters := string(appendColumn(nil, col))
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", strings.ReplaceAll(s.name, "'", "''"), letters, c.First, letters, c.Last)
	}
	font := excelize.Font{Family: Font, Size: 9, Color: "000000"}
	gap := uint(50)
	return f.AddChart(s.name, cellName(1, c.Row), &excelize.Chart{
		Type: excelize.Bar,
		Series: []excelize.ChartSeries{{
			Categories: area(c.Names), Values: area(c.Values),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"4472C4"}},
		}},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Title, Font: &excelize.Font{Family: Font, Size: 11, Bold: true}}}},
		Legend:    excelize.ChartLegend{Position: "none"},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: font, TickLabelPosition: excelize.ChartTickLabelLow},
		YAxis:     excelize.ChartAxis{MajorGridLines: true, Font: font, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0"}},
		PlotArea:  excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0.00"}},
		GapWidth:  &gap,
		Border:    excelize.LineOptions{Type: excelize.LineSolid},
		Dimension: excelize.ChartDimension{Width: uint(pixels * 0.98), Height: uint(float64(c.Rows) * s.layout.RowHeight * 96 / 72)},
		Format:    excelize.GraphicOptions{OffsetX: 4, OffsetY: 4, Name: c.Title, AltText: c.Title, Positioning: "oneCell"},
	})
}

// filtered adds the drop-down filters.
func (s *Sheet) filtered(f *excelize.File) error {
	if s.filter[0] == 0 || s.filter[1] <= s.filter[0] {
		return nil
	}
	return f.AutoFilter(s.name, cellName(1, s.filter[0])+":"+cellName(max(s.columns, 1), s.filter[1]), nil)
}
