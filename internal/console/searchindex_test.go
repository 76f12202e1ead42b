package console_test

import (
	"testing"

	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
)

// sameAsKnown compares the people for search with what is known last of everybody.
func (s *site) sameAsKnown(when string) {
	s.t.Helper()
	const columns = `person, rev, name, id_number, street, birth, died, moved_out`
	const known = `SELECT person, rev, name, id_number, street, birth, died, CASE WHEN moved_in >= moved_out THEN NULL ELSE moved_out END FROM (SELECT DISTINCT ON (person) * FROM person ORDER BY person, rev DESC) p
		WHERE NOT EXISTS (SELECT FROM merge m WHERE m.gone = p.person)`
	var people, missing, wrong int
	err := s.owner.QueryRow(s.t.Context(), `SELECT (SELECT count(*) FROM person_now),
		(SELECT count(*) FROM (`+known+` EXCEPT SELECT `+columns+` FROM person_now) x),
		(SELECT count(*) FROM (SELECT `+columns+` FROM person_now EXCEPT `+known+`) x)`).Scan(&people, &missing, &wrong)
	if err != nil {
		s.t.Fatal(err)
	}
	if missing+wrong > 0 || people < 100 {
		s.t.Errorf("%s: %d people, %d missing, %d not as known", when, people, missing, wrong)
	}
}

// inSteps catches up in steps of a few people, as the console does in steps of many.
func (s *site) inSteps() {
	s.t.Helper()
	for range 1000 {
		m, err := people.UpdateIndex(s.t.Context(), s.db, siteRegion, 7)
		if err != nil {
			s.t.Fatal(err)
		}
		if m.UpToDate() {
			return
		}
	}
	s.t.Fatal("people for search are never whole")
}

// TestSearchIndexIsUpdated: imports, changes, merges and undone imports all reach the people
// for search, whatever the steps.
func TestSearchIndexIsUpdated(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.server.Close() // it would keep them up by itself
	s.people(150)
	s.inSteps()
	s.sameAsKnown("after the first import")

	in := &roster.Import{File: "增.xlsx", Columns: roster.Columns{Name: true, Street: true, Died: true}}
	d := s.somebody(withAccount)
	for i := range 20 {
		in.People = append(in.People, roster.PersonRow{Place: roster.Place{Sheet: "人员", Row: i + 2}, Person: newcomer(i).Person})
	}
	in.People = append(in.People, roster.PersonRow{Place: roster.Place{Sheet: "人员", Row: 30}, Person: roster.Person{ID: d.ID, Name: "改名", Street: d.Street}})
	report, err := imports.ImportRoster(t.Context(), s.db, siteRegion, in, s.by("甲经办"), false, nil)
	if err != nil || report.NewPeople != 20 || report.ChangedPeople != 1 {
		t.Fatalf("%+v %v", report, err)
	}
	s.inSteps()
	s.sameAsKnown("after newcomers")

	gone := s.somebody(func(x *roster.Dossier) bool { return x.Number != d.Number && x.Number < 100 })
	if _, err := rosters.Merge(t.Context(), s.office, d.ID, gone.ID, false, s.by("甲经办")); err != nil {
		t.Fatal(err)
	}
	s.inSteps()
	s.sameAsKnown("after a merge")

	change := rosters.PersonChange{Dossier: roster.Dossier{Person: newcomer(3).Person}, Columns: roster.Columns{Name: true}, Title: "页面登记", By: s.by("甲经办")}
	change.Dossier.Name = "又改名"
	change.Dossier.Street = "古城"
	if _, err := rosters.ChangePerson(t.Context(), s.office, &change); err != nil {
		t.Fatal(err)
	}
	more := &roster.Import{File: "再增.xlsx", Columns: roster.Columns{Name: true, Street: true}}
	for i := range 9 {
		more.People = append(more.People, roster.PersonRow{Place: roster.Place{Sheet: "人员", Row: i + 2}, Person: newcomer(40 + i).Person})
	}
	if report, err = imports.ImportRoster(t.Context(), s.db, siteRegion, more, s.by("甲经办"), false, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := people.UpdateIndex(t.Context(), s.db, siteRegion, 4); err != nil {
		t.Fatal(err) // half of it, and then the import is undone
	}
	if _, err := rosters.UndoImport(t.Context(), s.office, report.Rev, false, s.by("甲经办")); err != nil {
		t.Fatal(err)
	}
	s.inSteps()
	s.sameAsKnown("after an undone import")
}
