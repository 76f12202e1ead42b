package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

const pingcheng = 140213

// everyColumn is a workbook with all columns.
var everyColumn = roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true,
	MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true,
	PayeeBank: true, PayeeNumber: true, PayeeHolder: true}

// rolls is a region with a roster, and the imports into it.
type rolls struct {
	testing.TB
	db     *postgres.DB
	region int32
	clock  time.Time
}

func openRolls(t testing.TB) *rolls {
	r := &rolls{TB: t, db: pgtest.Open(t), region: pingcheng, clock: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)}
	r.ensure()
	return r
}

func (r *rolls) ensure() {
	r.Helper()
	if err := r.db.EnsureRegion(r.Context(), r.region, "平城区"); err != nil {
		r.Fatal(err)
	}
}

func (r *rolls) by() journal.By {
	r.clock = r.clock.Add(time.Minute)
	return journal.By{Actor: "王经办", Origin: "主机", At: r.clock}
}

// load imports a sheet and returns the report.
func (r *rolls) load(s *sheet) *roster.Report {
	r.Helper()
	report, err := r.db.ImportRoster(r.Context(), r.region, &s.in, r.by(), false, nil)
	if err != nil {
		r.Fatal(err)
	}
	return report
}

// accept is load where nothing may be refused.
func (r *rolls) accept(s *sheet) *roster.Report {
	r.Helper()
	report := r.load(s)
	if len(report.Problems) > 0 {
		r.Fatalf("refused: %+v", report.Problems)
	}
	return report
}

func (r *rolls) head() int64 {
	r.Helper()
	rev, _, err := r.db.Head(r.Context(), r.region)
	if err != nil {
		r.Fatal(err)
	}
	return rev
}

// find returns a dossier at the head.
func (r *rolls) find(id string) *roster.Dossier {
	r.Helper()
	d, err := r.db.FindDossier(r.Context(), r.region, id, 0)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

// all returns everybody at a revision.
func (r *rolls) all(rev int64) []*roster.Dossier {
	r.Helper()
	var all []*roster.Dossier
	err := r.db.Dossiers(r.Context(), r.region, rev, func(d *roster.Dossier) error {
		all = append(all, d)
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// sheet is a roster workbook as it comes out of the reader.
type sheet struct{ in roster.Import }

func newSheet(columns roster.Columns) *sheet {
	return &sheet{roster.Import{File: "花名册.xlsx", SHA256: strings.Repeat("ab", 32), Columns: columns}}
}

// person adds a row of 人员; former is the 原身份证号.
func (s *sheet) person(p roster.Person, former string) *sheet {
	s.in.People = append(s.in.People, roster.PersonRow{
		Place: roster.Place{Sheet: "人员", Row: len(s.in.People) + len(s.in.RefusedPeople) + 2}, Person: p, Former: former})
	return s
}

// smudge makes a row of 人员 one that the reader refused, for a bad telephone or because
// its numbers themselves could not be read.
func (s *sheet) smudge(i int, idToo, formerToo bool) *sheet {
	row := s.in.People[i]
	s.in.People = slices.Delete(slices.Clone(s.in.People), i, i+1)
	refused := roster.RefusedPerson{Place: row.Place, ID: row.Person.ID, Former: row.Former, Renumbers: row.Former != ""}
	if idToo {
		refused.ID = ""
	}
	if formerToo {
		refused.Former = ""
	}
	s.in.RefusedPeople = append(s.in.RefusedPeople, refused)
	s.in.Problems = append(s.in.Problems, roster.Problem{Place: row.Place, Column: "电话", Reason: "读入时发现"})
	return s
}

// people adds rows of 人员 without 原身份证号.
func (s *sheet) people(people ...roster.Person) *sheet {
	for _, p := range people {
		s.person(p, "")
	}
	return s
}

// fact adds the whole history of a fact; no records: never held.
func (s *sheet) fact(id, name string, records ...roster.Fact) *sheet {
	place := roster.Place{Sheet: "情况", Row: 2}
	for _, h := range s.in.Facts {
		place.Row += len(h.Rows)
	}
	h := roster.FactHistory{Place: place, ID: id, Fact: name, Facts: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Name = name
	}
	s.in.Facts = append(s.in.Facts, h)
	return s
}

// award adds the whole history of an item's 核定金额; no awards: none.
func (s *sheet) award(id, item string, records ...roster.Award) *sheet {
	place := roster.Place{Sheet: "核定金额", Row: 2}
	for _, h := range s.in.Awards {
		place.Row += len(h.Rows)
	}
	h := roster.AwardHistory{Place: place, ID: id, Item: item, Awards: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Item = item
	}
	s.in.Awards = append(s.in.Awards, h)
	return s
}

func (s *sheet) payee(p roster.Payee) *sheet {
	s.in.Payees = append(s.in.Payees, roster.PayeeRow{Place: roster.Place{Sheet: "收款单位", Row: len(s.in.Payees) + 2}, Payee: p})
	return s
}

// idOf is a made-up number of somebody born in a year.
func idOf(year int) string { return roster.MakeID("140213", month.DateOf(year, 6, 15), 1) }

// somebody is a made-up person with a number of the year.
func somebody(year int, name string) roster.Person {
	return roster.Person{ID: idOf(year), Name: name, Street: "永泰", Birth: month.DateOf(year, 6, 15)}
}

// stray is a made-up person with a temporary number.
func stray(id, name string) roster.Person {
	return roster.Person{ID: id, Name: name, Street: "永泰", Birth: month.DateOf(1950, 1, 1)}
}

func day(y, m, d int) month.Date { return month.DateOf(y, m, d) }

// wantRefused compares problems with what is expected: "人员 3 身份证号: part of the reason".
func wantRefused(t testing.TB, report *roster.Report, want ...string) {
	t.Helper()
	if len(report.Problems) != len(want) {
		t.Errorf("%d problems, want %d: %+v", len(report.Problems), len(want), report.Problems)
		return
	}
	for i, p := range report.Problems {
		where, part, _ := strings.Cut(want[i], ": ")
		got := fmt.Sprintf("%s %d %s", p.Place.Sheet, p.Place.Row, p.Column)
		if got != where || !strings.Contains(p.Reason, part) {
			t.Errorf("problem %d: %s: %s\nwant %s", i, got, p.Reason, want[i])
		}
	}
}

// sameDossiers compares people without their numbers and revisions.
func sameDossiers(t testing.TB, got, want []*roster.Dossier) {
	t.Helper()
	options := cmp.Options{cmpopts.IgnoreFields(roster.Person{}, "Number", "Rev"), cmpopts.IgnoreFields(roster.Fact{}, "Rev"),
		cmpopts.IgnoreFields(roster.Award{}, "Rev"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}
