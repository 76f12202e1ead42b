package worklists

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/month"
)

func writeChecks(t *testing.T, rows []CheckRow) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "疑点.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteChecks(f, t.TempDir(), "2026年10月疑点", month.DateOf(2026, 10, 20), rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestChecksComeBack: what is written and filled in is read again, formula-like reasons
// as they were, rows without a word left out.
func TestChecksComeBack(t *testing.T) {
	t.Parallel()
	path := writeChecks(t, []CheckRow{
		{ID: "账户共用-1", Kind: "账户共用", Name: "甲、乙", Sentence: "甲 的账号有 2 人共用", Decision: PayWord, Reason: "=1+1 夫妻"},
		{ID: "户名不符-2", Kind: "户名不符", Name: "丙"},
		{ID: "高龄核实-3", Kind: "高龄核实", Name: "丁", Decision: HoldWord, Reason: "待走访"},
	})
	rulings, problems, err := ReadRulings(path)
	want := []RulingRow{{2, "账户共用-1", true, "=1+1 夫妻"}, {4, "高龄核实-3", false, "待走访"}}
	if diff := cmp.Diff(want, rulings); err != nil || len(problems) > 0 || diff != "" {
		t.Errorf("%v, %v (-want +got):\n%s", err, problems, diff)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lists, err := f.GetDataValidations(checksSheet)
	if err != nil || len(lists) != 1 || lists[0].Sqref != "F2:F4" || !strings.Contains(lists[0].Formula1, "发放,暂缓") {
		t.Errorf("drop-down lists %+v, %v", lists, err)
	}
}

// TestWrongRulings are named by row, column and value.
func TestWrongRulings(t *testing.T) {
	t.Parallel()
	path := writeChecks(t, []CheckRow{
		{ID: "A-1", Decision: PayWord}, {ID: "A-2", Reason: "看过"}, {ID: "A-3", Decision: "同意", Reason: "看过"},
		{Decision: PayWord, Reason: "看过"}, {ID: "A-5", Decision: PayWord, Reason: "看过"},
	})
	rulings, problems, err := ReadRulings(path)
	if err != nil || len(rulings) != 1 || rulings[0].ID != "A-5" {
		t.Errorf("%v, %v", rulings, err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Column+"|"+p.Value)
		if p.Reason == "" || p.Row != len(got)+1 {
			t.Errorf("problem %+v", p)
		}
	}
	if diff := cmp.Diff([]string{"理由|", "决定|", "决定|同意", "编号|"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestForeignWorkbooks are refused with what is missing.
func TestForeignWorkbooks(t *testing.T) {
	t.Parallel()
	read := func(sheet string, headings ...any) error {
		f := excelize.NewFile()
		defer f.Close()
		if err := f.SetSheetName("Sheet1", sheet); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(sheet, "A1", &headings); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "别的.xlsx")
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
		_, _, err := ReadRulings(path)
		return err
	}
	for says, err := range map[string]error{
		"没有工作表“疑点”": read("人员", "编号", "决定", "理由"),
		"没有“决定”一列":  read("疑点", "编号", "理由"),
		"是空的":       read("疑点"),
	} {
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if err := read("疑点", "理由", "随便", "决定", "编号"); err != nil {
		t.Errorf("columns in another order: %v", err)
	}
}
