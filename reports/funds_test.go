package reports

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/reports/register"
	"disburse/reports/reporttest"
)

// sums of one fund, added up from the workbooks.
type fundCells struct{ due, in, out, paid money.Fen }

// TestPapersAgreeByFund reads every workbook of a batch back: each fund's own lines on the
// items' sheets, its payments in the bank files, the people of 跨资金抵扣 and the application
// say the same.
func TestPapersAgreeByFund(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7, 60, 400} {
		is, src := reporttest.Batch(t, reporttest.Civil, n)
		dir, files := write(t, is, src, Options{})
		got := map[string]*fundCells{}
		of := func(fund string) *fundCells {
			if got[fund] == nil {
				got[fund] = &fundCells{}
			}
			return got[fund]
		}
		book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
		byName := map[string]string{}
		for _, it := range src.Catalogue.Pays() {
			code, fund := it.Code.Value, it.Pay.Fund.Value
			byName[it.PaidAs()] = fund
			sum, _ := reporttest.AddUp(t, reporttest.Sheet(t, book, src.Catalogue.Title(code)), "金额")
			of(fund).due += sum
		}
		for _, f := range files {
			if f.Kind == KindBank {
				rows := reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), ""), f.Number)
				for _, row := range rows[1 : len(rows)-1] {
					fund := byName[strings.TrimPrefix(row[6], reporttest.November.Chinese())]
					if fund == "" {
						t.Fatalf("no item is called %q in %v", row[6], row)
					}
					of(fund).paid += yuan(t, row[4])
				}
			}
		}
		app := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "资金拨付申请.xlsx"), "")
		crossed := false
		for _, name := range app.GetSheetList() {
			if name != "跨资金抵扣" {
				continue
			}
			crossed = true
			for _, row := range reporttest.Sheet(t, app, name)[reporttest.TitleRows:] {
				if len(row) > 9 && strings.Trim(row[0], "0123456789") == "" {
					of(row[5]).in += yuan(t, row[9])
					of(row[8]).out += yuan(t, row[9])
				}
			}
		}
		if crossed != (n >= 60) && n != 7 {
			t.Errorf("%d people: 跨资金抵扣 is there: %v", n, crossed)
		}
		rows := reporttest.Sheet(t, app, register.ApplicationName)
		for fund, c := range got {
			if c.due+c.in-c.out != c.paid {
				t.Errorf("%d people, %s: %+v does not add up", n, fund, *c)
			}
			if *c == (fundCells{}) {
				continue
			}
			if said := fundRowOf(t, rows, fund); said != *c {
				t.Errorf("%d people, %s: application %+v, workbooks %+v", n, fund, said, *c)
			}
			if want := "区 100%　" + c.due.Grouped() + " 元"; !strings.Contains(reporttest.Flat(rows), want) {
				t.Errorf("%d people, %s: no share of %s", n, fund, want)
			}
		}
	}
}

func yuan(t *testing.T, s string) money.Fen {
	t.Helper()
	a, err := money.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fundRowOf finds a fund in the part 资金来源.
func fundRowOf(t *testing.T, rows [][]string, fund string) fundCells {
	t.Helper()
	for _, row := range rows {
		if row[0] == fund && len(row) == 8 && row[4] != "" {
			return fundCells{yuan(t, row[4]), yuan(t, row[5]), yuan(t, row[6]), yuan(t, row[7])}
		}
	}
	t.Fatalf("no %s on the application", fund)
	return fundCells{}
}

// TestFundsOfBankFilesDiffer: payments of another fund than the lines say are refused,
// though the total is right, and nothing is written.
func TestFundsOfBankFilesDiffer(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	for number := range src.ByFile {
		for i := range src.ByFile[number] {
			if p := &src.ByFile[number][i]; p.Item == "13" {
				p.Item = "23-1"
			}
		}
	}
	dir := t.TempDir()
	_, err := Write(t.Context(), dir, is, src, Options{})
	if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), "银行文件实拨") {
		t.Errorf("got %v", err)
	}
	if left := reporttest.Tree(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestApplicationNamesItsCounts: lines and payments are two numbers with two names.
func TestApplicationNamesItsCounts(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	for _, state := range []payrun.State{payrun.Approved, payrun.Open} {
		is.Batch.State = state
		dir, files := write(t, is, src, Options{})
		lines, pays := 0, 0
		for _, f := range files {
			switch f.Kind {
			case KindRegister:
				lines = f.Rows
			case KindBank:
				pays += f.Rows
			}
		}
		text := reporttest.Flat(reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "资金拨付申请.xlsx"), ""), register.ApplicationName))
		if want := fmt.Sprintf("明细 %d 条", lines); !strings.Contains(text, want) {
			t.Errorf("%s: no %s", state, want)
		}
		if want := fmt.Sprintf("付款 %d 笔", pays); strings.Contains(text, want) != (state == payrun.Approved) {
			t.Errorf("%s: %s", state, text)
		}
	}
}
