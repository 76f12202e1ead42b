package yearly

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/reports/reporttest"
	"disburse/reports/sheet"
)

// aYear is a source of made-up people: of n, every third has two items, every fifth a
// returned payment, every seventh something held.
type aYear struct {
	rows    []Row
	control Control
	after   int // end with broken behind so many rows; 0: never
	broken  error
}

func (y *aYear) Year(_ context.Context, fn func(*Row) error) (*Control, error) {
	var row Row
	for i := range y.rows {
		if y.after > 0 && i == y.after {
			return nil, y.broken
		}
		row = y.rows[i]
		if err := fn(&row); err != nil {
			return nil, err
		}
	}
	control := y.control
	return &control, nil
}

func makeYear(t *testing.T, n int) (*Year, *aYear) {
	t.Helper()
	file := reporttest.Pack(t)
	y := &aYear{control: Control{Revision: 57, Known: month.DateOf(2026, 11, 30)}}
	for i := range n {
		street := file.Streets[i*3/n].Value
		id := fmt.Sprintf("%d", 140213194000000000+i)
		row := Row{Person: int64(i + 1), ID: id, Name: fmt.Sprintf("某%04d", i), Street: street, Item: "11"}
		for _, m := range []int{9, 10} {
			row.Paid[m] = money.Fen(7000 + i)
		}
		if i%5 == 4 {
			row.Failed = row.Paid[9]
		}
		if i%7 == 6 {
			row.Held = 14000
		}
		y.rows = append(y.rows, row)
		if i%3 == 2 {
			other := Row{Person: row.Person, ID: id, Name: row.Name, Street: street, Item: "16"}
			other.Paid[10] = 10000
			y.rows = append(y.rows, other)
		}
	}
	y.total()
	return &Year{Pack: file, Year: 2026, Bureau: reporttest.Civil}, y
}

// total makes the control of the rows.
func (y *aYear) total() {
	items := map[string]*Item{"11": {Item: "11"}, "16": {Item: "16"}}
	october, november := Batch{Month: month.Of(2026, 10), N: 1}, Batch{Month: month.Of(2026, 11), N: 1}
	for _, r := range y.rows {
		it := items[r.Item]
		for m, a := range r.Paid {
			it.Paid[m] += a
		}
		it.Failed += r.Failed
		october.Pays, november.Pays, november.Held = october.Pays+r.Paid[9], november.Pays+r.Paid[10], november.Held+r.Held
	}
	y.control.Items = []Item{*items["11"], *items["16"]}
	y.control.Batches = []Batch{october, november}
}

func TestYearAddsUp(t *testing.T) {
	t.Parallel()
	year, src := makeYear(t, 90)
	dir := t.TempDir()
	file, err := Write(t.Context(), dir, year, src, "")
	if err != nil {
		t.Fatal(err)
	}
	pays := src.control.Batches[0].Pays + src.control.Batches[1].Pays
	if file.Path != reporttest.Civil+"/领取情况.xlsx" || file.Rows != 120 || file.Amount != pays {
		t.Errorf("file %+v, want %s", file, pays)
	}
	book := reporttest.Open(t, filepath.Join(dir, "2026", reporttest.Civil, "领取情况.xlsx"), "")
	people := reporttest.Sheet(t, book, "个人")
	for heading, want := range map[string]money.Fen{"10月": src.control.Batches[0].Pays, "11月": src.control.Batches[1].Pays, "合计": pays,
		"退回": src.control.Items[0].Failed, "未了结暂缓": src.control.Batches[1].Held} {
		if got := addFilled(t, people, heading); got != want {
			t.Errorf("%s: %s, want %s", heading, got, want)
		}
	}
	for _, street := range year.Pack.Streets[:3] {
		if !strings.Contains(reporttest.Flat(people), sheet.StreetName(street.Value)+"　小计") {
			t.Errorf("no subtotal of %s", street.Value)
		}
	}
	top := reporttest.Sheet(t, book, "汇总")
	var got [][]string
	for _, r := range top {
		if len(r) > 14 && (r[1] == "人数" || r[1] == "实发" || r[1] == "退回" || r[1] == "暂缓") {
			got = append(got, []string{r[0], r[1], r[11], r[12], r[14]})
		}
	}
	eleven, sixteen := src.control.Items[0], src.control.Items[1]
	want := [][]string{
		{"11 高龄津贴", "人数", "90", "90", "90"},
		{"11 高龄津贴", "实发", eleven.Paid[9].String(), eleven.Paid[10].String(), sumOf(eleven.Paid).String()},
		{"11 高龄津贴", "退回", "", "", eleven.Failed.String()},
		{"11 高龄津贴", "暂缓", "", "", src.control.Batches[1].Held.String()},
		{"16 护理补贴", "人数", "", "30", "30"},
		{"16 护理补贴", "实发", "", sixteen.Paid[10].String(), sixteen.Paid[10].String()},
		{"合计（人数不重复）", "人数", "90", "90", "90"},
		{"合计（人数不重复）", "实发", src.control.Batches[0].Pays.String(), src.control.Batches[1].Pays.String(), pays.String()},
		{"合计（人数不重复）", "退回", "", "", eleven.Failed.String()},
		{"合计（人数不重复）", "暂缓", "", "", src.control.Batches[1].Held.String()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("汇总 (-want +got):\n%s", diff)
	}
	if text := reporttest.Flat(top); !strings.Contains(text, pays.Chinese()) || !strings.Contains(text, "2026年10月第1批") {
		t.Error("no 大写, or no batches")
	}
}

// addFilled is addUp for a column with empty cells.
func addFilled(t *testing.T, rows [][]string, heading string) money.Fen {
	t.Helper()
	at := slices.Index(rows[reporttest.TitleRows-1], heading)
	var filled [][]string
	for i, row := range rows {
		if i < reporttest.TitleRows || len(row) > at && row[at] != "" {
			filled = append(filled, row)
		}
	}
	sum, _ := reporttest.AddUp(t, filled, heading)
	return sum
}

func TestYearTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	year, src := makeYear(t, 40)
	var sums []string
	for range 2 {
		file, err := Write(t.Context(), t.TempDir(), year, src, "")
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, file.SHA256)
	}
	if sums[0] != sums[1] {
		t.Errorf("%v", sums)
	}
}

