package reports

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A column more is an entry more: sums, frozen columns and row heights follow it.
func TestColumnIsSaidOnce(t *testing.T) {
	t.Parallel()
	type row struct {
		name string
		n    int
	}
	columns := []columnOf[row]{
		col("姓名", 10, wrapped, func(r *row) cell { return text(r.name) }).freeze(),
		col("标准", 10, amounts, func(*row) cell { return fen(500) }),
		col("金额", 10, amounts, func(*row) cell { return fen(100) }).sums(),
		col("人数", 10, counts, func(r *row) cell { return whole(r.n) }).sums(),
		col("备注", 10, wrapped, byHand[row]),
	}
	more := slices.Insert(slices.Clone(columns), 0, col("新列", 10, wrapped, func(r *row) cell { return text("新" + r.name) }))
	more = slices.Insert(more, 4, col("又一列", 10, plainText, func(*row) cell { return text("又") }))
	for _, c := range []struct {
		columns []columnOf[row]
		body    []string
		sum     []string
		frozen  int
	}{
		{columns, []string{"甲", "5.00", "1.00", "2"}, []string{"合计", "", "1.00", "2", "见附件"}, 1},
		{more, []string{"新甲", "甲", "5.00", "1.00", "又", "2"}, []string{"合计", "", "", "1.00", "", "2", "见附件"}, 2},
	} {
		is, _ := synthesise(t, civil, 1)
		p, err := newPaper(is, newCatalogue(is.Pack, civil), t.TempDir(), "试")
		if err != nil {
			t.Fatal(err)
		}
		tab := newTableOf(p, tableSpec{name: "试", title: "试", unit: "元"}, c.columns)
		one := row{"甲", 2}
		tab.row(&one)
		tab.total("合计", append(tab.summed(&one), text("见附件"))...)
		if err := tab.Err(); err != nil {
			t.Fatal(err)
		}
		if got := tab.layout().FrozenCol; got != c.frozen {
			t.Errorf("%d columns frozen, want %d", got, c.frozen)
		}
		if low, high := tab.high(&one), tab.high(&row{name: strings.Repeat("甲", 30)}); low != rowHeight || high <= low {
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
		rows := sheet(t, open(t, path, ""), "试")
		if diff := cmp.Diff([][]string{c.body, c.sum}, rows[headingRows:]); diff != "" {
			t.Error(diff)
		}
	}
}
