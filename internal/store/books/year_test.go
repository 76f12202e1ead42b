package books_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// readYear reads a bureau's year and insists that its rows come in order and add up to the
// batches and their payments.
func readYear(d *storetest.District, year int) []books.YearRow {
	d.T.Helper()
	var rows []books.YearRow
	control, err := books.Year(d.T.Context(), d.Db, books.YearOrder{Region: storetest.DeskRegion, Year: year, Bureau: storetest.DeskBureau,
		Items: storetest.DeskOrder.Items, Streets: storetest.DeskOrder.Streets}, func(r *books.YearRow) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
	got, want := map[string]books.YearItem{}, map[string]books.YearItem{}
	var paid, held [2]money.Fen
	for i, r := range rows {
		if i > 0 && rows[i-1].Person == r.Person && rows[i-1].Item == r.Item {
			d.T.Errorf("%s has two rows of item %s", r.Name, r.Item)
		}
		it := got[r.Item]
		for m, a := range r.Paid {
			it.Paid[m], paid[0] = it.Paid[m].Add(a), paid[0].Add(a)
		}
		it.Item, it.Failed = r.Item, it.Failed.Add(r.Failed)
		got[r.Item], held[0] = it, held[0].Add(r.Held)
	}
	for _, it := range control.Items {
		want[it.Item] = it
	}
	for _, b := range control.Batches {
		paid[1], held[1] = paid[1].Add(b.Pays), b.Held
	}
	ignore := cmpopts.IgnoreMapEntries(func(_ string, it books.YearItem) bool { return it.Paid == [12]money.Fen{} })
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		d.T.Errorf("payments − rows:\n%s", diff)
	}
	due := map[payrun.ItemFlow]money.Fen{}
	add := func(f payrun.ItemFlow, item string, a money.Fen) {
		due[payrun.ItemFlow{Pack: f.Pack, Month: f.Month, Item: item}] += a
	}
	for _, f := range control.Payments {
		add(f, f.Item, f.Amount)
	}
	for _, f := range control.Carried {
		add(f, f.Against, -f.Amount)
		add(f, f.Item, f.Amount)
	}
	for _, f := range control.Dues {
		add(f, f.Item, -f.Amount)
	}
	for f, left := range due {
		if left != 0 {
			d.T.Errorf("item %s of %s: payments and batches differ by %s", f.Item, f.Month, left)
		}
	}
	if paid[0] != paid[1] || held[0] != held[1] {
		d.T.Errorf("rows pay %s and hold %s, batches %s and %s", paid[0], held[0], paid[1], held[1])
	}
	return rows
}

// settledOf is what the ledger settled from the year's batches, by person and item:
// lines, returned payments, voided batches.
func settledOf(d *storetest.District, year int) map[string]money.Fen {
	d.T.Helper()
	rows, err := d.Owner.Query(d.T.Context(), `
		SELECT l.person, l.against, sum(l.amount)::bigint FROM ledger l JOIN batch b USING (region, batch)
		WHERE l.kind IN (1, 2, 3) AND extract(year FROM b.month) = $1 AND b.bureau = $2
		GROUP BY 1, 2 HAVING sum(l.amount) <> 0`, year, storetest.DeskBureau)
	if err != nil {
		d.T.Fatal(err)
	}
	defer rows.Close()
	settled := map[string]money.Fen{}
	for rows.Next() {
		var person int64
		var item string
		var amount money.Fen
		if err := rows.Scan(&person, &item, &amount); err != nil {
			d.T.Fatal(err)
		}
		settled[fmt.Sprint(person, " ", item)] = amount
	}
	if err := rows.Err(); err != nil {
		d.T.Fatal(err)
	}
	return settled
}

// TestYearIsWhatTheLedgerSettled: over random months with results, voids, re-issues,
// new accounts and backdated changes, for every person and item paid − returned is what
// the ledger settled; and every person's own statement says the same.
func TestYearIsWhatTheLedgerSettled(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.AddUser(storetest.SecondReviewer)
			r := rand.New(rand.NewPCG(seed, 7))
			d.RandomMonths(r)
			for _, year := range []int{2026, 2027} {
				got, own := map[string]money.Fen{}, map[string]money.Fen{}
				numbers := map[string]bool{}
				for _, row := range readYear(d, year) {
					sum := -row.Failed
					for _, a := range row.Paid {
						sum = sum.Add(a)
					}
					if sum != 0 {
						got[fmt.Sprint(row.Person, " ", row.Item)] = sum
					}
					numbers[row.ID] = true
				}
				for id := range numbers {
					statement(d, id, year, own)
				}
				want := settledOf(d, year)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d: ledger − year:\n%s", year, diff)
				}
				if diff := cmp.Diff(want, own); diff != "" {
					t.Errorf("%d: ledger − statements:\n%s", year, diff)
				}
			}
			if d.Number(`SELECT count(*) FROM ledger WHERE kind = 2`) == 0 || d.Number(`SELECT count(*) FROM ledger WHERE kind = 1 AND amount < 0`) == 0 {
				t.Error("nothing failed, or nothing was recovered: the test proves nothing")
			}
		})
	}
}

