package main

import (
	"testing"
)

// TestControlsTakeTwoPeople: a pack that loosens what guards the money is adopted by two,
// also where no settled month changes; one that only grants otherwise in future by one.
// Months that were run under another pack than the one in use, from an opening month that
// was set earlier, still verify.
func TestControlsTakeTwoPeople(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--password-file", o.password)
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944)))
	closing := o.packFile("关账.yaml", "language: 1\n", "language: 1\nfreezes:\n  - {from: 2020-12-25, to: 2020-12-31, why: 年终关账}\napproval: {second_above: \"90000.00\"}\n")
	o.ok("run", "2026-07", "--policy", closing, "--opening", "2026-05")
	o.sign("2026-07")

	open := o.packFile("放宽.yaml", "language: 1\n", "language: 1\napproval: {second_above: \"90000000.00\"}\n")
	adopt := o.as("甲经办", "policy", "adopt", open, "--reason", "放宽")
	o.says(o.ok(append(adopt, "--dry-run")...), "没有影响", "其中 2 处是管理要求", "冻结时段", "审批分级")
	o.says(o.ok(adopt...), "没有影响", "其中 2 处是管理要求", "第 1 号采用申请，尚未生效")
	o.says(o.ok("policy", "list"), "待确认（第 1 号）")
	o.no(o.as("甲经办", "policy", "adopt", "--confirm", "1"), "审批岗位")
	o.says(o.ok(o.as("乙审批", "policy", "adopt", "--confirm", "1")...), "其中 2 处是管理要求", "已采用规则包", "以后的命令都用它")

	o.ok("run", "2026-08")
	o.sign("2026-08")
	for _, m := range []string{"2026-07", "2026-08"} {
		o.says(o.ok("verify", m), "不一致 0 处")
	}
	o.ok("audit", "verify")
}
