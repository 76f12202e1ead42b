package recovery_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// addsUp insists, for every person, item, payee and month: what lines that stand paid,
// less what was collected, is what is settled; and what is open is what is settled beyond
// the entitlement less what was waived, of which netting in an unsigned batch is a part.
// entitled is what the month grants by what is known now.
func addsUp(d *storetest.District, step string, entitled func(year int, m month.Month) money.Fen) {
	d.T.Helper()
	if n := d.Number(`
		WITH paid AS (
		    SELECT person, item, payee, l.month, sum(amount) AS paid FROM line l JOIN batch b USING (region, batch)
		    WHERE hold = 0 AND b.state = 'approved' GROUP BY 1, 2, 3, 4
		), entered AS (
		    SELECT person, item, payee, month, sum(amount) AS settled, sum(amount) FILTER (WHERE kind = 4) AS collected FROM ledger GROUP BY 1, 2, 3, 4)
		SELECT count(*) FROM paid FULL JOIN entered USING (person, item, payee, month)
		WHERE coalesce(paid, 0) + coalesce(collected, 0) <> coalesce(settled, 0) OR collected > 0`); n != 0 {
		d.T.Errorf("%s: %d keys do not add up", step, n)
	}
	type key struct {
		name string
		m    month.Month
	}
	open := map[key]money.Fen{}
	debts, err := recovery.Register(d.T.Context(), d.Db, storetest.DeskRegion)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, x := range debts {
		open[key{x.Name, x.Month}] += x.Amount
	}
	for _, year := range []int{1943, 1944, 1945} {
		for m := storetest.At(8); m <= storetest.At(12); m++ {
			k := key{fmt.Sprintf("某%d", year), m}
			of := func(sql string) money.Fen {
				return money.Fen(d.Number(sql, storetest.DeskRegion, k.name, m.First().Time()))
			}
			const who = `person = (SELECT min(person) FROM person WHERE region = $1 AND name = $2) AND region = $1 AND month = $3`
			settled := of(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE ` + who)
			waived := of(`SELECT coalesce(sum(amount), 0)::bigint FROM waiver WHERE ` + who)
			netting := of(`SELECT coalesce(sum(-l.amount), 0)::bigint FROM draft_line l JOIN batch b USING (region, batch)
				WHERE l.kind = 3 AND b.state IN ('open', 'returned', 'submitted') AND l.region = $1 AND l.name = $2 AND l.month = $3`)
			if want := max(0, settled-entitled(year, m)-waived); open[k] != want-netting {
				d.T.Errorf("%s: %s %s: %s open and %s netted, want %s (settled %s, entitled %s, waived %s)",
					step, k.name, m, open[k], netting, want, settled, entitled(year, m), waived)
			}
		}
	}
}

// Random histories of deaths that are reported and taken back, runs, approvals, money
// that comes in and waivers: after every step all adds up, and the judge agrees with
// every batch (run and approve see to that).
func TestRecoveryHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 4))
			d := storetest.OpenDistrict(t)
			died := map[int]month.Date{} // what the roster knows
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945)))
			known := map[int]month.Date{}
			entitled := func(year int, m month.Month) money.Fen {
				if known[year] != 0 && known[year] < m.First() {
					return 0
				}
				return 7000
			}
			now := 8
			d.Run(storetest.At(now))
			for range 12 {
				step := ""
				switch what := r.IntN(5); {
				case what == 0 && now < 12:
					d.Approve(storetest.At(now))
					now++
					d.Run(storetest.At(now))
					step = fmt.Sprintf("run %d", now)
				case what <= 1:
					year := 1943 + r.IntN(3)
					died[year] = 0
					if r.IntN(2) == 0 {
						died[year] = storetest.Day(2026, 7+r.IntN(4), 10)
					}
					d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(year, func(p *roster.Person) { p.Died = died[year] })))
					d.Run(storetest.At(now))
					step = fmt.Sprintf("%d died %s", year, died[year])
				case what == 2:
					step = tryCollect(d, 1943+r.IntN(3), money.Fen(1+r.IntN(15000)))
					d.Run(storetest.At(now))
				default:
					step = tryWaive(d, 1943+r.IntN(3), storetest.At(8+r.IntN(now-7)), money.Fen(1+r.IntN(9000)))
					d.Run(storetest.At(now))
				}
				for year, x := range died {
					known[year] = x
				}
				addsUp(d, step, entitled)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// tryCollect collects a sum, or sees it refused where that much is not open.
func tryCollect(d *storetest.District, year int, sum money.Fen) string {
	d.T.Helper()
	_, err := recovery.Collect(d.T.Context(), d.Db, d.Recover(storetest.Clerk, year, sum))
	if err != nil && !fault.Is(err, fault.Refused) {
		d.T.Fatal(err)
	}
	return fmt.Sprintf("collect %s of %d: %v", sum, year, err)
}

// tryWaive asks and confirms, or sees it refused.
func tryWaive(d *storetest.District, year int, m month.Month, sum money.Fen) string {
	d.T.Helper()
	w, err := recovery.AskWaiver(d.T.Context(), d.Db, d.Recover(storetest.Clerk, year, sum, storetest.Of("11", m)))
	if err == nil {
		_, err = d.SettleWaiver(storetest.Approver, w.N, true, "")
	}
	if err != nil && !fault.Is(err, fault.Refused) {
		d.T.Fatal(err)
	}
	return fmt.Sprintf("waive %s of %d %s: %v", sum, year, m, err)
}
