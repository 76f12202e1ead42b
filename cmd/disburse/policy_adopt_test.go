package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// packFile writes the built-in pack with texts replaced: pairs of old and new.
func (o *desk) packFile(name string, changes ...string) string {
	o.t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			o.t.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	if err := os.WriteFile(o.file(name), []byte(body), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return o.file(name)
}

const (
	oldAgeRate = "- {from: 2024-01, value: 70, source: 清单第11项}"
	rateOf2608 = oldAgeRate + "\n      - {from: 2026-08, value: 80, source: 区政府〔2026〕8号}"
	rateOf2607 = oldAgeRate + "\n      - {from: 2026-07, value: 80, source: 区政府〔2026〕9号（更正）}"
)

// has insists that a text has all parts.
func (o *desk) says(text string, parts ...string) {
	o.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			o.t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

// TestThreePacksOverFiveMonths: a pack that changes nothing settled (a rate from the next
// month on, an item that ends, one with another name), then one that corrects the rate
// from a month that is settled. The next run pays the difference, engine and judge agree
// in every month, and every month verifies under its own pack.
func TestThreePacksOverFiveMonths(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	second := o.packFile("二.yaml", oldAgeRate, rateOf2608, "    name: 养老服务补贴\n", "    name: 养老服务补贴\n    to: 2026-07\n",
		"    name: 百岁补贴\n", "    name: 百岁老人补贴\n")
	third := o.packFile("三.yaml", oldAgeRate, rateOf2607, "    name: 养老服务补贴\n", "    name: 养老服务补贴\n    to: 2026-07\n",
		"    name: 百岁补贴\n", "    name: 百岁老人补贴\n")
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944), resident(1945, has("低保", "是")), resident(1926)))

	o.ok("run", "2026-06")
	o.sign("2026-06")
	o.says(o.ok("policy", "list", "--format", "csv"), "在用", "首次运行所用的规则包")

	// Another pack than the adopted one is allowed, and must be acknowledged.
	o.ok("run", "2026-07", "--policy", second)
	told := 0
	for _, f := range o.objects(o.ok("checks", "2026-07", "--format", "json")) {
		if f["kind"] == "规则包未采用" && f["level"] == "须确认" && strings.Contains(f["text"].(string), "高龄津贴标准") {
			told++
		}
	}
	if told != 10 { // a batch a bureau
		t.Errorf("%d batches say that their pack is not adopted", told)
	}
	o.ok("run", "2026-07")
	if out := o.ok("checks", "2026-07"); strings.Contains(out, "规则包未采用") {
		t.Errorf("the adopted pack: %s", out)
	}
	o.sign("2026-07")

	// Nothing settled changes: one person is enough.
	o.wrong([]string{"policy", "adopt", second, "--reason", "调标"}, "--as")
	o.no(o.as("甲经办", "policy", "adopt", second), "--reason")
	head := o.ok("audit", "verify")
	o.says(o.ok(o.as("甲经办", "policy", "adopt", second, "--dry-run")...), "没有影响", "自2026年8月起由 70 元/月改为 80 元/月", "改名")
	if o.ok("audit", "verify") != head {
		t.Error("a dry run left something behind")
	}
	o.says(o.ok(o.as("甲经办", "policy", "adopt", second, "--reason", "区政府〔2026〕8号")...), "已采用规则包")
	o.no(o.as("甲经办", "policy", "adopt", second, "--reason", "再来"), "已经采用")
	o.ok("run", "2026-08")
	o.want("the second pack", o.lineSums("2026-08"), []string{idOf(1944) + " 11 2026-08 当月 80.00", idOf(1945) + " 11 2026-08 当月 80.00", idOf(1926) + " 12 2026-08 当月 300.00"})
	o.sign("2026-08")
	o.ok("run", "2026-09")
	o.sign("2026-09")

	// The third corrects July, which is settled.
	o.no(o.as("甲经办", "policy", "adopt", third, "--reason", "更正"), "已经结算", "2 人", "补发 20.00 元", "--retroactive")
	out := o.ok(o.as("甲经办", "policy", "adopt", third, "--reason", "更正", "--retroactive", "--list", o.file("影响.xlsx"))...)
	o.says(out, "2026年7月", "11 高龄津贴", "涉及 2 人，补发 20.00 元，扣回 0.00 元，净额 20.00 元", "第 1 号")
	o.effectRows("影响.xlsx", 2)
	o.says(o.ok("policy", "list"), "待确认（第 1 号）")
	o.ok("run", "2026-10")
	if rows := o.lineSums("2026-10"); len(rows) != 3 {
		t.Errorf("a proposal changes nothing yet: %v", rows)
	}
	o.no(o.as("甲经办", "policy", "adopt", "--confirm", "1"), "审批")
	o.no(o.as("乙审批", "policy", "adopt", "--confirm", "2"), "第 2 号")
	o.says(o.ok(o.as("乙审批", "policy", "adopt", "--confirm", "1")...), "已采用规则包", "补发 20.00 元")
	o.no(o.as("乙审批", "policy", "adopt", "--confirm", "1"), "已经确认")

	text := o.ok("explain", idOf(1944), "2026-07")
	o.says(text, "四、当时与现在", "当时：11 高龄津贴 享受 70.00 元", "当时享受 70.00 元，现在享受 80.00 元",
		"规则改变：标准“高龄津贴标准”自2026年7月起由 70 元/月改为 80 元/月", "现应发 80.00 元，已结算 70.00 元，待补发 10.00 元")
	o.ok("run", "2026-10")
	o.want("arrears", o.lineSums("2026-10"), []string{
		idOf(1944) + " 11 2026-07 补发 10.00", idOf(1944) + " 11 2026-10 当月 80.00",
		idOf(1945) + " 11 2026-07 补发 10.00", idOf(1945) + " 11 2026-10 当月 80.00",
		idOf(1926) + " 12 2026-10 当月 300.00"})
	before := o.ok("audit", "verify")
	o.says(o.ok("run", "2026-10", "--full", "--dry-run"), "试算，没有保存", "核对一致", "明细 5 条")
	if o.ok("audit", "verify") != before {
		t.Error("the proof left something behind")
	}
	o.sign("2026-10")
	o.says(o.ok("explain", idOf(1944), "2026-07"), "两清", "发放 10.00 元，区民政局2026年10月第1批")
	for _, m := range []string{"2026-06", "2026-07", "2026-08", "2026-09", "2026-10"} {
		o.says(o.ok("verify", m), "不一致 0 处")
	}
	list := o.objects(o.ok("policy", "list", "--format", "json"))
	if len(list) != 3 || list[0]["state"] != "曾采用" || list[1]["state"] != "曾采用" || list[2]["state"] != "在用" || list[2]["approver"] != "乙审批" {
		t.Errorf("policy list: %v", list)
	}
	o.says(o.ok("policy", "diff", list[0]["hash"].(string), "在用"), "自2026年8月起停止", "共 3 处不同")
}

