package write

import (
	"github.com/xuri/excelize/v2"

	"disburse/internal/roster/layout"
)

// examples writes one example row into each sheet, under the headings.
func (t *template) examples() error {
	style, err := t.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "808080"}})
	if err != nil {
		return err
	}
	for _, l := range layout.Sheets {
		cells := t.exampleCells(l)
		for col := range l.Columns { // in order: the same template, the same bytes
			if cells[col] == "" {
				continue
			}
			if err := t.file.SetCellStr(l.Name, layout.Letters(col)+"2", cells[col]); err != nil {
				return err
			}
		}
		if err := t.file.SetCellStyle(l.Name, "A2", layout.Letters(len(l.Columns)-1)+"2", style); err != nil {
			return err
		}
	}
	return nil
}

func (t *template) exampleCells(l *layout.Sheet) map[int]string {
	v := t.words
	switch l {
	case &layout.People:
		return map[int]string{layout.ColName: "张三", layout.ColID: layout.ExampleMark, layout.ColStreet: firstOf(v.Streets), layout.ColCommunity: "某某社区", layout.ColAddress: "某某路 1 号",
			layout.ColPhone: "13800000000", layout.ColMovedIn: "2020-05-01", layout.ColBank: "某某银行某某支行", layout.ColAccount: "6200000000000000"}
	case &layout.Facts:
		value, name := layout.Yes, ""
		if len(v.Facts) > 0 {
			name = v.Facts[0].Name
			if len(v.Facts[0].Values) > 0 {
				value = v.Facts[0].Values[0]
			}
		}
		return map[int]string{layout.ColFactID: layout.ExampleMark, layout.ColFact: name, layout.ColValue: value, layout.ColSince: "2026-01-01", layout.ColUntil: "2026-12-31", layout.ColFactBasis: "审批表编号"}
	case &layout.Awards:
		code := ""
		if len(v.Items) > 0 {
			code = v.Items[0].Code
		}
		return map[int]string{layout.ColAwardID: layout.ExampleMark, layout.ColItem: code, layout.ColAmount: "500.00", layout.ColFirst: "2026-01", layout.ColLast: "2026-12", layout.ColAwardBasis: "审批表编号"}
	}
	return map[int]string{layout.ColPayee: layout.ExampleMark, layout.ColPayeeBank: "某某银行某某支行", layout.ColPayeeAccount: "6200000000000000"}
}

func firstOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
