package imports_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// Two people exchange numbers in a workbook, and one of the two rows has a bad date: the
// facts under both numbers would go to the wrong person, so they stay out with it. The
// mended workbook then does it all.
func TestAnExchangeOfNumbersWithABadCell(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a, b := storetest.IdOf(1940), storetest.IdOf(1941)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙")).Fact(a, "低保", yes))
	exchange := func(died string) *storetest.Sheet {
		return bookOf(t, map[string][][]any{
			"人员":   {{"身份证号", "原身份证号", "死亡日期"}, {b, a, died}, {a, b, nil}},
			"情况":   {{"身份证号", "情况", "值", "起"}, {a, "居住状况", "独居", "2026-01-01"}, {b, "居住状况", "空巢", "2026-01-01"}},
			"核定金额": {{"身份证号", "项目", "金额", "起始月"}, {a, "17", 100, "2026-01"}, {b, "17", 200, "2026-01"}},
		})
	}
	report := r.load(exchange("2026-02-30"))
	wantRefused(t, report, "人员 2 死亡日期: 不存在", "人员 3 身份证号: 另一条记录（张甲，永泰），让出它的“人员”第 2 行未被接受",
		"情况 2 身份证号: “人员”第 2 行未被接受", "情况 3 身份证号: “人员”第 2 行未被接受",
		"核定金额 2 身份证号: “人员”第 2 行未被接受", "核定金额 3 身份证号: “人员”第 2 行未被接受")
	if report.Rev != 0 {
		t.Errorf("report %+v", report)
	}
	r.accept(exchange("2026-02-28"))
	wantPeople(t, r, b+"张甲", a+"李乙")
	one, other := r.find(b), r.find(a)
	if len(one.Facts) != 2 || one.Facts[0].Name != "低保" && one.Facts[1].Name != "低保" || len(other.Facts) != 1 ||
		one.Awards[0].Amount != 20000 || other.Awards[0].Amount != 10000 {
		t.Errorf("%+v\n%+v", one, other)
	}
}

// The rows of facts that a refused row of 人员 drags along, and those it does not.
func TestFactsBesideARefusedPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file *storetest.Sheet
		want []string // beside what the reader refused
	}{
		"known, and the row changes no number": {
			smudge(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲")), 0, false, false).Fact(storetest.IdOf(1940), "低保", yes), nil},
		"somebody new": {
			smudge(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1950, "新人")), 0, false, false).Fact(storetest.IdOf(1950), "低保", yes).Award(storetest.IdOf(1950), "17"),
			[]string{"情况 2 身份证号: “人员”第 2 行未被接受", "核定金额 2 身份证号: “人员”第 2 行未被接受"}},
		"somebody new whose number could not be read": {
			smudge(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1950, "新人")), 0, true, false).Fact(storetest.IdOf(1950), "低保", yes),
			[]string{"情况 2 身份证号: 若其中有此人"}},
		"the new number, and the old one": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 0, false, false).Fact(storetest.IdOf(1950), "低保", yes).Fact(storetest.IdOf(1940), "低保", yes),
			[]string{"情况 2 身份证号: “人员”第 2 行未被接受", "情况 3 身份证号: “人员”第 2 行未被接受"}},
		"the new number could not be read": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 0, true, false).Fact(storetest.IdOf(1940), "低保", yes),
			[]string{"情况 2 身份证号: “人员”第 2 行未被接受"}},
		"the old number could not be read": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1941, "张甲"), 0, false, true).Fact(storetest.IdOf(1941), "低保", yes),
			[]string{"情况 2 身份证号: “人员”第 2 行未被接受"}},
		"somebody else": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 0, false, false).Fact(storetest.IdOf(1941), "低保", yes), nil},
		// Else the row of whoever has the number from now on would overwrite who had it until now.
		"another row has the number that was to become free": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "新人")), 1940, 1950, "张甲"), 1, false, false).Fact(storetest.IdOf(1940), "低保", yes),
			[]string{"人员 2 身份证号: 与“人员”第 3 行说的是同一个人", "情况 2 身份证号: “人员”第 3 行未被接受"}},
		"another row gives the person another number": {
			smudge(renumbered(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲")), 1940, 1950, "张甲"), 0, false, false).Fact(storetest.IdOf(1950), "低保", yes),
			[]string{"人员 3 身份证号: 与“人员”第 2 行说的是同一个人", "情况 2 身份证号: “人员”第 3 行未被接受"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openRolls(t)
			r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙")))
			report := r.load(c.file)
			report.Problems = slices.DeleteFunc(report.Problems, func(p roster.Problem) bool { return p.Reason == "读入时发现" })
			wantRefused(t, report, c.want...)
			if report.ChangedPeople+report.NewPeople > 0 || (report.Rev > 0) != (len(c.want) == 0) {
				t.Errorf("report %+v", report)
			}
		})
	}
}

// A correction that an earlier import has made is no change any more: a bad cell in the
// row does not put its numbers in doubt.
func TestARefusedRowThatRepeatsACorrection(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲")))
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"))
	report := r.load(smudge(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 0, false, false).Fact(storetest.IdOf(1950), "低保", yes))
	if report.ChangedFacts != 1 || report.Refused != 1 {
		t.Errorf("report %+v", report)
	}
}

// owners says who has which basis of a fact, and which address, so that two imports can
// be compared record by record.
func (r *rolls) owners() map[string]string {
	all := map[string]string{}
	for _, d := range r.all(0) {
		owner := d.Phone // who somebody is from the start, or the number of somebody new
		if owner == "" {
			owner = d.ID
		}
		all[d.Address] = owner
		for _, f := range d.Facts {
			all[f.Basis] = owner
		}
	}
	return all
}

// One bad cell in a row of 人员 keeps things out. It never makes the rest of the file
// mean somebody else than the file without the bad cell.
func TestARefusedRowMisleadsNobody(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	region := int32(200000)
	rapid.Check(t, func(t *rapid.T) {
		start := storetest.NewSheet(storetest.EveryColumn)
		for i := range 3 {
			p := storetest.Somebody(1940+i, "某人")
			p.Phone = fmt.Sprint(i + 1)
			start.People(p)
		}
		s := drawFile(t)
		s.In.Columns = storetest.EveryColumn
		s.In.Columns.Phone = false
		for i := range s.In.People {
			s.In.People[i].Person.Address = fmt.Sprint("住址", i)
		}
		for i := range s.In.Facts {
			s.In.Facts[i].Facts = []roster.Fact{{Name: s.In.Facts[i].Fact, Since: storetest.Day(2020, 1, 1), Value: "是", Basis: fmt.Sprint("依据", i)}}
		}
		smudged := &storetest.Sheet{In: s.In}
		if n := len(s.In.People); n > 0 {
			smudge(smudged, rapid.IntRange(0, n-1).Draw(t, "bad row"), false, false)
		}
		load := func(s *storetest.Sheet) map[string]string {
			region++
			in := &rolls{TB: r.TB, db: r.db, region: region, clock: r.clock}
			in.ensure()
			in.accept(start)
			in.load(s)
			return in.owners()
		}
		clean, bad := load(s), load(smudged)
		for record, owner := range bad {
			if record != "" && clean[record] != owner {
				t.Fatalf("%s is %s's, and without the bad cell %q's", record, owner, clean[record])
			}
		}
	})
}
