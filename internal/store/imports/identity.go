package imports

import (
	"slices"

	"disburse/internal/roster"
)

// knownPerson is a person in the database, with every ID number they ever had.
type knownPerson struct {
	person  roster.Person // the latest row
	past    []string      // former numbers, without the current one
	renamed bool          // this import changes the number
	now     string        // the number after the import
}

// identities indexes the people who have, or had, a number that an import mentions. A number
// is current for at most one person; a former one may have belonged to several.
type identities struct {
	current map[string]*knownPerson
	past    map[string][]*knownPerson
}

func newIdentities() *identities {
	return &identities{current: map[string]*knownPerson{}, past: map[string][]*knownPerson{}}
}

// add adds one person, given all their rows from the oldest to the newest.
func (ids *identities) add(rows []roster.Person) {
	latest := rows[len(rows)-1]
	s := &knownPerson{person: latest, now: latest.ID}
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

// Candidate is a row of 人员 that is being checked, and the person that results from it.
type Candidate struct {
	row              *roster.PersonRow
	known            *knownPerson // nil: a new person
	renames          bool         // known gets row.Person.ID in place of row.Former
	unresolved       bool         // the row has an 原身份证号 that was not applied by an earlier import
	formerUnreadable bool         // its 原身份证号 could not be read
	refused          bool
	deferred         bool          // its account change is deferred to a second person
	Person           roster.Person // known overlaid with row; Number 0 until a new person gets one
}

// changed reports whether the row changes anything.
func (e *Candidate) changed() bool { return e.known == nil || e.Person != e.known.person }

// resolver decides which rows of 人员 are accepted, and which person each is about. The rows of
// a file must be resolved together: two people may exchange numbers in one file, and what
// one row does to a number decides whether another may have it. Rows that the reader refused
// take part as refused: they still determine whom other rows are about.
type resolver struct {
	columns    *roster.Columns
	ids        *identities
	candidates []Candidate
	byID       map[string]*Candidate // the row with this number (身份证号); the first of several
	disputed   map[string]*Candidate // numbers that a refused row would have assigned or freed
	unread     bool                  // there are rows of 人员 whose number could not be read
	problems   []roster.Problem
	warnings   []roster.Problem
}

func resolve(in *roster.Import, ids *identities) *resolver {
	a := &resolver{columns: &in.Columns, ids: ids, byID: make(map[string]*Candidate, len(in.People)), disputed: map[string]*Candidate{}}
	a.addRows(in)
	a.refuseDuplicateNumbers()
	for i := range a.candidates {
		a.identify(&a.candidates[i])
	}
	a.refuseDuplicatePeople()
	for i := range a.candidates {
		a.applyRow(&a.candidates[i])
	}
	a.refuseTakenNumbers()
	for i := range a.candidates {
		if e := &a.candidates[i]; e.renames && !e.refused {
			e.known.renamed, e.known.now = true, e.Person.ID
		}
	}
	a.markDisputedNumbers()
	return a
}

// addRows adds the rows of 人员, and after them those that the reader refused.
func (a *resolver) addRows(in *roster.Import) {
	a.candidates = make([]Candidate, len(in.People), len(in.People)+len(in.RefusedPeople))
	for i := range in.People {
		a.candidates[i].row = &in.People[i]
	}
	for _, r := range in.RefusedPeople {
		row := &roster.PersonRow{Place: r.Place, Person: roster.Person{ID: r.ID}, Former: r.Former}
		a.candidates = append(a.candidates, Candidate{row: row, refused: true, formerUnreadable: r.Renumbers && r.Former == ""})
		a.unread = a.unread || r.ID == ""
	}
}

// refuse refuses the row for the value in a column, unless it was refused before: only the
// first reason is reported, as others may follow from it.
func (a *resolver) refuse(e *Candidate, column, value, reason string) {
	if !e.refused {
		a.report(e, column, value, reason)
	}
}

// report refuses the row for one more reason.
func (a *resolver) report(e *Candidate, column, value, reason string) {
	e.refused = true
	a.problems = append(a.problems, roster.Problem{Place: e.row.Place, Column: column, Value: value, Reason: reason})
}

// refuseDuplicateNumbers refuses all rows with the same 身份证号: which is right cannot be told.
func (a *resolver) refuseDuplicateNumbers() {
	for i := range a.candidates {
		e := &a.candidates[i]
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

// identify finds the person that the row is about, by its number or its former one.
func (a *resolver) identify(e *Candidate) {
	id, former := e.row.Person.ID, e.row.Former
	if former == id && former != "" {
		former = ""
		a.warnings = append(a.warnings, roster.Problem{Place: e.row.Place, Column: "原身份证号",
			Value: id, Reason: "原身份证号与身份证号相同，未作更正"})
	}
	holder := a.ids.current[id]
	if e.formerUnreadable {
		e.unresolved = true
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
		e.known = holder // the number was changed by an earlier import: idempotent
		return
	}
	e.unresolved = true
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

// refuseDuplicatePeople refuses all rows that are about the same person under different
// numbers, for example a corrected row in a file that still has the old one. Refused rows
// count too: a bad cell in one does not make the other the right one.
func (a *resolver) refuseDuplicatePeople() {
	first := make(map[*knownPerson]*Candidate)
	for i := range a.candidates {
		e := &a.candidates[i]
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

// refuseTakenNumbers refuses rows that would assign a number which another person still has.
// A refused row's person keeps the old number, which another row may have wanted: so
// refusals propagate through a work list until nothing changes.
func (a *resolver) refuseTakenNumbers() {
	leaving := make(map[string]bool)
	stuck := make(map[string]*Candidate) // refused rows that would have freed a number
	var doubtful []*Candidate
	for i := range a.candidates {
		switch e := &a.candidates[i]; {
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

// markDisputedNumbers records the numbers whose person a refused row would have changed: the
// file means one person by such a number, the roster another, so facts under it must not be
// imported.
func (a *resolver) markDisputedNumbers() {
	for i := range a.candidates {
		e := &a.candidates[i]
		if !e.refused || !e.unresolved {
			continue
		}
		a.disputed[e.row.Person.ID] = e
		if e.known != nil {
			a.disputed[e.row.Former] = e
		}
	}
}

// personNumber returns the surrogate number of the person that an ID number means after the
// import, or the reason to refuse rows under that number. Call it after numberNewPeople.
func (a *resolver) personNumber(id string) (number int64, reason string) {
	row := a.byID[id]
	if row != nil && !row.refused {
		return row.Person.Number, ""
	}
	if doubtful := a.disputed[id]; doubtful != nil {
		return 0, refusedRow(doubtful)
	}
	if s := a.ids.current[id]; s != nil && !s.renamed {
		return s.person.Number, ""
	} else if s != nil {
		return 0, oldNumber([]*knownPerson{s})
	}
	if olds := a.ids.past[id]; len(olds) > 0 {
		return 0, oldNumber(olds)
	}
	if row != nil {
		return 0, refusedRow(row)
	}
	return 0, unknownPerson(a.unread)
}
