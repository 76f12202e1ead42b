package main

import (
	"strings"
	"testing"

	"disburse/internal/roster"
)

// TestMergeThroughTheCommandLine: a person who was put down twice and paid twice is merged,
// owes what came twice, and is found under either number.
func TestMergeThroughTheCommandLine(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	kept, gone := idOf(1944), idOf(1945)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1945, has("优抚身份", "复员军人")), resident(1946)))
	o.ok("run", "2026-09")
	o.sign("2026-09")
	o.ok("run", "2026-10")

	// Giving somebody the number of another one is refused, and merging is offered.
	correction := o.sheets("更正.xlsx", map[string][][]any{"人员": {{"姓名", "身份证号", "街道", "原身份证号"}, {"某1944", kept, "永泰", gone}}})
	code, out, _ := o.run("roster", "import", correction)
	if code != exitFailed || !strings.Contains(out, "保留 "+kept+"，并入 "+gone+"（网页“合并人员”，或 disburse roster merge）") {
		t.Errorf("exit %d: %s", code, out)
	}

	o.wrong([]string{"roster", "merge", kept, gone, "--reason", "x"}, "--as")
	o.wrong(o.as("甲经办", "roster", "merge", kept, gone), "--reason")
	o.wrong(o.as("甲经办", "roster", "merge", kept), "参数个数不对")
	o.no(o.as("甲经办", "roster", "merge", kept, kept, "--reason", "x"), "同一个号码")
	o.no(o.as("甲经办", "roster", "merge", kept, idOf(1990), "--reason", "x"), "花名册里没有")
	dry := o.ok(o.as("甲经办", "roster", "merge", kept, gone, "--dry-run", "--reason", "公安核实为同一人")...)
	for _, w := range []string{"合并结果（未保存）", "已发 1 项 70.00 元", "应收回的 70.00 元", "只有并入记录有：优抚身份"} {
		if !strings.Contains(dry, w) {
			t.Errorf("dry run does not say %q: %s", w, dry)
		}
	}
	if out := o.ok(o.as("甲经办", "roster", "merge", kept, gone, "--reason", "公安核实为同一人")...); !strings.Contains(out, "已合并：") || !strings.Contains(out, "重新运行") {
		t.Errorf("merge: %s", out)
	}
	o.no(o.as("甲经办", "roster", "merge", kept, gone, "--reason", "x"), "旧号码")
	o.no(o.as("甲经办", "submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "看过"), "合并", "重新运行")

	o.ok("run", "2026-10")
	o.want("October", joined(o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)), []string{
		kept + " 某1944 11 2026-09 扣回 -70.00 可发  本人 区民政局 永泰 11",
		kept + " 某1944 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1946) + " 某1946 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
	})
	o.sign("2026-10")
	for _, id := range []string{kept, gone} {
		if out := o.ok("explain", id, "2026-10"); !strings.Contains(out, "某1944（"+kept) {
			t.Errorf("explain %s: %s", roster.MaskID(id), out)
		}
	}
	if out := o.ok("explain", gone, "2026-09"); strings.Count(out, "2026年9月 当月  70.00 元") != 2 {
		t.Errorf("the past of both records: %s", out)
	}
	for _, m := range []string{"2026-09", "2026-10"} {
		o.ok("verify", m)
	}
	code, out, _ = o.run("roster", "import", o.workbook("旧.xlsx", nil, resident(1945)))
	if code != exitFailed || !strings.Contains(out, "旧号码") || !strings.Contains(out, roster.MaskID(kept)) {
		t.Errorf("exit %d: %s", code, out)
	}
	dir := o.file("out")
	o.ok("export", "2026-10", "--out", dir)
	if out := o.ok("lists", "2026-10", "--format", "csv", "--item", "9"); strings.Contains(out, gone) || !strings.Contains(out, kept) {
		t.Errorf("the gone record is not on a list: %s", out)
	}
}

// TestSwapThroughTheCommandLine: two people who were put down under each other's numbers
// exchange them in one file, and each keeps their own money.
func TestSwapThroughTheCommandLine(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	a, b := idOf(1944), idOf(1926) // 82 and 100: items 11 and 12
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1926)))
	o.ok("run", "2026-09")
	o.sign("2026-09")
	swap := o.sheets("对调.xlsx", map[string][][]any{"人员": {{"姓名", "身份证号", "街道", "原身份证号"},
		{"某1944", b, "永泰", a}, {"某1926", a, "永泰", b}}})
	if out := o.ok("roster", "import", swap); !strings.Contains(out, "变更 2 人") {
		t.Errorf("import: %s", out)
	}
	if out := o.ok("roster", "import", swap); !strings.Contains(out, "没有变化") {
		t.Errorf("the same file again: %s", out)
	}
	o.ok("run", "2026-10")
	o.want("each pays back what the other's age brought", joined(o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)), []string{
		b + " 某1944 11 2026-09 扣回 -70.00 可发  本人 区民政局 永泰 12",
		a + " 某1926 11 2026-09 补发 70.00 可发  本人 区民政局 永泰 11",
		a + " 某1926 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
		b + " 某1944 12 2026-09 补发 300.00 可发  本人 区民政局 永泰 12",
		b + " 某1944 12 2026-10 当月 300.00 可发  本人 区民政局 永泰 12",
		a + " 某1926 12 2026-09 扣回 -70.00 可发  本人 区民政局 永泰 11",
	})
	if register := joined(o.table(o.ok("recovery", "--format", "csv"), registerHeading)); len(register) != 1 ||
		!strings.HasPrefix(register[0], a+" 某1926 12 本人 2026-09 230.00 ") { // 300 came, 70 were due and are netted
		t.Errorf("the register: %q", register)
	}
	o.sign("2026-10")
	o.ok("verify", "2026-09")
	o.ok("verify", "2026-10")
}
