package postgres_test

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
)

// twin is somebody of the name and birth date of resident(year), under another number.
func twin(year, serial int, with ...func(*roster.Person)) roster.Person {
	p := resident(year, with...)
	p.ID = roster.MakeID("140213", month.DateOf(year, 6, 15), serial)
	p.Account.Number += fmt.Sprint(serial)
	return p
}

// TestAlikeIsDecidedOnce: two records of one name and birth date hold both until somebody
// decides, once for both and for good; a third one makes it another question.
func TestAlikeIsDecidedOnce(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), twin(1944, 7), resident(1943), twin(1943, 7, diedOn(day(2026, 8, 31)))))
	d.run(at(10))
	d.want("held", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00",
		"某1944 11 本人 2026-10 当月 70.00 [疑点未决]", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]")
	ids := map[string]int{}
	for _, f := range d.findings(d.batch(at(10)), payrun.Doubt) {
		ids[f.ID]++
		if f.Kind != payrun.AlikeKind || !strings.Contains(f.Sentence, "是的合并两条记录") {
			t.Errorf("%+v", f)
		}
	}
	if len(ids) != 1 {
		t.Errorf("decided by %v", ids)
	}
	d.decide(d.batch(at(10)), payrun.AlikeKind, true)
	d.paid(10, 11)
	d.want("both are paid", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.learn(newSheet(everyColumn).people(twin(1944, 9)))
	d.run(at(12))
	held := 0
	for _, l := range d.lines(d.batch(at(12))) {
		if strings.HasSuffix(l, "[疑点未决]") {
			held++
		}
	}
	if held != 5 { // three of December, the third one's of October and November
		t.Errorf("%d held: %q", held, d.lines(d.batch(at(12))))
	}
}

// TestAlikeMerged: merging answers the question, and the survivor is alone.
func TestAlikeMerged(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), twin(1944, 7)))
	d.run(at(10))
	if _, err := d.db.MergePeople(t.Context(), d.mergeOrder(idOf(1944), twin(1944, 7).ID)); err != nil {
		t.Fatal(err)
	}
	d.run(at(10))
	d.want("one person", d.lines(d.batch(at(10))), "某1944 11 本人 2026-10 当月 70.00")
	if doubts := d.findings(d.batch(at(10)), payrun.Doubt); len(doubts) > 0 {
		t.Errorf("%+v", doubts)
	}
}

