package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// part is what stands in an explanation from a heading on.
func part(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, heading)
	if !found {
		t.Fatalf("%q is not in:\n%s", heading, text)
	}
	return rest
}

func (o *desk) never(out string, words ...string) {
	o.t.Helper()
	for _, w := range words {
		if strings.Contains(out, w) {
			o.t.Errorf("%q is in:\n%s", w, out)
		}
	}
}

// TestExplainLapsed: what was found too late is never paid, and the explanation says so;
// what the limit still covers, or was found in time and waits, is to be paid.
func TestExplainLapsed(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	pack := o.rules("限额.yaml", "      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n")
	o.ok("roster", "import", "--policy", pack, o.workbook("一.xlsx", nil, resident(1943), resident(1942, noAccount)))
	o.ok("run", "2026-03", "--policy", pack)
	o.sign("2026-03")
	for _, m := range []string{"2026-04", "2026-05", "2026-06"} {
		o.ok("run", m)
		o.sign(m)
	}
	o.ok("roster", "import", o.workbook("二.xlsx", nil, resident(1944)))
	o.ok("run", "2026-07")
	o.sign("2026-07")
	o.ok("run", "2026-08")
	for _, m := range []string{"2026-03", "2026-04"} {
		five := part(t, o.ok("explain", idOf(1944), m), "五、本月的结算")
		o.says(five, "项目 11：现应发 70.00 元，已结算 0.00 元，登记时已审批到 2026年6月，超过补发限额 2 个月，不补发")
		o.never(five, "待补发")
	}
	o.says(part(t, o.ok("explain", idOf(1944), "2026-05"), "五、本月的结算"), "已结算 70.00 元，两清")
	o.says(part(t, o.ok("explain", idOf(1942), "2026-03"), "五、本月的结算"), "暂缓 70.00 元（无账户）")
	if out := o.ok("explain", idOf(1944), "2026-03", "--format", "json"); !strings.Contains(out, `"lapsed": "70.00"`) || !strings.Contains(out, `"due": "0.00"`) {
		t.Errorf("json: %s", out)
	}
}

// TestExplainPaidLater: a month that was skipped, or run and carried over, is settled by a
// later month's batch; nothing of it is to be taken back.
func TestExplainPaidLater(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	o.ok("run", "2026-05", "--opening", "2026-04") // April is skipped; nobody submits May
	o.ok("run", "2026-06")
	o.never(o.ok("explain", idOf(1944), "2026-04"), "五、本月的结算")
	o.sign("2026-06")
	for _, m := range []string{"2026-04", "2026-05"} {
		text := o.ok("explain", idOf(1944), m)
		o.says(part(t, text, "四、当时与现在"), minzheng+"2026年6月第1批", "由这一批补发", "当时：11 高龄津贴 享受 70.00 元", "现在看来，各项目与当时一致")
		five := part(t, text, "五、本月的结算")
		o.says(five, "项目 11：现应发 70.00 元，已结算 70.00 元，两清", "发放 70.00 元，"+minzheng+"2026年6月第1批")
		o.never(five, "待扣回", "待补发")
		var x struct {
			Then    []struct{ Month string }
			Settled []struct{ Entitled, Settled, Due, Open string }
		}
		if err := json.Unmarshal([]byte(o.ok("explain", idOf(1944), m, "--format", "json")), &x); err != nil {
			t.Fatal(err)
		}
		if len(x.Settled) != 1 || x.Settled[0] != (struct{ Entitled, Settled, Due, Open string }{"70.00", "70.00", "0.00", "0.00"}) ||
			len(x.Then) != 1 || x.Then[0].Month != "2026-06" {
			t.Errorf("%s: %+v", m, x)
		}
	}
	// Dead since April: May and June are to be taken back, whatever batch paid them.
	o.ok("roster", "import", o.workbook("死亡.xlsx", nil, resident(1944, died(month.DateOf(2026, 4, 20)))))
	o.says(o.ok("explain", idOf(1944), "2026-05"), "当时享受 70.00 元，现在不享受", "现应发 0.00 元，已结算 70.00 元，待扣回 70.00 元")
	o.says(o.ok("explain", idOf(1944), "2026-04"), "现应发 70.00 元，已结算 70.00 元，两清")
	o.never(o.ok("explain", idOf(1944), "2026-03"), "五、本月的结算", "四、当时与现在") // before the opening month
}

