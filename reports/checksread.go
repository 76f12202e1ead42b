package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
)

// RulingRow is a row of the workbook of checks in which somebody decided.
type RulingRow struct {
	Row    int // of the sheet
	ID     string
	Pay    bool
	Reason string
}

// RulingProblem is a row that cannot be taken.
type RulingProblem struct {
	Row    int
	Column string
	Value  string
	Reason string // one Chinese sentence
}

// ReadRulings reads the decisions of a workbook that WriteChecks wrote and people filled
// in. Rows with neither 决定 nor 理由 are left out; rows that are wrong are in problems.
// Columns may stand in any order, others than 编号, 决定 and 理由 are not looked at.
// Errors: fault.Invalid where it is no such workbook.
func ReadRulings(path string) (rulings []RulingRow, problems []RulingProblem, err error) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "打不开“%s”，请确认它是本系统写出的疑点表（xlsx）", path)
	}
	defer f.Close()
	if at, err := f.GetSheetIndex(checksSheet); err != nil || at < 0 {
		return nil, nil, fault.New(fault.Invalid, "“%s”里没有工作表“%s”，请用本系统写出的疑点表", path, checksSheet)
	}
	rows, err := f.GetRows(checksSheet)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "读不了“%s”的工作表“%s”，请重新写出一份疑点表", path, checksSheet)
	}
	if len(rows) == 0 {
		return nil, nil, fault.New(fault.Invalid, "“%s”的工作表“%s”是空的", path, checksSheet)
	}
	at, err := rulingColumns(rows[0], path)
	if err != nil {
		return nil, nil, err
	}
	for i, cells := range rows[1:] {
		row := i + 2
		id, word, reason := at.cell(cells, "编号"), at.cell(cells, "决定"), at.cell(cells, "理由")
		if word == "" && reason == "" {
			continue
		}
		if p := wrongRuling(row, id, word, reason); p != nil {
			problems = append(problems, *p)
			continue
		}
		rulings = append(rulings, RulingRow{Row: row, ID: id, Pay: word == PayWord, Reason: reason})
	}
	return rulings, problems, nil
}

// columnsAt says where the columns of the headings are.
type columnsAt map[string]int

func rulingColumns(headings []string, path string) (columnsAt, error) {
	at := columnsAt{}
	for _, name := range []string{"编号", "决定", "理由"} {
		i := slices.IndexFunc(headings, func(h string) bool { return strings.TrimSpace(h) == name })
		if i < 0 {
			return nil, fault.New(fault.Invalid, "“%s”的工作表“%s”第 1 行没有“%s”一列，请用本系统写出的疑点表", path, checksSheet, name)
		}
		at[name] = i
	}
	return at, nil
}

// cell returns a cell's text without the apostrophe that keeps it from being a formula.
func (at columnsAt) cell(cells []string, column string) string {
	i := at[column]
	if i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(cells[i], "'"))
}

func wrongRuling(row int, id, word, reason string) *RulingProblem {
	switch {
	case id == "":
		return &RulingProblem{row, "编号", "", "没有编号，不知道决定的是哪一个疑点"}
	case word == "":
		return &RulingProblem{row, "决定", "", fmt.Sprintf("写了理由没有决定，请填“%s”或“%s”", PayWord, HoldWord)}
	case word != PayWord && word != HoldWord:
		return &RulingProblem{row, "决定", word, fmt.Sprintf("只能填“%s”或“%s”", PayWord, HoldWord)}
	case reason == "":
		return &RulingProblem{row, "理由", "", "有决定没有理由，请写明理由"}
	}
	return nil
}
