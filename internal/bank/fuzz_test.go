package bank

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// anySent is Sent of a bank that may answer anything.
func anySent(string) (int, error) { return 1 << 20, nil }

func readText(t *testing.T, body []byte) (*Results, error) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return newReader("a", anySent).text(path)
}

// TestRefusedRowsKeepNoText: of a row that is refused only the problem is kept; its texts
// would otherwise stay outside the file's bound.
func TestRefusedRowsKeepNoText(t *testing.T) {
	t.Parallel()
	r := newReader("a", anySent)
	rows := [][]field{{{text: colNumber}, {text: colSeq}, {text: colAccount}, {text: colAmount}, {text: colCode}, {text: colReason}}}
	for _, bad := range []struct{ seq, account, amount string }{{"一", "62", "1.00"}, {"1", "", "1.00"}, {"1", "62", "0"}} {
		at := strconv.Itoa(len(rows))
		rows = append(rows, []field{{text: "批次" + at}, {text: bad.seq}, {text: bad.account}, {text: bad.amount}, {text: "码" + at}, {text: "原因" + at}})
	}
	for i, fields := range rows {
		if err := r.row(Place{Row: i + 1}, fields); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.results.Problems) != 3 || len(r.texts) != 0 || r.bound.kept != len("一")+len("0") {
		t.Errorf("%d problems, texts %v, %d bytes counted", len(r.results.Problems), r.texts, r.bound.kept)
	}
	good := []field{{text: "批次"}, {text: "1"}, {text: "62"}, {text: "1.00"}, {text: "0000"}, {text: "成功"}}
	before := r.bound.kept
	for range 2 {
		if err := r.row(Place{Row: 9}, good); err != nil {
			t.Fatal(err)
		}
	}
	if want := len("批次0000成功") + 2*len("62"); r.bound.kept-before != want {
		t.Errorf("%d bytes counted of two rows that share their texts, want %d", r.bound.kept-before, want)
	}
}

// FuzzText: no text breaks the reader; what it returns can be looked up; and the same
// text in GBK says the same.
func FuzzText(f *testing.F) {
	f.Add([]byte("批次号,序号,账号,户名,金额,结果码,原因\n140213-202611-MZ-1-001,1,6222,张某,70.00,0000,成功\n"))
	f.Add([]byte("|批次号|序号|账号|金额|结果码|\n|a|1|\"6|2\"|1,234.5|失败|\n合计\n"))
	f.Add([]byte("批次号\t序号\t账号\t金额\t结果码\r\na\t１\t=\"62\"\t￥7\t未知\r\n\r\n"))
	f.Add([]byte("\xC5\xFA\xB4\xCE\xBA\xC5,\xD0\xF2\xBA\xC5,\xD5\xCB\xBA\xC5,\xBD\xF0\xB6\xEE,\xBD\xE1\xB9\xFB\xC2\xEB\na,1,2,3,4\n"))
	f.Add([]byte("\xEF\xBB\xBF\"批次号\";\"序号\";\"账号\";\"金额\";\"结果码\"\n\"a\"\"b\";1;2;3;\"4\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := readText(t, body)
		if err != nil {
			return
		}
		for _, row := range r.Rows {
			if row.Number == "" || row.Seq < 1 || row.Account == "" || row.Amount <= 0 || row.Code == "" || row.Row < 2 ||
				strings.ContainsAny(row.Account, " \t\r\n") {
				t.Errorf("row %+v", row)
			}
		}
		if !slices.IsSortedFunc(r.Rows, func(a, b ResultRow) int { return a.Row - b.Row }) {
			t.Error("rows out of order")
		}
		for _, p := range r.Problems {
			if p.Reason == "" || p.Row < 2 {
				t.Errorf("problem %+v", p)
			}
		}
		other, err := simplifiedchinese.GB18030.NewEncoder().Bytes(body)
		if r.Encoding != "UTF-8" || err != nil {
			return
		}
		again, err := readText(t, other)
		if err != nil || again.Encoding != "GBK" {
			return // bytes that are valid as both, or a mark that is only UTF-8's
		}
		if diff := cmp.Diff(r.Rows, again.Rows); diff != "" {
			t.Errorf("in GBK (-utf-8 +gbk):\n%s", diff)
		}
	})
}
