package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// registerHeading is the recovery register's; the columns up to the amount, and the
// street, are the fixed ones.
const registerHeading = "id_number,name,item,payee,benefit_month,amount,street,stop_month,last_month,collected,waived,plan,overdue"

// died records a day of death.
func died(d month.Date) func(*roster.Dossier) {
	return func(p *roster.Dossier) { p.Died = d }
}

func (o *desk) register() []string {
	o.t.Helper()
	return joined(o.table(o.ok("recovery", "--format", "csv"), registerHeading))
}

// overpaid is a desk where somebody was paid for two months too many.
func overpaid(t *testing.T) *desk {
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1943)))
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	for _, m := range []string{"2026-09", "2026-10"} {
		o.ok("run", m)
		o.sign(m)
	}
	o.ok("roster", "import", o.workbook("死亡.xlsx", nil, resident(1944, died(month.DateOf(2026, 8, 20)))))
	o.ok("run", "2026-11")
	return o
}

func TestRecoveryCommands(t *testing.T) {
	t.Parallel()
	o := overpaid(t)
	id := idOf(1944)
	row := func(m, amount, collected, waived, plan string) string {
		return id + " 某1944 11 本人 " + m + " " + amount + " 永泰 2026-09 2026-10 " + collected + " " + waived + " " + plan
	}
	o.want("register", o.register(), []string{row("2026-09", "70.00", "0.00", "0.00", " 0.00"), row("2026-10", "70.00", "0.00", "0.00", " 0.00")})

	out := o.ok(o.as("甲经办", "recovery", "collect", id, "--amount", "100", "--reason", "女儿退回现金")...)
	o.says(out, "已登记收回 某1944 100.00 元（壹佰元整）", "2026-09 11 本人 70.00 元", "2026-10 11 本人 30.00 元", "尚未收回 40.00 元", "请重新运行后再提交")
	o.want("collected", o.register(), []string{row("2026-10", "40.00", "30.00", "0.00", " 0.00")})
	o.no(o.as("甲经办", "recovery", "collect", id, "--amount", "40.01", "--reason", "x"), "未收回的只有 40.00 元")
	o.no(o.as("甲经办", "recovery", "collect", id, "--amount", "1"), "必须写明理由")
	o.wrong(o.as("甲经办", "recovery", "collect", id, "--reason", "x"), "--amount")
	o.wrong(o.as("甲经办", "recovery", "collect", id, "--reason", "x", "--amount", "很多"), "--amount")
	o.wrong([]string{"recovery", "collect", id, "--amount", "1", "--reason", "x"}, "--as")
	o.no(o.as("甲经办", "submit", "2026-11", "--bureau", minzheng, "--acknowledge-all", "--reason", "x"), "请重新运行")

	ask := []string{"recovery", "waive", id, "--item", "11", "--month", "2026-10", "--amount", "15", "--reason", "家庭困难"}
	o.says(o.ok(o.as("甲审批", ask...)...), "已申请核销：第 1 号，某1944 项目 11 2026-10 15.00 元")
	o.no(o.as("甲审批", "recovery", "waive", "--confirm", "1"), "必须由另一位审批岗位的人确认")
	o.no(o.as("甲复核", "recovery", "waive", "--confirm", "1"), "岗位是复核")
	o.wrong(o.as("甲审批", "recovery", "waive", "--confirm", "1", "--list"), "中的一个")
	o.says(o.ok(o.as("乙审批", "recovery", "waive", "--confirm", "1")...), "第 1 号已核销：某1944", "申请 甲审批，乙审批办理")
	o.says(o.ok(o.as("甲经办", ask...)...), "第 2 号")
	o.says(o.ok(o.as("甲审批", "recovery", "waive", "--refuse", "2", "--reason", "有能力退回")...), "第 2 号未核销")
	list := o.objects(o.ok("recovery", "waive", "--list", "--format", "json"))
	if len(list) != 2 || list[0]["state"] != "已核销" || list[0]["amount"] != "15.00" || list[1]["answer_reason"] != "有能力退回" {
		t.Errorf("requests: %v", list)
	}
	o.want("waived", o.register(), []string{row("2026-10", "25.00", "30.00", "15.00", " 0.00")})

	// The clock of the command says what is overdue: the first instalment was long ago.
	first := month.FromTime(time.Now()).Month() - 2
	out = o.ok(o.as("甲经办", "recovery", "plan", id, "--amount", "25", "--first", first.String(), "--months", "5", "--reason", "签了还款协议")...)
	o.says(out, "分期还款 25.00 元", "5 期，每期 5.00 元")
	o.want("plan", o.register(), []string{row("2026-10", "25.00", "30.00", "15.00", first.String()+" 起 5 期，每期 5.00 元 10.00")})
	o.ok(o.as("甲经办", "recovery", "plan", id, "--end", "--reason", "改为一次还清")...)
	o.want("ended", o.register(), []string{row("2026-10", "25.00", "30.00", "15.00", " 0.00")})
	o.no(o.as("甲经办", "recovery", "plan", id, "--end", "--reason", "x"), "没有与区民政局约定分期还款")

	o.ok("run", "2026-11")
	o.sign("2026-11")
	o.ok("export", "2026-11", "--out", o.file("out"), "--bureau", minzheng)
	cells := o.row(filepath.Join(o.file("out"), "2026-11", minzheng, "追缴台账.xlsx"), "追缴台账", "某1944")
	for _, want := range []string{"2026-10", "2026-09", "30", "15", "25"} {
		if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSuffix(c, ".00") == want }) {
			t.Errorf("追缴台账 says %q, want %s", cells, want)
		}
	}
	o.ok("verify", "2026-11")

	// Alive after all: what came in goes back, what was waived is not paid twice.
	o.ok("roster", "import", o.workbook("更正.xlsx", nil, resident(1944)))
	o.ok("run", "2026-12")
	o.want("December", joined(o.table(o.ok("lines", "2026-12", "--format", "csv"), linesHeading)), []string{
		idOf(1943) + " 某1943 11 2026-12 当月 70.00 可发  本人 区民政局 永泰 11",
		id + " 某1944 11 2026-09 补发 70.00 可发  本人 区民政局 永泰 11",
		id + " 某1944 11 2026-10 补发 30.00 可发  本人 区民政局 永泰 11",
		id + " 某1944 11 2026-11 补发 70.00 可发  本人 区民政局 永泰 11",
		id + " 某1944 11 2026-12 当月 70.00 可发  本人 区民政局 永泰 11",
	})
	o.want("nothing open", o.register(), nil)
	o.sign("2026-12")
}

