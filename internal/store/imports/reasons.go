package imports

import (
	"fmt"
	"strings"

	"disburse/internal/roster"
)

// The reasons for which a row of 人员 is refused, as staff read them. Numbers of other
// people are masked: an errors workbook is passed on to whoever filled in the rows.

func sameNumber(other *Candidate) string {
	return fmt.Sprintf("与%s的身份证号相同，一人只能有一行，请只留正确的一行", rowName(other))
}

func samePerson(other *Candidate) string {
	return fmt.Sprintf("与%s说的是同一个人，一人只能有一行，请只留正确的一行", rowName(other))
}

func rowName(e *Candidate) string {
	return fmt.Sprintf("“%s”第 %d 行", e.row.Place.Sheet, e.row.Place.Row)
}

func oldNumber(olds []*knownPerson) string {
	return fmt.Sprintf("这是旧号码，%s；请改用现在的号码（若确是另一个人的号码，请先用临时编号登记，再填原身份证号更正）", present(olds))
}

func oldFormer(olds []*knownPerson) string {
	return fmt.Sprintf("原身份证号已经是旧号码，%s，请核对", present(olds))
}

func present(olds []*knownPerson) string {
	masked := make([]string, len(olds))
	for i, s := range olds {
		masked[i] = roster.MaskID(s.now)
	}
	return "此人现在的身份证号是 " + strings.Join(masked, " 或 ")
}

// takenNumber gets, as stuck, the refused row that would have given the holder another
// number, if there is one. The advice may name both numbers in full: the row has them.
func takenNumber(row *roster.PersonRow, holder *knownPerson, stuck *Candidate) string {
	if stuck != nil {
		return fmt.Sprintf("这个号码现在属于另一条记录（%s，%s），让出它的%s未被接受，请先改正那一行",
			holder.person.Name, holder.person.Street, rowName(stuck))
	}
	return fmt.Sprintf("这个号码现在属于另一条记录（%s，%s），不能再给别人；若两条记录是同一个人，请核实后合并两条记录，"+
		"保留 %s，并入 %s（网页“合并人员”，或 disburse roster merge）",
		holder.person.Name, holder.person.Street, row.Person.ID, row.Former)
}

func refusedRow(row *Candidate) string {
	return fmt.Sprintf("此人的%s未被接受，请先改正那一行", rowName(row))
}

func unknownPerson(unread bool) string {
	if unread {
		return "花名册里没有这个人；人员表里有退回的行，若其中有此人，请先改正那一行"
	}
	return "花名册里没有这个人，人员表里也没有，请先登记此人"
}
