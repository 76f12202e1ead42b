package books_test

import (
	"fmt"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// letters reads the letters about a batch as the export does.
func letters(d *storetest.District, b payrun.Batch, who books.Letters, person int64) *books.MonthBook {
	d.T.Helper()
	o := books.MonthOrder{Region: storetest.DeskRegion, Batch: b, Pack: d.Pack, PackBefore: d.Pack, PackPrevious: d.Pack, Money: true, Letters: who, Person: person}
	var err error
	if o.Previous, err = batches.LastApproved(d.T.Context(), d.Db, storetest.DeskRegion, storetest.DeskBureau, b.Month, b.N, true); err != nil {
		d.T.Fatal(err)
	}
	if o.Before = o.Previous; o.Before == nil {
		o.PackBefore = nil
	}
	if o.Debts, err = recovery.Debts(d.T.Context(), d.Db, storetest.DeskRegion, b.Number); err != nil {
		d.T.Fatal(err)
	}
	book, err := books.ReadMonthBook(d.T.Context(), d.Db, o)
	if err != nil {
		d.T.Fatal(err)
	}
	return book
}

func letterText(book *books.MonthBook) []string {
	var all []string
	for _, l := range book.Letters {
		text := fmt.Sprintf("%s %s %d条 欠%s", l.Name, l.Street, len(l.Lines), l.Debt)
		for _, w := range l.Why {
			text += " " + w.Text
		}
		for _, c := range l.Changes {
			text += fmt.Sprintf(" [%s→%s %s]", c.Last, c.This, c.Reason)
		}
		all = append(all, text)
	}
	return all
}

// TestLetters: who gets a 告知书, and who a 追缴通知书, as the batch knew them.
func TestLetters(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945, storetest.Without), storetest.Resident(1941)))
	d.Run(storetest.At(10))
	first := d.Approve(storetest.At(10))
	if got := letters(d, first, books.ChangedLetters, 0); len(got.Letters) != 4 || len(got.Recalls) != 0 {
		t.Errorf("in the first batch everybody's money begins or is held: %q, recalls %v", letterText(got), got.Recalls)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 9, 20))), storetest.Resident(1945)))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))

	unchanged := "某1941 永泰 1条 欠0.00 您已满 85 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。"
	gone := "某1943 永泰 0条 欠70.00 [70.00→0.00 2026-09-20 去世]"
	back := "某1945 永泰 2条 欠0.00 您已满 81 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。 [0.00→70.00 上月暂缓（无账户），本月恢复]"
	changed := letters(d, b, books.ChangedLetters, 0)
	d.Want("whose money changed", letterText(changed), gone, back)
	all := letterText(letters(d, b, books.AllLetters, 0))
	d.Want("everybody", all, unchanged, gone, "某1944 永泰 1条 欠0.00 您已满 82 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。", back)
	if none := letters(d, b, books.NoLetters, 0); len(none.Letters) != 0 || len(none.Recalls) != 1 {
		t.Errorf("nobody asked for letters: %d, notices %d", len(none.Letters), len(none.Recalls))
	}
	if len(changed.Recalls) != 1 {
		t.Fatalf("recalls %+v", changed.Recalls)
	}
	r := changed.Recalls[0]
	if r.Name != "某1943" || r.Died != storetest.Day(2026, 9, 20) || r.Sum() != 7000 || r.Debts[0].Reason != "2026-09-20 去世" || r.Debts[0].Month != storetest.At(10) {
		t.Errorf("recall %+v", r)
	}
	d.Want("one person", letterText(letters(d, b, books.AllLetters, changed.Letters[1].Person)), back)

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943)))
	d.Want("the batch does not learn", letterText(letters(d, b, books.ChangedLetters, 0)), gone, back)
}

// TestLettersAfterADeath: what is written after a death goes to the family, whenever the
// batch was computed, and with the deaths of an earlier revision it is written as it was.
func TestLettersAfterADeath(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Run(storetest.At(10))
	b := d.Approve(storetest.At(10))
	before, _, err := d.Db.Head(t.Context(), storetest.DeskRegion)
	if err != nil {
		t.Fatal(err)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 10, 20)))))
	now, _, err := d.Db.Head(t.Context(), storetest.DeskRegion)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   int64
		want month.Date
	}{{0, 0}, {before, 0}, {now, storetest.Day(2026, 10, 20)}} {
		book, err := books.ReadMonthBook(t.Context(), d.Db, books.MonthOrder{Region: storetest.DeskRegion, Batch: b, Pack: d.Pack, Money: true, Letters: books.AllLetters, DeathsAt: c.at})
		if err != nil {
			t.Fatal(err)
		}
		if len(book.Letters) != 2 || book.Letters[0].Died != c.want || book.Letters[1].Died != 0 {
			t.Errorf("deaths at %d: %+v", c.at, book.Letters)
		}
	}
}
