package roster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"disburse/internal/roster/layout"
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

// PeopleWarnings are what staff should look at in the rows of People that come in as they
// are written: streets that the pack does not have, a sentence each, and names that have
// what names do not have, for the bank may call somebody so. comes reports whether a row
// of People comes in; of a row that is refused, nothing was read in.
func (imp *Import) PeopleWarnings(comes func(i int) bool) []Problem {
	streets, odd := map[string]*Problem{}, 0
	rows := map[string]int{}
	var all []Problem
	for i := range imp.People {
		p := &imp.People[i]
		if !comes(i) {
			continue
		}
		if imp.Strange[p.Person.Street] {
			rows[p.Person.Street]++
			if streets[p.Person.Street] == nil {
				streets[p.Person.Street] = &Problem{Place: p.Place, Column: layout.People.Columns[layout.ColStreet].Heading, Value: p.Person.Street}
			}
		}
		if c := oddIn(p.Person.Name); c != 0 {
			if odd++; odd <= maxOddNames {
				all = append(all, Problem{Place: p.Place, Column: layout.People.Columns[layout.ColName].Heading, Value: p.Person.Name,
					Reason: fmt.Sprintf("姓名里有“%c”，姓名一般只有文字和间隔点，已照写读入，请与证件核对", c)})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(streets)) {
		streets[name].Reason = fmt.Sprintf("不在规则包的街道名单里（共 %d 行），已照写读入，请核对", rows[name])
		all = append(all, *streets[name])
	}
	if more := odd - maxOddNames; more > 0 {
		all = append(all, Problem{Column: layout.People.Columns[layout.ColName].Heading,
			Reason: fmt.Sprintf("另有 %d 行的姓名里有不是文字的字符，没有逐行列出，请与证件核对", more)})
	}
	return all
}