// lineSums are the lines of a month, in short.
func (o *desk) lineSums(m string) []string {
	o.t.Helper()
	var all []string
	for _, r := range o.table(o.ok("lines", m, "--format", "csv"), linesHeading) {
		all = append(all, strings.Join([]string{r[0], r[2], r[3], r[4], r[5]}, " "))
	}
	return all
}

func (o *desk) effectRows(name string, want int) {
	o.t.Helper()
	f, err := excelize.OpenFile(o.file(name))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("影响清单")
	if err != nil || len(rows) != 3+want {
		o.t.Fatalf("%d rows, %v", len(rows), err)
	}
	last := strings.Join(rows[len(rows)-1], " ")
	o.says(last, "11 高龄津贴", "2026-07", "10.00", "****")
}

// TestRetroactivePackIsConfirmedBySomebodyElse: the one who proposed may not confirm,
// and what is confirmed must be what was proposed.
func TestRetroactivePackIsConfirmedBySomebodyElse(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944)))
	o.ok("run", "2026-07")
	o.sign("2026-07")
	file := o.packFile("新.yaml", oldAgeRate, rateOf2607)
	o.ok(o.as("甲审批", "policy", "adopt", file, "--reason", "更正", "--retroactive")...)
	o.no(o.as("甲审批", "policy", "adopt", "--confirm", "1"), "自己提出", "另一人")
	o.ok("roster", "import", o.workbook("二.xlsx", nil, resident(1943))) // somebody more who would get arrears
	o.ok("run", "2026-08")
	o.no(o.as("乙审批", "policy", "adopt", "--confirm", "1"), "情况有变", "重新提出")
	o.ok(o.as("甲审批", "policy", "adopt", file, "--reason", "更正", "--retroactive")...)
	o.ok(o.as("乙审批", "policy", "adopt", "--confirm", "2")...)
	o.no(o.as("乙审批", "policy", "adopt", "--confirm", "1"), "已经采用了另一个")
	o.wrong([]string{"policy", "adopt"}, "文件")
	o.wrong([]string{"policy", "adopt", file, "--confirm", "1"}, "--confirm")
	o.wrong([]string{"policy", "adopt", file, "--policy", file}, "--policy")
	o.no(o.as("甲审批", "policy", "adopt", o.file("没有.yaml"), "--reason", "x"), "没有.yaml")
	o.ok("audit", "verify")
}

