package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/reports/filing"
)

// town has the people of the whole-month tests: two streets, an institution, a doubt,
// somebody without an account, a place on a list.
func town() []*roster.Dossier {
	return []*roster.Dossier{
		resident(1944), resident(1945, livesIn("小南头")), resident(1946, noAccount, livesIn("古城")), resident(1926),
		resident(1956, has("特困", "集中"), has("自理能力", "半自理"), has("入住机构", "甲院")),
		resident(1940, holder("别人")), resident(1950, has("居住状况", "独居")), resident(1957, has("低保", "是"), has("残疾等级", "四级"), has("残疾类别", "肢体")),
	}
}

const minzheng = "区民政局"

// hire adds three users to 区民政局.
func (o *desk) hire() {
	o.t.Helper()
	for _, post := range []string{"经办", "复核", "审批"} {
		o.ok("user", "add", "甲"+post, "--post", post, "--bureau", minzheng, "--password-file", o.password)
	}
}

// sign takes the batch of 区民政局 through its posts.
func (o *desk) sign(m string) {
	o.t.Helper()
	o.ok(o.as("甲经办", "submit", m, "--bureau", minzheng, "--acknowledge-all", "--reason", "已逐项看过")...)
	o.ok(o.as("甲复核", "review", m, "--bureau", minzheng)...)
	o.ok(o.as("甲审批", "approve", m, "--bureau", minzheng)...)
}

// TestMonthFromRosterToFiles is the main job: roster in, month computed, decided,
// signed by three people, files out.
func TestMonthFromRosterToFiles(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	if out := o.ok("run", "2026-10"); !strings.Contains(out, "按第 1 号修订计算 8 人（期初月 2026-10") {
		t.Errorf("run: %s", out)
	}
	bureaus := o.objects(o.ok("run", "2026-10", "--format", "json"))
	if len(bureaus) != 10 || bureaus[0]["bureau"] != minzheng || bureaus[0]["outcome"] != "重算" {
		t.Errorf("run as json: %v", bureaus)
	}

	rows := o.table(o.ok("lines", "2026-10", "--format", "csv"), linesHeading)
	o.want("lines", joined(rows), []string{
		idOf(1940) + " 某1940 11 2026-10 当月 70.00 暂缓 疑点未决 本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-10 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1946) + " 某1946 11 2026-10 当月 70.00 暂缓 无账户 本人 区民政局 古城 11",
		idOf(1945) + " 某1945 11 2026-10 当月 70.00 可发  本人 区民政局 小南头 11",
		idOf(1926) + " 某1926 12 2026-10 当月 300.00 可发  本人 区民政局 永泰 12",
		idOf(1956) + " 某1956 19 2026-10 当月 1160.00 可发  甲院 区民政局 永泰 19",
		idOf(1957) + " 某1957 23-1 2026-10 当月 100.00 可发  本人 区民政局 永泰 23-1",
	})
	o.sameAsJSON(rows, "lines", "2026-10")
	for _, c := range []struct {
		args []string
		want int
	}{{[]string{"--item", "11"}, 4}, {[]string{"--status", "暂缓"}, 2}, {[]string{"--item", "11", "--status", "可发"}, 2}, {[]string{"--item", "18-1"}, 0},
		{[]string{"--batch", "1"}, 7}, {[]string{"--all"}, 7}} {
		if got := len(o.table(o.ok(append([]string{"lines", "2026-10", "--format", "csv"}, c.args...)...), linesHeading)); got != c.want {
			t.Errorf("lines %v: %d, want %d", c.args, got, c.want)
		}
	}

	doubt := o.check("2026-10", "户名不符")
	if doubt["level"] != "疑点" || doubt["decision"] != "未决" || !strings.Contains(doubt["text"].(string), "某1940") {
		t.Errorf("the 疑点: %v", doubt)
	}
	o.hire()
	id := doubt["id"].(string)
	o.no(o.as("甲经办", "decide", "2026-10", id, "--release"), "理由")
	o.ok(o.as("甲经办", "decide", "2026-10", id, "--release", "--reason", "女儿代领，已核实")...)
	if got := o.check("2026-10", "户名不符")["decision"]; got != "发放：女儿代领，已核实" {
		t.Errorf("decided: %v", got)
	}
	if n := len(o.table(o.ok("lines", "2026-10", "--format", "csv", "--status", "暂缓"), linesHeading)); n != 2 {
		t.Errorf("%d lines held before the decision takes effect with the next run, want 2", n)
	}
	o.ok("run", "2026-10")
	o.want("held after it", joined(o.table(o.ok("lines", "2026-10", "--format", "csv", "--status", "暂缓"), linesHeading)),
		[]string{idOf(1946) + " 某1946 11 2026-10 当月 70.00 暂缓 无账户 本人 区民政局 古城 11"})

	if unconfirmed := o.check("2026-10", "待核定"); unconfirmed["level"] != "须确认" {
		t.Errorf("a rate that is 待核定: %v", unconfirmed)
	}
	submit := []string{"submit", "2026-10", "--bureau", minzheng}
	o.no(o.as("甲经办", submit...), "须先确认", "--acknowledge-all")
	o.no(o.as("甲经办", append(submit, "--acknowledge-all")...), "理由")
	o.no(o.as("甲复核", append(submit, "--acknowledge-all", "--reason", "x")...), "甲复核", "经办")
	o.ok(o.as("甲经办", append(submit, "--acknowledge-all", "--reason", "已逐项看过")...)...)
	o.no(o.as("甲审批", "approve", "2026-10", "--bureau", minzheng), "待复核")
	if out := o.ok("run", "2026-10"); !strings.Contains(out, "未改动") {
		t.Errorf("a run while it is signed: %s", out)
	}
	o.drafts("2026-10")
	o.ok(o.as("甲复核", "return", "2026-10", "--bureau", minzheng, "--reason", "漏看一项")...)
	o.ok("run", "2026-10")
	o.sign("2026-10")
	o.no(o.as("甲审批", "approve", "2026-10", "--bureau", minzheng), "已审批")

	o.files("2026-10")
	if out := o.ok("verify", "2026-10"); !strings.Contains(out, "不一致 0 处") {
		t.Errorf("verify: %s", out)
	}
	o.ok("audit", "verify")
}

