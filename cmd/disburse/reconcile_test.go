package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/cmd/disburse/finance"
	"disburse/cmd/disburse/kit"
	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/reports/reconcile"
)

// answerBank writes a result file of what is open in a month, each payment with the code
// that its account has, others with 0000, and reads it in.
func (o *desk) answerBank(m string, codes map[string]string) {
	o.t.Helper()
	body := "批次号,序号,账号,户名,金额,结果码,原因\n"
	for _, p := range o.objects(o.ok("bank", "unknown", m, "--format", "json")) {
		code, ok := codes[p["account"].(string)]
		if !ok {
			code = "0000"
		}
		if code != "" {
			body += fmt.Sprintf("%v,%v,%v,%v,%v,%s,\n", p["file"], p["seq"], p["account"], p["holder"], p["amount"], code)
		}
	}
	path := o.file("回盘.csv")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		o.t.Fatal(err)
	}
	o.ok("bank", "result", path)
}

// TestReconcile is a month from the approval to the day on which all is answered.
func TestReconcile(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	dir := o.file("账")
	reconcile := []string{"bank", "reconcile", "2026-10", "--out", dir}
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.no(reconcile, "没有已审批的批次")
	o.wrong([]string{"bank", "reconcile", "2026-10"}, "--out")
	o.no(append(reconcile, "--bureau", "没有的局"), "没有的局")
	o.ok("run", "2026-10")
	o.hire()
	o.sign("2026-10")
	says := func(words ...string) {
		t.Helper()
		out := o.ok(reconcile...)
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("does not say %q:\n%s", w, out)
			}
		}
	}
	says("名单 ＝ 拨付 ＝ 1,700.00 元；其中成功 0.00 元、失败退回 0.00 元，回单还缺 1,700.00 元：第1批还没有送银行，付款 5 笔 1,700.00 元", "未回齐")
	o.ok(o.as("甲经办", "sent", "2026-10", "--bureau", minzheng)...)
	says("银行没有答复的付款 5 笔 1,700.00 元（140213-202610-MZ-1-001）")
	people := o.objects(o.ok("bank", "unknown", "2026-10", "--format", "json"))
	first, second := people[0]["account"].(string), people[1]["account"].(string)
	o.answerBank("2026-10", map[string]string{first: "3031", second: "2000"})
	says("银行答复“未知”的付款 1 笔 70.00 元；失败退回的付款 1 笔 70.00 元：还没有重新计算 明细 1 条 70.00 元")
	o.answerBank("2026-10", nil)
	o.ok("run", "2026-10")
	says("账平：名单 1,700.00 元 ＝ 拨付 1,700.00 元 ＝ 回单 1,700.00 元（成功 1,630.00 元、失败退回 70.00 元），分文不差；失败退回的付款 1 笔 70.00 元：仍暂缓 明细 1 条 70.00 元")

	rows := o.objects(o.ok(append(reconcile, "--format", "json", "--bureau", minzheng)...))
	if len(rows) != 1 || rows[0]["listed"] != "1700.00" || rows[0]["paid"] != "1630.00" || rows[0]["failed"] != "70.00" || rows[0]["balanced"] != "账平" {
		t.Errorf("as json: %v", rows)
	}
	f, err := excelize.OpenFile(filepath.Join(dir, "2026-10", minzheng, "对账表.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cells, err := f.GetRows("未了结")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(cells[3], " "); !strings.Contains(got, first) || !strings.Contains(got, "仍暂缓（2026-10第2批：账户无效）") {
		t.Errorf("未了结: %s", got)
	}
}

// TestReconcileThatDisagrees: the table is printed, and the command fails.
func TestReconcileThatDisagrees(t *testing.T) {
	t.Parallel()
	r := &reconcile.Report{Month: month.Of(2026, 10),
		Reconciliation: bank.Reconciliation{Bureau: minzheng, Batches: []bank.ReconcileBatch{{N: 1, State: payrun.Approved, Pays: 100}}}}
	var printed, said strings.Builder
	a := &kit.App{Format: "table", Terminal: kit.Terminal{Stdout: &printed, Stderr: &said}}
	if err := finance.PrintReconciliations(a, []*reconcile.Report{r}, []string{"x"}); !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), minzheng+"内部对账不符") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(printed.String(), minzheng) {
		t.Errorf("printed %q", printed.String())
	}
}
