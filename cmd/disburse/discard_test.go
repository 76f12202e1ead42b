package main

import (
	"os"
	"strings"
	"testing"
)

// A mistyped month is remarked on, and discarded for a reason; what is refused hands out
// nothing and so leaves nothing in the access log.
func TestMistypedMonthAndRefusals(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10")
	o.no([]string{"run", "9999-12"}, "9999-12 比现在的", "请核对月份")
	if code, _, said := o.run("run", "2030-01"); code != exitDone || !strings.Contains(said, "注意：2030-01 比现在的") {
		t.Errorf("a month far ahead: %d %s", code, said)
	}
	o.no([]string{"run", "2026-10"}, "2030-01 已经运行过", "--discard-later")
	o.no([]string{"run", "2026-10", "--discard-later"}, "--reason")
	o.wrong([]string{"run", "2026-10", "--reason", "写错"}, "--discard-later")
	if said := o.ok("run", "2026-10", "--discard-later", "--reason", "月份写错"); !strings.Contains(said, "撤销：区民政局2030年1月第1批") {
		t.Errorf("discarded: %s", said)
	}

	before := len(o.table(o.ok("audit", "access", "--format", "csv"), accessHeading))
	o.no([]string{"lines", "2026-10", "--batch", "9"}, "2026-10 没有第9批")
	o.no([]string{"export", "2026-10", "--batch", "7", "--out", o.file("out")}, "没有符合条件的批次")
	o.no([]string{"roster", "export", o.file("没有的目录/花名册.xlsx")}, "没有的目录")
	o.no([]string{"lines", "2026-10", "--region", "999999"}, "没有区划 999999")
	if after := len(o.table(o.ok("audit", "access", "--format", "csv"), accessHeading)); after != before {
		t.Errorf("%d entries of the access log for nothing", after-before)
	}
	if _, err := os.Stat(o.file("out")); err == nil {
		t.Error("a refused export left its folder")
	}
}
