package write

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/rostertest"
	"disburse/internal/roster/xlsx/xlsxtest"
)

func template1(t *testing.T, v *roster.Vocabulary) []byte {
	t.Helper()
	var out bytes.Buffer
	rostertest.Must(t, Template(&out, v))
	return out.Bytes()
}

func TestTemplateReadsAsAnEmptyRoster(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*roster.Vocabulary{"some": rostertest.Words(), "none": {}} {
		imp, err := read.Roster(t.Context(), xlsxtest.File(t, "模板.xlsx", template1(t, v)), v, rostertest.Day, nil)
		rostertest.Must(t, err)
		if len(imp.People)+len(imp.Facts)+len(imp.Awards)+len(imp.Payees)+len(imp.Problems)+len(imp.Warnings) > 0 {
			t.Errorf("%s: read %+v", name, imp)
		}
	}
}

func TestTemplateIsTheSameTwice(t *testing.T) {
	t.Parallel()
	first := template1(t, rostertest.Words())
	if !bytes.Equal(first, template1(t, rostertest.Words())) {
		t.Error("the same vocabulary gave other bytes")
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(template1(t, rostertest.Words())))
	rostertest.Must(t, err)
	defer f.Close()
	if diff := cmp.Diff([]string{"说明", "人员", "情况", "核定金额", "收款单位", "选项"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets:\n%s", diff)
	}
	if f.GetSheetName(f.GetActiveSheetIndex()) != "人员" {
		t.Error("人员 is not what opens first")
	}
	visible, err := f.GetSheetVisible("选项")
	rostertest.Must(t, err)
	if visible {
		t.Error("the lists are in sight")
	}
	for _, l := range layout.Sheets {
		rows, err := f.GetRows(l.Name)
		rostertest.Must(t, err)
		for i, c := range l.Columns {
			if rows[0][i] != c.Heading {
				t.Errorf("%s: heading %d is %s", l.Name, i, rows[0][i])
			}
			style, err := f.GetColStyle(l.Name, layout.Letters(i))
			rostertest.Must(t, err)
			if s, err := f.GetStyle(style); err != nil || (s.NumFmt == 49) != c.Text {
				t.Errorf("%s: %s has number format %d, %v", l.Name, c.Heading, s.NumFmt, err)
			}
		}
		notes, err := f.GetComments(l.Name)
		rostertest.Must(t, err)
		if len(notes) != len(l.Columns) {
			t.Errorf("%s has %d notes", l.Name, len(notes))
		}
		panes, err := f.GetPanes(l.Name)
		rostertest.Must(t, err)
		if !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: headings do not stay in sight", l.Name)
		}
	}
}

// dropList returns the words of the drop-down that covers a column.
func dropList(t *testing.T, f *excelize.File, sheet, column string) []string {
	t.Helper()
	all, err := f.GetDataValidations(sheet)
	rostertest.Must(t, err)
	at := slices.IndexFunc(all, func(v *excelize.DataValidation) bool { return strings.HasPrefix(v.Sqref, column+"2:") })
	if at < 0 {
		t.Fatalf("no drop-down in %s!%s", sheet, column)
	}
	var letter string
	var last int
	if _, err := fmt.Sscanf(strings.ReplaceAll(all[at].Formula1, "$", " "), "选项! %1s 2: %1s %d", &letter, &letter, &last); err != nil {
		t.Fatalf("drop-down of %s is %s: %v", column, all[at].Formula1, err)
	}
	var words []string
	for row := 2; row <= last; row++ {
		word, err := f.GetCellValue("选项", fmt.Sprint(letter, row))
		rostertest.Must(t, err)
		words = append(words, word)
	}
	return words
}

func TestTemplateDropDowns(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(template1(t, rostertest.Words())))
	rostertest.Must(t, err)
	defer f.Close()
	for _, tt := range []struct {
		sheet, column string
		want          []string
	}{
		{"人员", "C", rostertest.Words().Streets},
		{"人员", "N", deputyRelations},
		{"人员", "O", deputyReasons},
		{"情况", "B", []string{"低保", "特困", "残疾类别", "入住机构", "机构月收费"}},
		{"核定金额", "B", []string{"17", "18-4", "24"}},
	} {
		if diff := cmp.Diff(tt.want, dropList(t, f, tt.sheet, tt.column)); diff != "" {
			t.Errorf("%s!%s:\n%s", tt.sheet, tt.column, diff)
		}
	}
}

// TestTemplateOffersTheValuesOfTheFact: the drop-down of 值 finds the column of the fact
// beside it, which has the fact's values and 无.
func TestTemplateOffersTheValuesOfTheFact(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(template1(t, rostertest.Words())))
	rostertest.Must(t, err)
	defer f.Close()
	all, err := f.GetDataValidations("情况")
	rostertest.Must(t, err)
	at := slices.IndexFunc(all, func(v *excelize.DataValidation) bool { return strings.HasPrefix(v.Sqref, "C2:") })
	const column = "OFFSET(选项!$F$2,0,MATCH($B2,选项!$F$1:$J$1,0)-1,"
	if want := column + "COUNTA(" + column + "7,1)),1)"; all[at].Formula1 != want {
		t.Errorf("formula is %s, want %s", all[at].Formula1, want)
	}
	columns, err := f.GetCols("选项")
	rostertest.Must(t, err)
	want := [][]string{
		{"低保", "是", "无"}, {"特困", "分散", "集中", "无"}, {"残疾类别", "视力", "听力", "言语", "肢体", "智力", "精神", "无"},
		{"入住机构", "无"}, {"机构月收费", "无"},
	}
	for i, list := range columns[5:] {
		list = slices.DeleteFunc(list, func(word string) bool { return word == "" })
		if diff := cmp.Diff(want[i], list); diff != "" {
			t.Errorf("list %d:\n%s", i, diff)
		}
	}
}
