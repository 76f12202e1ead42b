package bank

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"disburse/internal/fault"
	"disburse/internal/money"
)

// The headings of docs/interface.md §6.
const (
	colNumber  = "批次号"
	colSeq     = "序号"
	colAccount = "账号"
	colHolder  = "户名"
	colAmount  = "金额"
	colCode    = "结果码"
	colReason  = "原因"
)

// resultColumns are the columns of a result file. longest is how many characters a value
// may have; a bank's reason is a sentence.
var resultColumns = []struct {
	name     string
	required bool
	longest  int
}{
	{colNumber, true, 60}, {colSeq, true, 20}, {colAccount, true, 60}, {colHolder, false, 100}, {colAmount, true, 40}, {colCode, true, 60}, {colReason, false, 300},
}

// headings finds where each column stands. It returns nil where the row is no heading
// row: one that has at least 序号 and 结果码. twice is a heading that stands there twice.
func headings(fields []field) (columns map[string]int, twice string) {
	at := map[string]int{}
	for i, f := range fields {
		name := strings.TrimSuffix(clean(f.text), "（元）")
		name = strings.TrimSuffix(name, "(元)")
		for _, c := range resultColumns {
			if c.name != name {
				continue
			}
			if _, has := at[name]; has {
				twice = name
			}
			at[name] = i
		}
	}
	if _, ok := at[colSeq]; !ok {
		return nil, ""
	}
	if _, ok := at[colCode]; !ok {
		return nil, ""
	}
	return at, twice
}

// reader takes the rows of a file one by one.
type reader struct {
	results *Results
	columns map[string]int // of the sheet at hand; nil before its headings
	sheets  int            // that have headings
	bound   bound
	texts   map[string]string // one copy of what stands in many rows
}

func newReader(name string, sent Sent) *reader {
	return &reader{results: &Results{Name: name}, bound: bound{file: name, sent: sent, named: map[string]bool{}}, texts: map[string]string{}}
}

// row takes one row. It fails where headings cannot be understood.
func (r *reader) row(at Place, fields []field) error {
	if blank(fields) {
		return nil
	}
	if err := r.bound.row(at); err != nil {
		return err
	}
	if r.columns == nil {
		columns, twice := headings(fields)
		if columns == nil {
			return nil // titles above the headings
		}
		if twice != "" {
			return fault.New(fault.Invalid, "%s%s有两个“%s”标题，不知道该用哪一列，请删去一列", r.results.Name, at.in(), twice)
		}
		for _, c := range resultColumns {
			if _, ok := columns[c.name]; c.required && !ok {
				return fault.New(fault.Invalid, "%s%s的标题缺少“%s”列，请补上（回盘文件要有批次号、序号、账号、金额、结果码）", r.results.Name, at.in(), c.name)
			}
		}
		r.columns = columns
		r.sheets++
		return nil
	}
	if isTotal(fields) {
		return nil
	}
	row, problem := r.parse(at, fields)
	if problem != nil {
		problem.Place, problem.Value = at, shortened(problem.Value)
		r.results.Problems = append(r.results.Problems, *problem)
		return r.bound.answer(at, "", len(problem.Value))
	}
	r.results.Rows = append(r.results.Rows, row)
	return r.bound.answer(at, row.Number, len(row.Account)+len(row.Holder))
}

// one keeps one copy of a text that stands in many rows, and never the row it came in. The
// copy counts against the file's bound, once.
func (r *reader) one(s string) string {
	kept, ok := r.texts[s]
	if !ok {
		kept = strings.Clone(s)
		r.texts[kept] = kept
		r.bound.kept += len(kept)
	}
	return kept
}

// shortened is a value as a message shows it.
func shortened(s string) string {
	const shown = 60
	if r := []rune(s); len(r) > shown {
		return string(r[:shown]) + "…"
	}
	return strings.Clone(s)
}

// done closes the file; sheets is how many there were to look at.
func (r *reader) done(sheets int) (*Results, error) {
	if r.sheets == 0 {
		return nil, fault.New(fault.Invalid, "文件“%s”里没有找到回盘的标题行（要有批次号、序号、账号、金额、结果码），请核对文件", r.results.Name)
	}
	if len(r.results.Rows) == 0 && len(r.results.Problems) == 0 {
		return nil, fault.New(fault.Invalid, "文件“%s”只有标题，没有回盘的行（共看了 %d 张表），请核对文件", r.results.Name, sheets)
	}
	return r.results, nil
}

