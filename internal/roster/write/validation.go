package write

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster/layout"
)

// Formulas that accept what reading accepts of dates and months, in cells that are text
// or dates; # stands for the cell. Excel's own validation of dates would refuse text.
const (
	dateFormula = `OR(ISNUMBER(#),` +
		`ISNUMBER(DATEVALUE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(#,"年","-"),"月","-"),"日",""),".","-"),"/","-"))),` +
		`AND(LEN(#)=8,ISNUMBER(DATEVALUE(TEXT(#,"0000-00-00")))))`
	monthFormula = `OR(ISNUMBER(#),` +
		`ISNUMBER(DATEVALUE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(#,"年","-"),"月",""),"/","-")&"-01")),` +
		`AND(LEN(#)=6,ISNUMBER(DATEVALUE(TEXT(#,"0000-00")&"-01"))))`
)

// dates has Excel warn of what is no date or no month, and refuse a negative amount. A
// warning can be overridden: reading judges in the end, with a reason.
func (t *template) dates() error {
	for _, d := range []struct {
		layout  *layout.Sheet
		columns []int
		formula string
		say     string
	}{
		{&layout.People, []int{layout.ColMovedIn, layout.ColMovedOut, layout.ColDied, layout.ColBirth}, dateFormula, "请写成 2026-11-03 的样子"},
		{&layout.Facts, []int{layout.ColSince, layout.ColUntil}, dateFormula, "请写成 2026-11-03 的样子"},
		{&layout.Awards, []int{layout.ColFirst, layout.ColLast}, monthFormula, "请写成 2026-11 的样子"},
		{&layout.Awards, []int{layout.ColAmount}, `IFERROR(VALUE(#)>=0,FALSE)`, "请填每月金额（元），不能是负数；0 表示没有"},
	} {
		for _, col := range d.columns {
			if err := t.formula(d.layout, col, d.formula, d.say); err != nil {
				return fmt.Errorf("validate %s: %w", d.layout.Columns[col].Heading, err)
			}
		}
	}
	return nil
}

func (t *template) formula(l *layout.Sheet, col int, formula, say string) error {
	letters, name := layout.Letters(col), l.Columns[col].Heading
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(fmt.Sprintf("%s2:%s%d", letters, letters, templateRows))
	dv.Type = "custom"
	dv.Formula1 = strings.NewReplacer("#", letters+"2", "&", "&amp;").Replace(formula) // written as it is
	dv.SetError(excelize.DataValidationErrorStyleWarning, name, say)
	dv.SetInput(name, l.Columns[col].Help)
	return t.file.AddDataValidation(l.Name, dv)
}

// paper has the sheets print on A4 across, headings on every page.
func (t *template) paper() error {
	for _, l := range layout.Sheets {
		if err := printAcross(t.file, l.Name, headingsOf(l)); err != nil {
			return err
		}
	}
	return printAcross(t.file, layout.HelpSheet, nil)
}
