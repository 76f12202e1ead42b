package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// year reads a bureau's year and insists that its rows come in order and add up to the
// batches and their payments.
func (d *district) year(year int) []postgres.YearRow {
	d.t.Helper()
	var rows []postgres.YearRow
	control, err := d.db.Year(d.t.Context(), postgres.YearOrder{Region: deskRegion, Year: year, Bureau: deskBureau,
		Items: deskOrder.Items, Streets: deskOrder.Streets}, func(r *postgres.YearRow) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	got, want := map[string]postgres.YearItem{}, map[string]postgres.YearItem{}
	var paid, held [2]money.Fen
	for i, r := range rows {
		if i > 0 && rows[i-1].Person == r.Person && rows[i-1].Item == r.Item {
			d.t.Errorf("%s has two rows of item %s", r.Name, r.Item)
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
	ignore := cmpopts.IgnoreMapEntries(func(_ string, it postgres.YearItem) bool { return it.Paid == [12]money.Fen{} })
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		d.t.Errorf("payments − rows:\n%s", diff)
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
			d.t.Errorf("item %s of %s: payments and batches differ by %s", f.Item, f.Month, left)
		}
	}
	if paid[0] != paid[1] || held[0] != held[1] {
		d.t.Errorf("rows pay %s and hold %s, batches %s and %s", paid[0], held[0], paid[1], held[1])
	}
	return rows
}

// settledOf is what the ledger settled from the year's batches, by person and item:
// lines, returned payments, voided batches.
func (d *district) settledOf(year int) map[string]money.Fen {
	d.t.Helper()
	rows, err := d.owner.Query(d.t.Context(), `
		SELECT l.person, l.against, sum(l.amount)::bigint FROM ledger l JOIN batch b USING (region, batch)
		WHERE l.kind IN (1, 2, 3) AND extract(year FROM b.month) = $1 AND b.bureau = $2
		GROUP BY 1, 2 HAVING sum(l.amount) <> 0`, year, deskBureau)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	settled := map[string]money.Fen{}
	for rows.Next() {
		var person int64
		var item string
		var amount money.Fen
		if err := rows.Scan(&person, &item, &amount); err != nil {
			d.t.Fatal(err)
		}
		settled[fmt.Sprint(person, " ", item)] = amount
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
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
			d := openDistrict(t)
			d.addUser(secondReviewer)
			r := rand.New(rand.NewPCG(seed, 7))
			d.randomMonths(r)
			for _, year := range []int{2026, 2027} {
				got, own := map[string]money.Fen{}, map[string]money.Fen{}
				numbers := map[string]bool{}
				for _, row := range d.year(year) {
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
					d.statement(id, year, own)
				}
				want := d.settledOf(year)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d: ledger − year:\n%s", year, diff)
				}
				if diff := cmp.Diff(want, own); diff != "" {
					t.Errorf("%d: ledger − statements:\n%s", year, diff)
				}
			}
			if d.number(`SELECT count(*) FROM ledger WHERE kind = 2`) == 0 || d.number(`SELECT count(*) FROM ledger WHERE kind = 1 AND amount < 0`) == 0 {
				t.Error("nothing failed, or nothing was recovered: the test proves nothing")
			}
		})
	}
}

// statement adds what a person's own year says.
func (d *district) statement(id string, year int, settled map[string]money.Fen) {
	d.t.Helper()
	y, err := d.db.PersonYear(d.t.Context(), deskRegion, id, year)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range y.Payments {
		amount := p.Current.Add(p.Arrears).Add(p.Recovery)
		if amount != 0 && p.Number == "" {
			d.t.Errorf("%s gets %s of %s without a payment", y.Person.Name, amount, p.Item)
		}
		if p.Bureau != deskBureau || p.Answer == 2 || amount == 0 {
			continue
		}
		key := fmt.Sprint(y.Person.Number, " ", p.Item)
		settled[key] = settled[key].Add(amount)
	}
}

