package letters

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
	"disburse/reports/reporttest"
	"disburse/reports/workbook"
)

// fullLetter is a letter with everything in it.
func fullLetter() explain.Letter {
	mine := roster.Account{Bank: "中国工商银行", Number: "6222021234567890123", Holder: "甲某"}
	line := func(item, payee string, m month.Month, kind payrun.Kind, a money.Fen, hold payrun.Hold, reason string) explain.DetailedLine {
		return explain.DetailedLine{Reason: reason, Line: payrun.Line{Person: 1, Item: item, Payee: payee, Month: m, Kind: kind, Amount: a, Hold: hold, Against: item, Account: mine, Name: "甲某"}}
	}
	l := explain.Letter{Person: 1, Name: "甲某", ID: "140213194003010012", Street: "永泰", Community: "一社区", Account: mine, Debt: 12345}
	l.Lines = append(l.Lines, line("11", roster.Myself, reporttest.November, payrun.Current, 7000, 0, ""))
	for m := month.Of(2026, 8); m < reporttest.November; m++ {
		l.Lines = append(l.Lines, line("13", roster.Myself, m, payrun.Arrears, 7000, 0, "低保自 2026-08-01 起（补登记）；"+m.Chinese()+"应发 70.00 元，此前未发放"))
	}
	taken := line("16", roster.Myself, month.Of(2026, 10), payrun.Recovery, -10000, 0, "低保到 2026-09-30 止")
	taken.Against = "13"
	l.Lines = append(l.Lines, taken, line("19", "某院", reporttest.November, payrun.Current, 96000, 0, ""),
		line("23-1", roster.Myself, reporttest.November, payrun.Current, 10000, payrun.NoAccount, ""))
	l.Why = []explain.ItemWhy{{Item: "11", Text: "您已满 86 周岁，符合高龄津贴的条件，每月 70 元。"}}
	l.Changes = []explain.BridgeRow{
		{Item: "11", Last: 0, This: 7000, Reason: "本月满 80 周岁"}, {Item: "12", Last: 30000, This: 0, Reason: "就高"},
		{Item: "19", Last: 90000, This: 96000, Reason: "标准改变"},
	}
	return l
}

// one writes the letters of one person and returns the text of each sheet.
func one(t *testing.T, l Bundle) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "甲.xlsx")
	if err := WritePerson(t.Context(), path, []Bundle{l}); err != nil {
		t.Fatal(err)
	}
	book, all := reporttest.Open(t, path, ""), map[string]string{}
	for _, name := range book.GetSheetList() {
		all[name] = reporttest.Flat(reporttest.Sheet(t, book, name))
	}
	return all
}

// Everything a person must know is in the letter, and what others must not see is not.
func TestWhatALetterSays(t *testing.T) {
	t.Parallel()
	is, _ := reporttest.Batch(t, reporttest.Civil, 5)
	is.Previous = &payrun.Batch{Month: reporttest.November - 1, N: 1}
	debt := explain.RecalledDebt{Debt: payrun.Debt{Item: "11", Payee: roster.Myself, Month: month.Of(2026, 9), Amount: 7000}, Reason: "2026-08-31 去世"}
	later := debt
	later.Month++
	recall := explain.Recall{Person: 1, Name: "甲某", ID: "140213194003010012", Payee: roster.Myself, Died: month.DateOf(2026, 8, 31), Debts: []explain.RecalledDebt{debt, later}}
	text := one(t, Bundle{Issue: is, Letters: []explain.Letter{fullLetter()}, Recalls: []explain.Recall{recall}})
	for _, part := range []string{
		"平城区2026年11月养老待遇发放告知书", "甲某，您好！", "140213**********12", "您已满 86 周岁，符合高龄津贴的条件，每月 70 元。",
		"养老服务补贴：补发 2026年8月至10月（3 个月），共 210.00 元。原因：低保自 2026-08-01 起（补登记）；每月应发 70.00 元，此前未发放。",
		"护理补贴：扣回 2026年10月多发的 100.00 元，从养老服务补贴中扣。原因：低保到 2026-09-30 止。",
		"困难残疾人生活补贴：2026年11月，共 100.00 元，没有登记银行账户，请带身份证和银行卡（存折）到社区或街道登记。",
		"新增高龄津贴，本月 70.00 元。原因：本月满 80 周岁。", "停发百岁补贴（上月 300.00 元）。原因：就高。", "集中供养由 900.00 元变为 960.00 元。原因：标准改变。",
		"中国工商银行　6222****0123　户名 甲某", "付给某院的款项", "没有退回的款项 123.45 元", "合计（大写）：壹仟壹佰肆拾元整", "区民政局（盖章）",
	} {
		if !strings.Contains(text["告知书"], part) {
			t.Errorf("告知书 lacks %q", part)
		}
	}
	for _, part := range []string{"甲某（身份证号 140213**********12，（未填街道）） 的亲属（代领人）：", "2026年9月至10月\n（2 个月）", "壹佰肆拾元整", "2026-08-31 去世", "回　　执", "申请行政复议"} {
		if !strings.Contains(text["追缴通知书"], part) {
			t.Errorf("追缴通知书 lacks %q: %s", part, text["追缴通知书"])
		}
	}
	for name, all := range text {
		if strings.Contains(all, "194003010012") || strings.Contains(all, "6222021234567890123") {
			t.Errorf("%s shows a whole number", name)
		}
	}
}

