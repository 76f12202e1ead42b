package roster

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster/xlsx"
)

const (
	reasonEmpty      = "不能为空"
	reasonLostDigits = "数字超过 15 位，Excel 已丢失末尾的数字，请把单元格设为文本后重新填写"
	reasonAsDate     = "被 Excel 当成了日期，请把单元格设为文本后重新填写"
	reasonFormula    = "公式的结果没有保存在文件里，请改填数值，或用 Excel 打开并保存后再试"
	reasonError      = "是错误值，请改正公式或重新填写"
)

// errorValues are what formulas that fail leave behind, also as text where a sheet was
// pasted as values.
var errorValues = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}

// text returns a cell as text, a number as Excel shows it. The empty text stands for an
// empty cell, and for a refused one.
func (rec *record) text(col int) string {
	if !rec.filled[col] {
		return ""
	}
	c := &rec.cells[col]
	switch c.Kind {
	case xlsx.Text:
		if slices.Contains(errorValues, c.Text) {
			rec.refuse(col, reasonError)
			return ""
		}
		return original(c.Text)
	case xlsx.Bool:
		return c.Text
	case xlsx.Broken:
		rec.refuse(col, reasonFormula)
		return ""
	case xlsx.Error:
		rec.refuse(col, reasonError)
		return ""
	}
	if c.Date {
		rec.refuse(col, reasonAsDate)
		return ""
	}
	return rec.numberText(col)
}

func (rec *record) numberText(col int) string {
	text, exact, ok := xlsx.Plain(rec.cells[col].Text)
	switch {
	case !ok:
		rec.refuse(col, "不是能识别的数字，请重新填写")
		return ""
	case !exact:
		rec.refuse(col, reasonLostDigits)
		return ""
	}
	return text
}

// readable refuses text that is too long or garbled.
func (rec *record) readable(col int, text string, limit int) string {
	if reason := unreadable(text, limit); reason != "" {
		rec.refuse(col, reason)
		return ""
	}
	return text
}

// line returns free text on one line.
func (rec *record) line(col int) string { return rec.readable(col, tidy(rec.text(col)), maxText) }

// name returns somebody's name.
func (rec *record) name(col int) string { return rec.readable(col, tidyName(rec.text(col)), maxName) }

// word returns a code, or a word from a list, without any spaces.
func (rec *record) word(col int) string { return rec.readable(col, squeeze(rec.text(col)), maxText) }

// require refuses an empty cell, unless something else was wrong with it already.
func (rec *record) require(col int, text string) {
	if text == "" && !rec.filled[col] {
		rec.refuse(col, reasonEmpty)
	}
}

// id returns the ID number in a cell, which must be there and right.
func (rec *record) id(col int) string {
	if !rec.filled[col] {
		rec.refuse(col, reasonEmpty+"；如果是合并单元格，请取消合并并逐行填写")
		return ""
	}
	id := CleanID(rec.text(col))
	switch {
	case id == "" || ValidID(id):
	case scientific(id):
		rec.refuse(col, reasonLostDigits)
		return ""
	default:
		rec.refuse(col, CheckID(id).Error())
		return ""
	}
	return id
}

// account returns an account number: digits, of which none may have been lost.
func (rec *record) account(col int) string {
	const longest = 40
	number := squeeze(rec.text(col))
	switch {
	case number == "":
	case scientific(number):
		rec.refuse(col, reasonLostDigits)
	case !allDigits(number):
		rec.refuse(col, "账号只能是数字，请核对")
	case len(number) > longest:
		rec.refuse(col, "账号太长，请核对")
	default:
		return number
	}
	return ""
}

// scientific reports whether text is a number with an exponent, 6.2E+18: what is left of
// a long number that went through a number cell.
func scientific(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i < 1 || i == len(s)-1 {
		return false
	}
	return strings.Trim(s[:i], "0123456789.") == "" && strings.Trim(s[i+1:], "0123456789+-") == ""
}

// date returns the date in a cell, 0 for none.
func (rec *record) date(col int) month.Date {
	if !rec.filled[col] {
		return 0
	}
	if rec.cells[col].Kind == xlsx.Number {
		return rec.numberDate(col)
	}
	text := squeeze(rec.text(col))
	if text == "" {
		return 0
	}
	date, reason := rec.reader.dates.date(text)
	if reason != "" {
		rec.refuse(col, reason)
	}
	return date
}