// randomMonths takes a small district through pay months on both sides of a new year.
func (d *district) randomMonths(r *rand.Rand) {
	d.t.Helper()
	years := []int{1930, 1936, 1940, 1941, 1942, 1943, 1944, 1946, 1947, 1948, 1950, 1956, 1957}
	s := newSheet(everyColumn).payee(house("甲院", "2001"))
	for _, y := range years {
		s.people(resident(y))
	}
	for _, y := range []int{1956, 1957} {
		s.fact(idOf(y), "特困", since("集中", longAgo)).fact(idOf(y), "自理能力", since("全自理", longAgo)).fact(idOf(y), "入住机构", since("甲院", longAgo))
	}
	s.fact(idOf(1942), "低保", since("是", longAgo))
	worse := []int{1943, 1946, 1947, 1948} // of whom it is learnt month by month that they need care, and 16 takes over from 23-2
	for _, y := range worse {
		s.fact(idOf(y), "低保", since("是", longAgo)).fact(idOf(y), "残疾等级", since("一级", longAgo))
	}
	d.learn(s)
	for i, m := range []month.Month{at(10), at(11), at(12), at(13), at(14)} {
		d.renew(r, years)
		if i > 0 {
			d.learn(newSheet(everyColumn).fact(idOf(worse[i-1]), "生活不能自理", since("是", day(2026, 9, 1))))
		}
		if i == 2 {
			d.learn(newSheet(everyColumn).people(resident(1936, diedOn(day(2026, 10, 20)))).fact(idOf(1942), "低保", since("是", longAgo, day(2026, 10, 31))))
		}
		d.news(r, years)
		d.run(m)
		d.approve(m)
		if r.IntN(3) == 0 {
			d.voidAndRepeat(m)
		}
		if r.IntN(2) == 0 { // a supplementary batch
			d.send(m)
			d.news(r, years)
			if o := outcome(d.t, d.run(m), deskBureau); o.Outcome == postgres.Supplementary {
				d.approve(m)
			}
		}
		d.answers(r, m, i == 0)
	}
}

// news gives some people a new account, none, or an earlier entitlement.
func (d *district) news(r *rand.Rand, years []int) {
	d.t.Helper()
	y := years[2+r.IntN(6)] // not who dies
	switch r.IntN(4) {
	case 0:
		d.learn(newSheet(everyColumn).people(resident(y, paidTo(fmt.Sprintf("63%d%d", y, r.IntN(1000))))))
	case 1:
		d.learn(newSheet(everyColumn).people(resident(y, without)))
	case 2:
		d.learn(newSheet(everyColumn).payee(house("甲院", fmt.Sprintf("2%03d", r.IntN(1000)))))
	default:
		d.learn(newSheet(everyColumn).fact(idOf(1950), "经济困难认定", since("是", day(2026, 9, 1+r.IntN(20)))).
			fact(idOf(1950), "生活不能自理", since("是", day(2026, 9, 1))))
	}
}

// renew gives most people another account, so that what was refused is paid again.
func (d *district) renew(r *rand.Rand, years []int) {
	d.t.Helper()
	s := newSheet(everyColumn)
	for _, y := range years {
		if y != 1936 && r.IntN(4) > 0 {
			s.people(resident(y, paidTo(fmt.Sprintf("64%d%d", y, r.IntN(1000)))))
		}
	}
	d.learn(s)
}

func (d *district) voidAndRepeat(m month.Month) {
	d.t.Helper()
	for _, u := range []approval.User{reviewer, approver} {
		if _, err := d.db.Void(d.t.Context(), d.signingOf(m, u, "重做"), 0); err != nil {
			d.t.Fatal(err)
		}
	}
	d.run(m)
	d.approve(m)
}

// answers sends what is approved and answers most payments at random, once surely with a
// failure.
func (d *district) answers(r *rand.Rand, m month.Month, fail bool) {
	d.t.Helper()
	batches, err := d.db.Batches(d.t.Context(), deskRegion, m)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, b := range batches {
		if b.Bureau != deskBureau || b.State != payrun.Approved {
			continue
		}
		if d.number(`SELECT count(*) FROM batch WHERE batch = $1 AND sent_rev IS NOT NULL`, b.Number) == 0 {
			if _, err := d.db.Sent(d.t.Context(), d.signingOf(m, clerk, ""), b.N); err != nil {
				d.t.Fatal(err)
			}
		}
		var rows []string
		for i, p := range d.payments(b) {
			code := []string{"成功", "成功", "失败", "未知", ""}[r.IntN(5)]
			if fail && i == 0 {
				code = "失败"
			}
			if code != "" {
				rows = append(rows, fmt.Sprintf("%s,%d,%s,%s,%s,%s,", approval.FileNumber(deskRegion, b.Month, "MZ", b.N, p.File), p.Seq,
					p.Account.Number, p.Account.Holder, p.Amount, code))
			}
		}
		if len(rows) > 0 {
			d.answer(rows...)
		}
	}
}

