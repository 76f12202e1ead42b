package worklists

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx"
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

// What a workbook of decisions may hold. One of a whole district has some thousand rows.
var rulingLimits = xlsx.Limits{File: 64 << 20, Part: 512 << 20, Total: 1 << 30, Strings: 32 << 20, Ratio: 200}

const (
	rulingColumnsAt = 256      // how far to the right a column may stand
	maxRulings      = 100_000  // rows that decide, or are wrong
	maxRulingText   = 32 << 20 // bytes of their texts
	longestRuling   = 1000     // characters of a value
)

// ReadRulings reads the decisions of a workbook that WriteChecks wrote and people filled
// in, row by row. Rows with neither 决定 nor 理由 are left out; rows that are wrong are in
// problems. Columns may stand in any order, others than 编号, 决定 and 理由 are not looked at.
// Errors: fault.Invalid where it is no such workbook.
func ReadRulings(path string) (rulings []RulingRow, problems []RulingProblem, err error) {
	r := rulingReader{name: filepath.Base(path)}
	if r.book, err = xlsx.Open(path, rulingLimits); err != nil {
		return nil, nil, err
	}
	defer r.book.Close()
	at := slices.IndexFunc(r.book.Sheets, func(s xlsx.Sheet) bool { return s.Name == checksSheet })
	if at < 0 {
		return nil, nil, fault.New(fault.Invalid, "“%s”里没有工作表“%s”，请用本系统写出的疑点表", r.name, checksSheet)
	}
	rows, err := r.book.Rows(r.book.Sheets[at], rulingColumnsAt)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := r.row(rows.Row()); err != nil {
			return nil, nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	if r.columns == nil {
		return nil, nil, fault.New(fault.Invalid, "“%s”的工作表“%s”是空的", r.name, checksSheet)
	}
	return r.rulings, r.problems, nil
}

// rulingReader takes the rows of a workbook of decisions.
type rulingReader struct {
	name     string // of the file
	book     *xlsx.Book
	columns  map[string]int // where the headings stand; nil before them
	rulings  []RulingRow
	problems []RulingProblem
	text     int // bytes in them
}

func (r *rulingReader) row(row xlsx.Row) error {
	if r.columns == nil {
		return r.headings(row)
	}
	id, word, reason := r.cell(row, "编号"), r.cell(row, "决定"), r.cell(row, "理由")
	if word == "" && reason == "" {
		return nil
	}
	r.text += len(id) + len(word) + len(reason)
	if len(r.rulings)+len(r.problems) >= maxRulings || r.text > maxRulingText {
		return fault.New(fault.Invalid, "“%s”的工作表“%s”到第 %d 行为止内容太多，不像本系统写出的疑点表，什么都没有改动", r.name, checksSheet, row.Number)
	}
	if p := wrongRuling(row.Number, id, word, reason); p != nil {
		r.problems = append(r.problems, *p)
		return nil
	}
	r.rulings = append(r.rulings, RulingRow{Row: row.Number, ID: strings.Clone(id), Pay: word == PayWord, Reason: strings.Clone(reason)})
	return nil
}

// headings takes the first row.
func (r *rulingReader) headings(row xlsx.Row) error {
	at := map[string]int{}
	for _, c := range row.Cells {
		name := strings.TrimSpace(c.Text)
		if _, twice := at[name]; !twice {
			at[name] = c.Col
		}
	}
	for _, name := range []string{"编号", "决定", "理由"} {
		if _, ok := at[name]; !ok || row.Number != checksHeadings {
			return fault.New(fault.Invalid, "“%s”的工作表“%s”第 1 行没有“%s”一列，请用本系统写出的疑点表", r.name, checksSheet, name)
		}
	}
	r.columns = at
	return nil
}

// cell returns a cell's text without the apostrophe that keeps it from being a formula.
func (r *rulingReader) cell(row xlsx.Row, column string) string {
	col := r.columns[column]
	i := slices.IndexFunc(row.Cells, func(c xlsx.Cell) bool { return c.Col == col })
	if i < 0 {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(r.book.Shown(row.Cells[i]), "'"))
}

func wrongRuling(row int, id, word, reason string) *RulingProblem {
	for _, x := range [][2]string{{"编号", id}, {"决定", word}, {"理由", reason}} {
		if utf8.RuneCountInString(x[1]) > longestRuling {
			return &RulingProblem{row, x[0], string([]rune(x[1])[:60]) + "…", fmt.Sprintf("超过 %d 个字，请写短些", longestRuling)}
		}
		if strings.ContainsFunc(x[1], func(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune("\n\r\t", c) }) {
			return &RulingProblem{row, x[0], "", "有看不见的控制字符，请删去"}
		}
	}
	switch {
	case id == "":
		return &RulingProblem{row, "编号", "", "没有编号，不知道决定的是哪一个疑点"}
	case word == "":
		return &RulingProblem{row, "决定", "", fmt.Sprintf("写了理由没有决定，请填“%s”或“%s”", PayWord, HoldWord)}
	case word != PayWord && word != HoldWord:
		return &RulingProblem{row, "决定", strings.Clone(word), fmt.Sprintf("只能填“%s”或“%s”", PayWord, HoldWord)}
	case reason == "":
		return &RulingProblem{row, "理由", "", "有决定没有理由，请写明理由"}
	}
	return nil
}
