package reports

import (
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/workbook"
)

// listRow is one person on a list, or who left it.
type listRow struct {
	*explain.ListRow
	serial int // 0: who left
}

func (r *listRow) look(c cell) cell {
	if r.serial == 0 {
		return c.as(leftList)
	}
	return c
}

func leftList(s *styles) workbook.Style { return s.gone }

// listColumns are the columns of the list: those to fill in follow from what it is for.
func (l *list) listColumns() []columnOf[listRow] {
	byHand := func(r *listRow) cell { return r.look(blank()) }
	detail := func(r *listRow) cell { return r.look(text(r.Detail)) }
	columns := []columnOf[listRow]{
		col("序号", 8, centered, func(r *listRow) cell {
			if r.serial == 0 {
				return blank()
			}
			return whole(r.serial)
		}),
		col("姓名", 12, wrapped, func(r *listRow) cell { return r.look(text(r.Name)) }),
		col("身份证号", 20, number, func(r *listRow) cell { return r.look(text(r.ID)) }),
		col("街道", 11, plainText, func(r *listRow) cell { return r.look(text(streetName(r.Street))) }),
		col("社区", 20, wrapped, func(r *listRow) cell { return r.look(text(r.Community)) }),
	}
	switch {
	case l.visits:
		columns = append(columns, col(l.detail, 10, centered, detail))
	case l.detail != "":
		columns = append(columns, col(l.detail, 20, wrapped, detail))
	}
	columns = append(columns, col("变动", 8, centered, func(r *listRow) cell { return r.look(text(r.Change)) }))
	if l.visits {
		columns = append(columns, col("探访日期", 16, wrapped, byHand), col("探访人", 12, wrapped, byHand), col("结果", 26, wrapped, byHand))
	}
	if l.places {
		columns = append(columns, col("拟安置机构", 18, wrapped, byHand), col("安置日期", 14, wrapped, byHand))
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