// TestDecidedToHold: what somebody decided to hold says 决定暂缓 everywhere, with the
// decision's words; when the evidence changes it is 疑点未决 again.
func TestDecidedToHold(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	holder := func(name string) func(*roster.Dossier) {
		return func(d *roster.Dossier) { d.Account.Holder = name }
	}
	status := func() string {
		rows := o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)
		return rows[0][6] + rows[0][7]
	}
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944, holder("乙某"))))
	o.ok("run", "2026-10")
	if got := status(); got != "暂缓疑点未决" {
		t.Errorf("before anybody decided: %s", got)
	}
	o.ok(o.as("甲经办", "decide", "2026-10", "--kind", "户名不符", "--hold", "--reason", "等女儿来说明")...)
	o.ok("run", "2026-10")
	if got := status(); got != "暂缓决定暂缓" {
		t.Errorf("decided to hold: %s", got)
	}
	text := o.ok("explain", idOf(1944), "2026-10")
	o.says(text, "暂缓（决定暂缓），甲经办 ", "对“户名不符”决定暂缓：等女儿来说明")
	if out := o.ok("explain", idOf(1944), "2026-10", "--format", "json"); !strings.Contains(out, `"reason": "决定暂缓"`) || !strings.Contains(out, "等女儿来说明") {
		t.Errorf("json: %s", out)
	}
	o.sign("2026-10")
	o.ok("export", "2026-10", "--out", o.file("出"), "--bureau", minzheng)
	book, err := excelize.OpenFile(filepath.Join(o.file("出"), "2026-10", minzheng, "发放清册.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("暂缓发放")
	if sheet := fmt.Sprint(rows); err != nil || !strings.Contains(sheet, "决定暂缓（甲经办 ") || !strings.Contains(sheet, "等女儿来说明") || !strings.Contains(sheet, "情况查清以后重新决定") {
		t.Errorf("sheet: %s, %v", sheet, err)
	}
	o.says(o.ok("verify", "2026-10"), "一致")
	o.ok("roster", "import", o.workbook("更正.xlsx", nil, resident(1944, holder("丙某"))))
	o.ok("run", "2026-11")
	rows = o.table(o.ok("lines", "2026-11", "--format", "csv"), linesHeading)
	if len(rows) != 2 || rows[0][7] != "疑点未决" || rows[1][7] != "疑点未决" {
		t.Errorf("other evidence: %v", rows)
	}
}

// TestExplainMerged: a month that both records were paid for, seen from the number that
// is left: what the other one was granted then is told too.
func TestExplainMerged(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1945, has("低保", "是")), resident(1946)))
	o.ok("run", "2026-09")
	o.sign("2026-09")
	o.ok(o.as("甲经办", "roster", "merge", idOf(1944), idOf(1945), "--reason", "公安核实")...)
	text := o.ok("explain", idOf(1945), "2026-09")
	four := part(t, text, "四、当时与现在")
	o.says(four, "另有一条记录 某1945（"+roster.MaskID(idOf(1945))+"），后来并入本记录", "公安核实",
		"并入的记录当时：11 高龄津贴 享受 70.00 元", "并入的记录当时：13 养老服务补贴 享受 70.00 元", "每个项目只应发一份", "本记录的各项目与当时一致")
	o.never(four, "现在看来，各项目与当时一致")
	o.says(part(t, text, "五、本月的结算"), "项目 11：现应发 70.00 元，已结算 140.00 元，待扣回 70.00 元", "项目 13：现应发 0.00 元，已结算 70.00 元，待扣回 70.00 元")
	o.says(o.ok("explain", idOf(1946), "2026-09"), "现在看来，各项目与当时一致")
}

// TestExplainTemporaryNumber: whoever had a temporary number then is told so.
func TestExplainTemporaryNumber(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	nobody := resident(1944, has("流浪乞讨", "是"))
	nobody.ID, nobody.Birth = "临-A1", month.DateOf(1944, 6, 15)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, nobody, resident(1943)))
	o.ok("run", "2026-09")
	o.sign("2026-09")
	o.ok("roster", "import", o.sheets("更正.xlsx", map[string][][]any{"人员": {{"身份证号", "原身份证号"}, {idOf(1944), "临-A1"}}}))
	text := o.ok("explain", "临-A1", "2026-09")
	o.says(text, "因为：当时登记的是临时编号 临-A1，不享受本项，现已更正")
	o.never(text, "当时登记为 ，")
}

// TestMergeOfWaived: what was waived is not said to be asked back.
func TestMergeOfWaived(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1945)))
	for _, m := range []string{"2026-07", "2026-08"} {
		o.ok("run", m)
		o.sign(m)
	}
	o.ok("roster", "import", o.workbook("死亡.xlsx", nil, resident(1945, died(month.DateOf(2026, 7, 31)))))
	o.ok(o.as("甲经办", "recovery", "waive", idOf(1945), "--amount", "20", "--item", "11", "--month", "2026-08", "--reason", "难")...)
	o.ok(o.as("甲审批", "recovery", "waive", "--confirm", "1")...)
	o.ok(o.as("甲经办", "recovery", "collect", idOf(1945), "--amount", "10", "--reason", "还")...)
	out := o.ok(o.as("甲经办", "roster", "merge", idOf(1944), idOf(1945), "--reason", "核实")...)
	o.says(out, "核销 20.00 元；两条记录都发过、应收回的 110.00 元（都发过 130.00 元，其中 20.00 元已核销）")
	o.ok("run", "2026-09")
	o.want("register", o.register(), []string{idOf(1944) + " 某1944 11 本人 2026-08 40.00 永泰   0.00 20.00  0.00"}) // 110 less 70 netted in September
}