// statement adds what a person's own year says.
func statement(d *storetest.District, id string, year int, settled map[string]money.Fen) {
	d.T.Helper()
	y, err := books.ReadPersonYear(d.T.Context(), d.Db, storetest.DeskRegion, id, year)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, p := range y.Payments {
		amount := p.Current.Add(p.Arrears).Add(p.Recovery)
		if amount != 0 && p.Number == "" {
			d.T.Errorf("%s gets %s of %s without a payment", y.Person.Name, amount, p.Item)
		}
		if p.Bureau != storetest.DeskBureau || p.Answer == 2 || amount == 0 {
			continue
		}
		key := fmt.Sprint(y.Person.Number, " ", p.Item)
		settled[key] = settled[key].Add(amount)
	}
}

// TestYearOfAFailedInstitution: one payment returns what it carried, to each of its people.
func TestYearOfAFailedInstitution(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1956), storetest.Resident(1957), storetest.Resident(1944, storetest.Without)).Payee(storetest.House("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.Fact(storetest.IdOf(year), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(year), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(year), "入住机构", storetest.Since("甲院", storetest.LongAgo))
	}
	d.Learn(s)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	b := d.Send(storetest.At(10))
	d.Answer(d.Row(b, "2001", "3039"))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2009")))
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	var got []string
	for _, r := range readYear(d, 2026) {
		got = append(got, fmt.Sprint(r.Name, " ", r.Item, " ", r.Paid[9], " ", r.Paid[10], " 退回 ", r.Failed, " 暂缓 ", r.Held))
	}
	slices.Sort(got)
	d.Want("the year", got, "某1944 11 0.00 0.00 退回 0.00 暂缓 140.00",
		"某1956 19 1060.00 2120.00 退回 1060.00 暂缓 0.00", "某1957 19 1060.00 2120.00 退回 1060.00 暂缓 0.00")

	y, err := books.ReadPersonYear(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1956), 2026)
	if err != nil || len(y.Payments) != 2 {
		t.Fatalf("got %+v, %v", y, err)
	}
	first, second := y.Payments[0], y.Payments[1]
	if first.Answer != 2 || first.AnswerWords != "3039 关户" || first.Current != 106000 || first.Payee != "甲院" || first.AnswerAt.IsZero() || !first.Sent {
		t.Errorf("first attempt %+v", first)
	}
	if second.Answer != 0 || second.Sent || second.Arrears != 106000 || !slices.Equal(second.ArrearsOf, []month.Month{storetest.At(10)}) || second.Number != "140213-202611-MZ-1-001" {
		t.Errorf("second attempt %+v", second)
	}
	held, err := books.ReadPersonYear(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 2026)
	if err != nil || len(held.Held) != 2 || held.Held[0].Month != storetest.At(10) || held.Held[0].Hold != payrun.NoAccount || len(held.Payments) != 0 {
		t.Errorf("who has no account: %+v, %v", held, err)
	}
	bureaus, err := books.YearBureaus(t.Context(), d.Db, storetest.DeskRegion, 2026)
	if err != nil || !slices.ContainsFunc(bureaus, func(b books.YearBureau) bool { return b.Bureau == storetest.DeskBureau && b.Pack == d.Pack.Hash }) {
		t.Errorf("bureaus %+v, %v", bureaus, err)
	}
	_, err = books.Year(t.Context(), d.Db, books.YearOrder{Region: storetest.DeskRegion, Year: 2025, Bureau: storetest.DeskBureau}, func(*books.YearRow) error { return nil })
	storetest.Saying(t, err, fault.NotFound, "2025年没有已审批的批次")
	_, err = books.ReadPersonYear(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1901), 2026)
	storetest.Saying(t, err, fault.NotFound, "没有身份证号")
}

// TestStatementOfADebt: what somebody owes stands on the statement, under an old number too.
func TestStatementOfADebt(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 9, 20)))))
	d.Run(storetest.At(11))
	y, err := books.ReadPersonYear(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 2026)
	if err != nil || len(y.Debts) != 1 || y.Debts[0].Month != storetest.At(10) || y.Debts[0].Amount != 7000 {
		t.Fatalf("got %+v, %v", y, err)
	}
	register, err := recovery.Register(t.Context(), d.Db, storetest.DeskRegion)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(register, y.Debts); diff != "" {
		t.Errorf("register − statement:\n%s", diff)
	}
}