// TestYearOfAFailedInstitution: one payment returns what it carried, to each of its people.
func TestYearOfAFailedInstitution(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	s := newSheet(everyColumn).people(resident(1956), resident(1957), resident(1944, without)).payee(house("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.fact(idOf(year), "特困", since("集中", longAgo)).fact(idOf(year), "自理能力", since("全自理", longAgo)).fact(idOf(year), "入住机构", since("甲院", longAgo))
	}
	d.learn(s)
	d.run(at(10))
	d.approve(at(10))
	b := d.send(at(10))
	d.answer(d.row(b, "2001", "3039"))
	d.learn(newSheet(everyColumn).payee(house("甲院", "2009")))
	d.run(at(11))
	d.approve(at(11))
	var got []string
	for _, r := range d.year(2026) {
		got = append(got, fmt.Sprint(r.Name, " ", r.Item, " ", r.Paid[9], " ", r.Paid[10], " 退回 ", r.Failed, " 暂缓 ", r.Held))
	}
	slices.Sort(got)
	d.want("the year", got, "某1944 11 0.00 0.00 退回 0.00 暂缓 140.00",
		"某1956 19 1060.00 2120.00 退回 1060.00 暂缓 0.00", "某1957 19 1060.00 2120.00 退回 1060.00 暂缓 0.00")

	y, err := d.db.PersonYear(t.Context(), deskRegion, idOf(1956), 2026)
	if err != nil || len(y.Payments) != 2 {
		t.Fatalf("got %+v, %v", y, err)
	}
	first, second := y.Payments[0], y.Payments[1]
	if first.Answer != 2 || first.AnswerWords != "3039 关户" || first.Current != 106000 || first.Payee != "甲院" || first.AnswerAt.IsZero() || !first.Sent {
		t.Errorf("first attempt %+v", first)
	}
	if second.Answer != 0 || second.Sent || second.Arrears != 106000 || !slices.Equal(second.ArrearsOf, []month.Month{at(10)}) || second.Number != "140213-202611-MZ-1-001" {
		t.Errorf("second attempt %+v", second)
	}
	held, err := d.db.PersonYear(t.Context(), deskRegion, idOf(1944), 2026)
	if err != nil || len(held.Held) != 2 || held.Held[0].Month != at(10) || held.Held[0].Hold != payrun.NoAccount || len(held.Payments) != 0 {
		t.Errorf("who has no account: %+v, %v", held, err)
	}
	bureaus, err := d.db.YearBureaus(t.Context(), deskRegion, 2026)
	if err != nil || !slices.ContainsFunc(bureaus, func(b postgres.YearBureau) bool { return b.Bureau == deskBureau && b.Pack == d.pack.Hash }) {
		t.Errorf("bureaus %+v, %v", bureaus, err)
	}
	_, err = d.db.Year(t.Context(), postgres.YearOrder{Region: deskRegion, Year: 2025, Bureau: deskBureau}, func(*postgres.YearRow) error { return nil })
	saying(t, err, fault.NotFound, "2025年没有已审批的批次")
	_, err = d.db.PersonYear(t.Context(), deskRegion, idOf(1901), 2026)
	saying(t, err, fault.NotFound, "没有身份证号")
}

// TestStatementOfADebt: what somebody owes stands on the statement, under an old number too.
func TestStatementOfADebt(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 9, 20)))))
	d.run(at(11))
	y, err := d.db.PersonYear(t.Context(), deskRegion, idOf(1944), 2026)
	if err != nil || len(y.Debts) != 1 || y.Debts[0].Month != at(10) || y.Debts[0].Amount != 7000 {
		t.Fatalf("got %+v, %v", y, err)
	}
	register, err := d.db.Register(t.Context(), deskRegion)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(register, y.Debts); diff != "" {
		t.Errorf("register − statement:\n%s", diff)
	}
}
