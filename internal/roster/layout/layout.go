package layout

import (
	"strconv"
	"strings"

	"disburse/internal/roster/clean"
)

// Sheet is one kind of sheet of the roster workbook: its name and its columns.
type Sheet struct {
	Name    string
	Weight  int // bytes that a row takes in memory until the file is taken in, without its texts
	Columns []Column
	Needed  []int          // columns without which no row can be understood
	aliases map[string]int // other headings of columns; lists of other offices have their own
}

// Column is one column of a layout, in the order of the template.
type Column struct {
	Heading  string
	Required bool // for somebody new; marked in the template
	Text     bool // cells are text in the template, so that Excel keeps every digit
	Width    int  // characters
	Help     string
}

// The columns of 人员, by their place in its layout.
const (
	ColName = iota
	ColID
	ColStreet
	ColCommunity
	ColAddress
	ColPhone
	ColMovedIn
	ColMovedOut
	ColDied
	ColBank
	ColAccount
	ColHolder
	ColDeputy
	ColDeputyRelation
	ColDeputyReason
	ColFormer
	ColBirth
	PersonColumns
)

// The columns of 情况.
const (
	ColFactID = iota
	ColFact
	ColValue
	ColSince
	ColUntil
	ColFactBasis
)

// The columns of 核定金额.
const (
	ColAwardID = iota
	ColItem
	ColAmount
	ColFirst
	ColLast
	ColAwardPayee
	ColAwardBasis
)

// The columns of 收款单位.
const (
	ColPayee = iota
	ColPayeeBank
	ColPayeeAccount
	ColPayeeHolder
)

const (
	dateHelp  = "日期，如 2026-11-03"
	monthHelp = "月份，如 2026-11"
)

// PeopleSheet is the sheet with a row a person.
const PeopleSheet = "人员"

// People is 人员: a row a person.
var People = Sheet{
	Name: PeopleSheet, Weight: 450, Needed: []int{ColID},
	Columns: []Column{
		ColName:           {"姓名", true, false, 10, "必填"},
		ColID:             {"身份证号", true, true, 21, "必填。18 位；没有身份证号的填“临-”加 1 到 16 个字母或数字"},
		ColStreet:         {"街道", true, false, 10, "必填。从下拉列表选择"},
		ColCommunity:      {"社区", false, false, 14, "社区名称"},
		ColAddress:        {"住址", false, false, 28, "现住址"},
		ColPhone:          {"电话", false, true, 14, "本人或家属电话"},
		ColMovedIn:        {"迁入日期", false, true, 12, "户籍迁入本区的" + dateHelp},
		ColMovedOut:       {"迁出日期", false, true, 12, "户籍迁出本区的" + dateHelp},
		ColDied:           {"死亡日期", false, true, 12, dateHelp},
		ColBank:           {"开户银行", false, false, 22, "银行及网点名称"},
		ColAccount:        {"银行账号", false, true, 23, "卡号或存折账号，只填数字"},
		ColHolder:         {"账户户名", false, false, 10, "空白表示本人"},
		ColDeputy:         {"代领人", false, false, 10, "代为领取的人"},
		ColDeputyRelation: {"代领关系", false, false, 10, "代领人与本人的关系"},
		ColDeputyReason:   {"代领原因", false, false, 16, "为什么由他人代领"},
		ColFormer:         {"原身份证号", false, true, 21, "更正身份证号时填写原来登记的号码，仍是同一个人"},
		ColBirth:          {"出生日期", false, true, 12, "只有临时编号的人才填，且必填；" + dateHelp},
	},
}

// Facts is 情况: a row for each dated record of a fact.
var Facts = Sheet{
	Name: "情况", Weight: 215, Needed: []int{ColFactID, ColFact, ColValue, ColSince},
	Columns: []Column{
		ColFactID:    {"身份证号", true, true, 21, "必填"},
		ColFact:      {"情况", true, false, 16, "必填。从下拉列表选择"},
		ColValue:     {"值", true, true, 16, "必填。写“无”表示从未有过这一情况"},
		ColSince:     {"起", true, true, 12, "必填（值为“无”时可空）。开始生效的日期，当天算在内，如 2026-11-03"},
		ColUntil:     {"止", false, true, 12, "最后一天，当天算在内；空白表示一直有效"},
		ColFactBasis: {"依据", false, false, 28, "文件、证件或申请的名称和编号"},
	},
}

