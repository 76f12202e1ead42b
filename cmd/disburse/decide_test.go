package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// filled opens a workbook of checks, lets fill write into its rows and saves it.
func (o *desk) filled(path string, fill func(f *excelize.File, row int, cells []string)) string {
	o.t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("疑点")
	if err != nil {
		o.t.Fatal(err)
	}
	for i, cells := range rows[1:] {
		fill(f, i+2, cells)
	}
	path = o.file("填好.xlsx")
	if err := f.SaveAs(path); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func (o *desk) set(f *excelize.File, column string, row int, value string) {
	o.t.Helper()
	if err := f.SetCellStr("疑点", column+itoa(row), value); err != nil {
		o.t.Fatal(err)
	}
}

// doubtful has two who share an account, two whose accounts are in other names and one
// who is 112.
func doubtful() []*roster.Dossier {
	same := func(d *roster.Dossier) { d.Account.Number = "620001" }
	return []*roster.Dossier{resident(1944, same), resident(1945, same), resident(1943, holder("别人")), resident(1942, holder("某某")), resident(1914)}
}

// decisions are the 疑点 of a month with what was decided, each once.
func (o *desk) decisions(m string) []string {
	o.t.Helper()
	var all []string
	for _, c := range o.objects(o.ok("checks", m, "--format", "json")) {
		if c["level"] == "疑点" {
			all = append(all, c["kind"].(string)+" "+c["decision"].(string))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestDecideByWorkbook writes the 疑点 to a workbook, fills it in and reads it back.
func TestDecideByWorkbook(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, doubtful()...))
	o.ok("run", "2026-10")
	book := o.file("疑点.xlsx")
	if out := o.ok("checks", "2026-10", "--bureau", minzheng, "--out", book); !strings.Contains(out, "疑点 4 项，其中未决 4 项") {
		t.Errorf("written: %s", out)
	}
	if info, err := os.Stat(book); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the workbook is %v, %v", info.Mode(), err)
	}
	o.no(o.as("甲经办", "decide", "2026-10", "--from", book), "没有填写任何决定")

	wrong := o.filled(book, func(f *excelize.File, row int, cells []string) {
		switch cells[1] {
		case "账户共用":
			o.set(f, "F", row, "发放")
		case "高龄核实":
			o.set(f, "F", row, "同意")
			o.set(f, "G", row, "走访过")
		default:
			o.set(f, "G", row, "走访过")
		}
	})
	code, out, errors := o.run(o.as("甲经办", "decide", "2026-10", "--from", wrong)...)
	if code != exitFailed || !strings.Contains(errors, "4 行不能处理") || strings.Count(out, "第 ") != 4 ||
		!strings.Contains(out, "有决定没有理由") || !strings.Contains(out, "决定“同意”：只能填") || !strings.Contains(out, "写了理由没有决定") {
		t.Errorf("exit %d\n%s%s", code, out, errors)
	}
	stray := o.filled(book, func(f *excelize.File, row int, _ []string) {
		o.set(f, "F", row, "发放")
		o.set(f, "G", row, "走访过")
		if row == 3 {
			o.set(f, "A", row, "没有-000000000000")
		}
	})
	if code, out, _ := o.run(o.as("甲经办", "decide", "2026-10", "--from", stray)...); code != exitFailed || !strings.Contains(out, "第 3 行 编号“没有-000000000000”") {
		t.Errorf("exit %d\n%s", code, out)
	}
	o.want("nothing decided by wrong files", o.decisions("2026-10"), []string{"户名不符 未决", "账户共用 未决", "高龄核实 未决"})

	good := o.filled(book, func(f *excelize.File, row int, cells []string) {
		if !strings.HasPrefix(cells[3], "1402") || !strings.Contains(cells[3], "*") {
			t.Errorf("number %q is not masked", cells[3])
		}
		switch cells[1] {
		case "账户共用":
			if !strings.Contains(cells[2], "、") {
				t.Errorf("names %q of a couple", cells[2])
			}
			o.set(f, "F", row, "发放")
			o.set(f, "G", row, "=夫妻")
		case "高龄核实":
			o.set(f, "F", row, "暂缓")
			o.set(f, "G", row, "待走访")
		}
	})
	o.no(o.as("甲管理员", "decide", "2026-10", "--from", good), "口令")
	if out := o.ok(o.as("甲复核", "decide", "2026-10", "--from", good)...); !strings.Contains(out, "已记录 2 项：发放 1 项，继续暂缓 1 项") {
		t.Errorf("decided: %s", out)
	}
	o.want("decided", o.decisions("2026-10"), []string{"户名不符 未决", "账户共用 发放：=夫妻", "高龄核实 暂缓：待走访"})
	if out := o.ok(o.as("甲复核", "decide", "2026-10", "--from", good)...); !strings.Contains(out, "2 项决定都已在案") {
		t.Errorf("again: %s", out)
	}
	o.ok("run", "2026-10")
	o.ok("checks", "2026-10", "--out", book)
	again := o.filled(book, func(*excelize.File, int, []string) {})
	if out := o.ok(o.as("甲复核", "decide", "2026-10", "--from", again)...); !strings.Contains(out, "2 项决定都已在案") {
		t.Errorf("as it was written: %s", out)
	}
	o.ok("audit", "verify")
}

// TestDecideByKind settles all that is undecided of a kind at once.
func TestDecideByKind(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, doubtful()...))
	o.ok("run", "2026-10")
	by := func(args ...string) []string {
		return o.as("甲经办", append([]string{"decide", "2026-10"}, args...)...)
	}
	o.wrong(by("--kind", "户名不符", "--reason", "x"), "--release")
	o.wrong(by("--kind", "户名不符", "--from", "x.xlsx", "--release"), "三者取一")
	o.wrong(by("某号", "--kind", "户名不符", "--release"), "三者取一")
	o.wrong(by("--from", "x.xlsx", "--release"), "写在表里")
	o.no(by("--from", o.file("没有.xlsx")), "找不到文件“没有.xlsx”")
	o.no(by("--kind", "户名不符", "--release"), "理由")
	o.no(by("--kind", "户名", "--release", "--reason", "x"), "未决的有：", "户名不符")
	if out := o.ok(by("--kind", "户名不符", "--release", "--reason", "子女代办，已核实")...); !strings.Contains(out, "发放 2 项") {
		t.Errorf("by kind: %s", out)
	}
	o.ok(by("--kind", "账户共用", "--hold", "--reason", "待查")...)
	o.want("decided", o.decisions("2026-10"), []string{"户名不符 发放：子女代办，已核实", "账户共用 暂缓：待查", "高龄核实 未决"})
	o.ok("run", "2026-10")
	if n := len(o.table(o.ok("lines", "2026-10", "--format", "csv", "--status", "可发"), linesHeading)); n != 2 {
		t.Errorf("%d lines are paid", n)
	}
	// The evidence changes: another account, another holder's name.
	o.ok("roster", "import", o.workbook("更正.xlsx", nil, resident(1943, holder("又一人"))))
	o.ok("run", "2026-10")
	o.want("asked again", o.decisions("2026-10"), []string{"户名不符 发放：子女代办，已核实", "户名不符 未决", "账户共用 暂缓：待查", "高龄核实 未决"})
}

