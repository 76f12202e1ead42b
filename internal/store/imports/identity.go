package imports

import (
	"slices"

	"disburse/internal/roster"
)

// standing is somebody whom the database knows: as known now, with every number
// ever carried.
type standing struct {
	person  roster.Person // the latest row
	past    []string      // numbers carried before, without the present one
	renamed bool          // this import gives the person another number
	now     string        // the number after the import
}

// identities are the people who carry, or once carried, a number that an import
// mentions. A number is the present one of at most one person; an old number may
// have belonged to several.
type identities struct {
	current map[string]*standing
	past    map[string][]*standing
}

func newIdentities() *identities {
	return &identities{current: map[string]*standing{}, past: map[string][]*standing{}}
}

// add takes in one person: every row, from the oldest to the newest.
func (ids *identities) add(rows []roster.Person) {
	latest := rows[len(rows)-1]
	s := &standing{person: latest, now: latest.ID}
	for _, row := range rows {
		if row.ID != latest.ID && !slices.Contains(s.past, row.ID) {
			s.past = append(s.past, row.ID)
		}
	}
	ids.current[latest.ID] = s
	for _, id := range s.past {
		ids.past[id] = append(ids.past[id], s)
	}
}

// Entrant is a row of 人员 on its way in.
type Entrant struct {
	row     *roster.PersonRow
	known   *standing // nil: somebody new
	renames bool      // known gets row.Person.ID in place of row.Former
	moving  bool      // the row names an 原身份证号 that is not settled yet
	blurred bool      // its 原身份证号 could not be read
	refused bool
	waits   bool          // the account it says waits for a second person
	Person  roster.Person // known and row merged; Number 0 until somebody new gets one
}

// changed reports whether the row says more than is known.
func (e *Entrant) changed() bool { return e.known == nil || e.Person != e.known.person }

// admission decides which rows of 人员 come in, and as whom. The rows of a file are
// judged together: two people may exchange numbers in one file, and what one row
// does to a number decides whether another may take it. Rows that the reader refused
// take part, refused from the start: they still say whom the others are about.
type admission struct {
	columns  *roster.Columns
	ids      *identities
	entrants []Entrant
	byID     map[string]*Entrant // the row with this number (身份证号); the first of several
	inDoubt  map[string]*Entrant // numbers that a refused row would have given or taken
	unread   bool                // the file has rows of 人员 whose number could not be read
	problems []roster.Problem
	warnings []roster.Problem
}

func admit(in *roster.Import, ids *identities) *admission {
	a := &admission{columns: &in.Columns, ids: ids, byID: make(map[string]*Entrant, len(in.People)), inDoubt: map[string]*Entrant{}}
	a.enter(in)
	a.refuseDoubledNumbers()
	for i := range a.entrants {
		a.identify(&a.entrants[i])
	}
	a.refuseDoubledPeople()
	for i := range a.entrants {
		a.merge(&a.entrants[i])
	}
	a.refuseTakenNumbers()
	for i := range a.entrants {
		if e := &a.entrants[i]; e.renames && !e.refused {
			e.known.renamed, e.known.now = true, e.Person.ID
		}
	}
	a.doubtNumbers()
	return a
}

// enter lines up the rows of 人员, those that the reader refused behind the others.
func (a *admission) enter(in *roster.Import) {
	a.entrants = make([]Entrant, len(in.People), len(in.People)+len(in.RefusedPeople))
	for i := range in.People {
		a.entrants[i].row = &in.People[i]
	}
	for _, r := range in.RefusedPeople {
		row := &roster.PersonRow{Place: r.Place, Person: roster.Person{ID: r.ID}, Former: r.Former}
		a.entrants = append(a.entrants, Entrant{row: row, refused: true, blurred: r.Renumbers && r.Former == ""})
		a.unread = a.unread || r.ID == ""
	}
}

// refuse keeps the row out; value is what stands in the column. A row that is out
// already has its reason.
func (a *admission) refuse(e *Entrant, column, value, reason string) {
	if !e.refused {
		a.report(e, column, value, reason)
	}
}

// report keeps the row out for one more reason.
func (a *admission) report(e *Entrant, column, value, reason string) {
	e.refused = true
	a.problems = append(a.problems, roster.Problem{Place: e.row.Place, Column: column, Value: value, Reason: reason})
}

// refuseDoubledNumbers refuses all rows with the same 身份证号: nobody can say which is right.
func (a *admission) refuseDoubledNumbers() {
	for i := range a.entrants {
		e := &a.entrants[i]
		id := e.row.Person.ID
		if id == "" {
			continue // of a refused row
		}
		first, doubled := a.byID[id]
		if !doubled {
			a.byID[id] = e
			continue
		}
		a.refuse(first, "身份证号", id, sameNumber(e))
		a.refuse(e, "身份证号", id, sameNumber(first))
	}
}

