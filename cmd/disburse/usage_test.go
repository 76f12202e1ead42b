package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

// TestUsage: a command that is written wrongly ends with 2 and one Chinese sentence.
func TestUsage(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"nosuch"}, "没有“nosuch”这个命令"},
		{[]string{"roster", "nosuch"}, "没有“nosuch”这个命令"},
		{[]string{"run"}, "disburse run YYYY-MM"},
		{[]string{"run", "2026-10", "2026-11"}, "disburse run YYYY-MM"},
		{[]string{"run", "十月"}, "“十月”不是月份"},
		{[]string{"run", "2026-13"}, "2026-13"},
		{[]string{"run", "2026-10", "--opening", "x"}, "“x”不是月份"},
		{[]string{"run", "2026-10", "--nosuch"}, "--nosuch"},
		{[]string{"lines", "2026-10", "--format", "xml"}, "“xml”"},
		{[]string{"lines", "2026-10", "--status", "已发"}, "“已发”"},
		{[]string{"lines", "2026-10", "--batch", "一"}, "一"},
		{[]string{"lines", "2026-10", "--region", "14"}, "“14”"},
		{[]string{"roster", "import"}, "disburse roster import FILE.xlsx"},
		{[]string{"submit", "2026-10"}, "--bureau"},
		{[]string{"submit", "2026-10", "--bureau", "区民政局"}, "--as"},
		{[]string{"decide", "2026-10", "某号", "--reason", "x"}, "--release"},
		{[]string{"decide", "2026-10", "某号", "--reason", "x", "--hold", "--release"}, "--release"},
		{[]string{"decide", "2026-10", "某号", "--reason", "x", "--release"}, "--as"},
		{[]string{"decide", "2026-10"}, "CHECK-ID"},
		{[]string{"export", "2026-10"}, "--out"},
		{[]string{"explain", idOf(1944)}, "explain ID-NUMBER YYYY-MM"},
		{[]string{"user", "add", "某人", "--post", "经办", "--bureau", "区民政局", "--as", "甲", "--password-file", o.password}, "--new-password-file"},
		{[]string{"user", "add", "某人", "--post", "经办", "--bureau", "区民政局", "--password-file", o.password, "--new-password-file", o.password}, "--as"},
		{[]string{"user", "confirm", "某人"}, "--as"},
		{[]string{"user", "add", "某人", "--post", "经办", "--bureau", "区民政局"}, "--password-file"},
		{[]string{"audit", "nosuch"}, "nosuch"},
	} {
		o.wrong(c.args, c.says)
	}
	if code, _, errors := execIn(t, "", "run", "2026-10", "--db", "不是地址"); code != exitFailed || !strings.Contains(errors, "--db") {
		t.Errorf("a database that is none: exit %d, %q", code, errors)
	}
	if code, out, _ := execIn(t, ""); code != exitDone || !strings.Contains(out, "run") {
		t.Errorf("no command: exit %d, %q", code, out)
	}
}

// TestRefusals: what cannot be done now ends with 1 and one sentence: what, where, what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.no([]string{"run", "2026-10"}, "花名册是空的", "roster import")
	o.no([]string{"lines", "2026-10"}, "2026-10 还没有运行", "disburse run 2026-10")
	o.no([]string{"checks", "2026-10"}, "2026-10 还没有运行")
	o.no([]string{"export", "2026-10", "--out", o.file("out")}, "2026-10 还没有运行")
	o.no([]string{"verify", "2026-10"}, "2026-10")
	o.no([]string{"explain", idOf(1944), "2026-10"}, "140202********0117", "花名册")
	o.no([]string{"roster", "import", o.file("没有.xlsx")}, "没有.xlsx")
	o.no([]string{"lines", "2026-10", "--item", "99"}, "99")
	o.no([]string{"lists", "2026-10", "--item", "11"}, "11", "没有名册", "lines")
	o.no([]string{"export", "2026-10", "--out", o.file("out"), "--bureau", "民政"}, "民政")
	o.no([]string{"user", "add", "某人", "--post", "科长", "--bureau", "区民政局", "--password-file", o.password}, "科长")
	o.no([]string{"user", "add", "某人", "--post", "经办", "--bureau", "民政", "--password-file", o.password}, "民政")
	o.no([]string{"user", "add", "某人", "--post", "经办", "--bureau", "区民政局", "--password-file", o.file("没有")}, "没有")
	o.no(o.as("无此人", "run", "2026-10"), "用户名或口令不正确")
	if _, err := os.Stat(o.file("out")); err == nil {
		t.Error("a refused export left a folder")
	}

	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	o.no([]string{"run", "2026-09"}, "2026-09", "期初月")
	o.no([]string{"run", "2026-10", "--opening", "2026-09"}, "期初月", "2026-10")
	o.no([]string{"verify", "2026-10"}, "没有已审批的批次")
	o.no([]string{"export", "2026-10", "--out", o.file("out"), "--batch", "2"}, "--batch")
	o.ok("user", "add", "甲经办", "--post", "经办", "--bureau", "区民政局", "--password-file", o.password)
	o.no(o.as("甲经办", "decide", "2026-10", "没有-000000000000", "--release", "--reason", "看过"), "没有-000000000000", "checks")
	o.no(o.as("甲经办", "submit", "2026-10", "--bureau", "区人社局"), "甲经办", "区民政局")
	o.no(o.as("甲经办", "review", "2026-10", "--bureau", "区民政局"), "甲经办", "复核")
	o.no(o.as("甲经办", "approve", "2026-11", "--bureau", "区民政局"), "2026-11 还没有运行")
	o.no(o.as("甲经办", "submit", "2026-10", "--bureau", "民政局"), "民政局")
}

