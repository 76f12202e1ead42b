package sheet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/reports/reporttest"
	"disburse/reports/source"
)

// A column more is an entry more: sums, frozen columns and row heights follow it.
func TestColumnIsSaidOnce(t *testing.T) {
	t.Parallel()
	type row struct {
		name string
		n    int
	}
	columns := []Column[row]{
		Col("姓名", 10, Wrapped, func(r *row) Cell { return Text(r.name) }).Freeze(),
		Col("标准", 10, Amounts, func(*row) Cell { return Fen(500) }),
		Col("金额", 10, Amounts, func(*row) Cell { return Fen(100) }).Sums(),
		Col("人数", 10, Counts, func(r *row) Cell { return Whole(r.n) }).Sums(),
		Col("备注", 10, Wrapped, ByHand[row]),
	}
	more := slices.Insert(slices.Clone(columns), 0, Col("新列", 10, Wrapped, func(r *row) Cell { return Text("新" + r.name) }))
	more = slices.Insert(more, 4, Col("又一列", 10, PlainText, func(*row) Cell { return Text("又") }))
	for _, c := range []struct {
		columns []Column[row]
		body    []string
		sum     []string
		frozen  int
	}{
		{columns, []string{"甲", "5.00", "1.00", "2"}, []string{"合计", "", "1.00", "2", "见附件"}, 1},
		{more, []string{"新甲", "甲", "5.00", "1.00", "又", "2"}, []string{"合计", "", "", "1.00", "", "2", "见附件"}, 2},
	} {
		is, _ := reporttest.Batch(t, reporttest.Civil, 1)
		p, err := NewPaper(is, source.NewCatalogue(is.Pack, reporttest.Civil), t.TempDir(), "试")
		if err != nil {
			t.Fatal(err)
		}
		tab := NewTable(p, Spec{Name: "试", Title: "试", Unit: "元"}, c.columns)
		one := row{"甲", 2}
		tab.Add(&one)
		tab.Total("合计", append(tab.Summed(&one), Text("见附件"))...)
		if err := tab.Err(); err != nil {
			t.Fatal(err)
		}
		if got := tab.layout().FrozenCol; got != c.frozen {
			t.Errorf("%d columns frozen, want %d", got, c.frozen)
		}
		if low, high := tab.High(&one), tab.High(&row{name: strings.Repeat("甲", 30)}); low != RowHeight || high <= low {
			t.Errorf("rows of %g and %g points", low, high)
		}
		path := filepath.Join(t.TempDir(), "试.xlsx")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := p.Write(f); err != nil {
			t.Fatal(err)
		}
		rows := reporttest.Sheet(t, reporttest.Open(t, path, ""), "试")
		if diff := cmp.Diff([][]string{c.body, c.sum}, rows[headingRows:]); diff != "" {
			t.Error(diff)
		}
	}
}
