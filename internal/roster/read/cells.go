package read

import (
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/xlsx"
)

const (
	reasonEmpty      = "不能为空"
	reasonWhole      = "改正后请连同此人这一项的其他各行一并导入，各行合起来才是全部历史"
	reasonLostDigits = "数字超过 15 位，Excel 已丢失末尾的数字，请把单元格设为文本后重新填写"
	reasonAsDate     = "被 Excel 当成了日期，请把单元格设为文本后重新填写"
	reasonFormula    = "公式的结果没有保存在文件里，请改填数值，或用 Excel 打开并保存后再试"
	reasonError      = "是错误值，请改正公式或重新填写"
	reasonBool       = "是逻辑值（TRUE 或 FALSE），请改填文字、数字或日期"
)

// text returns a cell as text, a number as Excel shows it. The empty text stands for an
// empty cell, and for a refused one.
func (rec *record) text(col int) string {
	if !rec.filled[col] {
		return ""
	}
	c := &rec.cells[col]
	switch c.Kind {
	case xlsx.Text:
		if slices.Contains(xlsx.ErrorValues, c.Text) {
			rec.refuse(col, reasonError)
			return ""
		}
		return clean.Original(c.Text)
	case xlsx.Bool:
		rec.refuse(col, reasonBool)
		return ""
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
	if reason := clean.Unreadable(text, limit); reason != "" {
		rec.refuse(col, reason)
		return ""
	}
	return text
}

// line returns free text on one line.
func (rec *record) line(col int) string {
	return rec.readable(col, clean.Tidy(rec.text(col)), clean.MaxText)
}

// note returns a longer free text.
func (rec *record) note(col int) string {
	return rec.readable(col, clean.Tidy(rec.text(col)), clean.MaxNote)
}

// basis returns 依据. Excel takes a basis such as 2024年5月 for a date; unlike a house
// number 5-2-301 it still says the same as one.
func (rec *record) basis(col int) string {
	if c := &rec.cells[col]; rec.filled[col] && c.Kind == xlsx.Number && c.Date {
		return rec.reader.book.Shown(*c)
	}
	return rec.note(col)
}

// name returns somebody's name.
func (rec *record) name(col int) string {
	return rec.readable(col, clean.Name(rec.text(col)), clean.MaxName)
}

// word returns a code, or a word from a list, without any spaces.
func (rec *record) word(col int) string {
	return rec.readable(col, clean.Squeeze(rec.text(col)), clean.MaxText)
}

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
	id := roster.CleanID(rec.text(col))
	switch {
	case id == "" || roster.ValidID(id):
	case scientific(id):
		rec.refuse(col, reasonLostDigits)
		return ""
	default:
		rec.refuse(col, roster.CheckID(id).Error())
		return ""
	}
	return id
}

// whose is id for a row of a history. Where the number cannot be read nobody can tell
// which history the row is missing from, so the others of that history were not refused;
// imported alone once mended, the row would replace them.
func (rec *record) whose(col int) string {
	before := len(rec.reader.imp.Problems)
	id := rec.id(col)
	if all := rec.reader.imp.Problems; id == "" && len(all) > before {
		all[len(all)-1].Reason += "；" + reasonWhole
	}
	return id
}

// account returns an account number: digits, of which none may have been lost.
func (rec *record) account(col int) string {
	const longest = 40
	number := clean.Squeeze(rec.text(col))
	switch {
	case number == "":
	case scientific(number):
		rec.refuse(col, reasonLostDigits)
	case !clean.AllDigits(number):
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

// amount returns the amount in a cell in 分; ok is false for an empty or refused cell.
func (rec *record) amount(col int) (fen money.Fen, ok bool) {
	text := clean.Squeeze(rec.text(col))
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