// TestPlanOfAll: an agreement about the whole debt leaves nothing out, and collects nothing.
func TestPlanOfAll(t *testing.T) {
	t.Parallel()
	o := overpaid(t)
	out := o.ok(o.as("甲经办", "recovery", "plan", idOf(1944), "--amount", "140", "--first", "2026-12", "--months", "2", "--reason", "协议")...)
	o.says(out, "未列入分期 0.00 元")
	o.never(out, "尚未收回")
}

// TestRegisterAge: the register says that more is known than the last run knew.
func TestRegisterAge(t *testing.T) {
	t.Parallel()
	o := overpaid(t)
	o.never(o.ok("recovery"), "台账截至")
	o.ok(o.as("甲经办", "recovery", "collect", idOf(1944), "--amount", "10", "--reason", "还")...)
	o.never(o.ok("recovery"), "台账截至") // counts at once
	o.ok("roster", "import", o.workbook("更正.xlsx", nil, resident(1944)))
	o.says(o.ok("recovery"), "台账截至第", "（2026年11月的计算）；其后有 1 次修订涉及人员情况或发放，重新计算后更新")
	if code, out, errors := o.run("recovery", "--format", "csv"); code != exitDone || strings.Contains(out, "台账") || !strings.Contains(errors, "台账截至第") {
		t.Errorf("csv: exit %d, %s%s", code, out, errors)
	}
	o.ok("run", "2026-11")
	o.never(o.ok("recovery"), "台账截至")
}

// TestExplainBeforeOpening: a month of the old system is not spoken of as one of ours.
func TestExplainBeforeOpening(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	head, _, _ := strings.Cut(o.ok("explain", idOf(1944), "2026-03"), "一、享受的项目")
	o.says(head, "2026年3月早于期初月 2026-10，由原来的系统发放", "不补发也不扣回")
	o.never(o.ok("explain", idOf(1944), "2026-10"), "期初月")
}

// TestChangesOfFlags: a flag that was registered is said to be 是.
func TestChangesOfFlags(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	o.ok("roster", "import", o.workbook("低保.xlsx", nil, resident(1944, has("低保", "是"))))
	o.says(o.ok("changes", "2026-10", "--bureau", minzheng), "情况“低保”登记为 是 自 2020-01-01 起")
}

// TestMachineErrors: staff read one Chinese sentence; the machine's words are for those
// who ask for them, in one line.
func TestMachineErrors(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	nowhere := filepath.Join(t.TempDir(), "没有")
	for _, c := range []struct {
		args          []string
		says, machine string
	}{
		{[]string{"run", "2026-10", "--db", "postgres://nobody@127.0.0.1:1/nowhere?sslmode=disable"}, "数据库连接中断或无法建立", "connection refused"},
		{[]string{"run", "2026-10", "--data", "/proc/x"}, "不能使用数据目录 /proc/x", "no such file"},
		{[]string{"backup", nowhere + "/b.dbk", "--db", o.url}, "写不完", "no such file"},
	} {
		code, _, errors := execIn(t, "", c.args...)
		if code != exitFailed || strings.Count(errors, "\n") != 1 || !strings.Contains(errors, c.says) || strings.Contains(errors, c.machine) {
			t.Errorf("%v: exit %d, %q", c.args, code, errors)
		}
		_, _, errors = execWith(t, map[string]string{causeEnv: "1"}, "", c.args...)
		lines := strings.Split(strings.TrimSpace(errors), "\n")
		if len(lines) != 2 || !strings.HasPrefix(lines[1], "原因：") || !strings.Contains(lines[1], c.machine) {
			t.Errorf("%v with %s: %q", c.args, causeEnv, errors)
		}
	}
}

// TestProgressEnds: people who were merged are not waited for.
func TestProgressEnds(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1945)))
	o.ok(o.as("甲经办", "roster", "merge", idOf(1944), idOf(1945), "--reason", "核实")...)
	for _, args := range [][]string{{"run", "2026-10"}, {"run", "2026-10", "--full", "--dry-run"}} {
		_, out, errors := o.run(args...)
		if !strings.Contains(errors, "100%  1/1") || strings.Contains(errors, "1/2") || !strings.Contains(out, "计算 1 人") {
			t.Errorf("%v: %s%s", args, out, errors)
		}
	}
}
