package write

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster"
	"disburse/internal/roster/layout"
)

// templateRows is how far down the template's drop-downs reach.
const templateRows = 20_000

// Suggestions for whoever receives money in somebody's place; other words are fine too.
var (
	deputyRelations = []string{"配偶", "子女", "父母", "兄弟姐妹", "其他亲属", "监护人", "村（居）委会", "供养机构"}
	deputyReasons   = []string{"行动不便", "长期卧床", "住院", "精神或智力残疾", "未办理银行账户", "已故待领"}
)

// Template writes an empty roster workbook made from the vocabulary: the four
// sheets with their headings (those required for somebody new are coloured and say so),
// drop-downs, checks of dates, an example row that reading passes over, text cells where Excel would spoil numbers, and a sheet of help. It reads
// back as an empty roster.
func Template(w io.Writer, v *roster.Vocabulary) error {
	b, err := newBook(v.Title+"花名册模板", fullSheet)
	if err != nil {
		return err
	}
	defer b.close()
	t := &template{book: b, file: b.file, words: v}
	if err := t.build(); err != nil {
		return fmt.Errorf("make roster template: %w", err)
	}
	return pack(b.file, w, nil)
}

// template is a template while it is made.
type template struct {
	book  *book
	file  *excelize.File
	words *roster.Vocabulary
	lists int // columns used on the sheet of choices
	long  int // rows of the longest
}

func (t *template) build() error {
	if err := t.file.SetSheetName("Sheet1", layout.HelpSheet); err != nil {
		return err
	}
	for _, name := range []string{layout.People.Name, layout.Facts.Name, layout.Awards.Name, layout.Payees.Name, layout.ChoicesSheet} {
		if _, err := t.file.NewSheet(name); err != nil {
			return err
		}
	}
	for _, l := range layout.Sheets {
		if err := t.headings(l); err != nil {
			return fmt.Errorf("sheet %s: %w", l.Name, err)
		}
	}
	for _, step := range []func() error{t.examples, t.dropDowns, t.dates, t.paper} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := t.help(); err != nil {
		return err
	}
	if err := t.file.SetSheetVisible(layout.ChoicesSheet, false); err != nil {
		return err
	}
	people, err := t.file.GetSheetIndex(layout.People.Name)
	t.file.SetActiveSheet(people)
	return err
}

