package shape

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/bank/field"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

var update = flag.Bool("update", false, "write the golden files anew")

// file is the built-in pack with texts replaced: pairs of old and new.
func file(t testing.TB, changes ...string) *packfile.File {
	t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			t.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p.File
}

// named returns a shape of the built-in pack.
func named(t testing.TB, name string) *Shape {
	t.Helper()
	f := file(t)
	for i := range f.Shapes {
		if f.Shapes[i].Name.Value == name {
			return New(&f.Shapes[i])
		}
	}
	t.Fatalf("the pack has no shape %s", name)
	return nil
}

var head = field.Head{
	Number: "140213-202611-MZ-1-003", Region: "140213", Bureau: "区民政局", Month: month.Of(2026, 11), Date: month.DateOf(2026, 11, 25),
}

func pay(seq int, bank, holder, account, id, item, name string, amount money.Fen) field.Payment {
	return field.Payment{Seq: seq, Account: roster.Account{Bank: bank, Number: account, Holder: holder}, Amount: amount, ID: id, Item: item, ItemName: name}
}

var payments = []field.Payment{
	pay(1, "中国工商银行", "甲某", "6200020000000000019", "140203194001010011", "11", "高龄津贴", 7000),
	pay(2, "中国工商银行", "阿卜杜·买买提", "140213000000001234", "140203193001010018", "12", "百岁补贴", 30001),
	pay(3, "中国建设银行", "某某养老院", "14050000000000009", "", "19", "集中供养", 123456789),
	pay(4, "中国建设银行", "乙镕", "6200040000000000013", "140203194501010015", "17", "最低生活保障", 1),
}

// sum is what the rows add up to.
func sum(ps []field.Payment) money.Fen {
	var all money.Fen
	for _, p := range ps {
		all = all.Add(p.Amount)
	}
	return all
}

// write writes the only file of a text shape.
func write(t testing.TB, s *Shape, ps []field.Payment) (string, []byte) {
	t.Helper()
	parts := s.Parts(head, ps)
	if len(parts) != 1 || parts[0].Rows != len(ps) || parts[0].Amount != sum(ps) {
		t.Fatalf("parts %+v", parts)
	}
	var out bytes.Buffer
	if err := parts[0].WriteText(&out); err != nil {
		t.Fatal(err)
	}
	return parts[0].Name, out.Bytes()
}

func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, want) {
		t.Errorf("%s is\n%q, want\n%q", name, body, want)
	}
}

// plainRow is a payment as a reader of the file sees it.
type plainRow struct{ seq, account, holder, amount, id, memo string }

// The readers know the files' forms from their descriptions, not from the package.

func decode(t testing.TB, enc encoding.Encoding, body []byte) string {
	t.Helper()
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readPipes reads |序号|账号|户名|金额|摘要 under |笔数|总金额|日期.
func readPipes(t testing.TB, body []byte) (totals string, rows []plainRow) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(decode(t, simplifiedchinese.GB18030, body), "\r\n"), "\r\n")
	for _, line := range lines[1:] {
		c := strings.Split(line, "|")
		if len(c) != 6 || c[0] != "" {
			t.Fatalf("line %q", line)
		}
		rows = append(rows, plainRow{seq: c[1], account: c[2], holder: c[3], amount: c[4], memo: c[5]})
	}
	return lines[0], rows
}

// readFixed reads lines of 157 bytes between a header and a trailer.
func readFixed(t testing.TB, body []byte) (header, trailer string, rows []plainRow) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n")
	for _, line := range lines[1 : len(lines)-1] {
		if len(line) != 1+6+32+40+14+20+44 || line[0] != 'D' {
			t.Fatalf("line of %d bytes: %q", len(line), line)
		}
		cut := func(from, to int) string {
			return strings.TrimRight(decode(t, simplifiedchinese.GBK, []byte(line[from:to])), " ")
		}
		seq, err := strconv.Atoi(cut(1, 7))
		if err != nil {
			t.Fatal(err)
		}
		fen, err := strconv.ParseInt(cut(79, 93), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, plainRow{strconv.Itoa(seq), cut(7, 39), cut(39, 79), fmt.Sprintf("%d.%02d", fen/100, fen%100), cut(93, 113), cut(113, 157)})
	}
	return lines[0], lines[len(lines)-1], rows
}

