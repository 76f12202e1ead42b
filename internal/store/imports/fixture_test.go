package imports_test

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
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
)

// rolls is a region with a roster, and the imports into it.
type rolls struct {
	testing.TB
	db     *postgres.DB
	region int32
	clock  time.Time
}

func openRolls(t testing.TB) *rolls {
	r := &rolls{TB: t, db: pgtest.Open(t), region: storetest.Pingcheng, clock: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)}
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
func (r *rolls) load(s *storetest.Sheet) *roster.Report {
	r.Helper()
	report, err := imports.ImportRoster(r.Context(), r.db, r.region, &s.In, r.by(), false, nil)
	if err != nil {
		r.Fatal(err)
	}
	return report
}

// accept is load where nothing may be refused.
func (r *rolls) accept(s *storetest.Sheet) *roster.Report {
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
	d, err := people.FindDossier(r.Context(), r.db, r.region, id, 0)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

// all returns everybody at a revision.
func (r *rolls) all(rev int64) []*roster.Dossier {
	r.Helper()
	var all []*roster.Dossier
	err := people.EachDossier(r.Context(), r.db, r.region, rev, func(d *roster.Dossier) error {
		all = append(all, d)
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// smudge makes a row of 人员 one that the reader refused, for a bad telephone or because
// its numbers themselves could not be read.
func smudge(s *storetest.Sheet, i int, idToo, formerToo bool) *storetest.Sheet {
	row := s.In.People[i]
	s.In.People = slices.Delete(slices.Clone(s.In.People), i, i+1)
	refused := roster.RefusedPerson{Place: row.Place, ID: row.Person.ID, Former: row.Former, Renumbers: row.Former != ""}
	if idToo {
		refused.ID = ""
	}
	if formerToo {
		refused.Former = ""
	}
	s.In.RefusedPeople = append(s.In.RefusedPeople, refused)
	s.In.Problems = append(s.In.Problems, roster.Problem{Place: row.Place, Column: "电话", Reason: "读入时发现"})
	return s
}

// stray is a made-up person with a temporary number.
func stray(id, name string) roster.Person {
	return roster.Person{ID: id, Name: name, Street: "永泰", Birth: month.DateOf(1950, 1, 1)}
}

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