// TestPolicyCommands: every error of a pack with its line and column, nothing half loaded.
func TestPolicyCommands(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	if out := o.ok("policy", "check"); !strings.Contains(out, "规则包正确") || !strings.Contains(out, packfile.Hash(policy.Builtin())) {
		t.Errorf("check of the built-in pack: %s", out)
	}
	if out := o.ok("policy", "test"); !strings.Contains(out, "不符 0 个") {
		t.Errorf("its examples: %s", out)
	}
	if out := o.ok("policy", "show"); !strings.Contains(out, "23-2") || !strings.Contains(out, "高龄津贴标准") {
		t.Errorf("show: %s", out)
	}
	write := func(name string, changes ...string) (file string, at func(text string) int) {
		body := string(policy.Builtin())
		for i := 0; i < len(changes); i += 2 {
			if !strings.Contains(body, changes[i]) {
				t.Fatalf("the pack does not have %q", changes[i])
			}
			body = strings.Replace(body, changes[i], changes[i+1], 1)
		}
		if err := os.WriteFile(o.file(name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return o.file(name), func(text string) int { return strings.Count(body[:strings.Index(body, text)], "\n") + 1 }
	}
	for _, broken := range [][]string{
		{"value: 70, source: 清单第11项", "value: 70.5, source: 清单第11项", "70.5"},
		{"when: [年龄 >= 100]", "when: [岁数 >= 100]", "岁数"},
		{"floor: 100, source: 清单第16项", "floor: 101, source: 清单第16项", "101"},
	} {
		file, at := write("坏.yaml", broken[0], broken[1])
		for _, args := range [][]string{{"policy", "check", file}, {"lines", "2026-10", "--policy", file}, {"run", "2026-10", "--policy", file}} {
			code, out, errors := o.run(args...)
			if place := "第" + itoa(at(broken[1])) + "行第"; code != exitFailed || out != "" || !strings.Contains(errors, place) || !strings.Contains(errors, broken[2]) {
				t.Errorf("%v: exit %d, printed %q, says %q, want %s and %s", args, code, out, errors, place, broken[2])
			}
		}
	}
	file, at := write("坏.yaml", "when: [年龄 >= 100]", "when: [岁数 >= 100]", "floor: 100, source: 清单第16项", "floor: 101, source: 清单第16项")
	code, _, errors := o.run("policy", "check", file)
	lines := strings.Split(strings.TrimSpace(errors), "\n")
	if code != exitFailed || len(lines) != 2 || !strings.Contains(lines[0], "第"+itoa(at("floor: 101"))+"行") || !strings.Contains(lines[1], "第"+itoa(at("岁数"))+"行") {
		t.Errorf("two errors: exit %d, %q", code, lines)
	}
	file, _ = write("例.yaml", "pays: [{item: \"11\", amount: 70}]", "pays: [{item: \"11\", amount: 71}]")
	o.ok("policy", "check", file)
	if code, _, errors := o.run("policy", "test", file); code != exitFailed || !strings.Contains(errors, "80 周岁当月起发高龄津贴") {
		t.Errorf("an example that does not hold: exit %d, %s", code, errors)
	}
	o.no([]string{"policy", "check", o.file("没有.yaml")}, "没有.yaml")
}

// TestAnotherPackThanTheBatch: what a batch was computed with need not be the pack at hand.
func TestAnotherPackThanTheBatch(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	body := strings.Replace(string(policy.Builtin()), "  - code: \"24\"", "  - code: \"25\"\n    name: 敬老慰问\n    bureaus: [区卫体局]\n    when: [年龄 >= 80]\n    pay: {amount: 百岁补贴标准, fund: 慰问资金}\n  - code: \"24\"", 1)
	if err := os.WriteFile(o.file("另.yaml"), []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10", "--policy", o.file("另.yaml"))
	rows := o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)
	var got []string
	for _, r := range rows {
		got = append(got, r[2]+" "+r[9])
	}
	if len(got) != 2 || !strings.Contains(strings.Join(got, ","), "25 区卫体局") {
		t.Errorf("lines %v", got)
	}
	o.ok("explain", idOf(1944), "2026-10")
	o.ok("checks", "2026-10")
	o.ok("export", "2026-10", "--out", o.file("out"))
}

// TestOnePlaceWritesCSV: another writer would not neutralise.
func TestOnePlaceWritesCSV(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || entry.Name() == "print.go" {
			return err
		}
		text, err := os.ReadFile(name)
		if strings.Contains(string(text), "encoding/csv") || strings.Contains(string(text), "rintCSV(") {
			t.Errorf("%s writes csv by itself", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
