package sheet

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/reports/filing"
	"disburse/reports/reporttest"
	"disburse/reports/source"
)

func TestTableGoesOnInNextSheet(t *testing.T) {
	t.Parallel()
	is, _ := reporttest.Batch(t, reporttest.Civil, 1)
	p, err := NewPaper(is, source.NewCatalogue(is.Pack, reporttest.Civil), t.TempDir(), "试")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("长", 31)
	tab := NewTable(p, Spec{Name: long, Title: "试", Unit: "元"}, []Column[int]{
		Col("序号", 8, Counts, func(n *int) Cell { return Whole(*n) }), Col("姓名", 10, PlainText, func(*int) Cell { return Text("某人") }),
		Col("金额", 10, Amounts, func(*int) Cell { return Fen(100) }).Sums(),
	})
	tab.max = 10
	for i := range 20 {
		n := i + 1
		tab.Add(&n)
	}
	tab.Total("合计", Fen(2000))
	p.Sheet("别的", tab.layout())
	dir := t.TempDir()
	st, err := filing.NewStage(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Add(context.Background(), p.Book, "试.xlsx"); err != nil {
		t.Fatal(err)
	}
	if err := st.Commit(); err != nil {
		t.Fatal(err)
	}
	book := reporttest.Open(t, filepath.Join(dir, "试.xlsx"), "")
	short := strings.Repeat("长", 28)
	want := []string{long, short + "(2)", short + "(3)", "别的"}
	if diff := cmp.Diff(want, book.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	serial := 0
	for _, name := range want[:3] {
		rows := reporttest.Sheet(t, book, name)
		if rows[2][0] != "序号" {
			t.Errorf("%s: no headings", name)
		}
		_, n := reporttest.AddUp(t, rows, "金额")
		serial += n
	}
	if serial != 20 {
		t.Errorf("%d rows in all, want 20", serial)
	}
}
