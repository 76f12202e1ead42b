package roster

import (
	"github.com/xuri/excelize/v2"

	"disburse/internal/roster/xlsx"
)

// exampleMark stands, in the template's example rows, where the ID number (or the name
// of a 收款单位) would be. Reading passes over a row that has it there.
const exampleMark = "示例（不导入）"

// example reports whether the row is an example of the template.
func (rec *record) example() bool {
	key := rec.headings.layout.needed[0]
	c := &rec.cells[key]
	return rec.filled[key] && c.Kind == xlsx.Text && squeeze(c.Text) == squeeze(exampleMark)
}

// examples writes one example row into each sheet, under the headings.
func (t *template) examples() error {
	style, err := t.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "808080"}})
	if err != nil {
		return err
	}
	for _, l := range layouts {
		cells := t.exampleCells(l)
		for col := range l.columns { // in order: the same template, the same bytes
			if cells[col] == "" {
				continue
			}
			if err := t.file.SetCellStr(l.sheet, columnLetters(col)+"2", cells[col]); err != nil {
				return err
			}
		}
		if err := t.file.SetCellStyle(l.sheet, "A2", columnLetters(len(l.columns)-1)+"2", style); err != nil {
			return err
		}
	}
	return nil
}

func (t *template) exampleCells(l *layout) map[int]string {
	v := t.words
	switch l {
	case &peopleLayout:
		return map[int]string{colName: "张三", colID: exampleMark, colStreet: firstOf(v.Streets), colCommunity: "某某社区", colAddress: "某某路 1 号",
			colPhone: "13800000000", colMovedIn: "2020-05-01", colBank: "某某银行某某支行", colAccount: "6200000000000000"}
	case &factsLayout:
		value, name := wordYes, ""
		if len(v.Facts) > 0 {
			name = v.Facts[0].Name
			if len(v.Facts[0].Values) > 0 {
				value = v.Facts[0].Values[0]
			}
		}
		return map[int]string{colFactID: exampleMark, colFact: name, colValue: value, colSince: "2026-01-01", colUntil: "2026-12-31", colFactBasis: "审批表编号"}
	case &awardsLayout:
		code := ""
		if len(v.Items) > 0 {
			code = v.Items[0].Code
		}
		return map[int]string{colAwardID: exampleMark, colItem: code, colAmount: "500.00", colFirst: "2026-01", colLast: "2026-12", colAwardBasis: "审批表编号"}
	}
	return map[int]string{colPayee: exampleMark, colPayeeBank: "某某银行某某支行", colPayeeAccount: "6200000000000000"}
}

func firstOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
