package imports_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/roster"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
)

// renumbered is a row that gives somebody of the year before another number.
func renumbered(s *storetest.Sheet, from, to int, name string) *storetest.Sheet {
	return s.Person(storetest.Somebody(to, name), storetest.IdOf(from))
}

var yes = roster.Fact{Since: storetest.Day(2024, 5, 1), Value: "是"}

// wantPeople compares everybody's number and name, in the order of person numbers.
func wantPeople(t testing.TB, r *rolls, want ...string) {
	t.Helper()
	all := r.all(0)
	if len(all) != len(want) {
		t.Fatalf("%d people, want %v", len(all), want)
	}
	for i, d := range all {
		if got := d.ID + d.Name; got != want[i] {
			t.Errorf("person %d is %s, want %s", d.Number, got, want[i])
		}
		if roster.Temporary(d.ID) != (d.Birth != roster.BirthOf(d.ID)) {
			t.Errorf("person %d, %s, is born %s", d.Number, d.ID, d.Birth)
		}
	}
}

func TestACorrectedNumberIsTheSamePerson(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙")).Fact(storetest.IdOf(1940), "低保", yes))
	// Facts in the file stand under the new number.
	s := renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲").Fact(storetest.IdOf(1950), "特困", yes)
	report := r.accept(s)
	if report.Rev != 2 || report.NewPeople != 0 || report.ChangedPeople != 1 || report.ChangedFacts != 1 {
		t.Errorf("report %+v", report)
	}
	wantPeople(t, r, storetest.IdOf(1950)+"张甲", storetest.IdOf(1941)+"李乙")
	for _, id := range []string{storetest.IdOf(1940), storetest.IdOf(1950)} {
		if d := r.find(id); d.Number != 1 || len(d.Facts) != 2 {
			t.Errorf("by %s: %+v", id, d)
		}
	}
	if d, err := people.FindDossier(t.Context(), r.db, storetest.Pingcheng, storetest.IdOf(1940), 1); err != nil || d.ID != storetest.IdOf(1940) {
		t.Errorf("at revision 1: %+v, %v", d, err)
	}
	_, err := people.FindDossier(t.Context(), r.db, storetest.Pingcheng, storetest.IdOf(1950), 1)
	storetest.WantFault(t, err, fault.NotFound, "没有身份证号")

	if report = r.accept(s); report.Rev != 0 || report.Unchanged != 2 {
		t.Errorf("the same file again: %+v", report)
	}
	// The row may go on saying so, and change other things.
	moved := storetest.Somebody(1950, "张甲")
	moved.Street = "古城"
	if report = r.accept(storetest.NewSheet(storetest.EveryColumn).Person(moved, storetest.IdOf(1940))); report.ChangedPeople != 1 {
		t.Errorf("report %+v", report)
	}
	// And back again.
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1950, 1940, "张甲"))
	wantPeople(t, r, storetest.IdOf(1940)+"张甲", storetest.IdOf(1941)+"李乙")
	if d := r.find(storetest.IdOf(1950)); d.Number != 1 {
		t.Errorf("by the number that was wrong: %+v", d)
	}
}

func TestOldNumbersAreRefused(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙")))
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"))
	old := "旧号码，此人现在的身份证号是 " + roster.MaskID(storetest.IdOf(1950))
	report := r.load(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1951, "张甲").People(storetest.Somebody(1940, "张甲")).
		Fact(storetest.IdOf(1940), "低保", yes).Award(storetest.IdOf(1940), "17").Fact(storetest.IdOf(1951), "低保", yes))
	wantRefused(t, report, "人员 2 原身份证号: "+old, "人员 3 身份证号: "+old, "情况 2 身份证号: "+old,
		"情况 3 身份证号: “人员”第 2 行未被接受", "核定金额 2 身份证号: "+old)
	// Under an old number that this very file makes old.
	report = r.load(renumbered(storetest.NewSheet(storetest.EveryColumn), 1950, 1960, "张甲").Fact(storetest.IdOf(1950), "低保", yes))
	wantRefused(t, report, "情况 2 身份证号: 旧号码，此人现在的身份证号是 "+roster.MaskID(storetest.IdOf(1960)))
	if report.ChangedPeople != 1 {
		t.Errorf("report %+v", report)
	}
	// The way out that the reason names: a temporary number first.
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(stray("临-9", "真主")))
	r.accept(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Somebody(1940, "真主"), "临-9"))
	wantPeople(t, r, storetest.IdOf(1960)+"张甲", storetest.IdOf(1941)+"李乙", storetest.IdOf(1940)+"真主")
	if d := r.find(storetest.IdOf(1940)); d.Name != "真主" {
		t.Errorf("the present owner of a number comes first: %+v", d)
	}
}