// sameAsJSON insists that json says what csv says, amounts as strings.
func (o *desk) sameAsJSON(rows [][]string, command ...string) {
	o.t.Helper()
	columns := strings.Split(linesHeading, ",")
	if command[0] == "lists" {
		columns = strings.Split(listsHeading, ",")
	}
	var want []map[string]any
	for _, r := range rows {
		object := map[string]any{}
		for i, c := range columns {
			object[c] = r[i]
		}
		want = append(want, object)
	}
	if diff := cmp.Diff(want, o.objects(o.ok(append(command, "--format", "json")...))); diff != "" {
		o.t.Errorf("%v as json (-csv +json):\n%s", command, diff)
	}
}

// check returns the one check of a kind.
func (o *desk) check(m, kind string) map[string]any {
	o.t.Helper()
	var found []map[string]any
	for _, c := range o.objects(o.ok("checks", m, "--format", "json")) {
		if c["kind"] == kind {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		o.t.Fatalf("checks of kind %s: %v", kind, found)
	}
	return found[0]
}

func (o *desk) manifest(dir, m string) *filing.Manifest {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, m, "manifest.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	var found filing.Manifest
	if err := json.Unmarshal(data, &found); err != nil {
		o.t.Fatal(err)
	}
	return &found
}

// drafts: before the approval there are no bank files, and every sheet says 草稿.
func (o *desk) drafts(m string) {
	o.t.Helper()
	dir := o.file("草稿")
	o.ok("export", m, "--out", dir, "--bureau", minzheng)
	if _, err := os.Stat(filepath.Join(dir, m, minzheng, "bank")); err == nil {
		o.t.Error("a batch that is not approved has bank files")
	}
	f, err := excelize.OpenFile(filepath.Join(dir, m, minzheng, "发放清册.xlsx"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			o.t.Fatal(err)
		}
		if !slices.ContainsFunc(rows, func(r []string) bool { return strings.Contains(strings.Join(r, " "), "草稿") }) {
			o.t.Errorf("sheet %s of a draft does not say 草稿", sheet)
		}
	}
}

// files exports an approved month twice: the same bytes, a manifest that is right about
// every file, and the money of the lines in the bank's files to the 分.
func (o *desk) files(m string, flags ...string) {
	o.t.Helper()
	a, b := o.file("一"+m), o.file("二"+m)
	o.ok(append([]string{"export", m, "--out", a}, flags...)...)
	o.ok(append([]string{"export", m, "--out", b}, flags...)...)
	first := contents(o.t, a)
	if diff := cmp.Diff(first, contents(o.t, b)); diff != "" {
		o.t.Errorf("exported twice:\n%s", diff)
	}
	for _, file := range []string{"发放清册.xlsx", "服务名册.xlsx", "资金拨付申请.xlsx", "追缴台账.xlsx"} {
		if first[filepath.Join(m, minzheng, file)] == "" {
			o.t.Errorf("%s is missing", file)
		}
	}
	found := o.manifest(a, m)
	var banked money.Fen
	listed := map[string]bool{filepath.Join(m, "manifest.json"): true}
	for _, f := range found.Files {
		path := filepath.Join(m, f.Path)
		listed[path] = true
		if first[path] != f.SHA256 {
			o.t.Errorf("%s has SHA-256 %s, the manifest says %s", path, first[path], f.SHA256)
		}
		if f.Kind != "bank" {
			continue
		}
		amount, err := money.Parse(f.Amount)
		if err != nil {
			o.t.Fatal(err)
		}
		banked += amount
		if f.Number == "" || !strings.HasPrefix(f.Number, "140213-"+strings.ReplaceAll(m, "-", "")+"-MZ-") || !strings.HasSuffix(f.Path, f.Number+".xlsx") {
			o.t.Errorf("bank file %+v", f)
		}
		if sum := o.bankSum(filepath.Join(a, path)); sum != amount {
			o.t.Errorf("%s sums to %s, the manifest says %s", f.Path, sum, f.Amount)
		}
	}
	for path := range first {
		if !listed[path] {
			o.t.Errorf("%s is not in the manifest", path)
		}
	}
	var lines money.Fen
	for _, r := range o.table(o.ok("lines", m, "--format", "csv", "--status", "可发"), linesHeading) {
		amount, err := money.Parse(r[5])
		if err != nil {
			o.t.Fatal(err)
		}
		lines += amount
	}
	if banked != lines || found.Batches[0].Pays != lines.String() || found.Batches[0].State != "approved" || found.Month != m || found.Region != "140213" {
		o.t.Errorf("bank files %s, lines %s, manifest %+v", banked, lines, found.Batches[0])
	}
}

// bankSum adds up a bank file: one row a payee and item, then 合计.
func (o *desk) bankSum(path string) money.Fen {
	o.t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), ".xlsx")
	rows, err := f.GetRows(name)
	if err != nil {
		o.t.Fatal(err)
	}
	if head := strings.Join(rows[0], " "); head != "序号 户名 账号 开户行 金额 证件号码 摘要" {
		o.t.Errorf("%s is headed %s", path, head)
	}
	var sum money.Fen
	for i, r := range rows[1:] {
		amount, err := money.Parse(r[4])
		if err != nil {
			o.t.Fatal(err)
		}
		if i == len(rows)-2 {
			if !slices.Contains(r, "合计") || amount != sum {
				o.t.Errorf("%s ends with %v, its rows are %s", path, r, sum)
			}
			break
		}
		sum += amount
	}
	return sum
}

