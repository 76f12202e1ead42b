package reports

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/reports/filing"
	"disburse/reports/reporttest"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

func write(t *testing.T, is *source.Issue, src source.Rows, opt Options) (string, []filing.File) {
	t.Helper()
	dir := t.TempDir()
	files, err := Write(t.Context(), dir, is, src, opt)
	if err != nil {
		var f *fault.Fault
		if errors.As(err, &f) {
			t.Fatal(err, f.Cause)
		}
		t.Fatal(err)
	}
	return filepath.Join(dir, "2026-11"), files
}

// Every sum in every workbook is the batch's, to the 分.
func TestSumsEqualBatch(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 800)
	dir, files := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	all := money.Fen(0)
	for _, total := range is.Totals {
		want := total.Current + total.Arrears + total.Recovery
		got, _ := reporttest.AddUp(t, reporttest.Sheet(t, book, src.Catalogue.Title(total.Item)), "金额")
		if got != want {
			t.Errorf("item %s: %s, want %s", total.Item, got, want)
		}
		all += got
	}
	if all != is.Batch.Pays {
		t.Errorf("items add up to %s, batch %s", all, is.Batch.Pays)
	}
	if got, _ := reporttest.AddUp(t, reporttest.Sheet(t, book, "公示"), "合计"); got != is.Batch.Pays {
		t.Errorf("公示 %s, batch %s", got, is.Batch.Pays)
	}
	if got, _ := reporttest.AddUp(t, reporttest.Sheet(t, book, "暂缓发放"), "金额"); got != is.Batch.Held {
		t.Errorf("暂缓 %s, batch %s", got, is.Batch.Held)
	}
	bank := money.Fen(0)
	for _, f := range files {
		if f.Kind != KindBank {
			continue
		}
		rows := reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), ""), f.Number)
		got, n := reporttest.AddUp(t, rows, "金额")
		if got != f.Amount || n != f.Rows {
			t.Errorf("file %s: %s in %d rows, want %s in %d", f.Number, got, n, f.Amount, f.Rows)
		}
		if last := rows[len(rows)-1]; last[0] != "合计" || last[4] != f.Amount.String() {
			t.Errorf("file %s ends with %v", f.Number, last)
		}
		bank += got
	}
	if bank != is.Batch.Pays {
		t.Errorf("bank files %s, batch %s", bank, is.Batch.Pays)
	}
	text := reporttest.Flat(reporttest.Sheet(t, book, "汇总"))
	if words := is.Batch.Pays.Chinese(); !strings.Contains(text, words) {
		t.Errorf("汇总 lacks %s", words)
	}
}

func TestSheetsOfRegister(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	dir, files := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	want := []string{
		"汇总", "11 高龄津贴", "12 百岁补贴", "13 养老服务补贴", "15 经济困难失能老年人集中照护", "16 护理补贴", "17 最低生活保障",
		"18-1 分散供养基本生活补贴", "18-2 分散供养医保个人缴费资助", "18-3 分散供养护理补贴", "18-4 分散供养丧葬补贴", "18-5 分散供养住房救助",
		"19 集中供养", "23-1 困难残疾人生活补贴", "23-2 重度残疾人护理补贴", "24 社会救助",
		"补发扣回", "暂缓发放", "变动", "变动街道", "公示", "清算表", "核对单",
	}
	if diff := cmp.Diff(want, book.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows := reporttest.Sheet(t, book, "11 高龄津贴")
	heads := []string{"序号", "姓名", "身份证号", "街道", "社区", "所属月份", "类别", "标准", "金额", "开户银行", "银行账号", "账户户名", "备注"}
	if diff := cmp.Diff(heads, rows[2]); diff != "" {
		t.Error(diff)
	}
	if sign := reporttest.Flat(rows); !strings.Contains(sign, "制表人：钱一鸣\n2026-11-24 09:05") || !strings.Contains(sign, "日期：2026年11月25日") || !strings.Contains(sign, "盖章：") {
		t.Errorf("signature row: %s", sign)
	}
	for _, cell := range []string{"C4", "K4"} {
		if kind, _ := book.GetCellType("11 高龄津贴", cell); kind != excelize.CellTypeInlineString {
			t.Errorf("%s is a cell of type %v", cell, kind)
		}
	}
	check := reporttest.Flat(reporttest.Sheet(t, book, "核对单"))
	for _, f := range files {
		if f.Kind == KindBank && (!strings.Contains(check, f.Number) || !strings.Contains(check, f.SHA256)) {
			t.Errorf("核对单 lacks file %s with %s", f.Number, f.SHA256)
		}
	}
	for _, part := range []string{is.ChainHead, is.PackHash, is.Batch.Digest, "郑国栋"} {
		if !strings.Contains(check, part) {
			t.Errorf("核对单 lacks %s", part)
		}
	}
}

func TestNoticeHidesWhoIsWho(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 200)
	dir, _ := write(t, is, src, Options{})
	text := reporttest.Flat(reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), ""), "公示"))
	held := map[string]bool{}
	for _, lines := range src.ByItem {
		for _, l := range lines {
			if strings.Contains(text, l.ID) || strings.Contains(text, l.ID[6:14]) || (l.Account.Number != "" && strings.Contains(text, l.Account.Number)) {
				t.Fatalf("公示 shows number of %s", l.Name)
			}
			if l.Hold != 0 {
				held[l.Name] = true
			}
		}
	}
	if len(held) == 0 || !strings.Contains(text, "140203**********") {
		t.Error("nobody is held, or nobody is masked")
	}
	for id, want := range map[string]string{"140203194501010015": "140203**********15", "临-A12345": "临-****45", "临-1": "临-*", "123": "***"} {
		if got := sheet.HideID(id); got != want {
			t.Errorf("mask(%s) = %s, want %s", id, got, want)
		}
	}
}