// rowsOf are the payments as they should be read.
func rowsOf(ps []field.Payment, id bool, memos ...string) []plainRow {
	var rows []plainRow
	for i, p := range ps {
		r := plainRow{seq: strconv.Itoa(p.Seq), account: p.Account.Number, holder: p.Account.Holder, amount: p.Amount.String(), memo: memos[i]}
		if id {
			r.id = p.ID
		}
		rows = append(rows, r)
	}
	return rows
}

var asRows = cmp.AllowUnexported(plainRow{})

func TestPipeText(t *testing.T) {
	t.Parallel()
	ps := append([]field.Payment{pay(0, "", "王𠮷㐂", "62000", "", "11", "高龄津贴", 123)}, payments...) // GB18030 has every character
	for i := range ps {
		ps[i].Seq = i + 1
	}
	name, body := write(t, named(t, "竖线文本"), ps)
	if name != "DF140213-202611-MZ-1-003.txt" {
		t.Errorf("name %s", name)
	}
	golden(t, "pipes.txt", body)
	totals, rows := readPipes(t, body)
	if want := "|5|" + sum(ps).String() + "|20261125"; totals != want {
		t.Errorf("totals %s, want %s", totals, want)
	}
	want := rowsOf(ps, false, "202611高龄津贴", "202611高龄津贴", "202611百岁补贴", "202611集中供养", "202611临时救助金")
	if diff := cmp.Diff(want, rows, asRows); diff != "" {
		t.Error(diff)
	}
}

func TestFixedText(t *testing.T) {
	t.Parallel()
	name, body := write(t, named(t, "定长文本"), payments)
	if name != "140213-202611-MZ-1-003.txt" {
		t.Errorf("name %s", name)
	}
	golden(t, "fixed.txt", body)
	header, trailer, rows := readFixed(t, body)
	if want := "H20261125000004" + fmt.Sprintf("%016d", int64(sum(payments))); header != want {
		t.Errorf("header %s, want %s", header, want)
	}
	if want := "T140213-202611-MZ-1-003" + strings.Repeat(" ", 10); trailer != want {
		t.Errorf("trailer %q, want %q", trailer, want)
	}
	want := rowsOf(payments, true, "202611高龄津贴", "202611百岁补贴", "202611集中供养", "202611最低生活保障")
	if diff := cmp.Diff(want, rows, asRows); diff != "" {
		t.Error(diff)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	_, body := write(t, named(t, "定长文本"), []field.Payment{pay(1, "", "王㐂", "62", "", "11", "高龄津贴", 1)})
	if _, _, rows := readFixed(t, body); rows[0].holder != "王喜" {
		t.Errorf("holder %q", rows[0].holder)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	s := New(&packfile.Shape{
		Format: word("csv"), Encoding: word("UTF-8"), LineEnd: word("LF"), Heading: packfile.Bool{Value: true}, Amount: word("元"),
		Columns: []packfile.Cell{cell("序号", 0), cell("账号", 0), cell("户名", 0), cell("金额", 0), cell("摘要", 0), cell("单位", 0)},
		Trailer: []packfile.Cell{{Text: word("合计")}, {}, {Field: word("笔数")}, {Field: word("总金额")}, {}, {}},
	})
	ps := []field.Payment{pay(1, "", `甲"某,某`, "62", "", "11", "高龄津贴", 7000), pay(2, "", "乙某", "63", "", "11", "高龄津贴", 5)}
	name, body := write(t, s, ps)
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"序号", "账号", "户名", "金额", "摘要", "单位"},
		{"1", "62", `甲"某,某`, "70.00", "2026年11月高龄津贴", "区民政局"},
		{"2", "63", "乙某", "0.05", "2026年11月高龄津贴", "区民政局"},
		{"合计", "", "2", "70.05", "", ""},
	}
	if diff := cmp.Diff(want, rows); diff != "" || name != "140213-202611-MZ-1-003.csv" {
		t.Error(name, diff)
	}
}

