package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/policy"
)

// rules writes the built-in pack with texts replaced, pairs of old and new, and has every
// later command use it.
func (o *desk) rules(name string, changes ...string) string {
	o.t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if strings.Count(body, changes[i]) != 1 {
			o.t.Fatalf("the pack has %d times %q", strings.Count(body, changes[i]), changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	writeFile(o.t, o.file(name), body)
	return o.file(name)
}

// conduct puts keys into the built-in pack, which has none of them.
func (o *desk) conduct(name, keys string) string {
	o.t.Helper()
	return o.rules(name, "\nsuspension:", "\n"+keys+"suspension:", "\nfacts:\n", "\nfacts:\n  - {name: 生存认证, type: flag}\n")
}

// TestSecondApproval: a batch above the pack's sum takes two 审批, four people in all.
func TestSecondApproval(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.conduct("规则.yaml", "approval: {second_above: \"1000\"}\n")
	if out := o.ok("policy", "show", pack); !strings.Contains(out, "审批：一批可发超过 1000 元的，要两位审批（审批、终审）") {
		t.Errorf("policy show ends: %s", out[max(0, len(out)-300):])
	}
	o.ok("roster", "import", "--policy", pack, o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10", "--policy", pack)
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	at := []string{"2026-10", "--bureau", minzheng, "--policy", pack}
	act := func(user, verb string, more ...string) []string {
		return o.as(user, append(append([]string{verb}, at...), more...)...)
	}
	o.ok(act("甲经办", "submit", "--acknowledge-all", "--reason", "已逐项看过")...)
	o.ok(act("甲复核", "review")...)
	if out := o.ok(act("甲审批", "approve")...); !strings.Contains(out, "待终审") {
		t.Errorf("the first 审批: %s", out)
	}
	o.no(act("甲审批", "approve"), "甲审批", "经办、复核和两位审批必须是不同的人")
	o.no(act("甲复核", "approve"), "岗位是复核", "终审")
	o.no(act("甲审批", "void", "--reason", "有误"), "待终审", "不能作废")
	o.no(act("甲经办", "sent"), "待终审")
	o.no([]string{"verify", "2026-10", "--policy", pack}, "没有已审批的批次")
	if out := o.ok("run", "2026-10", "--policy", pack); !strings.Contains(out, "未改动") {
		t.Errorf("a run while it is 待终审: %s", out)
	}
	o.drafts("2026-10")

	// Returned by either of them, the batch begins a new round.
	o.ok(act("乙审批", "return", "--reason", "再核对一遍")...)
	o.ok(act("甲经办", "submit", "--acknowledge-all", "--reason", "已核对")...)
	o.ok(act("甲复核", "review")...)
	o.ok(act("乙审批", "approve")...)
	if out := o.ok(act("甲审批", "approve")...); !strings.Contains(out, "已审批") {
		t.Errorf("the second 审批: %s", out)
	}
	o.no(act("甲审批", "approve"), "已审批")
	if out := o.ok("verify", "2026-10", "--policy", pack); !strings.Contains(out, "不一致 0 处") {
		t.Errorf("verify: %s", out)
	}
	o.ok("audit", "verify")
	o.bothNamed(pack)

	o.ok(act("甲审批", "void", "--reason", "账号有误")...)
	o.ok(act("乙审批", "void", "--reason", "同意")...)
	o.ok("run", "2026-10", "--policy", pack)
}

// bothNamed looks for the two 审批 in the signature row of the register.
func (o *desk) bothNamed(pack string) {
	o.t.Helper()
	dir := o.file("导出")
	o.ok("export", "2026-10", "--out", dir, "--bureau", minzheng, "--policy", pack)
	f, err := excelize.OpenFile(filepath.Join(dir, "2026-10", minzheng, "发放清册.xlsx"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("汇总")
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range rows {
		if line := strings.Join(r, "|"); strings.Contains(line, "审批人：") {
			if !strings.Contains(line, "审批人：乙审批、甲审批") || strings.Contains(line, "草稿") {
				o.t.Errorf("the signature row: %q", line)
			}
			return
		}
	}
	o.t.Error("the register has no signature row")
}

// TestSmallBatchTakesOneApproval: the sum itself is not above it.
func TestSmallBatchTakesOneApproval(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.conduct("规则.yaml", "approval: {second_above: \"1700\"}\n") // just what the town is paid
	o.ok("roster", "import", "--policy", pack, o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10", "--policy", pack)
	o.hire()
	o.sign("2026-10")
	if out := o.ok("verify", "2026-10"); !strings.Contains(out, "可发 1,700.00 元，不一致 0 处") {
		t.Errorf("verify: %s", out)
	}
}

// TestFrozenDays: while the accounts are closed nothing is signed; the sentence says why
// and until when.
func TestFrozenDays(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.conduct("规则.yaml", "freezes: [{from: 2000-01-01, to: 2199-12-31, why: 年终关账}]\n")
	if out := o.ok("policy", "show", pack); !strings.Contains(out, "关账：2000-01-01 至 2199-12-31 冻结：年终关账") {
		t.Errorf("policy show ends: %s", out[max(0, len(out)-300):])
	}
	o.ok("roster", "import", "--policy", pack, o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10", "--policy", pack) // computing and looking are free
	o.hire()
	submit := o.as("甲经办", "submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "已逐项看过")
	o.no(submit, "现在不能提交", "年终关账", "2199-12-31（含）")
	// Another pack on the command line opens nothing: the adopted one counts.
	writeFile(t, o.file("内置.yaml"), string(policy.Builtin()))
	o.no(append(submit, "--policy", o.file("内置.yaml")), "现在不能提交", "年终关账")
}

// TestCertification: who has not been seen alive for too long waits for it, and gets
// everything when they have.
func TestCertification(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.conduct("规则.yaml", "certification: {fact: 生存认证, from: 80, every: 12, grace: 1}\n")
	if out := o.ok("policy", "show", pack); !strings.Contains(out, "生存认证：年满 80 周岁每 12 个月认证一次（事实“生存认证”），宽限 1 个月，逾期暂缓全部发放项目") {
		t.Errorf("policy show ends: %s", out[max(0, len(out)-300):])
	}
	o.ok("roster", "import", "--policy", pack, o.workbook("花名册.xlsx", nil, resident(1944), resident(1945)))
	seen := func(name string, rows ...[]any) {
		o.ok("roster", "import", "--policy", pack, o.sheets(name, map[string][][]any{"情况": append([][]any{{"身份证号", "情况", "值", "起"}}, rows...)}))
	}
	seen("认证.xlsx", []any{idOf(1944), "生存认证", "是", "2025-09-03"}, []any{idOf(1945), "生存认证", "是", "2026-01-20"})
	o.hire()
	lines := func(m string) []string {
		var all []string
		for _, r := range o.table(o.ok("lines", m, "--format", "csv", "--policy", pack), linesHeading) {
			all = append(all, strings.Join([]string{r[1], r[3], r[4], r[5], r[6] + r[7]}, " "))
		}
		return all
	}
	// Seen in September 2025: good until September 2026, one month of grace.
	o.ok("run", "2026-10", "--policy", pack)
	o.want("in the month of grace", lines("2026-10"), []string{"某1944 2026-10 当月 70.00 可发", "某1945 2026-10 当月 70.00 可发"})
	if c := o.check("2026-10", "认证到期"); c["level"] != "提示" || !strings.Contains(c["text"].(string), "最近一次生存认证是 2025-09-03，请在 2026年10月底前认证，逾期自 2026年11月 起暂缓发放") {
		t.Errorf("the reminder: %v", c)
	}
	o.sign("2026-10")

	o.ok("run", "2026-11", "--policy", pack)
	held := []string{"某1944 2026-11 当月 70.00 暂缓疑点未决", "某1945 2026-11 当月 70.00 可发"}
	o.want("overdue", lines("2026-11"), held)
	doubt := o.check("2026-11", "认证逾期")
	if doubt["level"] != "疑点" || !strings.Contains(doubt["text"].(string), "某1944") || !strings.Contains(doubt["text"].(string), "自 2026年11月 起逾期") {
		t.Errorf("the 疑点: %v", doubt)
	}
	o.sign("2026-11")

	// Decided, it stands also in the next month; everything held is paid.
	o.ok("run", "2026-12", "--policy", pack)
	if again := o.check("2026-12", "认证逾期"); again["id"] != doubt["id"] {
		t.Errorf("the same evidence has ids %v and %v", doubt["id"], again["id"])
	}
	o.ok(o.as("甲经办", "decide", "2026-12", doubt["id"].(string), "--release", "--reason", "已上门看望")...)
	o.ok("run", "2026-12", "--policy", pack)
	paid := []string{"某1944 2026-11 补发 70.00 可发", "某1944 2026-12 当月 70.00 可发", "某1945 2026-12 当月 70.00 可发"}
	o.want("released", lines("2026-12"), paid)
	o.ok(o.as("甲经办", "decide", "2026-12", doubt["id"].(string), "--hold", "--reason", "看望的是别人")...)
	o.ok("run", "2026-12", "--policy", pack)
	o.want("held again", lines("2026-12"), []string{"某1944 2026-11 补发 70.00 暂缓决定暂缓", "某1944 2026-12 当月 70.00 暂缓决定暂缓", "某1945 2026-12 当月 70.00 可发"})

	// A proof ends it, whatever was decided.
	seen("又一次.xlsx", []any{idOf(1944), "生存认证", "是", "2026-12-08"})
	o.ok("run", "2026-12", "--policy", pack)
	o.want("seen again", lines("2026-12"), paid)
	o.sign("2026-12")
	if out := o.ok("verify", "2026-12"); !strings.Contains(out, "不一致 0 处") {
		t.Errorf("verify: %s", out)
	}
}
