package main

import (
	"os"
	"strings"
	"testing"
)

// TestOutputsDoNotOverwrite: a command that writes a file never takes the place of
// something that it did not write, whatever its name.
func TestOutputsDoNotOverwrite(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	filled := o.workbook("花名册.xlsx", nil, resident(1940))
	o.ok("roster", "import", filled)
	notes := o.file("笔记.xlsx")
	if err := os.WriteFile(notes, []byte("不是工作簿"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ok("roster", "template", o.file("模板.xlsx"))
	o.ok("roster", "template", o.file("模板.xlsx")) // it is there as it would be written
	o.ok("opening", "template", o.file("期初.xlsx"))
	o.ok("roster", "export", o.file("导出.xlsx"))
	o.ok("roster", "export", o.file("导出.xlsx"))
	bad := o.sheets("错.xlsx", map[string][][]any{"人员": {{"姓名", "身份证号"}, {"甲", "1"}, {"乙", "2"}}})
	for _, args := range [][]string{
		{"roster", "template", filled}, {"roster", "template", notes}, {"roster", "template", o.file("期初.xlsx")},
		{"opening", "template", filled}, {"opening", "template", o.file("模板.xlsx")},
		{"roster", "export", notes}, {"roster", "export", o.file("模板.xlsx")}, {"roster", "export", o.file("期初.xlsx")},
		{"roster", "import", bad, "--errors", filled}, {"roster", "import", bad, "--errors", notes},
		{"opening", "import", o.file("期初.xlsx"), "--errors", filled},
		{"checks", "2026-10", "--out", filled},
		{"roster", "match", bad, "--kind", "死亡", "--report", filled},
		{"letter", resident(1940).ID, "2026-10", "--out", filled},
		{"backup", filled},
	} {
		written := args[len(args)-1]
		before, err := os.ReadFile(written)
		if err != nil {
			t.Fatal(err)
		}
		code, _, errors := o.run(args...)
		after, err := os.ReadFile(written)
		if code != exitFailed || !strings.Contains(errors, "已经存在") {
			t.Errorf("%v: exit %d %s", args, code, errors)
		}
		if err != nil || string(before) != string(after) {
			t.Errorf("%v has written over %s", args, written)
		}
	}
}

// TestArgumentsAreText: bytes that are none are refused before anything is opened.
func TestArgumentsAreText(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"roster", "merge", "\xff\xfe", "1"}, {"explain", "1402\xc5", "2026-10"}, {"lines", "2026-10", "--item", "\xb4"}} {
		code, out, errors := execIn(t, "", args...)
		if code != exitUsage || out != "" || !strings.Contains(errors, "不能识别的字符") {
			t.Errorf("%q: exit %d %q %q", args, code, out, errors)
		}
	}
}
