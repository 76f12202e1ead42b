package reports

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// TestMatchReportGoesOn: people that one sheet has no room for are on the next, with its
// headings, and nobody is lost.
func TestMatchReportGoesOn(t *testing.T) {
	t.Parallel()
	m := &Matching{Kind: "死亡", File: "名单.csv", Date: month.DateOf(2026, 11, 20), Month: month.Of(2026, 11)}
	for i := range 5 {
		row := roster.ListRow{Place: roster.Place{Sheet: "名单", Row: i}, Listed: roster.Listed{Name: fmt.Sprint("某", i), Birth: month.DateOf(1940, 6, 15)}}
		m.Hits = append(m.Hits, MatchHit{Row: row, Person: roster.Person{Name: row.Name}})
		if i < 4 {
			m.Missing = append(m.Missing, MissingPerson{Row: row})
		}
	}
	var out bytes.Buffer
	if err := writeMatching(&out, t.TempDir(), m, 2); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff([]string{"命中", "命中(2)", "命中(3)", "应享未享", "应享未享(2)", "未匹配"}, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	var names []string
	for _, sheet := range []string{"命中", "命中(2)", "命中(3)"} {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if rows[2][2] != "姓名" {
			t.Errorf("%s has the headings %v", sheet, rows[2])
		}
		for _, row := range rows[3:] {
			if len(row) > 2 {
				names = append(names, row[0]+row[2])
			}
		}
	}
	if diff := cmp.Diff([]string{"1某0", "2某1", "3某2", "4某3", "5某4"}, names); diff != "" {
		t.Error(diff)
	}
}
