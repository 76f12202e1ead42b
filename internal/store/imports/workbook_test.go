package imports_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"disburse/internal/money"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
)

var words = &roster.Vocabulary{
	Title:   "试验清单",
	Streets: []string{"永泰", "古城"},
	Facts: []roster.FactKind{
		{Name: "低保", Type: roster.Flag},
		{Name: "居住状况", Type: roster.Choices, Values: []string{"独居", "空巢"}},
		{Name: "机构月收费", Type: roster.Amount},
	},
	Items: []roster.ItemName{{Code: "17", Name: "最低生活保障"}, {Code: "24", Name: "社会救助"}},
}

// export writes everybody into a workbook, as the command does.
func (r *rolls) export(path string) {
	r.Helper()
	w, err := write.NewRoster(path, words)
	if err != nil {
		r.Fatal(err)
	}
	for _, d := range r.all(0) {
		if err := w.Person(d); err != nil {
			r.Fatal(err)
		}
	}
	payees, err := imports.Payees(r.Context(), r.db, r.region, 0)
	if err != nil {
		r.Fatal(err)
	}
	for _, p := range payees {
		if err := w.Payee(&p); err != nil {
			r.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.Fatal(err)
	}
}

// A real workbook: what is known goes out, comes in unchanged, and makes the same
// roster in another region.
func TestWorkbookOutAndIn(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	died := full(1940, "=张甲") // a name that would start a formula
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(died, storetest.Somebody(1930, "李乙"), stray("临-A1", "无名")).
		Fact(died.ID, "低保", roster.Fact{Since: storetest.Day(2020, 1, 1), Until: storetest.Day(2021, 12, 31), Value: "是", Basis: "旧证"}, roster.Fact{Since: storetest.Day(2022, 1, 1), Value: "是"}).
		Fact(died.ID, "居住状况", roster.Fact{Since: storetest.Day(2020, 1, 1), Value: "独居、空巢"}).
		Fact(storetest.IdOf(1930), "机构月收费", roster.Fact{Since: storetest.Day(2020, 1, 1), Value: "1409.50"}).
		Award("临-A1", "24", roster.Award{Amount: 600714, First: storetest.Day(2025, 1, 1).Month(), Last: storetest.Day(2025, 1, 1).Month(), Payee: "某院", Basis: "核定表"}).
		Payee(roster.Payee{Name: "某院", Account: roster.Account{Bank: "某银行", Number: "100200"}}))
	r.accept(renumbered(storetest.NewSheet(storetest.EveryColumn), 1930, 1931, "李乙")) // an old number stays behind

	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	r.export(path)
	in, err := read.Roster(t.Context(), path, words, storetest.Day(2026, 11, 20), nil)
	if err != nil {
		t.Fatal(err)
	}
	if report := r.accept(&storetest.Sheet{In: *in}); report.Rev != 0 || report.Unchanged != 9 {
		t.Errorf("imported where it came from: %+v", report)
	}
	other := &rolls{TB: t, db: r.db, region: 350503, clock: r.clock}
	other.ensure()
	if report := other.accept(&storetest.Sheet{In: *in}); report.Rev != 1 || report.NewPeople != 3 {
		t.Errorf("imported elsewhere: %+v", report)
	}
	sameDossiers(t, other.all(0), r.all(0))
}

// crowd is a roster of n people with two or three facts each, some 核定金额, in the
// order of a real one.
func crowd(n int) *storetest.Sheet {
	s := storetest.NewSheet(storetest.EveryColumn)
	fact := func(id, name, value string) {
		row := len(s.In.Facts) + 2
		s.In.Facts = append(s.In.Facts, roster.FactHistory{Place: roster.Place{Sheet: "情况", Row: row}, Rows: []int{row},
			ID: id, Fact: name, Facts: []roster.Fact{{Name: name, Since: storetest.Day(2020, 1, 1), Value: value, Basis: "登记表"}}})
	}
	for i := range n {
		born := storetest.Day(1930, 1, 1).Add(i / 40)
		p := roster.Person{ID: roster.MakeID("140213", born, i%40), Name: fmt.Sprint("张", i), Street: "永泰", Community: "某社区",
			Address: fmt.Sprintf("某路 %d 号", i), Phone: "13800000000", Birth: born,
			Account: roster.Account{Bank: "某银行某支行", Number: fmt.Sprintf("62220000000%08d", i)}}
		s.Person(p, "")
		fact(p.ID, "养老保险", "居民")
		fact(p.ID, "医疗保险", "居民")
		if i%2 == 0 {
			fact(p.ID, "居住状况", "空巢")
		}
		if i%20 == 0 {
			s.In.Awards = append(s.In.Awards, roster.AwardHistory{Place: roster.Place{Sheet: "核定金额", Row: 2}, Rows: []int{2},
				ID: p.ID, Item: "17", Awards: []roster.Award{{Item: "17", Amount: money.Fen(10000 + i), First: storetest.Day(2024, 1, 1).Month()}}})
		}
	}
	return s
}

// BenchmarkMerge merges up to 200,000 people with 500,000 facts into an empty region, and
// once more into the same, and reads everybody. BenchmarkImport has the whole import.
func BenchmarkMerge(b *testing.B) {
	s := crowd(storetest.BenchWorkbook(b))
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			r := openRolls(b)
			b.StartTimer()
			r.accept(s)
		}
	})
	b.Run("again", func(b *testing.B) {
		r := openRolls(b)
		r.accept(s)
		for b.Loop() {
			if report := r.accept(s); report.Rev != 0 {
				b.Fatalf("%+v", report)
			}
		}
	})
	b.Run("dossiers", func(b *testing.B) {
		r := openRolls(b)
		r.accept(s)
		for b.Loop() {
			n := 0
			err := people.EachDossier(b.Context(), r.db, r.region, 0, func(*roster.Dossier) error { n++; return nil })
			if err != nil || n != len(s.In.People) {
				b.Fatal(n, err)
			}
		}
	})
}