// A letter of somebody with very much to say is still one page, in smaller print.
func TestLetterAfterAOneOffGrant(t *testing.T) {
	t.Parallel()
	is, _ := reporttest.Batch(t, reporttest.Civil, 5)
	is.Previous = &payrun.Batch{Month: reporttest.November - 1, N: 1}
	l := fullLetter()
	l.Changes = []explain.BridgeRow{{Item: "17", Last: 80000, Reason: "一次性核定金额，上月已发", Once: true}}
	text := one(t, Bundle{Issue: is, Letters: []explain.Letter{l}})["告知书"]
	if !strings.Contains(text, "上月发放的临时救助（800.00 元）是一次性的，本月不再发放。") || strings.Contains(text, "停发") || strings.Contains(text, "最低生活保障") {
		t.Errorf("告知书: %s", text)
	}
}

func TestLongLetterFitsItsPage(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 5)
	l := fullLetter()
	for i := range 12 { // months that do not follow each other
		more := l.Lines[1]
		more.Month = month.Of(2020, 1) + month.Month(2*i)
		more.Reason = more.Month.Chinese() + "应发 70.00 元，此前未发放"
		l.Lines = append(l.Lines, more)
	}
	s, err := newSheaf(is, src.Catalogue, t.TempDir(), Name, letterColumns())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, who := range []explain.Letter{fullLetter(), l} {
		var size, height float64
		if err := s.add("永泰", func(f *leaf) { (&letter{f, &who}).compose(); size, height = f.look.size, f.height }); err != nil {
			t.Fatal(err)
		}
		if height > s.room {
			t.Errorf("%d lines: %g points high at size %g, a page has %g", len(who.Lines), height, size, s.room)
		}
	}
}

// A street with more letters than a sheet may have page breaks goes on in the next.
func TestLettersGoOnInNextSheet(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 5)
	s, err := newSheaf(is, src.Catalogue, t.TempDir(), Name, letterColumns())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.max > workbook.MaxBreaks+1 {
		t.Errorf("%d letters on a sheet need more than %d breaks", s.max, workbook.MaxBreaks)
	}
	s.max = 2
	l := fullLetter()
	for range 5 {
		if err := s.add("永泰", func(f *leaf) { (&letter{f, &l}).compose() }); err != nil {
			t.Fatal(err)
		}
	}
	for _, street := range []string{"甲/乙", "甲:乙"} { // the same name once a sheet can hold it
		if err := s.add(street, func(f *leaf) { (&letter{f, &l}).compose() }); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "告知书.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write(file), file.Close()); err != nil {
		t.Fatal(err)
	}
	book := reporttest.Open(t, path, "")
	if got, want := book.GetSheetList(), []string{"永泰", "永泰(2)", "永泰(3)", "甲-乙", "甲-乙(2)"}; !slices.Equal(got, want) {
		t.Errorf("sheets %v, want %v", got, want)
	}
	if n := reporttest.PagesOf(reporttest.Sheet(t, book, "永泰(3)"), "养老待遇发放告知书"); n != 1 {
		t.Errorf("%d letters on the third sheet, want 1", n)
	}
}

// Letters of two bureaus are told apart by the names of their sheets, and each has the
// mark of its own batch.
func TestLettersOfTwoBureaus(t *testing.T) {
	t.Parallel()
	is, _ := reporttest.Batch(t, reporttest.Civil, 5)
	other, _ := reporttest.Batch(t, "区人社局", 5)
	other.Batch.State = payrun.Open
	l := fullLetter()
	path := filepath.Join(t.TempDir(), "甲.xlsx")
	err := WritePerson(t.Context(), path, []Bundle{{Issue: is, Letters: []explain.Letter{l}}, {Issue: other, Letters: []explain.Letter{l}}})
	if err != nil {
		t.Fatal(err)
	}
	book := reporttest.Open(t, path, "")
	if got, want := book.GetSheetList(), []string{"告知书 区民政局第1批", "告知书 区人社局第1批"}; !slices.Equal(got, want) {
		t.Fatalf("sheets %v, want %v", got, want)
	}
	for i, mark := range []string{"平城区", "【草稿】平城区"} {
		if rows := reporttest.Sheet(t, book, book.GetSheetList()[i]); !strings.HasPrefix(rows[0][0], mark) {
			t.Errorf("sheet %d begins with %s", i, rows[0][0])
		}
	}
}

// TestLettersKeepToTheSchema: a person's letters, and notices alone.
func TestLettersKeepToTheSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	is, people := reporttest.Batch(t, reporttest.Civil, 60)
	if err := WritePerson(t.Context(), filepath.Join(dir, "一人.xlsx"), []Bundle{{Issue: is, Letters: people.AllLetters()[:1]}}); err != nil {
		t.Fatal(err)
	}
	var recalls []explain.Recall
	if err := people.Recalls(t.Context(), func(r *explain.Recall) error { recalls = append(recalls, *r); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := WriteRecalls(t.Context(), filepath.Join(dir, "追缴.xlsx"), is, recalls); err != nil {
		t.Fatal(err)
	}
	if n := reporttest.WellMade(t, "letters", dir); n != 2 {
		t.Errorf("%d workbooks", n)
	}
}
