package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/jobs"
)

const (
	jobsHeading    = "job,schedule,next,last,outcome,does"
	historyHeading = "job,planned,started,seconds,outcome,by,month,log"
	noticesHeading = "n,created,bureau,post,title,text,delivery"
)

// signed takes a bureau's month through its three signatures.
func (o *desk) signed(m string) {
	o.t.Helper()
	for user, post := range map[string]string{"甲经办": "经办", "乙复核": "复核", "丙审批": "审批"} {
		o.ok("user", "add", user, "--post", post, "--bureau", "区民政局", "--password-file", o.password)
	}
	o.ok(o.as("甲经办", "submit", m, "--bureau", "区民政局", "--acknowledge-all", "--reason", "看过")...)
	o.ok(o.as("乙复核", "review", m, "--bureau", "区民政局")...)
	o.ok(o.as("丙审批", "approve", m, "--bureau", "区民政局")...)
}

// TestJobsRun: every job does by hand what its command does, and leaves its history.
func TestJobsRun(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("jobs", "set", "备份", "--param", "目录="+o.file("备份"), "--param", "保留=1", "--reason", "试")
	if out := o.ok("jobs", "run", "月度运行", "--month", "2026-10"); !strings.Contains(out, "第一个月请用 disburse run 运行") {
		t.Errorf("the first run is made by itself: %s", out)
	}
	o.ok("roster", "import", o.workbook("一.xlsx", homes, resident(1944), resident(1935, has("残疾等级", "一级"))))
	o.ok("run", "2026-10")
	o.signed("2026-10")
	for _, job := range jobs.Names() {
		out := o.ok("jobs", "run", job, "--month", "2026-11")
		if !strings.Contains(out, "任务“"+job+"”完成") {
			t.Errorf("%s: %s", job, out)
		}
	}
	logs := map[string]string{}
	for _, r := range o.table(o.ok("jobs", "history", "--format", "csv"), historyHeading) {
		if r[4] != "完成" || r[3] == "" || !strings.HasPrefix(r[5], "os:") {
			t.Errorf("history %v", r)
		}
		if logs[r[0]] == "" { // the newest is first
			logs[r[0]] = r[7]
		}
	}
	for job, words := range map[string][]string{
		jobs.MonthRun:   {"2026年11月：按第", "区民政局：新建"},
		jobs.PayDay:     {"区民政局2026年11月", "待提交"},
		jobs.Reaching:   {"2026年12月满 80 周岁 0 人，满 100 周岁 0 人"},
		jobs.Ending:     {"没有情况到期"},
		jobs.Unanswered: {"都有结果"},
		jobs.Backup:     {"已备份到 disburse-140213-"},
		jobs.Verify:     {"区民政局2026年10月", "不一致 0 处"},
		jobs.Prove:      {"2026年11月", "不同 0 处"},
		jobs.Audit:      {"审计链", "问题 0 处"},
	} {
		for _, w := range words {
			if !strings.Contains(logs[job], w) {
				t.Errorf("%s says %q, want %q", job, logs[job], w)
			}
		}
		for _, personal := range []string{idOf(1944), "某1944", "某1935", "139"} {
			if strings.Contains(logs[job], personal) {
				t.Errorf("%s says %q", job, logs[job])
			}
		}
	}
	var titles []string
	for _, n := range o.table(o.ok("jobs", "notices", "--format", "csv"), noticesHeading) {
		titles = append(titles, n[2]+" "+n[3]+" "+n[4])
	}
	if all := strings.Join(titles, "\n"); !strings.Contains(all, "区民政局 经办 2026年11月已计算，请核对") || !strings.Contains(all, "区民政局 经办 发放日临近：") {
		t.Errorf("notices\n%s", all)
	}
	backups, err := filepath.Glob(o.file("备份/disburse-140213-*.dbk"))
	if err != nil || len(backups) != 1 {
		t.Fatalf("backups %v, %v", backups, err)
	}
	if info, err := os.Stat(backups[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the backup: %v, %v", info.Mode(), err)
	}
}

// TestJobsFail: what is not in order fails with a sentence, in the command and in the history.
func TestJobsFail(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("一.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	o.ok("run", "2026-11")
	o.no([]string{"jobs", "run", "月度运行", "--month", "2026-10"}, "任务“月度运行”没有完成（失败）", "jobs history 月度运行")
	rows := o.table(o.ok("jobs", "history", "月度运行", "--format", "csv"), historyHeading)
	if len(rows) != 1 || rows[0][4] != "失败" || rows[0][6] != "2026-10" || !strings.Contains(rows[0][7], "没有完成：") {
		t.Errorf("history %v", rows)
	}
	notices := o.objects(o.ok("jobs", "notices", "--format", "json"))
	if len(notices) != 1 || notices[0]["title"] != "定时任务失败：月度运行" || notices[0]["post"] != "管理" {
		t.Errorf("notices %v", notices)
	}
	o.no([]string{"jobs", "run", "无此任务"}, "无此任务", "jobs list")
	o.no([]string{"jobs", "history", "无此任务"}, "无此任务", "jobs list")
	o.wrong([]string{"jobs", "run", "月度运行", "--month", "十月"}, "十月")
	o.environment["DISBURSE_SMTP_HOST"] = "mail.example.org"
	o.no([]string{"jobs", "list"}, "DISBURSE_SMTP_HOST")
	o.environment["DISBURSE_SMTP_HOST"] = ""
	o.environment["DISBURSE_WEBHOOK_URL"] = "ftp://example.org"
	o.no([]string{"jobs", "list"}, "DISBURSE_WEBHOOK_URL")
}

// TestJobsSet: settings and holidays change what is next, with a reason, and only by 管理.
func TestJobsSet(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	when := func(job string) (schedule, next string) {
		for _, r := range o.table(o.ok("jobs", "list", "--format", "csv"), jobsHeading) {
			if r[0] == job {
				return r[1], r[2]
			}
		}
		t.Fatalf("no job %s", job)
		return "", ""
	}
	o.ok("jobs", "set", "月度运行", "--day", "12", "--at", "05:30", "--shift", "顺延", "--reason", "局办公会")
	schedule, next := when("月度运行")
	if schedule != "每月 12 日 05:30，遇休息日顺延" || !strings.HasSuffix(next, "05:30") {
		t.Errorf("%s, next %s", schedule, next)
	}
	day := next[:10]
	o.ok("jobs", "holiday", "add", day, "--name", "某节", "--reason", "通知")
	if _, later := when("月度运行"); later <= next {
		t.Errorf("%s is a holiday, and next is %s", day, later)
	}
	if got := joined(o.table(o.ok("jobs", "holiday", "list", "--format", "csv"), "day,kind,name")); len(got) != 1 || got[0] != day+" 休 某节" {
		t.Errorf("holidays %v", got)
	}
	o.ok("jobs", "holiday", "add", day, "--work", "--name", "某节调休", "--reason", "通知")
	if _, again := when("月度运行"); again != next {
		t.Errorf("%s is worked, and next is %s", day, again)
	}
	o.ok("jobs", "holiday", "remove", day, "--reason", "误录")
	o.no([]string{"jobs", "holiday", "remove", day, "--reason", "误录"}, day, "jobs holiday list")
	o.ok("jobs", "set", "发放日前提醒", "--lead", "4，2", "--reason", "试")
	if schedule, _ := when("发放日前提醒"); schedule != "每月 20 日前 4、2 个工作日 08:30，遇休息日提前" {
		t.Error(schedule)
	}
	o.ok("jobs", "set", "情况到期", "--disable", "--reason", "试")
	if schedule, next := when("情况到期"); !strings.Contains(schedule, "停用") || next != "" {
		t.Errorf("%s, next %q", schedule, next)
	}
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"jobs", "set", "月度运行", "--day", "31", "--reason", "试"}, []string{"31"}},
		{[]string{"jobs", "set", "月度运行", "--every", "每年", "--reason", "试"}, []string{"每年"}},
		{[]string{"jobs", "set", "月度运行", "--param", "天数=3", "--reason", "试"}, []string{"天数"}},
		{[]string{"jobs", "set", "情况到期", "--param", "天数=很多", "--reason", "试"}, []string{"很多"}},
		{[]string{"jobs", "set", "无此任务", "--day", "1", "--reason", "试"}, []string{"无此任务"}},
		{[]string{"jobs", "holiday", "add", "2026-10-07", "--to", "2026-10-01", "--name", "节", "--reason", "试"}, []string{"2026-10-07"}},
		{[]string{"jobs", "holiday", "add", "2026-10-07", "--reason", "试"}, []string{"名称"}},
	} {
		o.no(c.args, c.words...)
	}
	o.wrong([]string{"jobs", "set", "月度运行", "--day", "9"}, "--reason")
	o.wrong([]string{"jobs", "set", "月度运行", "--at", "六点", "--reason", "试"}, "六点")
	o.wrong([]string{"jobs", "set", "月度运行", "--enable", "--disable", "--reason", "试"}, "--enable")
	o.wrong([]string{"jobs", "holiday", "add", "昨天", "--name", "节", "--reason", "试"}, "昨天")
	o.ok("user", "add", "甲经办", "--post", "经办", "--bureau", "区民政局", "--password-file", o.password)
	o.ok("user", "add", "丁管理", "--post", "管理", "--password-file", o.password)
	o.no(o.as("甲经办", "jobs", "set", "月度运行", "--day", "9", "--reason", "试"), "甲经办", "管理")
	o.ok(o.as("丁管理", "jobs", "set", "月度运行", "--day", "9", "--reason", "试")...)
	if log := o.ok("audit", "log"); !strings.Contains(log, "修改定时任务") || !strings.Contains(log, "登记节假日") || !strings.Contains(log, "删除节假日") {
		t.Errorf("audit log\n%s", log)
	}
	var got []string
	for _, e := range o.objects(o.ok("jobs", "list", "--format", "json")) {
		got = append(got, e["job"].(string))
		if next := e["next"].(string); next != "" {
			if _, err := time.Parse("2006-01-02 15:04", next); err != nil {
				t.Error(err)
			}
		}
	}
	if diff := cmp.Diff(jobs.Names(), got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}
