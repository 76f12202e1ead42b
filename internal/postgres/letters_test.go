package postgres_test

import (
	"fmt"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// letters reads the letters about a batch as the export does.
func (d *district) letters(b payrun.Batch, who postgres.Letters, person int64) *postgres.MonthBook {
	d.t.Helper()
	o := postgres.MonthOrder{Region: deskRegion, Batch: b, Pack: d.pack, PackBefore: d.pack, PackPrevious: d.pack, Money: true, Letters: who, Person: person}
	var err error
	if o.Previous, err = d.db.LastApproved(d.t.Context(), deskRegion, deskBureau, b.Month, b.N, true); err != nil {
		d.t.Fatal(err)
	}
	if o.Before = o.Previous; o.Before == nil {
		o.PackBefore = nil
	}
	if o.Debts, err = d.db.Debts(d.t.Context(), deskRegion, b.Number); err != nil {
		d.t.Fatal(err)
	}
	book, err := d.db.MonthBook(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return book
}

func letterText(book *postgres.MonthBook) []string {
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
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945, without), resident(1941)))
	d.run(at(10))
	first := d.approve(at(10))
	if got := d.letters(first, postgres.ChangedLetters, 0); len(got.Letters) != 4 || len(got.Recalls) != 0 {
		t.Errorf("in the first batch everybody's money begins or is held: %q, recalls %v", letterText(got), got.Recalls)
	}
	d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 9, 20))), resident(1945)))
	d.run(at(11))
	b := d.batch(at(11))

	unchanged := "某1941 永泰 1条 欠0.00 您已满 85 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。"
	gone := "某1943 永泰 0条 欠70.00 [70.00→0.00 2026-09-20 去世]"
	back := "某1945 永泰 2条 欠0.00 您已满 81 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。 [0.00→70.00 上月暂缓（无账户），本月恢复]"
	changed := d.letters(b, postgres.ChangedLetters, 0)
	d.want("whose money changed", letterText(changed), gone, back)
	all := letterText(d.letters(b, postgres.AllLetters, 0))
	d.want("everybody", all, unchanged, gone, "某1944 永泰 1条 欠0.00 您已满 82 周岁，符合高龄津贴（80 至 99 周岁老年人）的条件，每月 70 元。", back)
	if none := d.letters(b, postgres.NoLetters, 0); len(none.Letters) != 0 || len(none.Recalls) != 1 {
		t.Errorf("nobody asked for letters: %d, notices %d", len(none.Letters), len(none.Recalls))
	}
	if len(changed.Recalls) != 1 {
		t.Fatalf("recalls %+v", changed.Recalls)
	}
	r := changed.Recalls[0]
	if r.Name != "某1943" || r.Died != day(2026, 9, 20) || r.Sum() != 7000 || r.Debts[0].Reason != "2026-09-20 去世" || r.Debts[0].Month != at(10) {
		t.Errorf("recall %+v", r)
	}
	d.want("one person", letterText(d.letters(b, postgres.AllLetters, changed.Letters[1].Person)), back)

	d.learn(newSheet(everyColumn).people(resident(1943)))
	d.want("the batch does not learn", letterText(d.letters(b, postgres.ChangedLetters, 0)), gone, back)
}

// TestLettersAfterADeath: what is written after a death goes to the family, whenever the
// batch was computed, and with the deaths of an earlier revision it is written as it was.
func TestLettersAfterADeath(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.run(at(10))
	b := d.approve(at(10))
	before, _, err := d.db.Head(t.Context(), deskRegion)
	if err != nil {
		t.Fatal(err)
	}
	d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 10, 20)))))
	now, _, err := d.db.Head(t.Context(), deskRegion)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   int64
		want month.Date
	}{{0, 0}, {before, 0}, {now, day(2026, 10, 20)}} {
		book, err := d.db.MonthBook(t.Context(), postgres.MonthOrder{Region: deskRegion, Batch: b, Pack: d.pack, Money: true, Letters: postgres.AllLetters, DeathsAt: c.at})
		if err != nil {
			t.Fatal(err)
		}
		if len(book.Letters) != 2 || book.Letters[0].Died != c.want || book.Letters[1].Died != 0 {
			t.Errorf("deaths at %d: %+v", c.at, book.Letters)
		}
	}
}
