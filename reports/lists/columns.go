package lists

import (
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/sheet"
	"disburse/reports/workbook"
)

// member is one person on a list, or who left it.
type member struct {
	*explain.ListRow
	serial int // 0: who left
}

func (r *member) look(c sheet.Cell) sheet.Cell {
	if r.serial == 0 {
		return c.As(leftList)
	}
	return c
}

func leftList(s *sheet.Styles) workbook.Style { return s.Gone }

// listColumns are the columns of the list: those to fill in follow from what it is for.
func (l *list) listColumns() []sheet.Column[member] {
	byHand := func(r *member) sheet.Cell { return r.look(sheet.Blank()) }
	detail := func(r *member) sheet.Cell { return r.look(sheet.Text(r.Detail)) }
	columns := []sheet.Column[member]{
		sheet.Col("序号", 8, sheet.Centered, func(r *member) sheet.Cell {
			if r.serial == 0 {
				return sheet.Blank()
			}
			return sheet.Whole(r.serial)
		}),
		sheet.Col("姓名", 12, sheet.Wrapped, func(r *member) sheet.Cell { return r.look(sheet.Text(r.Name)) }),
		sheet.Col("身份证号", 20, sheet.Number, func(r *member) sheet.Cell { return r.look(sheet.Text(r.ID)) }),
		sheet.Col("街道", 11, sheet.PlainText, func(r *member) sheet.Cell { return r.look(sheet.Text(sheet.StreetName(r.Street))) }),
		sheet.Col("社区", 20, sheet.Wrapped, func(r *member) sheet.Cell { return r.look(sheet.Text(r.Community)) }),
	}
	switch {
	case l.visits:
		columns = append(columns, sheet.Col(l.detail, 10, sheet.Centered, detail))
	case l.detail != "":
		columns = append(columns, sheet.Col(l.detail, 20, sheet.Wrapped, detail))
	}
	columns = append(columns, sheet.Col("变动", 8, sheet.Centered, func(r *member) sheet.Cell { return r.look(sheet.Text(r.Change)) }))
	if l.visits {
		columns = append(columns, sheet.Col("探访日期", 16, sheet.Wrapped, byHand), sheet.Col("探访人", 12, sheet.Wrapped, byHand), sheet.Col("结果", 26, sheet.Wrapped, byHand))
	}
	if l.places {
		columns = append(columns, sheet.Col("拟安置机构", 18, sheet.Wrapped, byHand), sheet.Col("安置日期", 14, sheet.Wrapped, byHand))
	}
	return columns
}

// detailColumn names the column for an item's 详情 after what it shows, and says
// whether it is a number of visits.
func detailColumn(file *packfile.File, it *packfile.Item) (name string, visits bool) {
	for _, d := range it.Detail {
		if d.Fact.Value != "" {
			return d.Fact.Value, false
		}
		for _, r := range file.Rates {
			if d.Value.Value == r.Name.Value {
				return r.Name.Value, r.Unit.Value == "次/月"
			}
		}
	}
	if len(it.Detail) > 0 {
		return "详情", false
	}
	return "", false
}

// placement reports whether the list says where people are placed, or that they wait
// for it: its detail is a fact's text in one case and fixed words in another.
func placement(it *packfile.Item) bool {
	fact, text := false, false
	for _, d := range it.Detail {
		fact, text = fact || d.Fact.Value != "", text || d.Text.Value != ""
	}
	return fact && text
}
