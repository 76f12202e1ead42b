package worklists

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/reports/reporttest"
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

// TestWorkListsKeepToTheSchema: every kind of work list.
func TestWorkListsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	day := month.DateOf(2026, 11, 20)
	row := roster.ListRow{Place: roster.Place{Sheet: "名单", Row: 2}, Listed: roster.Listed{Name: "=甲", ID: "X1", Street: "永泰"}}
	for name, write := range map[string]func(io.Writer) error{
		"比对": func(w io.Writer) error {
			return WriteMatching(w, dir, &Matching{Kind: "死亡", File: "名单.csv", Date: day, Month: reporttest.November,
				Hits: []MatchHit{{Row: row}}, Missing: []MissingPerson{{Row: row}, {Row: row}}, Unmatched: []roster.ListRow{row}})
		},
		"疑点": func(w io.Writer) error {
			return WriteChecks(w, dir, "2026年11月疑点", day, []CheckRow{{ID: "a", Name: "甲", Decision: PayWord}, {ID: "b"}})
		},
		"影响": func(w io.Writer) error {
			list, err := NewEffectList(dir, "某包", day)
			if err != nil {
				return err
			}
			defer list.Close()
			if err := list.Add(&EffectRow{Item: "11", Amount: -100, ID: "140203194001010011", Month: reporttest.November}); err != nil {
				return err
			}
			return list.Write(w)
		},
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".xlsx"), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := reporttest.WellMade(t, "work lists", dir); n != 3 {
		t.Errorf("%d workbooks", n)
	}
}