func TestCorrectionsThatCannotBe(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a, b, c := storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙"), storetest.Somebody(1942, "王丙")
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(a, b, c))
	for name, c := range map[string]struct {
		file *storetest.Sheet
		want []string
	}{
		"the former number is nobody's": {
			renumbered(storetest.NewSheet(storetest.EveryColumn), 1999, 1950, "张甲").Fact(storetest.IdOf(1950), "低保", yes),
			[]string{"人员 2 原身份证号: 没有这个原身份证号", "情况 2 身份证号: “人员”第 2 行未被接受"}},
		"the former number is of somebody whom the file brings": {
			renumbered(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1943, "新人")), 1943, 1950, "新人"),
			[]string{"人员 3 原身份证号: 没有这个原身份证号"}},
		"the number is another person's": {
			renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1941, "张甲").Fact(storetest.IdOf(1941), "低保", yes),
			[]string{"人员 2 身份证号: 另一条记录（李乙，永泰）", "情况 2 身份证号: “人员”第 2 行未被接受"}},
		"a row that would have made room is refused itself": {
			renumbered(renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1941, "张甲"), 1941, 1942, "李乙"), 1942, 1950, ""),
			[]string{"人员 2 身份证号: 另一条记录（李乙", "人员 3 身份证号: 另一条记录（王丙", "人员 4 姓名: 不能没有姓名"}},
		"the same in another order of rows": {
			renumbered(renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1942, 1950, ""), 1941, 1942, "李乙"), 1940, 1941, "张甲"),
			[]string{"人员 2 姓名: 不能没有姓名", "人员 3 身份证号: 另一条记录（王丙", "人员 4 身份证号: 另一条记录（李乙"}},
		"two rows of one person": {
			renumbered(storetest.NewSheet(storetest.EveryColumn).People(a), 1940, 1950, "张甲"),
			[]string{"人员 2 身份证号: “人员”第 3 行说的是同一个人", "人员 3 身份证号: “人员”第 2 行说的是同一个人"}},
		"two new numbers for one person": {
			renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 1940, 1951, "张甲"),
			[]string{"人员 2 身份证号: 第 3 行", "人员 3 身份证号: 第 2 行"}},
		"one number for two people": {
			renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"), 1941, 1950, "李乙").Fact(storetest.IdOf(1950), "低保", yes),
			[]string{"人员 2 身份证号: 身份证号相同", "人员 3 身份证号: 身份证号相同", "情况 2 身份证号: 未被接受"}},
		"one number kept and given": {
			renumbered(storetest.NewSheet(storetest.EveryColumn).People(b), 1940, 1941, "张甲").Fact(storetest.IdOf(1941), "低保", yes),
			[]string{"人员 2 身份证号: 身份证号相同", "人员 3 身份证号: 身份证号相同", "情况 2 身份证号: 未被接受"}},
	} {
		before := r.head()
		report := r.load(c.file)
		if wantRefused(t, report, c.want...); t.Failed() {
			t.Fatal(name)
		}
		if report.ChangedPeople != 0 || (report.NewPeople == 0) != (r.head() == before) {
			t.Errorf("%s: %+v", name, report)
		}
	}
	wantPeople(t, r, a.ID+"张甲", b.ID+"李乙", c.ID+"王丙", storetest.IdOf(1943)+"新人")
}

// The file reader refuses such a row already; merged, it means no correction.
func TestTheFormerNumberIsTheNumber(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	report := r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1940, "张甲"))
	if report.NewPeople != 1 || len(report.Warnings) != 1 || report.Warnings[0].Column != "原身份证号" {
		t.Errorf("report %+v", report)
	}
}

func TestTwoPeopleExchangeNumbers(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙")).Fact(storetest.IdOf(1940), "低保", yes))
	s := renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1941, "张甲"), 1941, 1940, "李乙").Fact(storetest.IdOf(1940), "特困", yes)
	if report := r.accept(s); report.ChangedPeople != 2 {
		t.Errorf("report %+v", report)
	}
	wantPeople(t, r, storetest.IdOf(1941)+"张甲", storetest.IdOf(1940)+"李乙")
	a, b := r.find(storetest.IdOf(1941)), r.find(storetest.IdOf(1940))
	if len(a.Facts) != 1 || a.Facts[0].Name != "低保" || len(b.Facts) != 1 || b.Facts[0].Name != "特困" {
		t.Errorf("facts of %+v and %+v", a, b)
	}
	if report := r.accept(s); report.Rev != 0 {
		t.Errorf("the same file again: %+v", report)
	}
	wantPeople(t, r, storetest.IdOf(1941)+"张甲", storetest.IdOf(1940)+"李乙")
}

func TestNumbersGoRound(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1941, "李乙"), storetest.Somebody(1942, "王丙")))
	s := renumbered(renumbered(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1941, "张甲"), 1941, 1942, "李乙"), 1942, 1943, "王丙")
	r.accept(s)
	wantPeople(t, r, storetest.IdOf(1941)+"张甲", storetest.IdOf(1942)+"李乙", storetest.IdOf(1943)+"王丙")
	if report := r.accept(s); report.Rev != 0 {
		t.Errorf("the same file again: %+v", report)
	}
}

func TestATemporaryNumberBecomesReal(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(stray("临-A1", "无名")).Award("临-A1", "24", roster.Award{Amount: 5000, First: storetest.Day(2025, 1, 1).Month()}))
	p := storetest.Somebody(1944, "赵丁")
	p.Birth = 0 // the file has no such column, and the number says it
	columns := storetest.EveryColumn
	columns.Birth = false
	r.accept(storetest.NewSheet(columns).Person(p, "临-A1"))
	wantPeople(t, r, storetest.IdOf(1944)+"赵丁")
	if d := r.find("临-A1"); len(d.Awards) != 1 || d.Birth != storetest.Day(1944, 6, 15) {
		t.Errorf("by the temporary number: %+v", d)
	}
}

func TestAnOldNumberOfSeveral(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), stray("临-B", "李乙")))
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1950, "张甲"))
	r.accept(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Somebody(1940, "李乙"), "临-B"))
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1940, 1951, "李乙"))
	_, err := people.FindDossier(t.Context(), r.db, storetest.Pingcheng, storetest.IdOf(1940), 0)
	storetest.WantFault(t, err, fault.Refused, "先后属于 2 个人")
	storetest.WantFault(t, err, fault.Refused, roster.MaskID(storetest.IdOf(1950))+"、"+roster.MaskID(storetest.IdOf(1951)))
	report := r.load(storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1940), "低保", yes))
	wantRefused(t, report, "情况 2 身份证号: "+roster.MaskID(storetest.IdOf(1950))+" 或 "+roster.MaskID(storetest.IdOf(1951)))
}