// Awards is 核定金额: a row for each amount determined for a person.
var Awards = Sheet{
	Name: "核定金额", Weight: 215, Needed: []int{ColAwardID, ColItem, ColAmount, ColFirst},
	Columns: []Column{
		ColAwardID:    {"身份证号", true, true, 21, "必填"},
		ColItem:       {"项目", true, true, 8, "必填。项目编号，从下拉列表选择"},
		ColAmount:     {"金额", true, false, 12, "必填。每月金额，元，最多两位小数；写 0 表示没有核定金额"},
		ColFirst:      {"起始月", true, true, 10, "必填（金额为 0 时可空）。" + monthHelp},
		ColLast:       {"终止月", false, true, 10, "最后一个月，当月算在内；与起始月相同表示一次性发放；空白表示一直有效"},
		ColAwardPayee: {"收款单位", false, false, 22, "空白表示本人；单位须在“收款单位”表里"},
		ColAwardBasis: {"依据", false, false, 28, "文件、证件或申请的名称和编号"},
	},
}

// Payees is 收款单位: a row for each institution or bureau that is paid instead of people.
var Payees = Sheet{
	Name: "收款单位", Weight: 300, Needed: []int{ColPayee},
	Columns: []Column{
		ColPayee:        {"名称", true, false, 26, "必填"},
		ColPayeeBank:    {"开户银行", false, false, 22, "银行及网点名称"},
		ColPayeeAccount: {"银行账号", false, true, 23, "只填数字"},
		ColPayeeHolder:  {"账户户名", false, false, 26, "空白表示与名称相同"},
	},
}

// Sheets are the sheets of the workbook, in the order they are read and written.
var Sheets = []*Sheet{&People, &Facts, &Awards, &Payees}

// Sheets of the template that are not read: help, and the lists behind the drop-downs.
const (
	HelpSheet    = "说明"
	ChoicesSheet = "选项"
)

// ErrorHeadings are the columns that an errors workbook has besides; importing the
// mended workbook passes over them.
var ErrorHeadings = []string{"原行号", "错误列", "错误值", "错误原因"}

// Find returns the column of a heading, -1 where the layout has none such.
func (l *Sheet) Find(heading string) int {
	for i, c := range l.Columns {
		if c.Heading == heading {
			return i
		}
	}
	if i, ok := l.aliases[heading]; ok {
		return i
	}
	return -1
}

// NeededNames lists the headings without which the sheet cannot be read.
func (l *Sheet) NeededNames() string {
	var names []string
	for _, c := range l.Needed {
		names = append(names, "“"+l.Columns[c].Heading+"”")
	}
	return strings.Join(names, "、")
}

// Of returns the layout of a sheet by its name, and which part of it the sheet is:
// 1 for 人员, 2 for the continuation 人员2.
func Of(sheet string) (l *Sheet, part int) {
	sheet = clean.Squeeze(sheet)
	for _, l := range Sheets {
		rest, ok := strings.CutPrefix(sheet, l.Name)
		switch {
		case !ok:
		case rest == "":
			return l, 1
		case len(rest) <= 3 && clean.AllDigits(rest):
			if n, err := strconv.Atoi(rest); err == nil && n >= 2 {
				return l, n
			}
		}
	}
	return nil, 0
}

// The words that stand in the 值 column besides a fact's own values.
const (
	Yes  = "是"
	None = "无"
)

// Letters writes a column, counted from 0, as Excel does.
func Letters(col int) string {
	letters := ""
	for col++; col > 0; col = (col - 1) / 26 {
		letters = string(rune('A'+(col-1)%26)) + letters
	}
	return letters
}
