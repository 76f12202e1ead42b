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
	"disburse/reports"
	"disburse/reports/filing"
)

// pageTitles are the sheets of a workbook, each with the letters on it.
func (o *desk) pageTitles(path string) map[string]string {
	o.t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer book.Close()
	all := map[string]string{}
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, row := range rows {
			all[name] += strings.Join(row, " ") + "\n"
		}
	}
	return all
}

// kindsOf are the kinds of files in the manifest, with their rows.
func (o *desk) kindsOf(out, m string) map[string]int {
	o.t.Helper()
	manifest, err := filing.ReadManifest(filepath.Join(out, m))
	if err != nil {
		o.t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range manifest.Files {
		if f.Bureau == minzheng {
			kinds[f.Kind] += f.Rows
		}
	}
	return kinds
}

// TestLettersFromExport: letters when asked for, notices whenever something is owed.
func TestLettersFromExport(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10")
	o.hire()
	o.sign("2026-10")
	dead := resident(1944, func(d *roster.Dossier) { d.Died = month.DateOf(2026, 9, 9) })
	o.ok("roster", "import", o.workbook("去世.xlsx", nil, dead))
	o.ok("run", "2026-11")

	out := o.file("out")
	o.ok("export", "2026-11", "--out", out)
	if kinds := o.kindsOf(out, "2026-11"); kinds[reports.KindRecalls] != 1 || kinds[reports.KindLetters] != 0 {
		t.Errorf("without --letters: %v", kinds)
	}
	o.ok("export", "2026-11", "--out", out, "--letters")
	some := o.kindsOf(out, "2026-11")[reports.KindLetters]
	o.ok("export", "2026-11", "--out", out, "--letters=全部")
	all := o.kindsOf(out, "2026-11")[reports.KindLetters]
	if some == 0 || some >= all {
		t.Errorf("%d letters about changes, %d in all", some, all)
	}
	sheets := o.pageTitles(filepath.Join(out, "2026-11", minzheng, "告知书.xlsx"))
	if text := sheets["永泰"]; !strings.Contains(text, "【草稿】平城区2026年11月养老待遇发放告知书") || !strings.Contains(text, "某1944 的亲属：") {
		t.Errorf("sheets %v", sheets)
	}
	o.wrong([]string{"export", "2026-11", "--out", out, "--letters=所有"}, "--letters", "全部")
}

// TestLetterOfOnePerson has both letters of one person, also with the number read from
// standard input; nothing is written for somebody the month has nothing to say of.
func TestLetterOfOnePerson(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.ok("roster", "import", o.workbook("花名册.xlsx", homes, town()...))
	o.ok("run", "2026-10")
	path := o.file("一人.xlsx")
	o.ok("letter", idOf(1945), "2026-10", "--out", path)
	text := o.pageTitles(path)
	if len(text) != 1 || !strings.Contains(text["告知书"], "某1945，您好！") || !strings.Contains(text["告知书"], "每月 70 元") || strings.Contains(text["告知书"], idOf(1945)) {
		t.Errorf("letter %v", text)
	}
	o.hire()
	o.sign("2026-10")
	o.ok("roster", "import", o.workbook("去世.xlsx", nil, resident(1944, func(d *roster.Dossier) { d.Died = month.DateOf(2026, 9, 9) })))
	o.ok("run", "2026-11")
	code, _, errors := execIn(t, idOf(1944)+"\n", "letter", "-", "2026-11", "--out", path, "--db", o.url)
	if code != 0 {
		t.Fatalf("from standard input: %d %s", code, errors)
	}
	text = o.pageTitles(path)
	if !strings.Contains(text["告知书"], "停发高龄津贴（上月 70.00 元）。原因：2026-09-09 去世。") || !strings.Contains(text["追缴通知书"], "某1944（") || !strings.Contains(text["追缴通知书"], "柒拾元整") {
		t.Errorf("letters %v", text)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.no([]string{"letter", idOf(1950), "2026-10", "--out", path}, "某1950")
	o.no([]string{"letter", idOf(1944), "2026-12", "--out", path}, "还没有批次")
	o.wrong([]string{"letter", idOf(1944), "2026-10"}, "--out")
	o.wrong([]string{"letter", idOf(1944), "2026-10", "--out", o.dir}, "是目录")
	if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
		t.Error("a refused letter changed the file")
	}
}

// notices are the sheets of 追缴通知书 in a workbook of letters, joined, and how many.
func notices(sheets map[string]string) (text string, n int) {
	for name, t := range sheets {
		if strings.HasPrefix(name, "追缴通知书") {
			text, n = text+t, n+1
		}
	}
	return text, n
}

// TestLetterAsksForWhatIsOwedNow: once, however many batches knew of the debt, for what is
// still owed when the letter is written; nothing is asked of who owes nothing any more.
func TestLetterAsksForWhatIsOwedNow(t *testing.T) {
	t.Parallel()
	o := overpaid(t)
	id, path := idOf(1944), o.file("一人.xlsx")
	letter := func(m string) map[string]string {
		o.ok("letter", id, m, "--out", path)
		return o.pageTitles(path)
	}
	if text, n := notices(letter("2026-11")); n != 1 || !strings.Contains(text, "壹佰肆拾元整") {
		t.Errorf("%d notices: %s", n, text)
	}
	o.sign("2026-11")
	o.ok("roster", "import", o.workbook("新人.xlsx", nil, resident(1942)))
	o.ok("run", "2026-11")
	if text, n := notices(letter("2026-11")); n != 1 || !strings.Contains(text, "壹佰肆拾元整") {
		t.Errorf("two batches, %d notices: %s", n, text)
	}
	o.ok(o.as("甲经办", "recovery", "collect", id, "--amount", "100", "--reason", "女儿退回现金")...)
	sheets := letter("2026-11")
	if text, n := notices(sheets); n != 1 || !strings.Contains(text, "肆拾元整") || strings.Contains(text, "壹佰") {
		t.Errorf("repaid in part, %d notices: %s", n, text)
	}
	told := 0
	for _, text := range sheets {
		told += strings.Count(text, "没有退回的款项 40.00 元")
	}
	if told != 1 {
		t.Errorf("%d letters tell what is owed: %v", told, sheets)
	}
	o.ok(o.as("甲审批", "recovery", "waive", id, "--item", "11", "--month", "2026-10", "--amount", "40", "--reason", "家庭困难")...)
	o.ok(o.as("乙审批", "recovery", "waive", "--confirm", "1")...)
	sheets = letter("2026-11")
	if text, n := notices(sheets); n != 0 {
		t.Errorf("nothing is owed, %d notices: %s", n, text)
	}
	for _, text := range sheets {
		if !strings.Contains(text, "停发高龄津贴") || strings.Contains(text, "没有退回的款项") {
			t.Errorf("nothing is owed: %s", text)
		}
	}
	out := o.file("out")
	o.ok("export", "2026-11", "--out", out)
	if kinds := o.kindsOf(out, "2026-11"); kinds[reports.KindRecalls] == 0 {
		t.Errorf("the batch knew of the debt: %v", kinds)
	}
	o.ok("run", "2026-11")
	o.ok("export", "2026-11", "--out", out)
	if kinds := o.kindsOf(out, "2026-11"); kinds[reports.KindRecalls] != 0 {
		t.Errorf("waived before the batch was computed: %v", kinds)
	}
}
