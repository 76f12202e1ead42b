package read

import (
	"slices"
	"strings"
	"unicode/utf8"

	"disburse/internal/fault"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// headingRows is how far down the headings may stand, below titles and notes.
const headingRows = 10

// Headings is the heading row of a sheet, once found.
type Headings struct {
	Layout *layout.Sheet
	sheet  string
	row    int
	At     []int    // by the sheet's column: column of the layout, −1 for one not read
	has    []bool   // by the layout's column
	Names  []string // as they stand, by the sheet's column
	warned []bool   // columns without heading that were reported
	beyond bool     // content beyond sheetColumns was reported
}

// headingText is a heading as compared: without spaces and without the * of required ones.
func headingText(c xlsx.Cell) string {
	if c.Kind != xlsx.Text {
		return ""
	}
	return strings.Trim(clean.Squeeze(c.Text), "*")
}

// findHeadings picks the heading row out of a sheet's first rows: the first that has all
// needed headings. It fails with one sentence that says what is missing or wrong.
func findHeadings(l *layout.Sheet, sheet string, top []xlsx.Row) (*Headings, error) {
	best, bestCount := -1, 0
	for i, row := range top {
		if row.Number > headingRows {
			break
		}
		h := mapHeadings(l, sheet, row)
		if h.complete() {
			if err := h.checkTwice(row); err != nil {
				return nil, err
			}
			return h, h.checkSplit(top, i)
		}
		if n := h.count(); n > bestCount {
			best, bestCount = i, n
		}
	}
	if best < 0 {
		return nil, fault.New(fault.Invalid, "工作表“%s”的前 %d 行里找不到标题行，标题应有%s等列，可用 roster template 生成模板对照",
			sheet, headingRows, l.NeededNames())
	}
	h := mapHeadings(l, sheet, top[best])
	return nil, fault.New(fault.Invalid, "工作表“%s”第 %d 行的标题缺少%s列，请补上（标题须在同一行，不要合并单元格）",
		sheet, h.row, h.missing())
}

func mapHeadings(l *layout.Sheet, sheet string, row xlsx.Row) *Headings {
	h := &Headings{Layout: l, sheet: sheet, row: row.Number, has: make([]bool, len(l.Columns))}
	for _, c := range row.Cells {
		for len(h.At) <= c.Col {
			h.At, h.Names, h.warned = append(h.At, -1), append(h.Names, ""), append(h.warned, false)
		}
		name := headingText(c)
		h.Names[c.Col] = name
		if h.At[c.Col] = l.Find(name); h.At[c.Col] >= 0 {
			h.has[h.At[c.Col]] = true
		}
	}
	return h
}

func (h *Headings) complete() bool {
	return !slices.ContainsFunc(h.Layout.Needed, func(c int) bool { return !h.has[c] })
}

func (h *Headings) count() int {
	n := 0
	for _, has := range h.has {
		if has {
			n++
		}
	}
	return n
}

func (h *Headings) missing() string {
	var names []string
	for _, c := range h.Layout.Needed {
		if !h.has[c] {
			names = append(names, "“"+h.Layout.Columns[c].Heading+"”")
		}
	}
	return strings.Join(names, "、")
}

// checkTwice refuses a heading that stands twice: which of the two holds cannot be known.
func (h *Headings) checkTwice(row xlsx.Row) error {
	seen := map[int]bool{}
	for _, c := range row.Cells {
		if col := h.At[c.Col]; col >= 0 && seen[col] {
			return fault.New(fault.Invalid, "工作表“%s”第 %d 行有两列的标题都是“%s”，请删去一列",
				h.sheet, h.row, h.Layout.Columns[col].Heading)
		} else if col >= 0 {
			seen[col] = true
		}
	}
	return nil
}

// checkSplit refuses headings that are spread over two rows by merged cells: read as
// they are, the columns of one of the rows would be taken for absent.
func (h *Headings) checkSplit(top []xlsx.Row, found int) error {
	for i, row := range top {
		if i > found+1 {
			break
		}
		for _, c := range row.Cells {
			if col := h.Layout.Find(headingText(c)); col >= 0 && !h.has[col] {
				return fault.New(fault.Invalid, "工作表“%s”的标题分在第 %d 行和第 %d 行，请取消合并单元格，把所有标题放在同一行",
					h.sheet, min(h.row, row.Number), max(h.row, row.Number))
			}
		}
	}
	return nil
}

// unknown lists the columns whose headings nobody knows, as warnings.
func (h *Headings) unknown() []roster.Problem {
	var out []roster.Problem
	for col, name := range h.Names {
		if utf8.RuneCountInString(name) > clean.MaxText {
			name = string([]rune(name)[:clean.MaxText]) + "…"
		}
		if h.At[col] < 0 && name != "" && !slices.Contains(layout.ErrorHeadings, name) {
			out = append(out, roster.Problem{Place: roster.Place{Sheet: h.sheet, Row: h.row}, Column: name,
				Reason: "不认识的列，没有读入；请核对标题是否写错"})
		}
	}
	return out
}

// sameColumns reports whether a continuation sheet has the columns of the one before.
func (h *Headings) sameColumns(other *Headings) bool { return slices.Equal(h.has, other.has) }