// numberDate reads a date cell, or eight digits that Excel took for a number.
func (rec *record) numberDate(col int) month.Date {
	c := &rec.cells[col]
	if !c.Date {
		text := rec.numberText(col)
		if len(text) == 8 && allDigits(text) {
			date, reason := rec.reader.dates.date(text)
			if reason != "" {
				rec.refuse(col, reason)
			}
			return date
		}
		if text != "" {
			rec.refuse(col, "是数字而不是日期，请写成 2026-11-03 的样子")
		}
		return 0
	}
	date, timed, ok := rec.reader.book.DateOf(c.Text)
	switch {
	case !ok:
		rec.refuse(col, "日期不存在，请写成 2026-11-03 的样子")
		return 0
	case timed:
		rec.refuse(col, "日期带有时间，请只填日期")
		return 0
	}
	return date
}

// month returns the month in a cell, 0 for none. A date cell counts for its month: that
// is what Excel makes of 2026-11.
func (rec *record) month(col int) month.Month {
	if !rec.filled[col] {
		return 0
	}
	c := &rec.cells[col]
	if c.Kind == xlsx.Number && c.Date {
		return rec.numberDate(col).Month()
	}
	text := squeeze(rec.text(col))
	if c.Kind == xlsx.Number && strings.Contains(text, ".") {
		rec.refuse(col, "是带小数的数字，分不清是哪个月，请写成 2026-11 的样子")
		return 0
	}
	if text == "" {
		return 0
	}
	m, reason := rec.reader.dates.month(text)
	if reason != "" {
		rec.refuse(col, reason)
	}
	return m
}

// amount returns the amount in a cell in 分; ok is false for an empty or refused cell.
func (rec *record) amount(col int) (fen money.Fen, ok bool) {
	text := squeeze(rec.text(col))
	if text == "" {
		return 0, false
	}
	fen, err := money.Parse(text)
	switch {
	case err != nil:
		rec.refuse(col, err.Error())
	case fen < 0:
		rec.refuse(col, "金额不能是负数")
	default:
		return fen, true
	}
	return 0, false
}

// dateCache remembers how texts read: a roster has few different dates.
type dateCache struct {
	dates  map[string]month.Date
	months map[string]month.Month
}

const maxCached = 100_000

func newDateCache() dateCache {
	return dateCache{map[string]month.Date{}, map[string]month.Month{}}
}

func (c *dateCache) date(text string) (month.Date, string) {
	if d, ok := c.dates[text]; ok {
		return d, ""
	}
	d, err := month.ParseDate(text)
	switch {
	case err != nil && strings.Contains(text, ":"):
		return 0, "日期带有时间，请只填日期"
	case err != nil:
		return 0, err.Error()
	}
	if len(c.dates) < maxCached {
		c.dates[strings.Clone(text)] = d
	}
	return d, ""
}

func (c *dateCache) month(text string) (month.Month, string) {
	if m, ok := c.months[text]; ok {
		return m, ""
	}
	m, err := month.Parse(text)
	if err != nil {
		return 0, err.Error()
	}
	if len(c.months) < maxCached {
		c.months[strings.Clone(text)] = m
	}
	return m, ""
}

// texts keeps one copy of each text that comes again and again. What it returns never
// keeps the row alive that the text came in.
type texts map[string]string

func (t texts) one(s string) string {
	if s == "" {
		return ""
	}
	if kept, ok := t[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	if len(t) < maxCached {
		t[s] = s
	}
	return s
}

// words is the vocabulary, ready to look things up by squeezed names.
type words struct {
	*Vocabulary
	facts   map[string]int
	values  []map[string]int // by fact
	items   map[string]int
	streets map[string]string
}

func newWords(v *Vocabulary) *words {
	w := &words{Vocabulary: v, facts: map[string]int{}, items: map[string]int{}, streets: map[string]string{}}
	for i, f := range v.Facts {
		w.facts[squeeze(f.Name)] = i
		values := map[string]int{}
		for j, value := range f.Values {
			values[squeeze(value)] = j
		}
		w.values = append(w.values, values)
	}
	for i, item := range v.Items {
		w.items[squeeze(item.Code)] = i
	}
	for _, s := range v.Streets {
		w.streets[squeeze(s)] = s
	}
	return w
}

// unknownItem says which codes there are.
func (w *words) unknownItem(code string) string {
	var codes []string
	for _, i := range w.Items {
		codes = append(codes, i.Code)
	}
	return fmt.Sprintf("没有编号为“%s”的核定金额项目，可用的有 %s", code, strings.Join(codes, "、"))
}
