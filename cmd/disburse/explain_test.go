package main

import (
	"encoding/json"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// TestExplain prints why somebody gets what they get, and not the rest, as text and json.
func TestExplain(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	who := resident(1944, has("低保", "是"), has("失能等级", "完全失能"), has("入住机构", "甲院"), has("机构月收费", "1800.50"), has("低保月金额", "730.00"), has("残疾等级", "一级"), has("残疾类别", "肢体"))
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, who))
	o.ok("run", "2026-10")
	text := o.ok("explain", idOf(1944), "2026-10")
	for _, part := range []string{
		"某1944", idOf(1944), "2026年10月", "82 周岁",
		"11 高龄津贴", "70.00 元", "清单第11项", // the rate and its source
		"15 经济困难失能老年人集中照护", "800.50", "付甲院", "1800.5", "待核定", // 1800.50 − 730 − 70 − 100 − 100
		"23-2", "就高", // 16 takes the place of 23-2
		"项目 15  2026年10月 当月  800.50 元  可发，付甲院",
		"12 百岁补贴", "年龄：82",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	var explained struct {
		ID    string `json:"id_number"`
		Month string `json:"month"`
		Age   int    `json:"age"`
		Items []struct {
			Item    string `json:"item"`
			Verdict string `json:"verdict"`
			Amount  string `json:"amount"`
			Payee   string `json:"payee"`
		} `json:"items"`
		Lines []struct {
			Item   string `json:"item"`
			Amount string `json:"amount"`
			Status string `json:"status"`
		} `json:"lines"`
	}
	if err := json.Unmarshal([]byte(o.ok("explain", idOf(1944), "2026-10", "--format", "json")), &explained); err != nil {
		t.Fatal(err)
	}
	if explained.ID != idOf(1944) || explained.Month != "2026-10" || explained.Age != 82 || len(explained.Items) < 24 {
		t.Errorf("json: %+v", explained)
	}
	amounts := map[string]string{}
	for _, it := range explained.Items {
		if it.Amount != "" {
			amounts[it.Item] = it.Amount + " " + it.Payee
		}
	}
	for item, want := range map[string]string{"11": "70.00 本人", "13": "70.00 本人", "15": "800.50 甲院", "16": "100.00 本人", "23-1": "100.00 本人"} {
		if amounts[item] != want {
			t.Errorf("item %s: %q, want %q", item, amounts[item], want)
		}
	}
	if len(explained.Lines) != 5 {
		t.Errorf("lines %+v", explained.Lines)
	}

	if code, out, _ := execIn(t, idOf(1944)+"\n", "explain", "-", "2026-10", "--db", o.url); code != exitDone || out != text {
		t.Errorf("from standard input: exit %d\n%s", code, out)
	}
	if code, _, errors := execIn(t, "", "explain", "-", "2026-10", "--db", o.url); code != exitUsage || !strings.Contains(errors, "标准输入") {
		t.Errorf("from an empty one: exit %d, %s", code, errors)
	}
	if out := o.ok("explain", " "+strings.ToLower(idOf(1944))+" ", "2026-10"); out != text {
		t.Error("spaces are not forgiven")
	}
}

// TestExplainOldNumber: an old number finds the person it was corrected for.
func TestExplainOldNumber(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	renumbered := roster.MakeID("140202", month.DateOf(1944, 6, 15), 13)
	o.ok("roster", "import", o.sheets("更正.xlsx", map[string][][]any{"人员": {{"身份证号", "原身份证号"}, {renumbered, idOf(1944)}}}))
	o.ok("run", "2026-10")
	for _, id := range []string{idOf(1944), renumbered} {
		if out := o.ok("explain", id, "2026-10"); !strings.Contains(out, renumbered) || !strings.Contains(out, "70.00 元") {
			t.Errorf("%s: %s", id, out)
		}
	}
	if rows := o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading); len(rows) != 1 || rows[0][0] != renumbered {
		t.Errorf("lines %v", rows)
	}
}

// TestUsers: posts and accounts, a password that is changed, and who did what.
func TestUsers(t *testing.T) {
	t.Parallel()
	approval.Cheap = false // here at the cost that everybody has
	defer func() { approval.Cheap = true }()
	o := openOffice(t)
	o.hire()
	o.want("users", joined(o.table(o.ok("user", "list", "--format", "csv"), "name,post,bureau,state")),
		[]string{"甲经办 经办 区民政局 在用", "甲复核 复核 区民政局 在用", "甲审批 审批 区民政局 在用"})
	o.no([]string{"user", "add", "甲经办", "--post", "复核", "--bureau", minzheng, "--password-file", o.password}, "甲经办")
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	if out := o.ok(o.as("甲经办", "run", "2026-10")...); !strings.Contains(out, "2026年10月") {
		t.Errorf("run as a user: %s", out)
	}
	old := o.password
	o.password = o.file("新口令.txt")
	writeFile(t, o.password, "另一个相当长的口令字2027")
	o.no([]string{"user", "passwd", "甲经办", "--password-file", o.password}, "要写明原因", "--reason")
	o.ok("user", "passwd", "甲经办", "--password-file", o.password, "--reason", "忘记口令")
	o.no(o.as("甲经办", "run", "2026-10"), "要先换成自己的口令", "disburse user passwd 甲经办 --as 甲经办")
	own := o.file("自己的口令.txt")
	writeFile(t, own, "自己的又一个长口令字2028")
	o.ok(o.as("甲经办", "user", "passwd", "甲经办", "--new-password-file", own)...)
	o.password = own
	o.ok(o.as("甲经办", "run", "2026-10")...)
	o.password = old
	o.no(o.as("甲经办", "run", "2026-10"), "用户名或口令不正确")
}