// identify finds out whom the row is about.
func (a *admission) identify(e *Entrant) {
	id, former := e.row.Person.ID, e.row.Former
	if former == id && former != "" {
		former = ""
		a.warnings = append(a.warnings, roster.Problem{Place: e.row.Place, Column: "原身份证号",
			Value: id, Reason: "原身份证号与身份证号相同，未作更正"})
	}
	holder := a.ids.current[id]
	if e.blurred {
		e.moving = true
		return
	}
	if former == "" {
		e.known = holder
		if olds := a.ids.past[id]; holder == nil && len(olds) > 0 {
			a.refuse(e, "身份证号", id, oldNumber(olds))
		}
		return
	}
	if holder != nil && slices.Contains(holder.past, former) {
		e.known = holder // the file has been imported before
		return
	}
	e.moving = true
	e.known = a.ids.current[former]
	e.renames = e.known != nil
	if e.renames {
		return
	}
	if olds := a.ids.past[former]; len(olds) > 0 {
		a.refuse(e, "原身份证号", former, oldFormer(olds))
		return
	}
	a.refuse(e, "原身份证号", former, "花名册里没有这个原身份证号，请核对；若是新登记的人，请把原身份证号留空")
}

// refuseDoubledPeople refuses all rows that are about the same person under different
// numbers, as when a file still has somebody's row beside the one that corrects it. A
// refused row counts: one bad cell in it does not make the other row the right one.
func (a *admission) refuseDoubledPeople() {
	first := make(map[*standing]*Entrant)
	for i := range a.entrants {
		e := &a.entrants[i]
		if e.known == nil {
			continue
		}
		other, doubled := first[e.known]
		if !doubled {
			first[e.known] = e
			continue
		}
		a.refuse(other, "身份证号", other.row.Person.ID, samePerson(e))
		a.refuse(e, "身份证号", e.row.Person.ID, samePerson(other))
	}
}

// refuseTakenNumbers refuses to give somebody a number that another person keeps.
// Refusing one row makes its person keep the old number, which may be the number
// that another row wanted, and so on.
func (a *admission) refuseTakenNumbers() {
	leaving := make(map[string]bool)
	stuck := make(map[string]*Entrant) // refused rows that would have freed a number
	var doubtful []*Entrant
	for i := range a.entrants {
		switch e := &a.entrants[i]; {
		case e.renames && e.refused:
			stuck[e.row.Former] = e
		case e.renames:
			leaving[e.row.Former] = true
			doubtful = append(doubtful, e)
		}
	}
	for len(doubtful) > 0 {
		e := doubtful[len(doubtful)-1]
		doubtful = doubtful[:len(doubtful)-1]
		holder := a.ids.current[e.row.Person.ID]
		if e.refused || holder == nil || leaving[e.row.Person.ID] {
			continue
		}
		a.refuse(e, "身份证号", e.row.Person.ID, takenNumber(e.row, holder, stuck[e.row.Person.ID]))
		delete(leaving, e.row.Former)
		stuck[e.row.Former] = e
		if next := a.byID[e.row.Former]; next != nil && next.renames {
			doubtful = append(doubtful, next)
		}
	}
}

// doubtNumbers notes the numbers of refused rows that would have changed whose they are:
// who filled in the file meant one person by such a number, and the roster, which did
// not follow, has another.
func (a *admission) doubtNumbers() {
	for i := range a.entrants {
		e := &a.entrants[i]
		if !e.refused || !e.moving {
			continue
		}
		a.inDoubt[e.row.Person.ID] = e
		if e.known != nil {
			a.inDoubt[e.row.Former] = e
		}
	}
}

// locate returns the surrogate of whom a number stands for after the import, or the
// reason why rows under that number cannot come in. Call it when everybody new has a number.
func (a *admission) locate(id string) (number int64, reason string) {
	row := a.byID[id]
	if row != nil && !row.refused {
		return row.Person.Number, ""
	}
	if doubtful := a.inDoubt[id]; doubtful != nil {
		return 0, refusedRow(doubtful)
	}
	if s := a.ids.current[id]; s != nil && !s.renamed {
		return s.person.Number, ""
	} else if s != nil {
		return 0, oldNumber([]*standing{s})
	}
	if olds := a.ids.past[id]; len(olds) > 0 {
		return 0, oldNumber(olds)
	}
	if row != nil {
		return 0, refusedRow(row)
	}
	return 0, unknownPerson(a.unread)
}