// row returns the cells of a sheet's first row that has a text.
func (o *desk) row(path, sheet, text string) []string {
	o.t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range rows {
		if slices.Contains(r, text) {
			return r
		}
	}
	o.t.Fatalf("%s: no row with %s in %q", path, text, rows)
	return nil
}

func TestOpeningCommands(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("opening", "template", o.file("期初模板.xlsx"))
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, resident(1944), resident(1943), resident(1956)))
	o.no([]string{"opening", "import", o.file("期初模板.xlsx")}, "--opening")
	head := []any{"身份证号", "项目", "收款人", "所属月份", "金额", "依据"}
	file := o.sheets("期初.xlsx", map[string][][]any{"期初": {head,
		{idOf(1944), "11", "", "2026-08", "100.00", "交接单1"},
		{idOf(1943), "11", "本人", "2026-09", -35.5, "交接单2"},
		{idOf(1943), "11", "", "2026-10", "70", "交接单3"}, // not before the opening month
		{idOf(1950), "11", "", "2026-08", "70", "交接单4"}, // nobody
		{idOf(1956), "99", "", "2026-08", "70", "交接单5"}, // no such item
		{idOf(1956), "19", "乙院", "2026-08", "70", "交接单6"},
		{idOf(1956), "16", "", "2026-07", "70", ""},
		{idOf(1956), "16", "", "2026-06", "70", "交接单8"},
		{idOf(1956), "16", "", "2026-06", "80", "交接单9"},
	}})
	args := []string{"opening", "import", file, "--opening", "2026-10"}
	out := o.ok(append(args, "--dry-run")...)
	o.says(out, "检查结果（未保存）：变更 2 行", "退回 7 行", "第 4 行“所属月份”（2026-10）：不早于期初月", "第 5 行“身份证号”", "花名册里没有这个人",
		"第 6 行“项目”", "第 7 行“收款人”（乙院）", "第 8 行“依据”：不能为空", "第 9 行", "第 10 行", "写了 2 行")
	o.says(o.ok(append(args, "--errors", o.file("错误.xlsx"))...), "已导入期初：变更 2 行", "多付 100.00 元（待扣回），欠付 35.50 元（待补发），期初月 2026-10", "修订号 2")
	o.says(o.ok("opening", "import", file), "没有变化：变更 0 行；与已知相同 2 行")
	if cells := o.row(o.file("错误.xlsx"), "期初", "交接单6"); !strings.Contains(strings.Join(cells, " "), "没有这个单位") {
		t.Errorf("errors workbook: %q", cells)
	}
	o.no(append(args[:3:3], "--opening", "2026-11"), "期初月已经定为 2026-10")
	o.no([]string{"opening", "import", o.file("错误.xlsx")}, "没有一行可以导入")

	o.ok("run", "2026-10")
	o.want("netted and paid", joined(o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)), []string{
		idOf(1943) + " 某1943 11 2026-09 补发 35.50 可发  本人 区民政局 永泰 11",
		idOf(1943) + " 某1943 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-08 扣回 -70.00 可发  本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
	})
	o.want("rest", o.register(), []string{idOf(1944) + " 某1944 11 本人 2026-08 30.00 永泰 2026-08 2026-08 0.00 0.00  0.00"})
	// Before the opening month nothing is granted: all that was entered is to be got back, or due.
	o.says(o.ok("explain", idOf(1944), "2026-08"), "现应发 0.00 元，已结算 100.00 元，待扣回 100.00 元")
	o.says(o.ok("explain", idOf(1943), "2026-09"), "现应发 0.00 元，已结算 -35.50 元，待补发 35.50 元")
	o.hire()
	o.ok(o.as("甲经办", "submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "已逐项看过")...)
	mended := o.sheets("更正.xlsx", map[string][][]any{"期初": {head, {idOf(1944), "11", "", "2026-08", "90", "交接单1更正"}}})
	if code, out, _ := o.run("opening", "import", mended); code != exitFailed || !strings.Contains(out, "正在签批") {
		t.Errorf("in signing: %d %s", code, out)
	}
	o.ok(o.as("甲复核", "review", "2026-10", "--bureau", minzheng)...)
	o.ok(o.as("甲审批", "approve", "2026-10", "--bureau", minzheng)...)
	o.ok("opening", "import", mended)
	o.ok(o.as("甲经办", "recovery", "collect", idOf(1944), "--amount", "5", "--reason", "现金")...)
	o.ok("run", "2026-11")
	o.want("restated", joined(o.table(o.ok("lines", "2026-11", "--format", "csv"), linesHeading)), []string{
		idOf(1943) + " 某1943 11 2026-11 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-08 扣回 -15.00 可发  本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-11 当月 70.00 可发  本人 区民政局 永泰 11",
	})
	o.sign("2026-11")
	o.ok("export", "2026-11", "--out", o.file("out"), "--bureau", minzheng)
}

// Arrears of the dead are held until somebody is named to receive them; then they are
// paid to that account, and sheets and bank file say whose it is.
func TestArrearsOfTheDead(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1943), resident(1944, noAccount)))
	o.hire()
	o.ok("run", "2026-09")
	o.sign("2026-09")
	o.ok("roster", "import", o.workbook("死亡.xlsx", nil, resident(1944, died(month.DateOf(2026, 9, 20)))))
	o.ok("run", "2026-10")
	lines := func() []string {
		return joined(o.table(o.ok("lines", "2026-10", "--format", "csv", "--item", "11"), linesHeading))
	}
	held := idOf(1944) + " 某1944 11 2026-09 补发 70.00 暂缓 已故待领 本人 区民政局 永泰 11"
	if !slices.Contains(lines(), held) {
		t.Fatalf("lines %q, want %q", lines(), held)
	}
	heir := resident(1944, died(month.DateOf(2026, 9, 20)), holder("某某女儿"))
	heir.Account.Number = "6200000000000077"
	heir.Deputy = roster.Deputy{Name: "某某女儿", Relation: "子女", Reason: "已故待领"}
	o.ok("roster", "import", o.workbook("代领.xlsx", nil, heir))
	o.ok("run", "2026-10")
	paid := idOf(1944) + " 某1944 11 2026-09 补发 70.00 可发  本人 区民政局 永泰 11"
	if !slices.Contains(lines(), paid) {
		t.Fatalf("lines %q, want %q", lines(), paid)
	}
	o.sign("2026-10")
	o.ok("export", "2026-10", "--out", o.file("out"), "--bureau", minzheng)
	dir := filepath.Join(o.file("out"), "2026-10", minzheng)
	banks, err := filepath.Glob(filepath.Join(dir, "bank", "*.xlsx"))
	if err != nil || len(banks) != 1 {
		t.Fatalf("bank files %v, %v", banks, err)
	}
	f, err := excelize.OpenFile(banks[0])
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetList()[0]
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if cells := o.row(banks[0], sheet, "某某女儿"); !slices.Contains(cells, "6200000000000077") {
		t.Errorf("bank file: %q", cells)
	}
	f, err = excelize.OpenFile(filepath.Join(dir, "发放清册.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	item := slices.IndexFunc(f.GetSheetList(), func(s string) bool { return strings.HasPrefix(s, "11") })
	cells := fmt.Sprint(o.row(filepath.Join(dir, "发放清册.xlsx"), f.GetSheetList()[item], "某1944"))
	for _, want := range []string{"某某女儿", "子女", "已故待领"} {
		if !strings.Contains(cells, want) {
			t.Errorf("清册 says %s, want %s", cells, want)
		}
	}
}
