package imports_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// model is what imports do to knowledge, as plainly as it can be said: one person after
// the other, by looking through all of them.
type model struct {
	people []*modelPerson
	rev    int64
}

type modelPerson struct {
	roster.Person
	had    []string // every number ever carried
	facts  map[string][]roster.Fact
	awards map[string][]roster.Award
}

func (m *model) holder(id string) *modelPerson {
	for _, p := range m.people {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (m *model) everHeld(id string) bool {
	return slices.ContainsFunc(m.people, func(p *modelPerson) bool { return slices.Contains(p.had, id) })
}

// modelRow is the model's judgement of a row of 人员.
type modelRow struct {
	roster.PersonRow
	ok      bool
	about   *modelPerson // nil: somebody new
	moving  bool         // gives about another number, or would
	blurred bool         // 原身份证号 could not be read
}

func (m *model) judge(in *roster.Import) []modelRow {
	var rows []modelRow
	for _, row := range in.People {
		rows = append(rows, modelRow{PersonRow: row, ok: true})
	}
	for _, r := range in.RefusedPeople {
		row := roster.PersonRow{Place: r.Place, Person: roster.Person{ID: r.ID}, Former: r.Former}
		rows = append(rows, modelRow{PersonRow: row, blurred: r.Renumbers && r.Former == ""})
	}
	for i := range rows {
		j := &rows[i]
		id, former := j.Person.ID, j.Former
		j.about = m.holder(id)
		settled := j.about != nil && former != id && former != j.about.ID && slices.Contains(j.about.had, former)
		switch {
		case j.blurred:
			j.about, j.moving = nil, true
		case former == "" || former == id:
			j.ok = j.ok && (j.about != nil || !m.everHeld(id))
		case !settled:
			j.about, j.moving = m.holder(former), true
			j.ok = j.ok && j.about != nil
		}
	}
	refuse := func(wrong func(a *modelRow) bool) bool {
		var refused []int
		for i := range rows {
			if rows[i].ok && wrong(&rows[i]) {
				refused = append(refused, i)
			}
		}
		for _, i := range refused {
			rows[i].ok = false
		}
		return len(refused) > 0
	}
	refuse(func(a *modelRow) bool {
		return slices.ContainsFunc(rows, func(b modelRow) bool { return b.Place != a.Place && b.Person.ID == a.Person.ID })
	})
	refuse(func(a *modelRow) bool {
		return slices.ContainsFunc(rows, func(b modelRow) bool { return b.Place != a.Place && a.about != nil && b.about == a.about })
	})
	refuse(func(a *modelRow) bool {
		p := a.result(&in.Columns)
		return p.Name == "" || p.Street == "" || p.Birth == 0
	})
	for refuse(func(a *modelRow) bool {
		other := m.holder(a.Person.ID)
		leaves := slices.ContainsFunc(rows, func(b modelRow) bool { return b.ok && b.moving && b.about == other })
		return a.moving && other != nil && !leaves
	}) {
	}
	return rows
}

// result is the person as the row leaves them. The model knows the columns that the
// drawn files have.
func (a *modelRow) result(has *roster.Columns) roster.Person {
	var p roster.Person
	if a.about != nil {
		p = a.about.Person
	}
	p.ID = a.Person.ID
	if has.Name {
		p.Name = a.Person.Name
	}
	if has.Street {
		p.Street = a.Person.Street
	}
	if has.Died {
		p.Died = a.Person.Died
	}
	if !roster.Temporary(p.ID) {
		p.Birth = roster.BirthOf(p.ID)
	} else if has.Birth {
		p.Birth = a.Person.Birth
	}
	return p
}

// take imports a file and reports whether anything changed.
func (m *model) take(in *roster.Import) bool {
	rows, next, changed := m.judge(in), m.rev+1, false
	for _, row := range rows {
		p := row.result(&in.Columns)
		switch {
		case !row.ok:
		case row.about == nil:
			p.Number, p.Rev, changed = int64(len(m.people)+1), next, true
			m.people = append(m.people, &modelPerson{p, []string{p.ID}, map[string][]roster.Fact{}, map[string][]roster.Award{}})
		case p != row.about.Person:
			p.Rev, changed = next, true
			row.about.Person = p
			row.about.had = append(row.about.had, p.ID)
		}
	}
	owner := func(id string) *modelPerson {
		for _, row := range rows {
			if row.ok && row.Person.ID == id {
				return m.holder(id)
			}
		}
		for _, row := range rows {
			if !row.ok && row.moving && (row.Person.ID == id || row.about != nil && row.Former == id) {
				return nil
			}
		}
		return m.holder(id)
	}
	for _, h := range in.Facts {
		if p := owner(h.ID); p != nil && !sameBut(p.facts[h.Fact], h.Facts) {
			p.facts[h.Fact], changed = slices.Clone(h.Facts), true
			for i := range h.Facts {
				p.facts[h.Fact][i].Rev = next
			}
		}
	}
	for _, h := range in.Awards {
		if p := owner(h.ID); p != nil && !sameBut(p.awards[h.Item], h.Awards) {
			p.awards[h.Item], changed = slices.Clone(h.Awards), true
			for i := range h.Awards {
				p.awards[h.Item][i].Rev = next
			}
		}
	}
	if changed {
		m.rev = next
	}
	return changed
}

// sameBut compares histories but for their revisions.
func sameBut[T any](a, b []T) bool {
	return cmp.Equal(a, b, cmpopts.IgnoreFields(roster.Fact{}, "Rev"), cmpopts.IgnoreFields(roster.Award{}, "Rev"), cmpopts.EquateEmpty())
}

// dossiers is everybody as known now.
func (m *model) dossiers() []*roster.Dossier {
	var all []*roster.Dossier
	for _, p := range m.people {
		d := &roster.Dossier{Person: p.Person}
		for _, name := range slices.Sorted(maps.Keys(p.facts)) {
			d.Facts = append(d.Facts, p.facts[name]...)
		}
		for _, item := range slices.Sorted(maps.Keys(p.awards)) {
			d.Awards = append(d.Awards, p.awards[item]...)
		}
		all = append(all, d)
	}
	return all
}

// modelNumbers are few, so that rows meet.
var modelNumbers = []string{storetest.IdOf(1940), storetest.IdOf(1941), storetest.IdOf(1942), storetest.IdOf(1943), "临-A", "临-B"}

func drawFile(t *rapid.T) *storetest.Sheet {
	often := func(label string) bool { return rapid.IntRange(0, 4).Draw(t, label) > 0 }
	number := rapid.SampledFrom(modelNumbers)
	s := storetest.NewSheet(roster.Columns{Name: often("name"), Street: often("street"), Birth: often("birth"), Died: rapid.Bool().Draw(t, "died")})
	for range rapid.IntRange(0, 4).Draw(t, "people") {
		p := roster.Person{ID: number.Draw(t, "id"), Street: rapid.SampledFrom([]string{"永泰", "永泰", "古城"}).Draw(t, "in")}
		p.Name = rapid.SampledFrom([]string{"甲", "甲", "甲", "乙", ""}).Draw(t, "called")
		p.Birth = storetest.Day(1950, 1, rapid.IntRange(1, 2).Draw(t, "born"))
		if rapid.Bool().Draw(t, "dead") {
			p.Died = storetest.Day(2026, 1, 1)
		}
		former := ""
		if rapid.Bool().Draw(t, "corrected") {
			former = number.Draw(t, "former")
		}
		s.Person(p, former)
	}
	type key struct{ id, name string }
	told := map[key]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "histories") {
		k := key{number.Draw(t, "of"), rapid.SampledFrom([]string{"低保", "特困"}).Draw(t, "fact")}
		if told[k] {
			continue // the reader joins the rows of one history
		}
		told[k] = true
		since := []int{1, 2, 3}[:rapid.IntRange(0, 3).Draw(t, "records")]
		if rapid.Bool().Draw(t, "money") {
			var awards []roster.Award
			for _, n := range since {
				awards = append(awards, roster.Award{Amount: 100, First: storetest.Day(2020, n, 1).Month()})
			}
			s.Award(k.id, k.name, awards...)
			continue
		}
		var facts []roster.Fact
		for _, n := range since {
			facts = append(facts, roster.Fact{Since: storetest.Day(2020, n, 1), Value: "是"})
		}
		s.Fact(k.id, k.name, facts...)
	}
	return s
}

// smudgeSome makes some rows of 人员 ones that the reader refused.
func smudgeSome(t *rapid.T, s *storetest.Sheet) {
	for i := len(s.In.People) - 1; i >= 0; i-- {
		if rapid.IntRange(0, 5).Draw(t, "smudged") == 0 {
			smudge(s, i, rapid.Bool().Draw(t, "illegible"), rapid.Bool().Draw(t, "former illegible"))
		}
	}
}

// Whatever is imported in whatever order, what is known as of each revision is what
// the model knew then, also after everything that came later.
func TestKnowledgeAsOfEachRevision(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	region := int32(100000)
	rapid.Check(t, func(t *rapid.T) {
		region++
		in := &rolls{TB: r.TB, db: r.db, region: region, clock: r.clock}
		in.ensure()
		m := &model{}
		known := [][]*roster.Dossier{nil}
		for range rapid.IntRange(1, 6).Draw(t, "files") {
			s := drawFile(t)
			smudgeSome(t, s)
			report := in.load(s)
			if changed := m.take(&s.In); changed != (report.Rev > 0) || report.Rev > 0 && report.Rev != m.rev {
				t.Fatalf("revision %d, the model is at %d, changed %v: %+v", report.Rev, m.rev, changed, report.Problems)
			}
			if report.Rev > 0 {
				known = append(known, m.dossiers())
			}
			if again := in.load(s); again.Rev != 0 {
				t.Fatalf("the same file again made revision %d", again.Rev)
			}
		}
		for rev := 1; rev < len(known); rev++ {
			if diff := cmp.Diff(known[rev], in.all(int64(rev)), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("at revision %d (-model +database):\n%s", rev, diff)
			}
		}
		if err := storetest.VerifyChain(r.Context(), r.db, region); err != nil {
			t.Fatal(err)
		}
	})
}
