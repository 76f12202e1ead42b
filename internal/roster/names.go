package roster

import (
	"fmt"
	"strings"
	"unicode"
)

// maxOddNames is how many odd names of a workbook are warned of one by one.
const maxOddNames = 200

// oddIn returns the first character of a name that names do not have: they are letters of
// any script, with dots, hyphens and spaces between them. 0: there is none.
func oddIn(name string) rune {
	for _, r := range name {
		switch {
		case strings.ContainsRune("·•. -", r):
		case unicode.IsLetter(r), unicode.Is(unicode.Nl, r), unicode.IsMark(r): // 〇 is a number to Unicode
		default:
			return r
		}
	}
	return 0
}

// warnName warns of a name that has what names do not have. It comes in as it is written:
// somebody may be called so by the bank.
func (r *reader) warnName(rec *record, name string) {
	odd := oddIn(name)
	if odd == 0 {
		return
	}
	r.oddNames++
	if r.oddNames <= maxOddNames {
		r.imp.Warnings = append(r.imp.Warnings, Problem{Place: rec.place(), Column: peopleLayout.columns[colName].heading, Value: name,
			Reason: fmt.Sprintf("姓名里有“%c”，姓名一般只有文字和间隔点，已照写读入，请与证件核对", odd)})
	}
}

// warnOddNames says how many more there were.
func (r *reader) warnOddNames() {
	if more := r.oddNames - maxOddNames; more > 0 {
		r.imp.Warnings = append(r.imp.Warnings, Problem{Column: peopleLayout.columns[colName].heading,
			Reason: fmt.Sprintf("另有 %d 行的姓名里有不是文字的字符，没有逐行列出，请与证件核对", more)})
	}
}