const changesHeading = "id_number,name,street,news,blocks,pays,pays_change,held_change,owed_change"

// TestLaterChanges: a death that becomes known while a batch is being signed stops it;
// other news are shown beside the signature.
func TestLaterChanges(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944), resident(1945), resident(1957, has("残疾等级", "四级"), has("残疾类别", "肢体"))))
	o.ok("run", "2026-10")
	changes := []string{"changes", "2026-10", "--bureau", minzheng, "--format", "csv"}
	o.wrong([]string{"changes", "2026-10"}, "--bureau")
	o.no([]string{"changes", "2026-09", "--bureau", minzheng}, "还没有")
	o.want("nothing yet", joined(o.table(o.ok(changes...), changesHeading)), nil)
	o.ok("roster", "import", o.workbook("低保.xlsx", nil, resident(1944, has("低保", "是"))))
	submit := o.as("甲经办", "submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "已看过")
	if out := o.ok(submit...); !strings.Contains(out, "以后的变更 1 人，其中不应照发 0 人") || !strings.Contains(out, "可发 +70.00 元") || !strings.Contains(out, "某1944") {
		t.Errorf("submitted: %s", out)
	}
	dead := resident(1945, func(d *roster.Dossier) { d.Died = month.DateOf(2026, 9, 30) })
	o.ok("roster", "import", o.workbook("死亡.xlsx", nil, dead))
	o.no(o.as("甲复核", "review", "2026-10", "--bureau", minzheng), "得知 1 人不应照发", "某1945", "2026-09-30 死亡", "请先退回，再重新运行")
	rows := o.table(o.ok(changes...), changesHeading)
	if len(rows) != 2 || rows[0][1] != "某1945" || rows[0][4] != "2026-09-30 死亡" || rows[0][6] != "-70.00" || rows[1][6] != "70.00" ||
		rows[0][0] != roster.MaskID(idOf(1945)) {
		t.Errorf("changes: %v", rows)
	}
	o.ok(o.as("甲复核", "return", "2026-10", "--bureau", minzheng, "--reason", "有人去世")...)
	o.ok("run", "2026-10")
	o.sign("2026-10")
	o.want("all known", joined(o.table(o.ok(changes...), changesHeading)), nil)
	o.ok("audit", "verify")
}

// TestLockOut: after five wrong passwords the next try waits, with the right password too,
// and nobody else does.
func TestLockOut(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.ok("user", "add", "甲管理", "--post", "管理", "--password-file", o.password)
	o.ok("roster", "import", o.workbook("花名册.xlsx", nil, resident(1944)))
	o.ok("run", "2026-10")
	wrong := filepath.Join(o.dir, "错.txt")
	writeFile(t, wrong, "这不是他的口令呀2026\n")
	submit := []string{"submit", "2026-10", "--bureau", minzheng, "--acknowledge-all", "--reason", "已看过", "--as", "甲经办", "--password-file"}
	for i := 1; i <= 5; i++ {
		says := "用户名或口令不正确"
		if i == 5 {
			says = "已连续错了 5 次，请过 1 分钟再试"
		}
		o.no(append(submit, wrong), says)
	}
	o.no(append(submit, o.password), "没有核对口令")
	o.no(append(submit, wrong), "没有核对口令")
	o.ok(o.as("甲复核", "roster", "import", o.workbook("又一人.xlsx", nil, resident(1945)))...) // nobody else is
	o.no(o.as("甲管理", "submit", "2026-10", "--bureau", minzheng), "岗位是管理，不能提交", "其他岗位不能代替")
	o.past("UPDATE login_delay SET until = until - interval '2 minutes'")
	o.no(append(submit, wrong), "已连续错了 6 次，请过 2 分钟再试")
	o.past("UPDATE login_delay SET until = until - interval '3 minutes'")
	o.ok(append(submit, o.password)...)
	o.ok("audit", "verify")
}
