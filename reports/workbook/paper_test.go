package workbook

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestFitScale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width     float64
		landscape bool
		want      int
	}{{50, false, 100}, {176, true, 62}, {2000, true, 10}} {
		if got := FitScale([]float64{c.width / 2, c.width / 2}, c.landscape); got != c.want {
			t.Errorf("%v wide: %d percent, want %d", c.width, got, c.want)
		}
	}
}

func TestBreaksFilterAndChartAreWritten(t *testing.T) {
	t.Parallel()
	data := write(t, func(b *Book) {
		s := b.Sheet("甲", Layout{Widths: []float64{20, 10}, Scale: 80, RowHeight: 16, HeadLeft: "左", HeadRight: "右", Header: "草稿"})
		s.Row(0)
		s.Text(0, "名")
		s.Text(0, "数")
		for i := range 5 {
			s.Row(0)
			s.Text(0, "某")
			s.Int(0, i)
		}
		s.Filter(1, 6)
		s.Break(1) // a page cannot begin before the first row
		s.Break(4)
		s.Chart(Chart{Title: "图", Names: 1, Values: 2, First: 2, Last: 6, Row: 8, Rows: 10})
	})
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for part, wants := range map[string][]string{
		"xl/worksheets/sheet1.xml": {`<autoFilter ref="A1:B6"`, `<brk id="3"`, `scale="80"`, `defaultRowHeight="16"`, "&amp;L&amp;9 左", "&amp;R&amp;9 右", "草稿", "<drawing "},
		"xl/charts/chart1.xml":     {"'甲'!$A$2:$A$6", "'甲'!$B$2:$B$6"},
	} {
		in, err := zr.Open(part)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(body), "&#39;", "'")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s", part, want)
			}
		}
		if strings.Count(text, "<brk ") > 1 {
			t.Error("more than one page break")
		}
	}
}