// headings writes the headings of a sheet, each with a note.
func (t *template) headings(l *layout.Sheet) error {
	styles := t.book.styles
	for i, c := range slices.Backward(l.Columns) { // excelize writes the last column that it is told first
		letters := layout.Letters(i)
		if err := t.file.SetColWidth(l.Name, letters, letters, float64(c.Width)); err != nil {
			return err
		}
		if c.Text {
			if err := t.file.SetColStyle(l.Name, letters, styles.text); err != nil {
				return err
			}
		}
		style := styles.heading
		if c.Required {
			style = styles.required
		}
		cell := letters + "1"
		if err := t.file.SetCellStr(l.Name, cell, c.Heading); err != nil {
			return err
		}
		if err := t.file.SetCellStyle(l.Name, cell, cell, style); err != nil {
			return err
		}
		note := excelize.Comment{Cell: cell, Author: "disburse", Text: c.Help, Width: 220, Height: 60}
		if err := t.file.AddComment(l.Name, note); err != nil {
			return err
		}
	}
	if err := t.file.SetSheetDimension(l.Name, "A1:"+layout.Letters(len(l.Columns)-1)+"2"); err != nil {
		return err
	}
	return t.file.SetPanes(l.Name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// list writes a list to the sheet of choices and returns the range of its words.
func (t *template) list(title string, words []string) (string, error) {
	letters := layout.Letters(t.lists)
	t.lists++
	cells := append([]string{title}, words...)
	if err := t.file.SetSheetCol(layout.ChoicesSheet, letters+"1", &cells); err != nil {
		return "", fmt.Errorf("list %s: %w", title, err)
	}
	t.long = max(t.long, len(cells))
	if err := t.file.SetSheetDimension(layout.ChoicesSheet, fmt.Sprintf("A1:%s%d", letters, t.long)); err != nil {
		return "", fmt.Errorf("list %s: %w", title, err)
	}
	return fmt.Sprintf("%s!$%s$2:$%s$%d", layout.ChoicesSheet, letters, letters, max(len(cells), 2)), nil
}

// dropDown offers a list in a column. A strict one accepts nothing else.
func (t *template) dropDown(l *layout.Sheet, col int, source string, strict bool) error {
	letters := layout.Letters(col)
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(fmt.Sprintf("%s2:%s%d", letters, letters, templateRows))
	dv.SetSqrefDropList(source)
	if strict {
		dv.SetError(excelize.DataValidationErrorStyleStop, l.Columns[col].Heading, "请从下拉列表选择")
	} else {
		dv.ShowErrorMessage = false
	}
	return t.file.AddDataValidation(l.Name, dv)
}

func (t *template) dropDowns() error {
	var facts, codes []string
	for _, f := range t.words.Facts {
		facts = append(facts, f.Name)
	}
	for _, i := range t.words.Items {
		codes = append(codes, i.Code)
	}
	for _, d := range []struct {
		layout *layout.Sheet
		col    int
		title  string
		words  []string
		strict bool
	}{
		{&layout.People, layout.ColStreet, "街道", t.words.Streets, false},
		{&layout.People, layout.ColDeputyRelation, "代领关系", deputyRelations, false},
		{&layout.People, layout.ColDeputyReason, "代领原因", deputyReasons, false},
		{&layout.Facts, layout.ColFact, "情况", facts, true},
		{&layout.Awards, layout.ColItem, "项目", codes, true},
	} {
		if len(d.words) == 0 {
			continue
		}
		source, err := t.list(d.title, d.words)
		if err != nil {
			return err
		}
		if err := t.dropDown(d.layout, d.col, source, d.strict); err != nil {
			return err
		}
	}
	return t.valueDropDown()
}

// valueDropDown offers, for 值, the values of the fact beside it: each fact has a column
// of them on the sheet of choices, which MATCH finds by the fact's name.
func (t *template) valueDropDown() error {
	if len(t.words.Facts) == 0 {
		return nil
	}
	first, longest := layout.Letters(t.lists), 1
	for _, f := range t.words.Facts {
		words := []string{layout.None}
		switch f.Type {
		case roster.Flag:
			words = []string{layout.Yes, layout.None}
		case roster.Choice, roster.Choices:
			words = append(append([]string{}, f.Values...), layout.None)
		}
		longest = max(longest, len(words))
		if _, err := t.list(f.Name, words); err != nil {
			return err
		}
	}
	last := layout.Letters(t.lists - 1)
	match := fmt.Sprintf("MATCH($%s2,%s!$%s$1:$%s$1,0)-1", layout.Letters(layout.ColFact), layout.ChoicesSheet, first, last)
	column := fmt.Sprintf("OFFSET(%s!$%s$2,0,%s,%d,1)", layout.ChoicesSheet, first, match, longest)
	source := fmt.Sprintf("OFFSET(%s!$%s$2,0,%s,COUNTA(%s),1)", layout.ChoicesSheet, first, match, column)
	return t.dropDown(&layout.Facts, layout.ColValue, source, false)
}

// help writes the sheet of help.
func (t *template) help() error {
	rows := t.helpRows()
	for i, row := range rows {
		if err := t.file.SetSheetRow(layout.HelpSheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	if err := t.helpLooks(rows); err != nil {
		return err
	}
	for i, width := range slices.Backward([]float64{18, 27, 52, 64}) {
		letters := layout.Letters(i)
		if err := t.file.SetColWidth(layout.HelpSheet, letters, letters, width); err != nil {
			return err
		}
	}
	return t.file.SetSheetDimension(layout.HelpSheet, fmt.Sprintf("A1:D%d", len(rows)))
}

// helpLooks marks the title and the headings of the three tables, which follow an empty row.
func (t *template) helpLooks(rows [][]string) error {
	title, err := t.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	if err != nil {
		return err
	}
	if err := t.file.SetCellStyle(layout.HelpSheet, "A1", "A1", title); err != nil {
		return err
	}
	for i := 1; i < len(rows); i++ {
		if len(rows[i-1]) > 0 || len(rows[i]) == 0 {
			continue
		}
		cell := fmt.Sprintf("A%d", i+1)
		if rows[i][0] == layout.Facts.Name { // its table is a page
			if err := t.file.InsertPageBreak(layout.HelpSheet, cell); err != nil {
				return err
			}
		}
		if err := t.file.SetCellStyle(layout.HelpSheet, cell, fmt.Sprintf("%s%d", layout.Letters(len(rows[i])-1), i+1), t.book.styles.heading); err != nil {
			return err
		}
	}
	return nil
}

func (t *template) helpRows() [][]string {
	rows := [][]string{
		{t.words.Title + "花名册填写说明"},
		{"1. 至少保留一个工作表；列的次序不限；黄色标题的列，新登记的人必须填写。"},
		{"2. 身份证号是识别人的依据；更正号码时，新号码填“身份证号”，旧号码填“原身份证号”。"},
		{"3. 没有提到的人和情况保持原样；删去的列保持原样；保留的列里，空格表示“没有”。"},
		{"4. 提到的每个人每种情况（每个项目），各行合起来就是全部历史：要补一段，须把原有各段一并列出。"},
		{"5. 日期写成 2026-11-03、2026/11/3、2026.11.3、2026年11月3日 或 20261103；月份写成 2026-11。"},
		{"6. 同一人同一情况的起止不能重叠，起止当天都算在内；可以有几个值的情况除外。"},
		{"7. 身份证号、账号所在的列已设为文本，请勿改成数字，否则末尾的数字会丢失。"},
		{"8. 灰色斜体的“示例（不导入）”行只供参考，导入时不读，可以删去。"},
		{},
		{"工作表", "列", "必填", "说明"},
	}
	for _, l := range layout.Sheets {
		for i, c := range l.Columns {
			sheet, required := "", ""
			if i == 0 {
				sheet = l.Name
			}
			if c.Required {
				required = "必填"
			}
			rows = append(rows, []string{sheet, c.Heading, required, c.Help})
		}
	}
	rows = append(rows, nil, []string{"情况", "值的写法", "可选的值", "说明"})
	for _, f := range t.words.Facts {
		rows = append(rows, []string{f.Name, typeHelp[f.Type], strings.Join(f.Values, "、"), f.Note})
	}
	rows = append(rows, nil, []string{"项目", "名称"})
	for _, i := range t.words.Items {
		rows = append(rows, []string{i.Code, i.Name})
	}
	return rows
}

// typeHelp says how the values of each type of fact are written.
var typeHelp = map[roster.FactType]string{
	roster.Flag: "写“是”", roster.Choice: "选一个", roster.Choices: "一个或几个，用“、”连接", roster.Text: "文字", roster.Amount: "金额（元）",
}