// TestPaidInAnotherRegion: what another region of the database paid of the same item and
// month holds the line, as known when the batch was made; a decision stands until they pay
// another month, and a failed payment there is none.
func TestPaidInAnotherRegion(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.exec(`INSERT INTO region (region, name, head_hash, head) VALUES (140214, '新荣区', '\x00', 9)`)
	d.exec(`INSERT INTO pack (region, hash, rev, body) VALUES (140214, 'x', 1, 'x')`)
	d.exec(`INSERT INTO person SELECT 140214, 5, 1, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE region = 140213 AND name = '某1944'`)
	there := func(batch, m int) {
		first := at(m).First().String()
		d.exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
			VALUES (140214, $1, $2::date, '区民政局', 1, 'approved', 1, 'x', '', 1, 1, 7000, 0, 2)`, batch, first)
		d.exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
			VALUES (140214, $1, 5, '11', '本人', $2::date, '11', 1, 7000, 0, $3, '某1944', '', '', '', '1', '', 1, 1)`, batch, first, idOf(1944))
	}
	there(1, 9)
	d.run(at(10))
	d.want("another month", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
	there(2, 10)
	d.run(at(10))
	held := []string{"某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]"}
	d.want("the same month", d.lines(d.batch(at(10))), held...)
	doubts := d.findings(d.batch(at(10)), payrun.Doubt)
	if len(doubts) != 1 || doubts[0].Kind != payrun.ElsewhereKind || !strings.Contains(doubts[0].Sentence, "140214 发了 2026-09 至 2026-10（共 140.00 元）") {
		t.Errorf("%+v", doubts)
	}
	const looked = `SELECT count(*) FROM journal WHERE region = 140213 AND action = '登记外区发放'`
	before := d.number(looked)
	d.run(at(10))
	if now := d.number(looked); now != before || before == 0 {
		t.Errorf("%d entries of what others paid, with nothing new %d", before, now)
	}
	d.exec(`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account) VALUES (140214, 2, 1, 1, 3, 2, '', '', '1')`)
	d.agrees(d.batch(at(10))) // by what was known when it was made
	d.run(at(10))
	d.want("it failed there", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
	d.approve(at(10))
	there(3, 11)
	d.run(at(11))
	d.want("November", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [疑点未决]")
	d.decide(d.batch(at(11)), payrun.ElsewhereKind, true)
	d.run(at(11))
	d.want("released", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.sameInFull(at(11))
}

// TestRandomMerges lives a few months of random people who are merged at random, some of
// whose payments fail, beside a model: settled is never gained or lost, and what a
// survivor owes is exactly what was paid beyond one person's due.
func TestRandomMerges(t *testing.T) {
	t.Parallel()
	merged := 0
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := openDistrict(t)
		var people []int
		s := newSheet(everyColumn)
		for year := 1934; year < 1942; year++ {
			people = append(people, year)
			s.people(resident(year))
		}
		d.learn(s)
		settled := map[int]map[month.Month]int64{} // by year of birth and benefit month
		for m := 6; m <= 10; m++ {
			d.run(at(m))
			d.owesBeyondOne(at(m), people, settled)
			b := d.approve(at(m))
			d.settle(settled, b)
			d.send(at(m))
			if r.IntN(2) == 0 && m < 10 {
				who := people[r.IntN(len(people))]
				if account := resident(who).Account.Number; slices.ContainsFunc(d.payments(b), func(p approval.Payment) bool { return p.Account.Number == account }) {
					d.answer(d.row(b, account, "失败"))
					for of := range settled[who] { // which months the payment was for does not matter here
						settled[who][of] = d.settledMonth(who, of)
					}
				}
			}
			for range 1 + r.IntN(2) {
				i, k := r.IntN(len(people)), r.IntN(len(people))
				if i == k || len(people) < 3 {
					continue
				}
				kept, gone := people[i], people[k]
				d.merge(kept, gone)
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
		d.run(at(11))
		d.owesBeyondOne(at(11), people, settled)
		d.sameInFull(at(11))
	}
	if merged < 5 {
		t.Errorf("only %d merges: the test is too tame", merged)
	}
}

func (d *district) settledMonth(year int, m month.Month) int64 {
	return d.number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE month = $2 AND person = (SELECT max(person) FROM person WHERE id_number = $1)`,
		idOf(year), m.First().Time())
}

// settle adds an approved batch's lines to the model.
func (d *district) settle(settled map[int]map[month.Month]int64, b payrun.Batch) {
	d.t.Helper()
	lines, err := d.db.Lines(d.t.Context(), deskRegion, b, d.pack)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range lines {
		var year int
		if _, err := fmt.Sscanf(l.Name, "某%d", &year); err != nil {
			d.t.Fatal(err)
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
func (d *district) owesBeyondOne(m month.Month, people []int, settled map[int]map[month.Month]int64) {
	d.t.Helper()
	asked := map[string]int64{}
	lines, err := d.db.Lines(d.t.Context(), deskRegion, d.batch(m), d.pack)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range lines {
		if l.Kind == payrun.Recovery {
			asked[l.Name] -= int64(l.Amount)
		}
	}
	debts, err := d.db.Register(d.t.Context(), deskRegion)
	if err != nil {
		d.t.Fatal(err)
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
			d.t.Errorf("%s: %s is asked for %d 分, was paid %d 分 beyond one person's due", m, name, asked[name], beyond)
		}
	}
}
