package bank

import (
	"os"
	"path/filepath"
	"slices"
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
