package imports_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/merging"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// twin is somebody of the name and birth date of resident(year), under another number.
func twin(year, serial int, with ...func(*roster.Person)) roster.Person {
	p := storetest.Resident(year, with...)
	p.ID = roster.MakeID("140213", month.DateOf(year, 6, 15), serial)
	p.Account.Number += fmt.Sprint(serial)
	return p
}

// TestAlikeIsDecidedOnce: two records of one name and birth date hold both until somebody
// decides, once for both and for good; a third one makes it another question.
func TestAlikeIsDecidedOnce(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), twin(1944, 7), storetest.Resident(1943), twin(1943, 7, storetest.DiedOn(storetest.Day(2026, 8, 31)))))
	d.Run(storetest.At(10))
	d.Want("held", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00",
		"某1944 11 本人 2026-10 当月 70.00 [疑点未决]", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]")
	ids := map[string]int{}
	for _, f := range d.Findings(d.Batch(storetest.At(10)), payrun.Doubt) {
		ids[f.ID]++
		if f.Kind != payrun.Namesakes || !strings.Contains(f.Sentence, "是的合并两条记录") {
			t.Errorf("%+v", f)
		}
	}
	if len(ids) != 1 {
		t.Errorf("decided by %v", ids)
	}
	d.Decide(d.Batch(storetest.At(10)), payrun.Namesakes, true)
	d.Paid(10, 11)
	d.Want("both are paid", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(twin(1944, 9)))
	d.Run(storetest.At(12))
	held := 0
	for _, l := range d.Lines(d.Batch(storetest.At(12))) {
		if strings.HasSuffix(l, "[疑点未决]") {
			held++
		}
	}
	if held != 5 { // three of December, the third one's of October and November
		t.Errorf("%d held: %q", held, d.Lines(d.Batch(storetest.At(12))))
	}
}

// TestAlikeMerged: merging answers the question, and the survivor is alone.
func TestAlikeMerged(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), twin(1944, 7)))
	d.Run(storetest.At(10))
	if _, err := merging.Merge(t.Context(), d.Db, d.MergeOrder(storetest.IdOf(1944), twin(1944, 7).ID)); err != nil {
		t.Fatal(err)
	}
	d.Run(storetest.At(10))
	d.Want("one person", d.Lines(d.Batch(storetest.At(10))), "某1944 11 本人 2026-10 当月 70.00")
	if doubts := d.Findings(d.Batch(storetest.At(10)), payrun.Doubt); len(doubts) > 0 {
		t.Errorf("%+v", doubts)
	}
}

