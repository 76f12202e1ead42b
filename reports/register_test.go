package reports

import (
	"archive/zip"
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
	"disburse/reports/filing"
	"disburse/reports/register"
	"disburse/reports/reporttest"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// small is a batch of three people, small enough to say what every cell must be.
func small(t *testing.T) (*source.Issue, *reporttest.Rows) {
	t.Helper()
	is, src := reporttest.Batch(t, reporttest.Civil, 0)
	account := roster.Account{Bank: "大同农商银行", Number: "6212260000000000019"}
	wang := payrun.Line{Person: 1, Name: "王一", ID: "140203194001010011", Street: "永泰", Community: "东街社区", Account: account}
	li := payrun.Line{Person: 2, Name: "李二", ID: "140203193001010022", Street: "御河", Community: "河西社区", Account: account}
	zhao := payrun.Line{Person: 3, Name: "赵三", ID: "140203192601010033", Street: "御河", Community: "河东社区"}
	add := func(l payrun.Line, item string, back int, kind payrun.Kind, amount, standard money.Fen) *explain.DetailedLine {
		l.Item, l.Against, l.Payee, l.Month, l.Kind, l.Amount = item, item, roster.Myself, reporttest.November.Add(-back), kind, amount
		src.ByItem[item] = append(src.ByItem[item], explain.DetailedLine{Line: l, Standard: standard, Cleared: l.Person == 1})
		return &src.ByItem[item][len(src.ByItem[item])-1]
	}
	add(wang, "11", 0, payrun.Current, 7000, 7000)
	add(li, "11", 1, payrun.Arrears, 2000, 7000)
	add(li, "11", 0, payrun.Current, 7000, 7000)
	add(zhao, "12", 0, payrun.Current, 30000, 30000).Hold = payrun.NoAccount | payrun.Suspended
	add(wang, "16", 0, payrun.Current, 10000, 10000)
	add(wang, "23-2", 1, payrun.Recovery, -10000, 0).Against = "16"
	is.Batch.State, is.Signatures, is.Files = payrun.Submitted, is.Signatures[:1], nil
	is.Batch.Lines, is.Batch.Heads, is.Batch.Pays, is.Batch.Held = 6, 2, 16000, 30000
	is.Totals = []payrun.ItemTotal{
		{Item: "11", Heads: 2, Current: 14000, Arrears: 2000},
		{Item: "12", Held: 30000},
		{Item: "16", Heads: 1, Current: 10000},
		{Item: "23-2", Heads: 1, Recovery: -10000},
	}
	is.PreviousTotals = []payrun.ItemTotal{{Item: "11", Current: 7000}, {Item: "12", Current: 30000}, {Item: "23-2", Current: 10000}}
	src.Moved = []explain.BridgeRow{
		{Item: "11", Name: "李二", ID: li.ID, Street: "御河", This: 7000, Reason: "2026-11 起登记"},
		{Item: "12", Name: "赵三", ID: zhao.ID, Street: "御河", Last: 30000, Reason: "暂缓：无账户、暂停发放"},
		{Item: "16", Name: "王一", ID: wang.ID, Street: "永泰", This: 10000, Reason: "由 23-2 改为 16"},
		{Item: "23-2", Name: "王一", ID: wang.ID, Street: "永泰", Last: 10000, Reason: "由 23-2 改为 16"},
	}
	return is, src
}

// body are the rows below the headings, without trailing empty cells, down to the
// signature row.
func body(rows [][]string) [][]string {
	var out [][]string
	for _, row := range rows[reporttest.TitleRows:] {
		if strings.HasPrefix(row[0], "制表人") {
			break
		}
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		out = append(out, slices.DeleteFunc(slices.Clone(row), func(s string) bool { return s == "" }))
	}
	return out
}

func TestEveryCellOfASmallBatch(t *testing.T) {
	t.Parallel()
	is, src := small(t)
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	for name, want := range map[string][][]string{
		"11 高龄津贴": {
			{"1", "王一", "140203194001010011", "永泰", "东街社区", "2026-11", "当月", "70.00", "70.00", "大同农商银行", "6212260000000000019", "王一"},
			{"永泰　小计　1 人　明细 1 条", "70.00"},
			{"2", "李二", "140203193001010022", "御河", "河西社区", "2026-10", "补发", "70.00", "20.00", "大同农商银行", "6212260000000000019", "李二"},
			{"3", "李二", "140203193001010022", "御河", "河西社区", "2026-11", "当月", "70.00", "70.00", "大同农商银行", "6212260000000000019", "李二"},
			{"御河　小计　1 人　明细 2 条", "90.00"},
			{"合计　2 人　明细 3 条", "160.00", "其中：当月 140.00　补发 20.00　扣回 0.00"},
			{"合计金额（大写）：壹佰陆拾元整"},
		},
		"12 百岁补贴": {
			{"本批没有应发明细"},
			{"合计　0 人　明细 0 条", "0.00", "其中：当月 0.00　补发 0.00　扣回 0.00"},
			{"合计金额（大写）：零元整"},
			{"注：另有暂缓发放 1 人、明细 1 条、300.00 元，不在本表合计之内，见“暂缓发放”表。"},
		},
		"补发扣回": {
			{"1", "李二", "140203193001010022", "御河", "11 高龄津贴", "2026-10", "补发", "70.00", "20.00", "本人", "该月应发 70.00 元，已发 50.00 元，补足差额"},
			{"2", "王一", "140203194001010011", "永泰", "23-2 重度残疾人护理补贴", "2026-10", "扣回", "0.00", "-100.00", "16 护理补贴", "本人", "该月已不应发放，多发部分扣回"},
			{"补发合计　明细 1 条", "20.00"}, {"扣回合计　明细 1 条", "-100.00"}, {"补发、扣回相抵", "-80.00"},
		},
		"暂缓发放": {
			{"1", "赵三", "140203192601010033", "御河", "河东社区", "12 百岁补贴", "2026-11", "当月", "300.00", "本人", "无账户、暂停发放", "补登银行账户；核实后结束“暂停发放”记录。原因消除后下批自动补发"},
			{"合计　1 人　明细 1 条", "300.00"},
			{"合计金额（大写）：叁佰元整"},
			{"注：暂缓的款项不计入本批应发合计，也不在银行文件中。"},
		},
		"清算表": {
			{"80–89 周岁", "低保", "70.00", "1", "70.00"}, {"80–89 周岁", "其他", "10.00", "0", "0.00"},
			{"90–99 周岁", "低保", "70.00", "0", "0.00"}, {"90–99 周岁", "其他", "30.00", "1", "30.00"},
			{"100 周岁及以上", "低保", "150.00", "0", "0.00"}, {"100 周岁及以上", "其他", "150.00", "0", "0.00"},
			{"合计", "2", "100.00"}, {"合计金额（大写）：壹佰元整"},
			{"注：标准来源：山西省高龄津贴省级补助标准。人数为本批当月可发的高龄津贴、百岁补贴人数，暂缓的不计。"},
			{"注：本批另有以前月份补发明细 1 条、扣回明细 0 条，按所属月份在年度清算时增减。"},
		},
	} {
		if diff := gocmp.Diff(want, body(reporttest.Sheet(t, book, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	text := reporttest.Flat(reporttest.Sheet(t, book, "汇总"))
	for _, row := range []string{
		"全区\t11 高龄津贴\t70.00\t2\t3\t140.00\t20.00\t0.00\t160.00\t0\t0.00\n",
		"合计（同一人享受多项只计一次）\t\t\t2\t5\t240.00\t20.00\t-100.00\t160.00\t1\t300.00\n",
		"御河\t全部项目\t\t1\t2\t70.00\t20.00\t0.00\t90.00\t1\t300.00\n",
		"永泰\t23-2 重度残疾人护理补贴\t\t1\t1\t0.00\t0.00\t-100.00\t-100.00\t0\t0.00\n",
		"合计金额（大写）：壹佰陆拾元整",
	} {
		if !strings.Contains(text, row) {
			t.Errorf("汇总 lacks %q:\n%s", row, text)
		}
	}
}

func TestBridgeBalances(t *testing.T) {
	t.Parallel()
	is, src := small(t)
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	text := reporttest.Flat(reporttest.Sheet(t, book, "变动")) + reporttest.Flat(reporttest.Sheet(t, book, "变动街道"))
	for _, row := range []string{
		"11 高龄津贴\t\t70.00\t1\t70.00\t0\t0.00\t0\t0.00\t140.00\n",
		"合计\t\t470.00\t2\t170.00\t2\t400.00\t0\t0.00\t240.00\n",
		"御河\t1\t1\t0\t2\t70.00\t300.00\t0.00\t-230.00\n",
		"合计\t2\t2\t0\t4\t170.00\t400.00\t0.00\t-230.00\n",
		"4\t王一\t140203194001010011\t永泰\t23-2 重度残疾人护理补贴\t停发\t100.00\t0.00\t-100.00\t由 23-2 改为 16\n",
	} {
		if !strings.Contains(text, row) {
			t.Errorf("变动 lacks %q:\n%s", row, text)
		}
	}
	for _, c := range []struct {
		name     string
		n        int
		previous *payrun.Batch
	}{{"没有以前月份", 1, nil}, {"补充批次", 2, is.Previous}} {
		is.Batch.N, is.Batch.Extra, is.Previous = c.n, c.n > 1, c.previous
		dir, _ := write(t, is, src, Options{})
		text := reporttest.Flat(reporttest.Sheet(t, reporttest.Open(t, filepath.Join(dir, reporttest.Civil, filing.BookName(register.Name, c.n)), ""), "变动"))
		if !strings.Contains(text, c.name) || !strings.Contains(text, "合计\t\t0.00\t3\t240.00\t0\t0.00\t0\t0.00\t240.00\n") {
			t.Errorf("%s:\n%s", c.name, text)
		}
	}
}

// The sums of the printed pages add up to the item's, every page but the last ends
// with a break below its sum, and the last one holds people above its signatures.
func TestPageSums(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 900)
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	for _, total := range is.Totals {
		name := src.Catalogue.Title(total.Item)
		var sum money.Fen
		pages, below, last := 0, 0, 0
		for _, row := range reporttest.Sheet(t, book, name) {
			switch {
			case len(row) > 8 && strings.HasPrefix(row[0], "本页小计"):
				a, err := money.Parse(row[8])
				if err != nil {
					t.Fatal(err)
				}
				if want := "本页小计　明细 " + strconv.Itoa(below) + " 条"; row[0] != want {
					t.Errorf("%s: %q, want %q", name, row[0], want)
				}
				sum += a
				pages++
				last, below = below, 0
			case len(row) > 2 && row[0] != "" && strings.Trim(row[0], "0123456789") == "":
				below++
			}
		}
		if want := total.Current + total.Arrears + total.Recovery; sum != want || pages < 2 || below != 0 || last < sheet.BodyWithTail {
			t.Errorf("%s: %d pages of %s, want %s; %d below the last sum, %d on the last page", name, pages, sum, want, below, last)
		}
		if got := rowBreaks(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), book, name); got != pages-1 {
			t.Errorf("%s: %d page breaks for %d pages", name, got, pages)
		}
	}
}

// rowBreaks counts the page breaks that a sheet's part has.
func rowBreaks(t *testing.T, path string, book *excelize.File, name string) int {
	t.Helper()
	index, err := book.GetSheetIndex(name)
	if err != nil {
		t.Fatal(err)
	}
	zr, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	part, err := zr.Open("xl/worksheets/sheet" + strconv.Itoa(index+1) + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(body), "<brk ")
}

// signedSum applies the signs of headings to the amounts below them: ＋, −, ± add and take
// away, ＝ is what they must come to. A heading without a sign is where the sum begins.
func signedSum(t *testing.T, heads, row []string, begin string) (sum, want money.Fen) {
	t.Helper()
	signs := 0
	for i, head := range heads {
		if i >= len(row) || !(head == begin || strings.ContainsAny(head, "＋−±＝")) {
			continue
		}
		a := yuan(t, row[i])
		switch {
		case strings.Contains(head, "−"):
			if a < 0 {
				t.Errorf("%s is %s: the minus is in the heading", head, a)
			}
			sum = sum.Sub(a)
		case strings.Contains(head, "＝"):
			want = a
			continue
		default:
			sum = sum.Add(a)
		}
		signs++
	}
	if signs < 3 {
		t.Fatalf("headings without signs: %v", heads)
	}
	return sum, want
}

// TestBridgeReadsAsItSays: the figures of 变动, with the signs of their headings, come to
// this month's, item by item, street by street and in all.
func TestBridgeReadsAsItSays(t *testing.T) {
	t.Parallel()
	is, src := reporttest.Batch(t, reporttest.Civil, 300)
	is.PreviousTotals[0].Current += 7000 // somebody who is paid no more
	src.Moved = append([]explain.BridgeRow{{Item: is.PreviousTotals[0].Item, Name: "某甲", ID: "140203194001010011", Street: src.Catalogue.File.Streets[0].Value, Last: 7000, Reason: "去世"}}, src.Moved...)
	slices.SortStableFunc(src.Moved, func(a, b explain.BridgeRow) int {
		return cmp.Or(cmp.Compare(src.Catalogue.Order[a.Item], src.Catalogue.Order[b.Item]), src.Catalogue.CompareStreets(a.Street, b.Street), strings.Compare(a.ID, b.ID))
	})
	dir, _ := write(t, is, src, Options{})
	book := reporttest.Open(t, filepath.Join(dir, reporttest.Civil, "发放清册.xlsx"), "")
	for name, spec := range map[string][2]string{"变动": {"项目", "上月当月金额"}, "变动街道": {"街道", ""}} {
		rows, n := reporttest.Sheet(t, book, name), 0
		var heads []string
		stopped := money.Fen(0)
		for _, row := range rows {
			switch {
			case heads == nil && row[0] == spec[0]:
				heads = row
			case heads != nil && len(row) == len(heads):
				sum, want := signedSum(t, heads, row, spec[1])
				if sum != want {
					t.Errorf("%s %s: %s, written %s", name, row[0], sum, want)
				}
				n++
				stopped += yuan(t, row[slices.Index(heads, "停发金额（−）")])
			}
			if heads != nil && row[0] == "合计" {
				break
			}
		}
		if n < 3 || stopped == 0 {
			t.Errorf("%s: %d rows, stopped %s", name, n, stopped)
		}
	}
}
