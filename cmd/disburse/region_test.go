package main

import (
	"os"
	"strings"
	"testing"

	"disburse/internal/policy"
)

// otherPack writes the pack of another district: the built-in one with a higher rate.
func (o *desk) otherPack() string {
	o.t.Helper()
	body := string(policy.Builtin())
	for _, c := range [][2]string{{`region: "140213"`, `region: "350503"`}, {"district: 平城区", "district: 丰泽区"},
		{"- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 80, source: 清单第11项}"}} {
		if !strings.Contains(body, c[0]) {
			o.t.Fatalf("the pack does not have %q", c[0])
		}
		body = strings.Replace(body, c[0], c[1], 1)
	}
	writeFile(o.t, o.file("丰泽.yaml"), body)
	return o.file("丰泽.yaml")
}

// paid are the amounts of item 11 in a month.
func (o *desk) paid(args ...string) []string {
	o.t.Helper()
	var all []string
	for _, r := range o.table(o.ok(append([]string{"lines", "2026-10", "--format", "csv"}, args...)...), linesHeading) {
		if r[2] == "11" {
			all = append(all, r[1]+" "+r[5])
		}
	}
	return all
}

// TestOneRegionIsMeant: after the first run with another district's pack, no command that
// names neither region nor pack works on anything else.
func TestOneRegionIsMeant(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.otherPack()
	o.ok("roster", "import", "--policy", pack, o.workbook("一.xlsx", nil, resident(1944)))
	// What the region's pack is, nobody has said for good yet: it is not guessed.
	for _, args := range [][]string{{"run", "2026-10"}, {"lines", "2026-10"}, {"roster", "import", o.file("一.xlsx")}} {
		o.no(args, "350503", "--policy")
	}
	if out := o.ok("audit", "verify"); !strings.Contains(out, "审计链完整：1 条") {
		t.Errorf("audit of a region that has no pack yet: %s", out)
	}
	o.ok("run", "2026-10", "--policy", pack)
	o.want("by its own pack", o.paid(), []string{"某1944 80.00"})

	o.ok("roster", "import", o.workbook("二.xlsx", nil, resident(1943)))
	o.ok("run", "2026-10")
	o.want("imported into the same", o.paid(), []string{"某1943 80.00", "某1944 80.00"})
	if out := o.ok("roster", "export", o.file("出.xlsx")); !strings.Contains(out, "已导出 2 人") {
		t.Errorf("export: %s", out)
	}
	if out := o.ok("jobs", "run", "审计核验"); strings.Contains(out, "没有可以核对") {
		t.Errorf("the job looked at another region: %s", out)
	}
	o.no([]string{"lines", "2026-10", "--region", "140213"}, "没有 平城区（140213）", "丰泽区（350503）")
	o.no([]string{"lines", "2026-10", "--region", "999999"}, "没有区划 999999")
	o.no([]string{"run", "2026-10", "--region", "140213", "--policy", pack}, "350503", "140213")
	if out := o.ok("audit", "verify"); strings.Contains(out, "140213") {
		t.Errorf("a refused command has begun a region: %s", out)
	}
}

// TestSeveralRegions: with two regions a command says which, or is refused and lists them;
// the audit and the jobs look at both.
func TestSeveralRegions(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pack := o.otherPack()
	o.ok("roster", "import", o.workbook("平城.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	code, _, said := o.run("roster", "import", "--policy", pack, o.workbook("丰泽.xlsx", nil, resident(1943)))
	if code != exitDone || !strings.Contains(said, "已有 平城区（140213），现在新建 丰泽区（350503）") {
		t.Fatalf("exit %d: %s", code, said)
	}
	o.ok("run", "2026-10", "--policy", pack)

	for _, args := range [][]string{{"lines", "2026-10"}, {"run", "2026-11"}, {"roster", "import", o.file("平城.xlsx")}, {"roster", "export", o.file("出.xlsx")},
		{"user", "list"}, {"serve", "--listen", "127.0.0.1:0"}, {"audit", "log"}, {"jobs", "holiday", "list"}} {
		o.no(args, "2 个区划", "平城区（140213）、丰泽区（350503）", "--region")
	}
	if _, err := os.Stat(o.file("出.xlsx")); err == nil {
		t.Error("a refused export wrote a file")
	}
	o.want("the one", o.paid("--region", "140213"), []string{"某1944 70.00"})
	o.want("the other", o.paid("--region", "350503"), []string{"某1943 80.00"})

	out := o.ok("audit", "verify")
	if strings.Count(out, "审计链完整") != 2 || !strings.Contains(out, "平城区（140213）") || !strings.Contains(out, "丰泽区（350503）") {
		t.Errorf("audit of both: %s", out)
	}
	if one := o.ok("audit", "verify", "--region", "350503"); strings.Count(one, "审计链完整") != 1 || !strings.Contains(out, one) {
		t.Errorf("audit of one: %s", one)
	}
	o.no([]string{"audit", "verify", "--anchor", strings.Repeat("0", 64)}, "链头属于一个区划", "--region")
	both := map[string]int{}
	for _, r := range o.table(o.ok("jobs", "list", "--format", "csv"), "region,job,schedule,next,last,outcome,does") {
		both[r[0]]++
	}
	if both["140213"] == 0 || both["140213"] != both["350503"] || len(both) != 2 {
		t.Errorf("jobs of the regions: %v", both)
	}
	o.ok("jobs", "run", "审计核验")
	for _, region := range []string{"140213", "350503"} {
		if out := o.ok("jobs", "history", "审计核验", "--region", region); !strings.Contains(out, "完成") {
			t.Errorf("%s: %s", region, out)
		}
	}
	// One that is not in order keeps the other from nothing, and the status says so.
	o.past(`UPDATE journal SET summary = '改过' WHERE region = 140213 AND rev = 1`)
	code, out, said = o.run("audit", "verify")
	if code != exitFailed || !strings.Contains(out, "审计日志（journal），修订 1：这一条的内容被改动") || strings.Count(out, "审计链完整") != 1 || !strings.Contains(said, "发现") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
}

// TestNothingIsNotComplete: a check that has looked at nothing says so, and fails.
func TestNothingIsNotComplete(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	code, out, said := o.run("audit", "verify")
	if code != exitFailed || strings.Contains(out+said, "完整") || strings.Contains(out+said, "一致") || !strings.Contains(said, "没有可以核对的内容") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	o.no([]string{"audit", "verify", "--region", "140213"}, "没有可以核对的内容")
	if out := o.ok("jobs", "run", "审计核验"); strings.Contains(out, "问题 0 处") {
		t.Errorf("the job says %s", out)
	}
	for _, args := range [][]string{{"verify", "2026-10"}, {"bank", "reconcile", "2026-10", "--out", o.file("out")}} {
		o.no(args, "2026")
	}
	// The row that a mere look has left does not stand in the way of the first region.
	pack := o.otherPack()
	o.ok("roster", "import", "--policy", pack, o.workbook("一.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10", "--policy", pack)
	o.want("the only region", o.paid(), []string{"某1944 80.00"})
	o.no([]string{"verify", "2026-10"}, "没有已审批的批次")
	code, out, said = o.run("bank", "reconcile", "2026-10", "--out", o.file("对账"))
	if strings.Contains(out+said, "账平") || strings.Contains(out+said, "分文不差") {
		t.Errorf("nothing is approved yet: exit %d\n%s%s", code, out, said)
	}
	if out := o.ok("audit", "verify"); strings.Count(out, "审计链完整") != 1 {
		t.Errorf("audit: %s", out)
	}
}