// contents is the SHA-256 of every file under a folder, by its path in it.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(data)
		found[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// secondPerson lists the one account that waits, 某1944's, and has it confirmed by somebody
// who may.
func (o *desk) secondPerson(number string) {
	o.t.Helper()
	const heading = "request,kind,id_number,name,street,old,new,brought_by,brought_at,reason"
	rows := o.table(o.ok("accounts", "list", "--format", "csv"), heading)
	if len(rows) != 1 || rows[0][2] != idOf(1944) || !strings.Contains(rows[0][6], number) || !strings.HasPrefix(rows[0][7], "os:") || !strings.Contains(rows[0][9], "变动.xlsx") {
		o.t.Errorf("waits %v", rows)
	}
	if out := o.ok("accounts", "list"); strings.Contains(out, number) || !strings.Contains(out, "6200****9999") || !strings.Contains(out, "共 1 件") {
		o.t.Errorf("the table shows a whole number, or not what waits: %s", out)
	}
	o.no(o.as("甲经办", "accounts", "confirm", "1"), "由复核或审批岗位")
	o.no(o.as("甲复核", "accounts", "refuse", "1"), "理由")
	o.no(o.as("甲复核", "accounts", "confirm", "2"), "没有第 2 号")
	o.no(o.as("甲复核", "accounts", "refuse", "9999999999", "--reason", "与存折不符"), "没有第 9999999999 号")
	if out := o.ok(o.as("甲复核", "accounts", "confirm", "--all")...); !strings.Contains(out, "第 1 号已变更：某1944") || !strings.Contains(out, "已变更 1 件") {
		o.t.Errorf("confirmed: %s", out)
	}
	if out := o.ok("accounts", "list"); !strings.Contains(out, "没有等待确认的变更") {
		o.t.Errorf("after that: %s", out)
	}
}

// TestSecondMonth: what changed since, in lines, lists, checks, register and files.
func TestSecondMonth(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	o.ok("run", "2026-10")
	lists := o.table(o.ok("lists", "2026-10", "--format", "csv", "--item", "20"), listsHeading)
	o.want("lists", joined(lists), []string{idOf(1950) + " 某1950 20 区民政局 永泰 一社区 1 在册"})
	o.sameAsJSON(lists, "lists", "2026-10", "--item", "20")
	both := o.table(o.ok("lists", "2026-10", "--format", "csv", "--item", "8"), listsHeading)
	if len(both) != 8 || both[0][3] != "区卫体局、区民政局" {
		t.Errorf("an item of two bureaus: %v", both)
	}
	o.sign("2026-10")
	o.ok("export", "2026-10", "--out", o.file("前"), "--bureau", minzheng)

	dead := resident(1945, livesIn("小南头"))
	dead.Died = month.DateOf(2026, 9, 30)
	moved := resident(1944)
	moved.Account.Number = "6200000000009999"
	said := o.ok("roster", "import", o.workbook("变动.xlsx", nil, dead, moved, resident(1946, livesIn("古城")), resident(1943, has("居住状况", "空巢"), has("生活不能自理", "是")),
		resident(1950, func(d *roster.Dossier) { d.Facts = []roster.Fact{{Name: "居住状况"}} })))
	if !strings.Contains(said, "变更 1 件等待第二人确认") || !strings.Contains(said, "disburse accounts list") {
		t.Errorf("the import does not say that an account waits: %s", said)
	}
	o.secondPerson("6200000000009999")
	o.ok("run", "2026-11")
	o.want("November", joined(o.table(o.ok("lines", "2026-11", "--format", "csv", "--item", "11"), linesHeading)), []string{
		idOf(1940) + " 某1940 11 2026-10 补发 70.00 暂缓 疑点未决 本人 区民政局 永泰 11",
		idOf(1940) + " 某1940 11 2026-11 当月 70.00 暂缓 疑点未决 本人 区民政局 永泰 11",
		idOf(1943) + " 某1943 11 2026-10 补发 70.00 可发  本人 区民政局 永泰 11",
		idOf(1943) + " 某1943 11 2026-11 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1944) + " 某1944 11 2026-11 当月 70.00 可发  本人 区民政局 永泰 11",
		idOf(1946) + " 某1946 11 2026-10 补发 70.00 可发  本人 区民政局 古城 11",
		idOf(1946) + " 某1946 11 2026-11 当月 70.00 可发  本人 区民政局 古城 11",
	})
	o.want("lists", joined(o.table(o.ok("lists", "2026-11", "--format", "csv", "--item", "20"), listsHeading)), []string{
		idOf(1943) + " 某1943 20 区民政局 永泰 一社区 2 新增",
		idOf(1950) + " 某1950 20 区民政局 永泰 一社区 1 停止",
	})
	o.want("register", joined(o.table(o.ok("recovery", "--format", "csv"), registerHeading)),
		[]string{idOf(1945) + " 某1945 11 本人 2026-10 70.00 小南头 2026-10 2026-10 0.00 0.00  0.00"})
	if changed := o.check("2026-11", "账户变更"); changed["level"] != "须确认" || !strings.Contains(changed["text"].(string), "6200****9999") {
		t.Errorf("a changed account: %v", changed)
	}
	o.sign("2026-11")
	o.ok("export", "2026-10", "--out", o.file("后"), "--bureau", minzheng)
	if diff := cmp.Diff(contents(t, o.file("前")), contents(t, o.file("后"))); diff != "" {
		t.Errorf("October's files changed with what became known in November:\n%s", diff)
	}
	o.files("2026-11", "--bureau", minzheng)

	// Something of November is found after its approval: batch 2, beside batch 1.
	o.ok("roster", "import", o.workbook("再变.xlsx", nil, resident(1950, has("生活不能自理", "是"), has("经济困难认定", "是"))))
	o.ok("run", "2026-11")
	second := []string{
		idOf(1940) + " 某1940 11 2026-10 补发 70.00 暂缓 疑点未决 本人 区民政局 永泰 11",
		idOf(1940) + " 某1940 11 2026-11 当月 70.00 暂缓 疑点未决 本人 区民政局 永泰 11",
		idOf(1950) + " 某1950 16 2026-10 补发 100.00 可发  本人 区民政局 永泰 16",
		idOf(1950) + " 某1950 16 2026-11 当月 100.00 可发  本人 区民政局 永泰 16",
	}
	o.want("the latest batch", joined(o.table(o.ok("lines", "2026-11", "--format", "csv"), linesHeading)), second)
	o.want("batch 2", joined(o.table(o.ok("lines", "2026-11", "--format", "csv", "--batch", "2"), linesHeading)), second)
	one := o.table(o.ok("lines", "2026-11", "--format", "csv", "--batch", "1"), linesHeading)
	if all := o.table(o.ok("lines", "2026-11", "--format", "csv", "--all"), linesHeading); len(all) != len(one)+len(second) {
		t.Errorf("%d lines in all, %d and %d in the batches", len(all), len(one), len(second))
	}
	o.sign("2026-11")
	for _, batch := range []string{"1", "2"} {
		o.ok("export", "2026-11", "--out", o.file("批"), "--batch", batch, "--bureau", minzheng)
	}
	if n := len(o.manifest(o.file("批"), "2026-11").Batches); n != 2 {
		t.Errorf("the manifest of both batches names %d", n)
	}
	if out := o.ok("verify", "2026-11"); strings.Count(out, "不一致 0 处") != 2 {
		t.Errorf("verify: %s", out)
	}
}

// TestBlockedBureau: a month whose batch is being signed stands in the way of its own
// bureau's next month only, and the command says so.
func TestBlockedBureau(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	o.ok("run", "2026-10")
	o.ok(o.as("甲经办", "submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "看过")...)
	code, out, errors := o.run("run", "2026-11")
	o.sentence([]string{"run", "2026-11"}, code, exitFailed, "", errors, []string{"区民政局没有运行", "2026年10月第1批", "审批通过或退回"})
	if strings.Count(out, "新建") != 9 || strings.Count(out, "未运行") != 1 {
		t.Errorf("the others: %s", out)
	}
	o.no([]string{"run", "2026-10", "--opening", "2026-09"}, "期初月")
}
