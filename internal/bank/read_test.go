package bank_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/bank"
	"disburse/internal/fault"
)

const number = "140213-202611-MZ-1-001"

// put writes a file and returns its path.
func put(t *testing.T, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sent is what the bank has been sent: enough for every test.
func sent(string) (int, error) { return 5000, nil }

func gbk(t *testing.T, s string) []byte {
	t.Helper()
	body, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func read(t *testing.T, name string, body []byte) *bank.Results {
	t.Helper()
	r, err := bank.ReadResults(put(t, name, body), sent)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var twoRows = []bank.ResultRow{
	{Number: number, Seq: 1, Account: "6222000000000000001", Holder: "张某", Amount: 7000, Code: "0000", Reason: "成功"},
	{Number: number, Seq: 2, Account: "6222000000000000002", Holder: "李某", Amount: 123450, Code: "失败", Reason: "户名不符"},
}

// Whatever the shape, the same rows come out.
func TestShapesOfText(t *testing.T) {
	t.Parallel()
	plain := "批次号,序号,账号,户名,金额,结果码,原因\n" +
		number + ",1,6222000000000000001,张某,70.00,0000,成功\n" +
		number + ",2,6222000000000000002,李某,1234.50,失败,户名不符\n"
	for name, c := range map[string]struct {
		body     []byte
		encoding string
	}{
		"utf-8 csv":                    {[]byte(plain), "UTF-8"},
		"with its mark":                {append([]byte("\xEF\xBB\xBF"), plain...), "UTF-8"},
		"gbk csv":                      {gbk(t, plain), "GBK"},
		"windows lines":                {gbk(t, strings.ReplaceAll(plain, "\n", "\r\n")), "GBK"},
		"old mac lines":                {[]byte(strings.ReplaceAll(plain, "\n", "\r")), "UTF-8"},
		"tabs":                         {[]byte(strings.ReplaceAll(plain, ",", "\t")), "UTF-8"},
		"bars":                         {gbk(t, strings.ReplaceAll(plain, ",", "|")), "GBK"},
		"blanks":                       {[]byte(strings.ReplaceAll(plain, ",", "  ")), "UTF-8"},
		"bars all round":               {gbk(t, "|"+strings.ReplaceAll(strings.ReplaceAll(plain[:len(plain)-1], ",", "|"), "\n", "|\n|")+"|\n"), "GBK"},
		"titles, total and empty rows": {[]byte("代发结果,,,,,,\n\n" + plain + "\n合计,,,,1304.50,,\n"), "UTF-8"},
		"another order": {[]byte("结果码,原因,金额（元）,户名,账号,备用,序号,批次号\n" +
			"0000,成功,70,张某,6222000000000000001,甲,1," + number + "\n失败,户名不符,\"1,234.50\",李某,\"6222000000000000002\",,2," + number + "\n"), "UTF-8"},
		"guarded numbers": {[]byte("批次号,序号,账号,户名,金额,结果码,原因\n" +
			number + ",1,=\"6222000000000000001\",张某,￥70,'0000,成功\n" + number + ",２,\t6222000000000000002,李某,1234.5,失败,户名不符"), "UTF-8"},
		"account in groups": {[]byte(strings.ReplaceAll(plain, "6222000000000000", "6222 0000 0000 0000 ")), "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := read(t, "回盘.txt", c.body)
			if diff := cmp.Diff(twoRows, r.Rows, cmpopts.IgnoreFields(bank.ResultRow{}, "Place")); diff != "" || len(r.Problems) > 0 {
				t.Errorf("rows (-want +got):\n%s%+v", diff, r.Problems)
			}
			if r.Encoding != c.encoding || r.Name != "回盘.txt" || len(r.SHA256) != 64 {
				t.Errorf("got %q, %q, %q", r.Encoding, r.Name, r.SHA256)
			}
		})
	}
}

func TestRowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]bank.ResultProblem{
		",1,6222,张某,70,0000,":                  {Column: "批次号"},
		number + ",,6222,张某,70,0000,":          {Column: "序号"},
		number + ",1,,张某,70,0000,":             {Column: "账号"},
		number + ",1,6222,张某,,0000,":           {Column: "金额"},
		number + ",1,6222,张某,70,,":             {Column: "结果码"},
		number + ",1":                          {Column: "账号"},
		number + ",0,6222,张某,70,0000,":         {Column: "序号", Value: "0"},
		number + ",1.0,6222,张某,70,0000,":       {Column: "序号", Value: "1.0"},
		number + ",-1,6222,张某,70,0000,":        {Column: "序号", Value: "-1"},
		number + ",99999999999,6222,,70,0000,": {Column: "序号", Value: "99999999999"},
		number + ",1,6222,张某,七十,0000,":         {Column: "金额", Value: "七十"},
		number + ",1,6222,张某,70.001,0000,":     {Column: "金额", Value: "70.001"},
		number + ",1,6222,张某,0,0000,":          {Column: "金额", Value: "0"},
		number + ",1,6222,张某,-70,0000,":        {Column: "金额", Value: "-70"},
	} {
		r := read(t, "a.csv", []byte("批次号,序号,账号,户名,金额,结果码,原因\n"+row+"\n"+number+",9,6222,张某,70,0000,\n"))
		if len(r.Rows) != 1 || r.Rows[0].Seq != 9 || r.Rows[0].Row != 3 || len(r.Problems) != 1 {
			t.Fatalf("%s: rows %+v, problems %+v", row, r.Rows, r.Problems)
		}
		got := r.Problems[0]
		want.Row = 2
		if got.Reason == "" || got.Place != want.Place || got.Column != want.Column || got.Value != want.Value {
			t.Errorf("%s: got %+v, want %+v", row, got, want)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body []byte
		says string
	}{
		"empty":                            {nil, "是空的"},
		"blank":                            {[]byte("\xEF\xBB\xBF \n\n"), "是空的"},
		"no headings":                      {[]byte("张某,70\n"), "没有找到回盘的标题行"},
		"only headings":                    {[]byte("批次号,序号,账号,金额,结果码\n合计\n"), "只有标题"},
		"missing column":                   {[]byte("批次号,序号,账号,结果码\n"), "标题缺少“金额”列"},
		"column twice":                     {[]byte("批次号,序号,账号,金额,结果码,金额\n"), "有两个“金额”标题"},
		"utf-16":                           {[]byte("\xFF\xFEbi\x00\x00"), "不是 UTF-8 或 GBK"},
		"cut in the middle of a character": {append(gbk(t, "批次号,序号,账号,金额,结果码\n甲,1,2,3,成"), 0xB9), "不是 UTF-8 或 GBK"},
		"old workbook":                     {append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 100)...), "旧式 .xls"},
		"damaged workbook":                 {[]byte("PK\x03\x04 and no more"), "已损坏"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bank.ReadResults(put(t, "回盘.csv", c.body), sent)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "回盘.csv") {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
	if _, err := bank.ReadResults(filepath.Join(t.TempDir(), "无此文件.csv"), sent); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}
