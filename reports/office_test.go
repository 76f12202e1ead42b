package reports

import (
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/reports/reporttest"
)

func TestLibreOfficeReadsTheSame(t *testing.T) {
	is, src := reporttest.Batch(t, reporttest.Civil, 300)
	dir, files := write(t, is, src, Options{})
	register := reporttest.LibreOffice(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"))
	if len(register) != 23 {
		t.Errorf("%d sheets", len(register))
	}
	all := money.Fen(0)
	for _, total := range is.Totals {
		got, n := reporttest.AddUp(t, register[src.Catalogue.Title(total.Item)], "金额")
		if want := total.Current + total.Arrears + total.Recovery; got != want {
			t.Errorf("item %s: %s in %d rows, want %s", total.Item, got, n, want)
		}
		all += got
	}
	if all != is.Batch.Pays {
		t.Errorf("items add up to %s, batch %s", all, is.Batch.Pays)
	}
	if got, _ := reporttest.AddUp(t, register["公示"], "合计"); got != is.Batch.Pays {
		t.Errorf("公示 %s, batch %s", got, is.Batch.Pays)
	}
	if got := register["11 高龄津贴"][3]; len(got) < 13 || len(got[2]) != 18 || !strings.HasPrefix(got[10], "62122600000") {
		t.Errorf("numbers lost digits: %v", got)
	}
	for _, f := range files {
		if f.Kind != KindBank {
			continue
		}
		rows := reporttest.LibreOffice(t, filepath.Join(dir, filepath.FromSlash(f.Path)))[f.Number]
		if got, n := reporttest.AddUp(t, rows, "金额"); got != f.Amount || n != f.Rows {
			t.Errorf("file %s: %s in %d rows, want %s in %d", f.Number, got, n, f.Amount, f.Rows)
		}
	}
}
