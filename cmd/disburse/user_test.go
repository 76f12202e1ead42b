package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestAccountsTakeTwo: the accounts of a set-up can be used at once, and the 核对单 says that
// nobody has confirmed them, until somebody has; what a 管理 opens or resets waits.
func TestAccountsTakeTwo(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "丁管理", "--post", "管理", "--password-file", o.password)
	o.ok("user", "add", "戊审计", "--post", "审计", "--password-file", o.password)
	o.no([]string{"user", "add", "戊审計", "--post", "x", "--password-file", o.password}, "x")
	o.no([]string{"user", "add", "甲经办\ufe00", "--post", "经办", "--bureau", minzheng, "--password-file", o.password}, "U+FE00")
	o.no([]string{"user", "add", "os：root", "--post", "管理", "--password-file", o.password}, "U+003A")
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	o.ok(o.as("丁管理", "user", "confirm", "甲复核")...)
	o.no(o.as("甲经办", "user", "confirm", "甲审批"), "由管理或审计岗位确认")
	o.sign("2026-10")
	sheet := o.checkSheet("2026-10")
	if strings.Count(sheet, "签字账号说明") != 2 || !strings.Contains(sheet, "经办：用户“甲经办”的账号由 os:") || !strings.Contains(sheet, "审批：用户“甲审批”的账号由 os:") ||
		!strings.Contains(sheet, "在命令行设立，未经第二人确认") {
		t.Errorf("the 核对单 of unconfirmed accounts: %s", sheet)
	}

	handed, own := o.file("交给的.txt"), o.file("自己的.txt")
	writeFile(t, handed, "交给本人的一个长口令")
	writeFile(t, own, "本人自己的一个长口令")
	as := func(user, password string, args ...string) []string {
		return append(args, "--as", user, "--password-file", password)
	}
	o.no(o.as("甲经办", "user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--new-password-file", handed), "由管理岗位办理")
	o.ok(o.as("丁管理", "user", "add", "乙审批", "--post", "审批", "--bureau", minzheng, "--new-password-file", handed)...)
	o.no(as("乙审批", handed, "run", "2026-11"), "要先换成自己的口令", "disburse user passwd")
	o.no(o.as("丁管理", "user", "confirm", "乙审批"), "另一位管理或审计")
	state := func(want string) {
		t.Helper()
		if states := joined(o.table(o.ok("user", "list", "--format", "csv"), "name,post,bureau,state")); !slices.Contains(states, "乙审批 审批 区民政局 "+want) {
			t.Errorf("states: %v", states)
		}
	}
	state("待本人改口令")
	o.no(o.as("戊审计", "user", "confirm", "乙审批"), "还没有换成自己的口令")
	o.no(as("乙审批", handed, "user", "passwd", "乙审批", "--new-password-file", handed), "与现在的一样")
	o.ok(as("乙审批", handed, "user", "passwd", "乙审批", "--new-password-file", own)...)
	o.no(as("乙审批", own, "run", "2026-11"), "还没有经过第二人确认")
	state("待确认")
	if out := o.ok(o.as("戊审计", "user", "confirm", "乙审批")...); !strings.Contains(out, "要确认的变动：丁管理 设立账号（") || !strings.Contains(out, "已确认 乙审批 的账号") {
		t.Errorf("confirm says %s", out)
	}
	o.ok(as("乙审批", own, "run", "2026-11")...)

	for _, name := range []string{"甲经办", "甲审批"} {
		o.ok(o.as("戊审计", "user", "confirm", name)...)
	}
	o.sign("2026-11")
	if sheet := o.checkSheet("2026-11"); strings.Contains(sheet, "签字账号说明") {
		t.Errorf("the 核对单 of confirmed accounts: %s", sheet)
	}
	if again := o.checkSheet("2026-10"); again != sheet {
		t.Error("a confirmation changes papers that were signed before it")
	}
	o.ok("verify", "2026-10", "--files", o.file("out2026-10"))
	o.ok("audit", "verify")
}

// checkSheet writes a month's files and returns the text of the 核对单.
func (o *desk) checkSheet(month string) string {
	o.t.Helper()
	out := o.file("out" + month)
	o.ok("export", month, "--out", out, "--bureau", minzheng)
	f, err := excelize.OpenFile(filepath.Join(out, month, minzheng, "发放清册.xlsx"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("核对单")
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(joined(rows), "\n")
}