func TestTextFromOutsideIsNeutralised(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 120)
	dir, files := write(t, is, src, Options{FullLists: true})
	found := 0
	for _, f := range files {
		book := reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), "")
		for _, name := range book.GetSheetList() {
			for _, row := range reporttest.Sheet(t, book, name) {
				for _, cell := range row {
					if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "@") ||
						(strings.HasPrefix(cell, "-") && !isAmount(cell)) {
						t.Errorf("%s, %s: %q", f.Path, name, cell)
					}
					if strings.HasPrefix(cell, "'=") || strings.HasPrefix(cell, "'+") || strings.HasPrefix(cell, "'-") {
						found++
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no odd name was written at all")
	}
}

func isAmount(s string) bool {
	_, err := money.Parse(s)
	return err == nil
}

func TestSameBytesTwice(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 500)
	first, files := write(t, is, src, Options{})
	again, _ := reporttest.Batch(t, reporttest.Civil, 500)
	second, _ := write(t, again, src, Options{})
	for _, f := range files {
		path := filepath.FromSlash(f.Path)
		if !bytes.Equal(reporttest.Read(t, filepath.Join(first, path)), reporttest.Read(t, filepath.Join(second, path))) {
			t.Errorf("%s differs", f.Path)
		}
		if info, err := os.Stat(filepath.Join(first, path)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", f.Path, info.Mode(), err)
		}
	}
}

func TestDraftSaysSo(t *testing.T) {
	t.Parallel()
	for state, want := range map[payrun.State]string{payrun.Open: "【草稿】", payrun.Reviewed: "【草稿】", payrun.Voided: "【作废】"} {
		is, src := reporttest.Batch(t, reporttest.Civil, 60)
		is.Batch.State, is.Signatures = state, is.Signatures[:1]
		dir, files := write(t, is, src, Options{})
		for _, f := range files {
			if f.Kind == KindBank {
				t.Errorf("%s: bank file %s of a batch that is not approved", state, f.Path)
			}
			book := reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), "")
			for _, name := range book.GetSheetList() {
				title, err := book.GetCellValue(name, "A1")
				if err != nil || !strings.HasPrefix(title, want) {
					t.Errorf("%s: %s, %s is titled %q", state, f.Path, name, title)
				}
				header, err := book.GetHeaderFooter(name)
				if err != nil || !strings.Contains(header.OddHeader, strings.Trim(want, "【】")) {
					t.Errorf("%s: %s, %s has the header %q", state, f.Path, name, header.OddHeader)
				}
			}
		}
	}
}

func TestApprovedHasNoMark(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 30)
	dir, files := write(t, is, src, Options{})
	for _, f := range files {
		book := reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), "")
		for _, name := range book.GetSheetList() {
			if strings.Contains(reporttest.Flat(reporttest.Sheet(t, book, name)), source.Draft) {
				t.Errorf("%s, %s says 草稿", f.Path, name)
			}
		}
	}
}

func TestEveryPageIsSetUp(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 60)
	dir, files := write(t, is, src, Options{Letters: true})
	for _, f := range files {
		book := reporttest.Open(t, filepath.Join(dir, filepath.FromSlash(f.Path)), "")
		titles := map[string]bool{}
		for _, d := range book.GetDefinedName() {
			titles[d.Scope] = d.Name == "_xlnm.Print_Titles"
		}
		for _, name := range book.GetSheetList() {
			page, err := book.GetPageLayout(name)
			if err != nil || *page.Size != 9 || *page.FitToWidth != 1 || *page.FitToHeight != 0 {
				t.Errorf("%s, %s: page %+v %v", f.Path, name, page, err)
			}
			foot, err := book.GetHeaderFooter(name)
			if err != nil || !strings.Contains(foot.OddFooter, "第 &P 页 共 &N 页") {
				t.Errorf("%s, %s: foot %q", f.Path, name, foot.OddFooter)
			}
			letter := f.Kind == KindLetters || f.Kind == KindRecalls // each page is a letter: no headings to repeat
			if panes, err := book.GetPanes(name); err != nil || panes.Freeze == letter {
				t.Errorf("%s, %s: not frozen", f.Path, name)
			}
			if titles[name] == letter {
				t.Errorf("%s, %s: headings are not repeated", f.Path, name)
			}
			if dim, err := book.GetSheetDimension(name); err != nil || !strings.HasPrefix(dim, "A1:") {
				t.Errorf("%s, %s: dimension %s", f.Path, name, dim)
			}
		}
	}
}

func TestPasswordOpens(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 30)
	dir, files := write(t, is, src, Options{Password: "试-Pass 1"})
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if bytes.HasPrefix(reporttest.Read(t, path), []byte("PK")) {
			t.Errorf("%s is not encrypted", f.Path)
		}
		if len(reporttest.Open(t, path, "试-Pass 1").GetSheetList()) == 0 {
			t.Errorf("%s has no sheets", f.Path)
		}
	}
}