// TestPaidInAnotherRegion: what another region of the database paid of the same item and
// month holds the line, as known when the batch was made; a decision stands until they pay
// another month, and a failed payment there is none.
func TestPaidInAnotherRegion(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Exec(`INSERT INTO region (region, name, head_hash, head) VALUES (140214, '新荣区', '\x00', 9)`)
	d.Exec(`INSERT INTO pack (region, hash, rev, body) VALUES (140214, 'x', 1, 'x')`)
	d.Exec(`INSERT INTO person SELECT 140214, 5, 1, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE region = 140213 AND name = '某1944'`)
	there := func(batch, m int) {
		first := storetest.At(m).First().String()
		d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
			VALUES (140214, $1, $2::date, '区民政局', 1, 'approved', 1, 'x', '', 1, 1, 7000, 0, 2)`, batch, first)
		d.Exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
			VALUES (140214, $1, 5, '11', '本人', $2::date, '11', 1, 7000, 0, $3, '某1944', '', '', '', '1', '', 1, 1)`, batch, first, storetest.IdOf(1944))
	}
	there(1, 9)
	d.Run(storetest.At(10))
	d.Want("another month", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
	there(2, 10)
	d.Run(storetest.At(10))
	held := []string{"某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]"}
	d.Want("the same month", d.Lines(d.Batch(storetest.At(10))), held...)
	doubts := d.Findings(d.Batch(storetest.At(10)), payrun.Doubt)
	if len(doubts) != 1 || doubts[0].Kind != payrun.PaidElsewhere || !strings.Contains(doubts[0].Sentence, "140214 发了 2026-09 至 2026-10（共 140.00 元）") {
		t.Errorf("%+v", doubts)
	}
	const looked = `SELECT count(*) FROM journal WHERE region = 140213 AND action = '登记外区发放'`
	before := d.Number(looked)
	d.Run(storetest.At(10))
	if now := d.Number(looked); now != before || before == 0 {
		t.Errorf("%d entries of what others paid, with nothing new %d", before, now)
	}
	d.Exec(`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account) VALUES (140214, 2, 1, 1, 3, 2, '', '', '1')`)
	d.Agrees(d.Batch(storetest.At(10))) // by what was known when it was made
	d.Run(storetest.At(10))
	d.Want("it failed there", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
	d.Approve(storetest.At(10))
	there(3, 11)
	d.Run(storetest.At(11))
	d.Want("November", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [疑点未决]")
	d.Decide(d.Batch(storetest.At(11)), payrun.PaidElsewhere, true)
	d.Run(storetest.At(11))
	d.Want("released", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.SameInFull(storetest.At(11))
}

// TestRandomMerges lives a few months of random people who are merged at random, some of
// whose payments fail, beside a model: settled is never gained or lost, and what a
// survivor owes is exactly what was paid beyond one person's due.
func TestRandomMerges(t *testing.T) {
	t.Parallel()
	merged := 0
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := storetest.OpenDistrict(t)
		var people []int
		s := storetest.NewSheet(storetest.EveryColumn)
		for year := 1934; year < 1942; year++ {
			people = append(people, year)
			s.People(storetest.Resident(year))
		}
		d.Learn(s)
		settled := map[int]map[month.Month]int64{} // by year of birth and benefit month
		for m := 6; m <= 10; m++ {
			d.Run(storetest.At(m))
			owesBeyondOne(d, storetest.At(m), people, settled)
			b := d.Approve(storetest.At(m))
			settle(d, settled, b)
			d.Send(storetest.At(m))
			if r.IntN(2) == 0 && m < 10 {
				who := people[r.IntN(len(people))]
				if account := storetest.Resident(who).Account.Number; slices.ContainsFunc(d.Payments(b), func(p approval.Payment) bool { return p.Account.Number == account }) {
					d.Answer(d.Row(b, account, "失败"))
					for of := range settled[who] { // which months the payment was for does not matter here
						settled[who][of] = settledMonth(d, who, of)
					}
				}
			}
			for range 1 + r.IntN(2) {
				i, k := r.IntN(len(people)), r.IntN(len(people))
				if i == k || len(people) < 3 {
					continue
				}
				kept, gone := people[i], people[k]
				d.Merge(kept, gone)
				merged++
				for of, amount := range settled[gone] {
					if settled[kept] == nil {
						settled[kept] = map[month.Month]int64{}
					}
					settled[kept][of] += amount
				}
				delete(settled, gone)
				people = slices.Delete(people, k, k+1)
			}
		}
		d.Run(storetest.At(11))
		owesBeyondOne(d, storetest.At(11), people, settled)
		d.SameInFull(storetest.At(11))
	}
	if merged < 5 {
		t.Errorf("only %d merges: the test is too tame", merged)
	}
}

func settledMonth(d *storetest.District, year int, m month.Month) int64 {
	return d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE month = $2 AND person = (SELECT max(person) FROM person WHERE id_number = $1)`,
		storetest.IdOf(year), m.First().Time())
}

// settle adds an approved batch's lines to the model.
func settle(d *storetest.District, settled map[int]map[month.Month]int64, b payrun.Batch) {
	d.T.Helper()
	lines, err := batches.Lines(d.T.Context(), d.Db, storetest.DeskRegion, b, d.Pack)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, l := range lines {
		var year int
		if _, err := fmt.Sscanf(l.Name, "某%d", &year); err != nil {
			d.T.Fatal(err)
		}
		if settled[year] == nil {
			settled[year] = map[month.Month]int64{}
		}
		if l.Hold == 0 {
			settled[year][l.Month] += int64(l.Amount)
		}
	}
}

// owesBeyondOne compares what the month's batch and the register ask back with the model.
func owesBeyondOne(d *storetest.District, m month.Month, people []int, settled map[int]map[month.Month]int64) {
	d.T.Helper()
	asked := map[string]int64{}
	lines, err := batches.Lines(d.T.Context(), d.Db, storetest.DeskRegion, d.Batch(m), d.Pack)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, l := range lines {
		if l.Kind == payrun.Recovery {
			asked[l.Name] -= int64(l.Amount)
		}
	}
	debts, err := recovery.Register(d.T.Context(), d.Db, storetest.DeskRegion)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, x := range debts {
		asked[x.Name] += int64(x.Amount)
	}
	for _, year := range people {
		var beyond int64
		for _, amount := range settled[year] {
			beyond += max(0, amount-7000)
		}
		if name := fmt.Sprintf("某%d", year); asked[name] != beyond {
			d.T.Errorf("%s: %s is asked for %d 分, was paid %d 分 beyond one person's due", m, name, asked[name], beyond)
		}
	}
}
