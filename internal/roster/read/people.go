package read

import (
	"fmt"

	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
)

// personEntry is a row of 人员 until the whole sheet is known.
type personEntry struct {
	roster.PersonRow
	id        int32 // in the idTable, −1 where the number could not be read
	bad       bool
	renumbers bool // something stands in 原身份证号
}

// idTable numbers the ID numbers of a workbook in the order they come up.
type idTable struct {
	numbers map[string]int32
	all     []string
}

func newIDTable() *idTable { return &idTable{numbers: map[string]int32{}} }

func (t *idTable) number(id string) int32 {
	n, ok := t.numbers[id]
	if !ok {
		n = int32(len(t.all))
		t.numbers[id] = n
		t.all = append(t.all, id)
	}
	return n
}

// readPerson takes in a row of 人员.
func (r *reader) readPerson(rec *record) {
	e := r.people.next()
	e.id = -1
	p := &e.Person
	e.Place = rec.place()
	p.ID = rec.id(layout.ColID)
	if p.ID != "" {
		e.id = r.ids.number(p.ID)
	}
	p.Name = rec.name(layout.ColName)
	p.Street = r.street(rec)
	for _, col := range []int{layout.ColName, layout.ColStreet} {
		if rec.headings.has[col] {
			rec.require(col, "")
		}
	}
	p.Community = r.texts.one(rec.line(layout.ColCommunity))
	p.Address = rec.note(layout.ColAddress)
	p.Phone = rec.word(layout.ColPhone)
	p.Account = roster.Account{
		Bank:   r.texts.one(rec.line(layout.ColBank)),
		Number: rec.account(layout.ColAccount),
		Holder: rec.name(layout.ColHolder),
	}
	p.Deputy = roster.Deputy{
		Name:     rec.name(layout.ColDeputy),
		Relation: r.texts.one(rec.line(layout.ColDeputyRelation)),
		Reason:   r.texts.one(rec.note(layout.ColDeputyReason)),
	}
	e.Former, e.renumbers = r.former(rec, p.ID), rec.filled[layout.ColFormer]
	r.readDates(rec, p)
	e.bad = rec.bad
}

// street returns the pack's name of the street; one that is not in the pack is kept as
// it is written, and noted.
func (r *reader) street(rec *record) string {
	text := rec.line(layout.ColStreet)
	if known, ok := r.words.streets[clean.Squeeze(text)]; ok || text == "" {
		return known
	}
	text = r.texts.one(text)
	if len(r.words.Streets) > 0 {
		r.imp.Strange[text] = true
	}
	return text
}

// former returns the number the person was known under until now. Whether anybody has
// it is for the merge to find out.
func (r *reader) former(rec *record, id string) string {
	former := roster.CleanID(rec.word(layout.ColFormer))
	switch {
	case former == "":
	case scientific(former):
		rec.refuse(layout.ColFormer, reasonLostDigits)
		return ""
	case former == id:
		rec.refuse(layout.ColFormer, "与身份证号相同；没有更正号码时请清空")
		return ""
	}
	return former
}

// readDates sets birth and the dates of coming, leaving and death.
func (r *reader) readDates(rec *record, p *roster.Person) {
	given := rec.date(layout.ColBirth)
	p.Birth = roster.BirthOf(p.ID)
	switch {
	case p.ID == "": // nothing to compare with, but what is no date is told at once
		for _, col := range []int{layout.ColMovedIn, layout.ColMovedOut, layout.ColDied} {
			rec.date(col)
		}
		return
	case !roster.Temporary(p.ID) && given != 0 && given != p.Birth:
		rec.refuse(layout.ColBirth, fmt.Sprintf("与身份证号里的出生日期 %s 不一致，请核对", p.Birth))
	case roster.Temporary(p.ID):
		p.Birth = given
		if rec.headings.has[layout.ColBirth] && !rec.filled[layout.ColBirth] {
			rec.refuse(layout.ColBirth, "临时编号的人必须填出生日期")
		}
	}
	if p.Birth > r.today {
		rec.refuse(map[bool]int{true: layout.ColBirth, false: layout.ColID}[roster.Temporary(p.ID)], fmt.Sprintf("出生日期 %s %s", p.Birth, r.future()))
	}
	p.MovedIn = r.afterBirth(rec, layout.ColMovedIn, p.Birth)
	p.MovedOut = r.afterBirth(rec, layout.ColMovedOut, p.Birth)
	r.notFarAhead(rec, layout.ColMovedIn, p.MovedIn)
	r.notFarAhead(rec, layout.ColMovedOut, p.MovedOut)
	if p.Died = r.afterBirth(rec, layout.ColDied, p.Birth); p.Died > r.today {
		rec.refuse(layout.ColDied, r.future())
	}
}

// finishPeople refuses all rows of a number that stands twice, and of two numbers that
// claim the same former one: which of them holds cannot be known.
func (r *reader) finishPeople() {
	byID, byFormer := map[string][]int{}, map[string][]int{}
	seen := make([]int32, len(r.ids.all)) // row + 1, by ID number
	for i := range r.people.count {
		e := r.people.at(i)
		if e.Former != "" {
			byFormer[e.Former] = append(byFormer[e.Former], i)
		}
		switch {
		case e.id < 0:
		case seen[e.id] == 0:
			seen[e.id] = int32(i) + 1
		case byID[e.Person.ID] == nil:
			byID[e.Person.ID] = []int{int(seen[e.id]) - 1, i}
		default:
			byID[e.Person.ID] = append(byID[e.Person.ID], i)
		}
	}
	at := func(i int) (roster.Place, *bool) { e := r.people.at(i); return e.Place, &e.bad }
	r.refuseTwice(byID, layout.People.Columns[layout.ColID].Heading, at)
	r.refuseTwice(byFormer, layout.People.Columns[layout.ColFormer].Heading, at)
	r.keepPeople()
}

// keepPeople takes over the rows, and of those that were refused whom they are about.
func (r *reader) keepPeople() {
	good := 0
	for i := range r.people.count {
		if !r.people.at(i).bad {
			good++
		}
	}
	r.imp.People = make([]roster.PersonRow, 0, good)
	r.people.drain(func(e *personEntry) {
		if !e.bad {
			r.imp.People = append(r.imp.People, e.PersonRow)
			return
		}
		r.imp.RefusedPeople = append(r.imp.RefusedPeople,
			roster.RefusedPerson{Place: e.Place, ID: e.Person.ID, Former: e.Former, Renumbers: e.renumbers})
	})
}

// refuseTwice refuses all rows that share a value which only one of them may have.
func (r *reader) refuseTwice(rows map[string][]int, heading string, at func(i int) (roster.Place, *bool)) {
	for value, indexes := range rows {
		if len(indexes) < 2 {
			continue
		}
		for n, i := range indexes {
			other, _ := at(indexes[0])
			if n == 0 {
				other, _ = at(indexes[1])
			}
			place, bad := at(i)
			*bad = true
			r.imp.Problems = append(r.imp.Problems, roster.Problem{Place: place, Column: heading, Value: value,
				Reason: fmt.Sprintf("与%s重复，这些行都没有导入；请只留一行", other.SeenFrom(place))})
		}
	}
}
