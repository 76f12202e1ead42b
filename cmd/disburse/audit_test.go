package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"
)

const (
	logHeading    = "revision,at,actor,origin,action,subject,summary,reason,digest,rows_digest,before_digest,after_digest,algorithm,hash"
	accessHeading = "n,at,actor,origin,action,subject,person,who,scope,sealed"
)

// past runs a statement as the database's owner, past the program.
func (o *desk) past(sql string, args ...any) {
	o.t.Helper()
	conn, err := pgx.Connect(context.Background(), o.url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		o.t.Fatal(err)
	}
}

// A month is settled, and then everything about it is audited: the chain, each row, the
// files, who looked.
func TestAuditOfAMonth(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	o.ok("run", "2026-10")
	o.sign("2026-10")
	out := o.file("out")
	o.ok("export", "2026-10", "--out", out)
	o.ok("explain", idOf(1944), "2026-10")

	if said := o.ok("audit", "verify"); !strings.Contains(said, "审计链完整") || !strings.Contains(said, "2 条访问记录还没有封存") {
		t.Errorf("audit verify: %s", said)
	}
	entries := o.table(o.ok("audit", "log", "--format", "csv"), logHeading)
	last := entries[len(entries)-1]
	if last[4] != "审批批次" || last[2] != "甲审批" || last[12] != "sha256-v2" {
		t.Errorf("the last entry: %v", last)
	}
	head := last[13]
	o.ok("audit", "verify", "--anchor", head)
	o.ok("audit", "verify", "--anchor", last[0]+":"+head)
	o.ok("audit", "verify", "--anchor", head[:16]+"@"+last[0])
	o.no([]string{"audit", "verify", "--anchor", strings.Repeat("ab", 32)}, "审计核对发现 1 处")
	o.wrong([]string{"audit", "verify", "--anchor", "签字页"}, "--anchor")
	o.wrong([]string{"audit", "verify", "--anchor", "0:" + head}, "修订号")
	o.wrong([]string{"audit", "log", "--from", "昨天"}, "--from")
	if n := len(o.table(o.ok("audit", "log", "--to", "2020-01-01", "--format", "csv"), logHeading)); n != 0 {
		t.Errorf("%d entries before there was any", n)
	}

	looked := o.table(o.ok("audit", "access", "--format", "csv"), accessHeading)
	if len(looked) != 2 || looked[0][5] != "清册和银行文件" || looked[1][4] != "查看" || !strings.HasPrefix(looked[1][7], "某1944 140202********") {
		t.Errorf("access log: %v", looked)
	}
	o.ok("audit", "seal")
	if said := o.ok("audit", "seal"); !strings.Contains(said, "不必封存") {
		t.Errorf("sealed twice: %s", said)
	}
	o.ok("audit", "verify")

	o.ok("verify", "2026-10", "--files", out)
	o.spoilFiles(out)

	o.past(`UPDATE line SET amount = amount + 100 WHERE id_number = $1`, idOf(1944))
	code, said, _ := o.run("audit", "verify")
	if code != exitFailed || !strings.Contains(said, "发放明细（line）") || !strings.Contains(said, "某1944") || !strings.Contains(said, "被改动") {
		t.Errorf("a line altered: %d %s", code, said)
	}
	if code, _, sentence := o.run("verify", "2026-10"); code != exitFailed || !strings.Contains(sentence, "不一致") {
		t.Errorf("verify: %d %s", code, sentence)
	}
}

// TestVerifyRefusesAnotherServer: where the private database cannot be reached, the server
// that the environment names for other programs is not verified in its place.
func TestVerifyRefusesAnotherServer(t *testing.T) {
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	other, err := pgx.ParseConfig(o.url)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"PGHOST": other.Host, "PGPORT": strconv.Itoa(int(other.Port)), "PGUSER": other.User, "PGPASSWORD": other.Password,
		"PGDATABASE": other.Database, "DATABASE_OWNER_URL": ""} {
		t.Setenv(name, value)
	}
	data := o.file("不是目录")
	writeFile(t, data, "x")
	code, said, sentence := execIn(t, "", "audit", "verify", "--data", data)
	if code != exitFailed || said != "" || !strings.Contains(sentence, "什么都没有核对") {
		t.Errorf("exit %d: %s%s", code, said, sentence)
	}
}

