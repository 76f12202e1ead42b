package roster

import (
	"strconv"
	"strings"
)

// layout is one kind of sheet of the roster workbook: its name and its columns.
type layout struct {
	sheet   string
	weight  int // bytes that a row takes in memory until the file is taken in, without its texts
	columns []column
	needed  []int          // columns without which no row can be understood
	aliases map[string]int // other headings of columns; lists of other offices have their own
}

// column is one column of a layout, in the order of the template.
type column struct {
	heading  string
	required bool // for somebody new; marked in the template
	text     bool // cells are text in the template, so that Excel keeps every digit
	width    int  // characters
	help     string
}

// The columns of 人员, by their place in its layout.
const (
	colName = iota
	colID
	colStreet
	colCommunity
	colAddress
	colPhone
	colMovedIn
	colMovedOut
	colDied
	colBank
	colAccount
	colHolder
	colDeputy
	colDeputyRelation
	colDeputyReason
	colFormer
	colBirth
	personColumns
)

// The columns of 情况.
const (
	colFactID = iota
	colFact
	colValue
	colSince
	colUntil
	colFactBasis
)

// The columns of 核定金额.
const (
	colAwardID = iota
	colItem
	colAmount
	colFirst
	colLast
	colAwardPayee
	colAwardBasis
)

// The columns of 收款单位.
const (
	colPayee = iota
	colPayeeBank
	colPayeeAccount
	colPayeeHolder
)

const (
	dateHelp  = "日期，如 2026-11-03"
	monthHelp = "月份，如 2026-11"
)

// PeopleSheet is the sheet with a row a person.
const PeopleSheet = "人员"

// peopleLayout is 人员: a row a person.
var peopleLayout = layout{
	sheet: PeopleSheet, weight: 450, needed: []int{colID},
	columns: []column{
		colName:           {"姓名", true, false, 10, "必填"},
		colID:             {"身份证号", true, true, 21, "必填。18 位；没有身份证号的填“临-”加 1 到 16 个字母或数字"},
		colStreet:         {"街道", true, false, 10, "必填。从下拉列表选择"},
		colCommunity:      {"社区", false, false, 14, "社区名称"},
		colAddress:        {"住址", false, false, 28, "现住址"},
		colPhone:          {"电话", false, true, 14, "本人或家属电话"},
		colMovedIn:        {"迁入日期", false, true, 12, "户籍迁入本区的" + dateHelp},
		colMovedOut:       {"迁出日期", false, true, 12, "户籍迁出本区的" + dateHelp},
		colDied:           {"死亡日期", false, true, 12, dateHelp},
		colBank:           {"开户银行", false, false, 22, "银行及网点名称"},
		colAccount:        {"银行账号", false, true, 23, "卡号或存折账号，只填数字"},
		colHolder:         {"账户户名", false, false, 10, "空白表示本人"},
		colDeputy:         {"代领人", false, false, 10, "代为领取的人"},
		colDeputyRelation: {"代领关系", false, false, 10, "代领人与本人的关系"},
		colDeputyReason:   {"代领原因", false, false, 16, "为什么由他人代领"},
		colFormer:         {"原身份证号", false, true, 21, "更正身份证号时填写原来登记的号码，仍是同一个人"},
		colBirth:          {"出生日期", false, true, 12, "只有临时编号的人才填，且必填；" + dateHelp},
	},
}

// factsLayout is 情况: a row for each dated record of a fact.
var factsLayout = layout{
	sheet: "情况", weight: 215, needed: []int{colFactID, colFact, colValue, colSince},
	columns: []column{
		colFactID:    {"身份证号", true, true, 21, "必填"},
		colFact:      {"情况", true, false, 16, "必填。从下拉列表选择"},
		colValue:     {"值", true, true, 16, "必填。写“无”表示从未有过这一情况"},
		colSince:     {"起", true, true, 12, "必填（值为“无”时可空）。开始生效的日期，当天算在内，如 2026-11-03"},
		colUntil:     {"止", false, true, 12, "最后一天，当天算在内；空白表示一直有效"},
		colFactBasis: {"依据", false, false, 28, "文件、证件或申请的名称和编号"},
	},
}

// awardsLayout is 核定金额: a row for each amount determined for a person.
var awardsLayout = layout{
	sheet: "核定金额", weight: 215, needed: []int{colAwardID, colItem, colAmount, colFirst},
	columns: []column{
		colAwardID:    {"身份证号", true, true, 21, "必填"},
		colItem:       {"项目", true, true, 8, "必填。项目编号，从下拉列表选择"},
		colAmount:     {"金额", true, false, 12, "必填。每月金额，元，最多两位小数；写 0 表示没有核定金额"},
		colFirst:      {"起始月", true, true, 10, "必填（金额为 0 时可空）。" + monthHelp},
		colLast:       {"终止月", false, true, 10, "最后一个月，当月算在内；与起始月相同表示一次性发放；空白表示一直有效"},
		colAwardPayee: {"收款单位", false, false, 22, "空白表示本人；单位须在“收款单位”表里"},
		colAwardBasis: {"依据", false, false, 28, "文件、证件或申请的名称和编号"},
	},
}

// payeesLayout is 收款单位: a row for each institution or bureau that is paid instead of people.
var payeesLayout = layout{
	sheet: "收款单位", weight: 300, needed: []int{colPayee},
	columns: []column{
		colPayee:        {"名称", true, false, 26, "必填"},
		colPayeeBank:    {"开户银行", false, false, 22, "银行及网点名称"},
		colPayeeAccount: {"银行账号", false, true, 23, "只填数字"},
		colPayeeHolder:  {"账户户名", false, false, 26, "空白表示与名称相同"},
	},
}

// layouts are the sheets of the workbook, in the order they are read and written.
var layouts = []*layout{&peopleLayout, &factsLayout, &awardsLayout, &payeesLayout}

// Sheets of the template that are not read: help, and the lists behind the drop-downs.
const (
	helpSheet    = "说明"
	choicesSheet = "选项"
)

// errorHeadings are the columns that an errors workbook has besides; importing the
// mended workbook passes over them.
var errorHeadings = []string{"原行号", "错误列", "错误值", "错误原因"}

// find returns the column of a heading, -1 where the layout has none such.
func (l *layout) find(heading string) int {
	for i, c := range l.columns {
		if c.heading == heading {
			return i
		}
	}
	if i, ok := l.aliases[heading]; ok {
		return i
	}
	return -1
}

// neededNames lists the headings without which the sheet cannot be read.
func (l *layout) neededNames() string {
	var names []string
	for _, c := range l.needed {
		names = append(names, "“"+l.columns[c].heading+"”")
	}
	return strings.Join(names, "、")
}

// layoutOf returns the layout of a sheet by its name, and which part of it the sheet is:
// 1 for 人员, 2 for the continuation 人员2.
func layoutOf(sheet string) (l *layout, part int) {
	sheet = squeeze(sheet)
	for _, l := range layouts {
		rest, ok := strings.CutPrefix(sheet, l.sheet)
		switch {
		case !ok:
		case rest == "":
			return l, 1
		case len(rest) <= 3 && allDigits(rest):
			if n, err := strconv.Atoi(rest); err == nil && n >= 2 {
				return l, n
			}
		}
	}
	return nil, 0
}