// TestPolicyDiff compares files, the built-in pack and the adopted one.
func TestPolicyDiff(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	file := o.packFile("新.yaml", oldAgeRate, rateOf2608)
	o.says(o.ok("policy", "diff", "built-in", file), "标准“高龄津贴标准”自2026年8月起由 70 元/月改为 80 元/月，依据：区政府〔2026〕8号", "共 1 处不同")
	o.says(o.ok("policy", "diff", "内置", "built-in"), "同一个规则包")
	o.says(o.ok("policy", "diff", file, o.packFile("注.yaml", oldAgeRate, "# 注释\n      "+rateOf2608)), "只有注释或写法不同")
	rows := o.table(o.ok("policy", "diff", "内置", file, "--format", "csv"), "part,subject,text")
	if len(rows) != 1 || rows[0][0] != "标准" || rows[0][1] != "高龄津贴标准" {
		t.Errorf("csv: %v", rows)
	}
	if rows := o.objects(o.ok("policy", "diff", "内置", "内置", "--format", "json")); len(rows) != 0 {
		t.Errorf("json of nothing: %v", rows)
	}
	o.no([]string{"policy", "diff", "内置", "在用"}, "还没有采用")
	o.no([]string{"policy", "diff", "内置", "abcdef12"}, "abcdef12")
	o.no([]string{"policy", "diff", "内置", o.file("没有.yaml")}, "没有.yaml")
	o.wrong([]string{"policy", "diff", "内置"}, "参数")
}

// TestExplainThenAndNow: a death that is told late, in a month that was paid.
func TestExplainThenAndNow(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944), resident(1945)))
	o.ok("run", "2026-07")
	if out := o.ok("explain", idOf(1944), "2026-07"); strings.Contains(out, "当时与现在") {
		t.Errorf("a month that nobody approved: %s", out)
	}
	o.sign("2026-07")
	o.says(o.ok("explain", idOf(1944), "2026-07"), "现在看来，各项目与当时一致", "现应发 70.00 元，已结算 70.00 元，两清")

	late := resident(1944, func(d *roster.Dossier) { d.Died = month.DateOf(2026, 6, 20) })
	newcomer := resident(1943)
	o.ok("roster", "import", o.workbook("二.xlsx", nil, late, newcomer))
	o.says(o.ok("explain", idOf(1944), "2026-07"), "死亡日期由 （无） 改为 2026-06-20", "当时享受 70.00 元，现在不享受", "因为：2026-06-20 去世", "待扣回 70.00 元")
	o.says(o.ok("explain", idOf(1943), "2026-07"), "当时花名册里没有这个人", "现在享受 70.00 元", "待补发 70.00 元")

	var x struct {
		Items []any `json:"items"`
		Lines []any `json:"lines"`
		Then  []struct {
			Bureau  string `json:"bureau"`
			Known   bool   `json:"known"`
			Granted []struct {
				Item   string `json:"item"`
				Amount string `json:"amount"`
			} `json:"granted"`
		} `json:"then"`
		Differences []struct {
			Item string   `json:"item"`
			Why  []string `json:"why"`
		} `json:"differences"`
		Settled []struct {
			Item    string `json:"item"`
			Settled string `json:"settled"`
			Open    string `json:"open"`
			Entries []struct {
				Kind  string `json:"kind"`
				Batch string `json:"batch"`
			} `json:"entries"`
		} `json:"settled"`
	}
	if err := json.Unmarshal([]byte(o.ok("explain", idOf(1944), "2026-07", "--format", "json")), &x); err != nil {
		t.Fatal(err)
	}
	if len(x.Items) == 0 || len(x.Lines) != 1 || len(x.Then) != 1 || x.Then[0].Bureau != minzheng || !x.Then[0].Known || x.Then[0].Granted[0].Amount != "70.00" {
		t.Errorf("then: %+v", x)
	}
	if len(x.Differences) == 0 || x.Differences[len(x.Differences)-1].Why == nil || len(x.Settled) != 1 || x.Settled[0].Open != "70.00" || x.Settled[0].Entries[0].Kind != "发放" {
		t.Errorf("now: %+v", x)
	}
}