// TestYearThatDoesNotAddUp: one 分 anywhere, and nothing is written.
func TestYearThatDoesNotAddUp(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*aYear){
		"2026年10月 项目 11 的实发": func(y *aYear) { y.rows[0].Paid[9]++ },
		"项目 11 的退回":          func(y *aYear) { y.control.Items[0].Failed++ },
		"项目 16 的实发":          func(y *aYear) { y.rows = slices.DeleteFunc(y.rows, func(r Row) bool { return r.Item == "16" }) },
		"2026年11月实发":         func(y *aYear) { y.control.Batches[1].Pays-- },
		"2026年11月付款":         func(y *aYear) { y.control.Items = y.control.Items[:1] },
		"未了结的暂缓":             func(y *aYear) { y.control.Batches[1].Held++ },
		"broken":             func(y *aYear) { y.after, y.broken = 20, errors.New("broken") },
		"out of order":       func(y *aYear) { y.rows[0], y.rows[30] = y.rows[30], y.rows[0] },
	} {
		year, src := makeYear(t, 90)
		spoil(src)
		dir := t.TempDir()
		_, err := Write(t.Context(), dir, year, src, "")
		if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error()+fmt.Sprint(errors.Unwrap(err)), name) {
			t.Errorf("%s: error %v", name, err)
		}
		if left := reporttest.Tree(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

// aStatement has one of everything.
func aStatement(t *testing.T) *Statement {
	t.Helper()
	at := func(m int) month.Month { return month.Of(2026, m) }
	day := month.DateOf(2026, 11, 5)
	return &Statement{
		Pack: reporttest.Pack(t), Year: 2026, Revision: 57, Known: month.DateOf(2026, 12, 1),
		Person: roster.Person{ID: "140202194006151119", Name: "某甲", Street: "永泰", Community: "一社区",
			Account: roster.Account{Bank: "示例银行", Number: "6212260000001234"}},
		Payments: []Payment{
			{Month: at(9), Bureau: reporttest.Civil, N: 1, Item: "11", Payee: roster.Myself, Current: 7000, Number: "140213-202609-MZ-1-001", Seq: 1, Sent: true, Answer: bank.Paid, Answered: day},
			{Month: at(10), Bureau: reporttest.Civil, N: 1, Item: "11", Payee: roster.Myself, Current: 7000, Number: "140213-202610-MZ-1-001", Seq: 1, Sent: true, Answer: bank.Failed, Answered: day, Words: "3031 户名不符"},
			{Month: at(10), Bureau: reporttest.Civil, N: 1, Item: "16", Payee: roster.Myself, Current: 10000, Recovery: -10000, RecoveryOf: []month.Month{at(9)}, RecoveryOn: []string{"23-2"}},
			{Month: at(11), Bureau: reporttest.Civil, N: 2, Item: "11", Payee: roster.Myself, Current: 7000, Arrears: 21000, ArrearsOf: []month.Month{at(5), at(6), at(10)}, Number: "140213-202611-MZ-2-001", Seq: 3, Sent: true},
			{Month: at(11), Bureau: reporttest.Civil, N: 1, Item: "15", Payee: "甲院", Current: 123456, Number: "140213-202611-MZ-1-002", Seq: 1, Sent: true, Answer: bank.Unknown, Answered: day, Words: "2000 处理中"},
			{Month: at(12), Bureau: reporttest.Civil, N: 1, Item: "11", Payee: roster.Myself, Current: 7000, Number: "140213-202612-MZ-1-001", Seq: 1},
		},
		Held: []Held{{Bureau: reporttest.Civil, Batch: at(12), Item: "23-1", Payee: roster.Myself, Month: at(11), Amount: 10000, Hold: payrun.Undecided},
			{Bureau: reporttest.Civil, Batch: at(12), Item: "23-1", Payee: roster.Myself, Month: at(12), Amount: 10000, Hold: payrun.Undecided | payrun.NoAccount}},
		Debts: []payrun.Debt{{Item: "13", Payee: roster.Myself, Month: at(8), Amount: 7000}},
	}
}

func TestStatementTotals(t *testing.T) {
	t.Parallel()
	want := Totals{Current: 161456, Arrears: 21000, Recovery: -10000, Due: 172456, Received: 7000, Failed: 7000, Open: 158456, Held: 20000, Owed: 7000}
	got := aStatement(t).Totals()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Due != got.Received+got.Failed+got.Open {
		t.Errorf("%+v does not add up", got)
	}
}

func TestStatementSaysAll(t *testing.T) {
	t.Parallel()
	s := aStatement(t)
	path := filepath.Join(t.TempDir(), "某甲.xlsx")
	if err := WriteStatement(t.Context(), path, s, "口令"); err != nil {
		t.Fatal(err)
	}
	first := reporttest.Read(t, path)
	if err := WriteStatement(t.Context(), path, s, ""); err != nil {
		t.Fatal(err)
	}
	if string(first) == string(reporttest.Read(t, path)) {
		t.Error("not encrypted")
	}
	rows := reporttest.Sheet(t, reporttest.Open(t, path, ""), "个人领取情况")
	var status []string
	for _, r := range rows {
		r = append(r, make([]string, 9)...)
		if strings.HasPrefix(r[0], "2026-") && r[5] != "" && r[6] != "" {
			status = append(status, strings.Join([]string{r[0], r[5], r[6], r[7], r[8]}, "|"))
		}
	}
	want := []string{
		"2026-09|70.00|成功\n2026-11-05|70.00|", "2026-10|70.00|退回\n2026-11-05||3031 户名不符", "2026-10|0.00|无需付款||扣回 23-2 2026年9月",
		"2026-11|280.00|未回||补发2026年5月至6月、2026年10月；第2批", "2026-11|1234.56|未知\n2026-11-05||付给甲院；2000 处理中", "2026-12|70.00|未送||",
	}
	if diff := cmp.Diff(want, status); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
	text := reporttest.Flat(rows)
	for _, part := range []string{"某甲", "140202194006151119", "6212****1234", "壹仟柒佰贰拾肆元伍角陆分", "柒拾元整", "疑点未决", "无账户、疑点未决", "13 养老服务补贴",
		"应付 1,724.56 ＝ 实领 70.00 ＋ 退回 70.00 ＋ 尚无最终结果 1,584.56", "暂缓合计：200.00 元", "经办人：", "单位（盖章）："} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	if strings.Contains(text, "6212260000001234") {
		t.Error("the account is not masked")
	}
}

func TestStatementOfNothing(t *testing.T) {
	t.Parallel()
	s := &Statement{Pack: reporttest.Pack(t), Year: 2026, Person: roster.Person{ID: "临-A1", Name: "某乙"}}
	path := filepath.Join(t.TempDir(), "某乙.xlsx")
	if err := WriteStatement(t.Context(), path, s, ""); err != nil {
		t.Fatal(err)
	}
	text := reporttest.Flat(reporttest.Sheet(t, reporttest.Open(t, path, ""), "个人领取情况"))
	for _, part := range []string{"本年度没有发放记录", "款项：没有", "未登记", "零元整"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
}

func TestYearsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	year, src := makeYear(t, 90)
	if _, err := Write(t.Context(), dir, year, src, ""); err != nil {
		t.Fatal(err)
	}
	if err := WriteStatement(t.Context(), filepath.Join(dir, "个人.xlsx"), aStatement(t), ""); err != nil {
		t.Fatal(err)
	}
	if n := reporttest.WellMade(t, "year", dir); n != 2 {
		t.Errorf("%d workbooks", n)
	}
}