// The form that the pack writes out is the one of banks without any.
func TestCanonicalIsInThePack(t *testing.T) {
	t.Parallel()
	pack := named(t, "标准工作簿")
	plain := cmpopts.IgnoreTypes(packfile.Pos{})
	if diff := cmp.Diff(Canonical().def, pack.def, plain, cmpopts.IgnoreUnexported(packfile.Text{}), cmpopts.IgnoreFields(packfile.Shape{}, "Name")); diff != "" {
		t.Error(diff)
	}
	for _, bank := range []string{"", "中国工商银行", "工行", "外地银行"} {
		if Of(file(t), bank) != Canonical() {
			t.Errorf("bank %q is not canonical", bank)
		}
	}
}

func TestOwnAndOtherBank(t *testing.T) {
	t.Parallel()
	parts := named(t, "本行他行工作簿").Parts(head, payments)
	if len(parts) != 2 || parts[0].Name != head.Number+"-BH.xlsx" || parts[1].Name != head.Number+"-TH.xlsx" {
		t.Fatalf("parts %+v", parts)
	}
	var seqs [][]string
	for i := range parts {
		p := &parts[i]
		var all []string
		if err := p.Each(func(kind Kind, values []field.Value) error {
			if kind == Row {
				all = append(all, values[0].Text)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, all)
	}
	if diff := cmp.Diff([][]string{{"1", "2"}, {"3", "4"}}, seqs); diff != "" {
		t.Error(diff)
	}
	if parts[0].Amount != 37001 || parts[1].Amount != 123456790 {
		t.Errorf("amounts %s, %s", parts[0].Amount, parts[1].Amount)
	}
	if one := named(t, "本行他行工作簿").Parts(head, payments[:2]); len(one) != 1 {
		t.Errorf("%d files, one of them empty", len(one))
	}
}

// What a form cannot hold is refused with row, field and value, never cut or replaced.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shape, holder, account, says string }{
		{"定长文本", "王𠮷", "62", "第2行：“户名”栏的“王𠮷”：“𠮷”（U+20BB7）不在 GBK 里"},
		{"定长文本", strings.Repeat("长", 21), "62", "有 42 字节，栏宽只有 40"},
		{"定长文本", "甲某", strings.Repeat("6", 33), "“账号”栏"},
		{"竖线文本", "甲|某", "62", "里面有分隔符“|”"},
		{"竖线文本", "甲\n某", "62", "里面有控制字符"},
	} {
		p := named(t, c.shape).Parts(head, []field.Payment{pay(1, "", c.holder, c.account, "", "11", "高龄津贴", 1)})[0]
		err := p.WriteText(&bytes.Buffer{})
		if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s, %q: %v, want %s", c.shape, c.holder, err, c.says)
		}
	}
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	f := file(t, `aliases: [工行, 工商银行],`, `aliases: [工行, 工商银行], shape: 定长文本,`, `aliases: [农行, 农业银行],`, `aliases: [农行, 农业银行], through: 中国工商银行,`)
	why := Unwritable(f)
	for _, c := range []struct{ bank, holder, id, says string }{
		{"工行", "王𠮷", "", "“中国工商银行”的银行文件写不下户名“王𠮷”：“𠮷”（U+20BB7）不在 GBK 里"},
		{"中国工商银行", "王㐂", "临-甲1", ""}, // mapped
		{"农行", "王𠮷", "", "“中国工商银行”的银行文件"},
		{"建行", "王𠮷", "", ""}, // a workbook
		{"外地银行", "王𠮷", "", ""},
		{"", "王𠮷", "", ""},
		{"工行", "甲某", "临-" + strings.Repeat("中", 9), "写不下证件号码"},
	} {
		got := why(roster.Account{Bank: c.bank, Number: "6200", Holder: c.holder}, c.id)
		if (got == "") != (c.says == "") || !strings.HasPrefix(got, c.says) && !strings.Contains(got, c.says) {
			t.Errorf("%s %s %s: %q, want %q", c.bank, c.holder, c.id, got, c.says)
		}
	}
}
