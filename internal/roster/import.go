package roster

import (
	"fmt"
)

// Import is a roster workbook after reading: every row that can be accepted as
// far as the file itself tells, and every problem with the others. Merging it into
// what is known may still refuse rows (somebody new without a name, a fact of nobody).
type Import struct {
	File     string // base name, for messages and the journal
	SHA256   string // of the file, hex
	Page     bool   // no workbook brought it: somebody's page did
	Columns  Columns
	People   []PersonRow
	Facts    []FactHistory
	Awards   []AwardHistory
	Payees   []PayeeRow
	Problems []Problem       // refused cells, in the order of sheets and rows
	Warnings []Problem       // staff should look: unknown columns and sheets; of People, see PeopleWarnings
	Strange  map[string]bool // streets in People that the pack does not have, kept as written

	// RefusedPeople are the rows of 人员 that are not in People. Merging must know of them:
	// whose a fact is may hang on a row that was refused.
	RefusedPeople []RefusedPerson
}

// Columns says which columns of 人员 the workbook has. A column that is absent
// leaves what is known; a present column's empty cell says "none".
type Columns struct {
	Name, Street, Community, Address, Phone bool
	MovedIn, MovedOut, Died                 bool
	Bank, Number, Holder                    bool
	Deputy, DeputyRelation, DeputyReason    bool
	Birth                                   bool // absent: Person.Birth is 0 with a temporary number
	PayeeBank, PayeeNumber, PayeeHolder     bool // of 收款单位
}

// Place is a row of a sheet, as Excel counts it (the heading is usually row 1).
type Place struct {
	Sheet string
	Row   int
}

// PersonRow is one row of 人员. Person.Number and Rev are zero; Former is the number
// this person was known under until now (原身份证号), empty for none.
type PersonRow struct {
	Place  Place
	Person Person
	Former string
}

// RefusedPerson is a refused row of 人员, as far as it says whom it is about. What it
// says of the number may well be right: a bad telephone refuses a row too.
type RefusedPerson struct {
	Place     Place
	ID        string // 身份证号; empty where it could not be read
	Former    string // 原身份证号; empty where there is none, or it could not be read
	Renumbers bool   // something stands in 原身份证号, readable or not
}

// FactHistory is all rows of one person and fact: the whole present knowledge of
// that fact's history, ordered by Since. No rows: never held (值 = 无).
type FactHistory struct {
	Place Place   // of its first row
	Rows  []int   // row numbers of all its rows in Place.Sheet
	More  []Place // its rows on continuation sheets (情况2), usually none
	ID    string
	Fact  string
	Facts []Fact
}

// AwardHistory is all rows of one person and item of 核定金额, ordered by First.
// No awards: none (金额 0).
type AwardHistory struct {
	Place  Place
	Rows   []int
	More   []Place
	ID     string
	Item   string
	Awards []Award
}

// PayeeRow is one row of 收款单位.
type PayeeRow struct {
	Place Place
	Payee Payee
}

// Problem is one refused cell or row: sheet, row, column, value and reason.
type Problem struct {
	Place  Place
	Column string // heading; empty: the whole row
	Value  string // as it stands in the file
	Reason string // one Chinese sentence: what is wrong and what to do
	// Beside: nothing is wrong with the row itself; it is refused because another of its
	// history is.
	Beside bool
}

// Report is what an import did, or would do (dry run).
type Report struct {
	Rev           int64 // the new revision; 0: nothing changed
	NewPeople     int
	ChangedPeople int
	ChangedFacts  int // histories of one fact of one person
	ChangedAwards int
	ChangedPayees int
	Asked         int // changes that wait for a second person from this import on (账户变更)
	Waiting       int // of what it says, all that waits: Asked, and what has waited since before
	Raises        int // of Waiting: facts and 核定金额 by which more would be due; the others are accounts
	Closed        int // changes that waited and are over: what the import says of it is known at once
	Unchanged     int // rows that say what is already known
	Refused       int // rows
	Problems      []Problem
	Warnings      []Problem
}

// SeenFrom names a row as seen from another one: with its sheet where that differs.
func (p Place) SeenFrom(other Place) string {
	if p.Sheet == other.Sheet {
		return fmt.Sprintf("第 %d 行", p.Row)
	}
	return fmt.Sprintf("工作表“%s”第 %d 行", p.Sheet, p.Row)
}
