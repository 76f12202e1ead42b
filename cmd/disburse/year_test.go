package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/cmd/disburse/export"
)

// yearOffice has October approved, sent, and answered but for one payment, and November
// approved.
func yearOffice(t *testing.T) *desk {
	t.Helper()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	o.ok("run", "2026-10")
	o.no([]string{"year", "2026", "--out", o.file("年")}, "2026年没有符合条件的已审批批次")
	o.sign("2026-10")
	o.ok(o.as("甲经办", "sent", "2026-10", "--bureau", minzheng)...)
	writeFile(t, o.file("回盘.csv"), "批次号,序号,账号,户名,金额,结果码,原因\n"+
		"140213-202610-MZ-1-001,1,621944,某1944,70.00,成功,\n140213-202610-MZ-1-001,4,2001,甲院,1160.00,失败,户名不符\n")
	o.ok("bank", "result", o.file("回盘.csv"))
	// who was known under the number until now keeps what was paid under it
	o.ok("roster", "import", o.sheets("更正.xlsx", map[string][][]any{"人员": {{"姓名", "身份证号", "街道", "原身份证号"}, {"某1944", idOf(1939), "古城", idOf(1944)}}}))
	o.ok("run", "2026-11")
	o.sign("2026-11")
	return o
}

func TestYear(t *testing.T) {
	t.Parallel()
	o := yearOffice(t)
	out := o.ok("year", "2026", "--out", o.file("年"))
	path := filepath.Join(o.file("年"), "2026", minzheng, "领取情况.xlsx")
	if !strings.Contains(out, path) || !strings.Contains(out, "实发 ") {
		t.Errorf("year: %s", out)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("个人")
	if err != nil {
		t.Fatal(err)
	}
	people := map[string][]string{}
	for _, r := range rows {
		if len(r) > 17 {
			people[r[1]+" "+strings.Fields(r[4] + " -")[0]] = append(append([]string{r[2], r[3]}, r[14:18]...), append(r[18:], "", "")[:2]...)
		}
	}
	o.want("who got what: number, street, October, November, December, sum, returned, held", []string{
		strings.Join(people["某1944 11"], " "), strings.Join(people["某1956 19"], " "), strings.Join(people["某1946 11"], " "),
	}, []string{
		idOf(1939) + " 古城 70.00 70.00  140.00  ", idOf(1956) + " 永泰 1160.00   1160.00 1160.00 2320.00", idOf(1946) + " 古城    0.00  140.00",
	})
	o.ok("year", "2026", "--out", o.file("年"), "--bureau", minzheng)
	if again, err := os.ReadFile(path); err != nil || string(again) != string(before) {
		t.Errorf("written again it is another file (%v)", err)
	}
	writeFile(t, o.file("密.txt"), "很长的口令\n")
	o.ok("year", "2026", "--out", o.file("密"), "--encrypt-with", o.file("密.txt"))
	if _, err := excelize.OpenFile(filepath.Join(o.file("密"), "2026", minzheng, "领取情况.xlsx")); err == nil {
		t.Error("not encrypted")
	}
	o.no([]string{"year", "2025", "--out", o.file("年")}, "2025年没有")
	o.no([]string{"year", "2026", "--out", o.file("年"), "--bureau", "区某局"}, "区某局")
	o.wrong([]string{"year", "26", "--out", o.file("年")}, "四位数字")
	o.wrong([]string{"year", "2026"}, "--out")
	o.wrong([]string{"year", "2026", "--out", o.file("年"), "--format", "json"}, "--id")
}

func TestYearOfOnePerson(t *testing.T) {
	t.Parallel()
	o := yearOffice(t)
	var byNumber []string
	for _, id := range []string{idOf(1939), idOf(1944)} { // the present number and the one before
		code, out, errors := execIn(t, id+"\n", "year", "2026", "--id", "-", "--format", "json", "--db", o.url)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, errors)
		}
		byNumber = append(byNumber, out)
	}
	if byNumber[0] != byNumber[1] {
		t.Errorf("by the old number:\n%s\nby the present one:\n%s", byNumber[1], byNumber[0])
	}
	var y export.YearJSON
	if err := json.Unmarshal([]byte(byNumber[0]), &y); err != nil {
		t.Fatal(err)
	}
	if len(y.Payments) != 2 || y.Payments[0].Status != "成功" || y.Payments[0].Received != "70.00" || y.Payments[1].Status != "未送" || y.Payments[1].Received != "0.00" ||
		y.Totals.Due != "140.00" || y.Totals.Received != "70.00" || y.Totals.Open != "70.00" || y.Totals.DueChinese != "壹佰肆拾元整" || y.ID != idOf(1939) {
		t.Errorf("got %+v", y)
	}
	if err := json.Unmarshal([]byte(o.ok("year", "2026", "--id", idOf(1956), "--format", "json")), &y); err != nil {
		t.Fatal(err)
	}
	if len(y.Payments) != 1 || y.Payments[0].Status != "退回" || !strings.Contains(y.Payments[0].Reason, "户名不符") || len(y.Held) != 2 || y.Held[0].Reason != "账户无效" || y.Totals.Held != "2320.00" {
		t.Errorf("whose institution's payment failed: %+v", y)
	}
	path := o.file("某1944.xlsx")
	if out := o.ok("year", "2026", "--id", idOf(1939), "--out", path); strings.Contains(out, idOf(1939)) || !strings.Contains(out, "某1944") {
		t.Errorf("statement: %s", out)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if names := book.GetSheetList(); len(names) != 1 || names[0] != "个人领取情况" {
		t.Errorf("sheets %v", names)
	}
	o.no([]string{"year", "2026", "--id", idOf(1901), "--out", path}, "没有身份证号")
	o.wrong([]string{"year", "2026", "--id", idOf(1944)}, "--out")
	o.wrong([]string{"year", "2026", "--id", idOf(1944), "--out", o.dir}, "是目录")
	o.wrong([]string{"year", "2026", "--id", idOf(1944), "--bureau", minzheng, "--out", path}, "--bureau")
}