// spoilFiles spoils the files of a month in all ways, and each is named.
func (o *desk) spoilFiles(out string) {
	o.t.Helper()
	month := filepath.Join(out, "2026-10")
	book := filepath.Join(month, minzheng, "发放清册.xlsx")
	whole, err := os.ReadFile(book)
	if err != nil {
		o.t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(month, "manifest.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	named := func(words ...string) {
		o.t.Helper()
		code, said, sentence := o.run("verify", "2026-10", "--files", month)
		for _, w := range words {
			if code != exitFailed || !strings.Contains(said, w) {
				o.t.Errorf("want %q: exit %d\n%s%s", w, code, said, sentence)
			}
		}
	}
	writeFile(o.t, book, string(whole)+"x")
	named("发放清册.xlsx：内容被改动")
	if err := os.Remove(book); err != nil {
		o.t.Fatal(err)
	}
	named("发放清册.xlsx：读不到")
	writeFile(o.t, book, string(whole))
	writeFile(o.t, filepath.Join(month, "另存.xlsx"), "x")
	named("另存.xlsx：不在清单里")
	if err := os.Remove(filepath.Join(month, "另存.xlsx")); err != nil {
		o.t.Fatal(err)
	}
	// Somebody who altered the manifest too is found out by what the program writes now.
	forged := strings.Replace(string(manifest), sha(whole), sha([]byte("另一份")), 1)
	writeFile(o.t, book, "另一份")
	writeFile(o.t, filepath.Join(month, "manifest.json"), forged)
	named("发放清册.xlsx：与现在重新写出的不同")
	writeFile(o.t, book, string(whole))
	writeFile(o.t, filepath.Join(month, "manifest.json"), strings.Replace(string(manifest), `"chain_head": "`, `"chain_head": "00`, 1))
	named("链头")
	writeFile(o.t, filepath.Join(month, "manifest.json"), string(manifest))
	o.ok("verify", "2026-10", "--files", out)
	if code, _, sentence := o.run("verify", "2026-10", "--files", o.dir); code != exitFailed || !strings.Contains(sentence, "没有 2026-10 的 manifest.json") {
		o.t.Errorf("no manifest: %d %s", code, sentence)
	}
}

// Every command that shows or writes full numbers leaves its mark, and the next run
// seals them all.
func TestWhoLookedIsLogged(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	o.ok("run", "2026-10")
	o.sign("2026-10")
	for _, c := range []struct{ args, what string }{
		{"lines 2026-10", "查看 发放明细"}, {"lists 2026-10", "查看 服务名册"}, {"recovery", "查看 追缴台账"},
		{"explain " + idOf(1944) + " 2026-10", "查看 待遇说明"}, {"export 2026-10 --out " + o.file("o"), "导出 清册和银行文件"},
		{"letter " + idOf(1944) + " 2026-10 --out " + o.file("信.xlsx"), "导出 告知书"}, {"roster export " + o.file(idOf(1944)+".xlsx"), "导出 花名册"},
		{"year 2026 --id " + idOf(1944) + " --format json", "导出 个人领取情况"}, {"bank reconcile 2026-10 --out " + o.file("账"), "导出 对账表"},
		{"bank unknown 2026-10", "查看 未答复的付款"},
	} {
		before := len(o.objects(o.ok("audit", "access", "--format", "json")))
		o.run(strings.Fields(c.args)...)
		all := o.objects(o.ok("audit", "access", "--format", "json"))
		if len(all) != before+1 || all[before]["action"].(string)+" "+all[before]["subject"].(string) != c.what {
			t.Errorf("%s: %d entries after %d, the last %v", c.args, len(all), before, all[len(all)-1])
			continue
		}
		for key, value := range all[before] {
			if strings.Contains(value.(string), idOf(1944)) {
				t.Errorf("%s: full number in %s", c.args, key)
			}
		}
	}
	o.ok(o.as("甲经办", "explain", idOf(1945), "2026-10")...)
	o.ok("run", "2026-10")
	for _, e := range o.objects(o.ok("audit", "access", "--format", "json")) {
		if e["sealed"] == "" {
			t.Errorf("not sealed by the run: %v", e)
		}
		if e["n"] == "11" && e["actor"] != "甲经办" {
			t.Errorf("who looked: %v", e)
		}
	}
	o.ok("audit", "verify")
}

// An import of the wrong file is undone, and what goes out is what was there before.
func TestRosterUndo(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.hire()
	before := o.roster("前.xlsx")
	said := o.ok("roster", "import", o.workbook("错.xlsx", nil, resident(1944, livesIn("古城")), resident(1947, has("低保", "是"))))
	rev := said[strings.LastIndex(said, " ")+1 : len(said)-1]
	undo := []string{"roster", "undo", rev, "--reason", "导错了文件"}
	o.wrong(undo, "--as")
	o.wrong(o.as("甲经办", "roster", "undo", "错.xlsx"), "修订号")
	o.no(o.as("甲经办", "roster", "undo", rev), "理由")
	if got := o.ok(o.as("甲经办", append(undo, "--dry-run")...)...); !strings.Contains(got, "未保存") || !strings.Contains(got, "恢复 1 人，撤去新增 1 人") {
		t.Errorf("dry run: %s", got)
	}
	o.ok(o.as("甲经办", undo...)...)
	o.want("the roster", o.roster("后.xlsx"), before)
	o.no(o.as("甲经办", undo...), "已经由修订")
	o.no([]string{"explain", idOf(1947), "2026-10"}, "没有")
	o.ok("audit", "verify")
}

// roster exports the roster and returns what its sheets say, a row each.
func (o *desk) roster(name string) []string {
	o.t.Helper()
	o.ok("roster", "export", o.file(name))
	var all []string
	f, err := excelize.OpenFile(o.file(name))
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range []string{"人员", "情况", "核定金额", "收款单位"} {
		rows, err := f.GetRows(sheet)
		if err != nil {
			o.t.Fatal(err)
		}
		all = append(all, joined(rows)...)
	}
	return all
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
