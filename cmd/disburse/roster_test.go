package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster"
)

// TestRosterTemplate: an empty workbook with the headings of docs/interface.md §4.
func TestRosterTemplate(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "template", o.file("模板.xlsx"))
	f, err := excelize.OpenFile(o.file("模板.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sheet, headings := range map[string][]string{
		"人员":   {"姓名", "身份证号", "街道", "社区", "住址", "电话", "迁入日期", "迁出日期", "死亡日期", "开户银行", "银行账号", "账户户名", "代领人", "代领关系", "代领原因", "原身份证号", "出生日期"},
		"情况":   {"身份证号", "情况", "值", "起", "止", "依据"},
		"核定金额": {"身份证号", "项目", "金额", "起始月", "终止月", "收款单位", "依据"},
		"收款单位": {"名称", "开户银行", "银行账号", "账户户名"},
	} {
		rows, err := f.GetRows(sheet)
		if err != nil || len(rows) == 0 {
			t.Fatalf("sheet %s: %v", sheet, err)
		}
		var got []string
		for _, cell := range rows[0] {
			got = append(got, strings.TrimRight(cell, "*＊ "))
		}
		o.want(sheet, got, headings)
	}
	if out := o.ok("roster", "import", o.file("模板.xlsx")); !strings.Contains(out, "没有变化") {
		t.Errorf("the template itself: %s", out)
	}
	o.no([]string{"roster", "template", o.file("没有/模板.xlsx")}, "不能写到")
}

// TestRosterImport: good rows in, bad rows out with sheet, row, column, value and reason;
// the same file twice changes nothing; a dry run neither.
func TestRosterImport(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	broken := o.sheets("坏.xlsx", map[string][][]any{
		"人员": {
			{"姓名", "身份证号", "街道", "银行账号", "死亡日期"},
			{"甲某", idOf(1944), "永泰", "6201", ""},
			{"乙某", idOf(1945)[:17] + "0", "永泰", "6202", ""},
			{"丙某", idOf(1946), "永泰", "6203", "2026-02-30"},
			{"丁某", idOf(1947), "", "6204", ""},
		},
		"情况": {
			{"身份证号", "情况", "值", "起", "止"},
			{idOf(1944), "低保", "是", "2026-01-01", ""},
			{idOf(1944), "特困", "住院", "2026-01-01", ""},
			{idOf(1980), "低保", "是", "2026-01-01", ""},
		},
	})
	problems := func(out string) {
		t.Helper()
		for _, line := range []string{
			"“人员”第 3 行“身份证号”（" + idOf(1945)[:17] + "0）", "“人员”第 4 行“死亡日期”（2026-02-30）", "“人员”第 5 行“街道”", "“情况”第 3 行“值”（住院）", "“情况”第 4 行",
		} {
			if !strings.Contains(out, line) {
				t.Errorf("%s is not reported:\n%s", line, out)
			}
		}
		if !strings.Contains(out, "新增 1 人") || !strings.Contains(out, "退回 5 行") {
			t.Errorf("counts: %s", out)
		}
	}
	out := o.ok("roster", "import", broken, "--dry-run")
	problems(out)
	if !strings.Contains(out, "未保存") || strings.Contains(out, "修订号") {
		t.Errorf("dry run: %s", out)
	}
	o.no([]string{"run", "2026-10"}, "花名册是空的")

	out = o.ok("roster", "import", broken, "--errors", o.file("错误.xlsx"))
	problems(out)
	if !strings.Contains(out, "已导入") || !strings.Contains(out, "修订号 1") {
		t.Errorf("import: %s", out)
	}
	f, err := excelize.OpenFile(o.file("错误.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := f.GetRows("人员")
	if err != nil || len(people) != 4 || slices.Contains(people[1], "甲某") {
		t.Errorf("the errors workbook has %v, %v", people, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if out := o.ok("roster", "import", broken); !strings.Contains(out, "没有变化") || strings.Contains(out, "修订号") {
		t.Errorf("the same file again: %s", out)
	}

	good := o.workbook("好.xlsx", homes, resident(1950, has("低保", "是")))
	if out := o.ok("roster", "import", good); !strings.Contains(out, "新增 1 人") || !strings.Contains(out, "修订号 2") {
		t.Errorf("another file: %s", out)
	}
	if out := o.ok("roster", "import", good); !strings.Contains(out, "没有变化") {
		t.Errorf("the same file again: %s", out)
	}
	o.no([]string{"roster", "import", o.sheets("全坏.xlsx", map[string][][]any{"人员": {{"姓名", "身份证号", "街道"}, {"甲", "1", "永泰"}}})}, "没有一行可以导入", "什么都没有改动")
	o.no([]string{"roster", "import", o.sheets("别的.xlsx", map[string][][]any{"工资": {{"姓名"}}})}, "别的.xlsx")
	if err := os.WriteFile(o.file("不是.xlsx"), []byte("这不是工作簿"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.no([]string{"roster", "import", o.file("不是.xlsx")}, "不是.xlsx")
	if out := o.ok("audit", "verify"); !strings.Contains(out, "2 条") {
		t.Errorf("refused imports left something: %s", out)
	}
}

// TestRosterExport: what is exported imports back unchanged.
func TestRosterExport(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	first := []*roster.Dossier{resident(1944, has("低保", "是")), resident(1950, has("残疾类别", "听力、精神"), holder("别人"))}
	o.ok("roster", "import", o.workbook("一.xlsx", homes, first...))
	if out := o.ok("roster", "export", o.file("出.xlsx")); !strings.Contains(out, "已导出 2 人") {
		t.Errorf("export: %s", out)
	}
	if out := o.ok("roster", "import", o.file("出.xlsx")); !strings.Contains(out, "没有变化") {
		t.Errorf("imported back: %s", out)
	}
	other := openOffice(t)
	if out := other.ok("roster", "import", o.file("出.xlsx")); !strings.Contains(out, "新增 2 人") || !strings.Contains(out, "退回 0 行") {
		t.Errorf("imported elsewhere: %s", out)
	}
	o.ok("run", "2026-10")
	other.ok("run", "2026-10")
	lines := []string{"lines", "2026-10", "--format", "json"}
	if a, b := o.ok(lines...), other.ok(lines...); a != b {
		t.Errorf("another district's lines differ:\n%s%s", a, b)
	}
}
