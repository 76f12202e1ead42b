package write

import (
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster"
	"disburse/internal/roster/layout"
)

// OpeningTemplate writes an empty workbook of opening entries (期初): headings with
// notes, a drop-down of the items that pay, an example row that reading passes over, and a
// sheet of help. It reads back without rows.
func OpeningTemplate(w io.Writer, title string, items []roster.ItemName) error {
	b, err := newBook(title+"期初模板", fullSheet)
	if err != nil {
		return err
	}
	defer b.close()
	t := &template{book: b, file: b.file, words: &roster.Vocabulary{Title: title, Items: items}}
	if err := t.buildOpening(); err != nil {
		return fmt.Errorf("make opening template: %w", err)
	}
	return pack(b.file, w, nil)
}

func (t *template) buildOpening() error {
	l := &layout.Opening
	if err := t.file.SetSheetName("Sheet1", layout.HelpSheet); err != nil {
		return err
	}
	for _, name := range []string{l.Name, layout.ChoicesSheet} {
		if _, err := t.file.NewSheet(name); err != nil {
			return err
		}
	}
	for _, step := range []func() error{
		func() error { return t.headings(l) }, t.openingExample, t.openingItems, t.openingHelp,
		func() error { return t.file.SetSheetVisible(layout.ChoicesSheet, false) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	first, err := t.file.GetSheetIndex(l.Name)
	t.file.SetActiveSheet(first)
	return err
}

func (t *template) openingExample() error {
	style, err := t.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "808080"}})
	if err != nil {
		return err
	}
	code := ""
	if len(t.words.Items) > 0 {
		code = t.words.Items[0].Code
	}
	row := []string{layout.ExampleMark, code, "", "2026-06", "70.00", "老系统多付，交接单第 1 号"}
	if err := t.file.SetSheetRow(layout.Opening.Name, "A2", &row); err != nil {
		return err
	}
	return t.file.SetCellStyle(layout.Opening.Name, "A2", layout.Letters(len(row)-1)+"2", style)
}

func (t *template) openingItems() error {
	var codes []string
	for _, i := range t.words.Items {
		codes = append(codes, i.Code)
	}
	if len(codes) == 0 {
		return nil
	}
	source, err := t.list("项目", codes)
	if err != nil {
		return err
	}
	return t.dropDown(&layout.Opening, layout.ColOpenItem, source, true)
}

func (t *template) openingHelp() error {
	rows := [][]string{
		{t.words.Title + "期初填写说明"},
		{"1. 期初是老系统留下的、期初月（本系统第一次运行的月份）以前的未结款项，一人一个项目一个月一行。"},
		{"2. 金额为正：老系统多付，本系统以后从应发款里扣回；金额为负：老系统欠付，本系统下一次运行补发。"},
		{"3. 同一行再次导入，以新的金额为准；金额填 0 表示没有。没有提到的保持原样。"},
		{"4. 灰色斜体的“示例（不导入）”行只供参考，导入时不读，可以删去。"},
		{},
		{"列", "必填", "说明"},
	}
	for _, c := range layout.Opening.Columns {
		required := ""
		if c.Required {
			required = "必填"
		}
		rows = append(rows, []string{c.Heading, required, c.Help})
	}
	rows = append(rows, nil, []string{"项目", "名称"})
	for _, i := range t.words.Items {
		rows = append(rows, []string{i.Code, i.Name})
	}
	for i, row := range rows {
		if err := t.file.SetSheetRow(layout.HelpSheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	for i, width := range slices.Backward([]float64{14, 36, 90}) {
		letters := layout.Letters(i)
		if err := t.file.SetColWidth(layout.HelpSheet, letters, letters, width); err != nil {
			return err
		}
	}
	if err := t.helpLooks(rows); err != nil {
		return err
	}
	return t.file.SetSheetDimension(layout.HelpSheet, fmt.Sprintf("A1:C%d", len(rows)))
}