// in says where a row stands, within a sentence.
func (p Place) in() string {
	if p.Sheet == "" {
		return "第 " + strconv.Itoa(p.Row) + " 行"
	}
	return "工作表“" + p.Sheet + "”第 " + strconv.Itoa(p.Row) + " 行"
}

// parse reads one row below the headings.
func (r *reader) parse(at Place, fields []field) (ResultRow, *ResultProblem) {
	get := func(name string) field {
		i, ok := r.columns[name]
		if !ok || i >= len(fields) {
			return field{}
		}
		return field{text: clean(fields[i].text), lost: fields[i].lost}
	}
	for _, c := range resultColumns {
		text := get(c.name).text
		if utf8.RuneCountInString(text) > c.longest {
			return ResultRow{}, &ResultProblem{Column: c.name, Value: text, Reason: fmt.Sprintf("超过 %d 个字，不像%s，请核对", c.longest, c.name)}
		}
		if strings.ContainsFunc(text, unicode.IsControl) { // a line break, or what no database keeps
			return ResultRow{}, &ResultProblem{Column: c.name, Value: strings.Join(strings.FieldsFunc(text, unicode.IsControl), " "), Reason: c.name + "里有看不见的控制字符，请核对"}
		}
	}
	for _, c := range resultColumns {
		if c.required && get(c.name).text == "" {
			return ResultRow{}, &ResultProblem{Column: c.name, Reason: c.name + "是空的，无法对应到付款，请向银行索取完整的回盘"}
		}
	}
	seq := get(colSeq)
	n, err := strconv.Atoi(seq.text)
	if err != nil || n < 1 || n > 1<<30 {
		return ResultRow{}, &ResultProblem{Column: colSeq, Value: seq.text, Reason: "序号应为从 1 起的整数，请核对"}
	}
	account := get(colAccount)
	if account.lost {
		return ResultRow{}, &ResultProblem{Column: colAccount, Value: account.text, Reason: "数字超过 15 位，Excel 已丢失末尾的数字，请向银行索取账号为文本的回盘"}
	}
	if code := get(colCode); code.lost {
		return ResultRow{}, &ResultProblem{Column: colCode, Value: code.text, Reason: "结果码是丢失了位数的数字，请核对"}
	}
	amount, err := money.Parse(get(colAmount).text)
	if err != nil || amount <= 0 {
		return ResultRow{}, &ResultProblem{Column: colAmount, Value: get(colAmount).text, Reason: "不是大于 0 的金额，请写成 70 或 70.50 的样子"}
	}
	// Texts are copied last: those of a refused row are kept nowhere.
	return ResultRow{Place: at, Number: r.one(get(colNumber).text), Seq: n, Account: strings.Clone(strings.Join(strings.Fields(account.text), "")),
		Holder: strings.Clone(get(colHolder).text), Amount: amount, Code: r.one(get(colCode).text), Reason: r.one(get(colReason).text)}, nil
}

func blank(fields []field) bool {
	return !slices.ContainsFunc(fields, func(f field) bool { return clean(f.text) != "" })
}

// isTotal recognises the row below the payments, which files that are sent have too.
func isTotal(fields []field) bool {
	for _, f := range fields {
		if s := clean(f.text); s != "" {
			return s == "合计" || s == "总计"
		}
	}
	return false
}

// clean takes off what programs put around values so that others leave them alone:
// blanks, an apostrophe or ="…" before a long number; and writes full-width digits and
// letters as ordinary ones.
func clean(s string) string {
	s = strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || c == '\ufeff' })
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		s = strings.TrimSuffix(inner, `"`)
	}
	s = strings.TrimPrefix(s, "'")
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= '！' && c <= '～' && unicode.In(c, unicode.Nd, unicode.L) }) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(narrow, s))
}

// narrow writes full-width digits and Latin letters as ordinary ones, and nothing else.
func narrow(c rune) rune {
	if unicode.In(c, unicode.Nd, unicode.Latin) {
		if n := width.LookupRune(c).Narrow(); n != 0 {
			return n
		}
	}
	return c
}
