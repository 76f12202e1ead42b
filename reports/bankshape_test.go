package reports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/reports/filing"
	"disburse/reports/reporttest"
	"disburse/reports/source"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// give has a bank of the issue's pack paid by files of a shape.
func give(is *source.Issue, bank, shape string) {
	for i := range is.Pack.Banks {
		if is.Pack.Banks[i].Name.Value == bank {
			is.Pack.Banks[i].Shape.Value = shape
			return
		}
	}
	is.Pack.Banks = append(is.Pack.Banks, packfile.Bank{Name: packfile.Text{Value: bank}, Shape: packfile.Text{Value: shape}})
}

// mixed is one file of 中国工商银行 that carries accounts of two other banks.
func mixed(t *testing.T) (*source.Issue, *reporttest.Rows, *approval.PaymentFile) {
	t.Helper()
	is, src := reporttest.Batch(t, reporttest.Civil, 1)
	give(is, "中国工商银行", "本行他行工作簿")
	f := &approval.PaymentFile{Number: "140213-202611-MZ-1-009", Bank: "中国工商银行", Rows: 4, Amount: 123503792}
	src.ByFile[f.Number] = []approval.Payment{
		{Seq: 1, Account: roster.Account{Holder: "甲某", Number: "6200020000000000019", Bank: "中国工商银行"}, Amount: 7000, ID: "140203194001010011", Item: "11"},
		{Seq: 2, Account: roster.Account{Holder: "王𠮷", Number: "6200030000000000013", Bank: "中国农业银行"}, Amount: 30001, ID: "140203193001010018", Item: "12"},
		{Seq: 3, Account: roster.Account{Holder: "某某养老院", Number: "14050000000000009", Bank: "中国建设银行"}, Amount: 123456790, Item: "19"},
		{Seq: 4, Account: roster.Account{Holder: "乙某", Number: "6200020000000000027", Bank: "中国工商银行"}, Amount: 10001, ID: "140203194501010015", Item: "11"},
	}
	return is, src, f
}

// writeBank writes one bank file alone.
func writeBank(t *testing.T, is *source.Issue, src *reporttest.Rows, f *approval.PaymentFile) (string, []filing.File, error) {
	t.Helper()
	dir := t.TempDir()
	st, err := filing.NewStage(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{is: is, cat: source.NewCatalogue(is.Pack, reporttest.Civil), src: src, folder: reporttest.Civil, stage: st}
	if err := w.bankFile(context.Background(), f); err != nil {
		st.Discard()
		return dir, nil, err
	}
	return dir, w.bank, st.Commit()
}

func TestOwnAndOtherBankWorkbooks(t *testing.T) {
	t.Parallel()
	is, src, f := mixed(t)
	dir, files, err := writeBank(t, is, src, f)
	if err != nil {
		t.Fatal(err)
	}
	var read []approval.Payment
	sum := money.Fen(0)
	for i, name := range []string{"BH", "TH"} {
		if want := reporttest.Civil + "/bank/" + f.Number + "-" + name + ".xlsx"; files[i].Path != want || files[i].Number != f.Number || files[i].Rows != 2 {
			t.Errorf("file %+v, want %s with two rows", files[i], want)
		}
		rows := reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, "bank", f.Number+"-"+name+".xlsx"), ""), f.Number)
		goldenRows(t, "bank-"+strings.ToLower(name)+".tsv", rows)
		for _, row := range rows[1:] {
			read = append(read, readRow(t, rows[0], row))
		}
		sum += files[i].Amount
	}
	want := src.ByFile[f.Number]
	order := []approval.Payment{want[0], want[3], want[1], want[2]}
	for i := range order {
		order[i].ID, order[i].Item = "", "" // the form has neither
	}
	if diff := cmp.Diff(order, read); diff != "" || sum != f.Amount {
		t.Error(sum, diff)
	}
}

// readRow reads a payment by its headings; own-bank files do not name the bank.
func readRow(t *testing.T, headings, row []string) approval.Payment {
	t.Helper()
	p := approval.Payment{Account: roster.Account{Bank: "中国工商银行"}}
	codes := map[string]string{"103100000026": "中国农业银行", "105100000017": "中国建设银行"}
	for i, h := range headings {
		switch h {
		case "序号":
			p.Seq = int(row[i][0] - '0')
		case "收款账号":
			p.Account.Number = row[i]
		case "收款户名":
			p.Account.Holder = row[i]
		case "收款行名称":
			p.Account.Bank = row[i]
		case "收款行联行号":
			if codes[row[i]] != p.Account.Bank {
				t.Errorf("联行号 %s of %s", row[i], p.Account.Bank)
			}
		case "金额":
			amount, err := money.Parse(row[i])
			if err != nil {
				t.Fatal(err)
			}
			p.Amount = amount
		}
	}
	return p
}

func goldenRows(t *testing.T, name string, rows [][]string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateGolden {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(reporttest.Flat(rows)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(reporttest.Read(t, path)), reporttest.Flat(rows)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

// The canonical workbook, cell by cell: docs/interface.md §5.3 fixes it.
func TestCanonicalWorkbook(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"", "标准工作簿"} {
		is, src, f := mixed(t)
		give(is, "中国工商银行", shape)
		dir, files, err := writeBank(t, is, src, f)
		if err != nil || len(files) != 1 || files[0].Path != reporttest.Civil+"/bank/"+f.Number+".xlsx" {
			t.Fatal(err, files)
		}
		goldenRows(t, "bank-canonical.tsv", reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, "bank", f.Number+".xlsx"), ""), f.Number))
	}
}

// A batch with a text file for one of its banks: the file is named, summed and listed
// like any other, and the same bytes twice.
func TestWriteWithTextFiles(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 120)
	give(is, "大同农商银行", "竖线文本")
	dir, files := write(t, is, src, Options{})
	again, _ := write(t, is, src, Options{})
	texts := 0
	for _, f := range files {
		if f.Kind != KindBank || f.Bank != "大同农商银行" {
			continue
		}
		texts++
		body := reporttest.Read(t, filepath.Join(dir, filepath.FromSlash(f.Path)))
		hash := sha256.Sum256(body)
		if f.Path != reporttest.Civil+"/bank/DF"+f.Number+".txt" || f.SHA256 != hex.EncodeToString(hash[:]) {
			t.Errorf("file %+v", f)
		}
		if string(body) != string(reporttest.Read(t, filepath.Join(again, filepath.FromSlash(f.Path)))) {
			t.Error("other bytes the second time")
		}
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
		if err != nil {
			t.Fatal(err)
		}
		sum, n := money.Fen(0), 0
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\r\n")[1:] {
			amount, err := money.Parse(strings.Split(line, "|")[4])
			if err != nil {
				t.Fatal(err)
			}
			sum, n = sum+amount, n+1
		}
		if sum != f.Amount || n != f.Rows {
			t.Errorf("%s in %d rows, want %s in %d", sum, n, f.Amount, f.Rows)
		}
		if list := reporttest.Flat(reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), ""), "核对单")); !strings.Contains(list, f.SHA256) {
			t.Error("核对单 does not list the file")
		}
	}
	if texts == 0 {
		t.Error("no text file")
	}
}

// What the form cannot hold is an error that leaves nothing behind.
func TestTextFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	is, src, f := mixed(t)
	give(is, "中国工商银行", "定长文本")
	dir, _, err := writeBank(t, is, src, f)
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "王𠮷") {
		t.Error(err)
	}
	if left := reporttest.Tree(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
