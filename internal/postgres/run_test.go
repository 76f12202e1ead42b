package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// someTown has a person for most things that a run can find.
func someTown() *sheet {
	s := newSheet(everyColumn).people(
		resident(1944), resident(1945, without), resident(1926), resident(1956), resident(1954),
		resident(1950, func(p *roster.Person) { p.Account.Holder = "别人" }), resident(1970))
	return s.
		fact(idOf(1950), "低保", since("是", longAgo)).fact(idOf(1950), "生活不能自理", since("是", longAgo)).
		fact(idOf(1956), "特困", since("集中", longAgo)).fact(idOf(1956), "入住机构", since("甲院", longAgo)).fact(idOf(1956), "自理能力", since("半自理", longAgo)).
		fact(idOf(1954), "低保", since("是", longAgo)).fact(idOf(1954), "失能等级", since("完全失能", longAgo)).fact(idOf(1954), "入住机构", since("乙院", longAgo)).
		fact(idOf(1954), "机构月收费", since("1800.50", longAgo)).fact(idOf(1954), "低保月金额", since("730.00", longAgo)).
		fact(idOf(1970), "养老保险", since("职工", longAgo)).
		award(idOf(1970), "1", roster.Award{Amount: 234567, First: at(1)}).
		payee(house("甲院", "2001")).payee(house("乙院", ""))
}

// TestFirstRun checks a first month whole: lines, totals, findings, opening month,
// journal, and the batches of bureaus that only serve.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	report := d.run(at(11))
	if report.Opening != at(11) || report.Revision != 1 || report.People != 7 || len(report.Carried) > 0 {
		t.Errorf("report %+v", report)
	}
	if len(report.Bureaus) != len(d.pack.File.Bureaus) {
		t.Errorf("%d batches for %d bureaus", len(report.Bureaus), len(d.pack.File.Bureaus))
	}
	for _, b := range report.Bureaus {
		if b.Outcome != postgres.Made || b.Batch.State != payrun.Open || b.Batch.N != 1 || b.Batch.Revision != 1 || b.Batch.Pack != d.pack.Hash {
			t.Errorf("bureau %+v", b)
		}
	}
	d.want("区民政局", d.lines(d.batch(at(11))),
		"某1944 11 本人 2026-11 当月 70.00",
		"某1945 11 本人 2026-11 当月 70.00 [无账户]",
		"某1926 12 本人 2026-11 当月 300.00",
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00 [疑点未决]",
		"某1954 16 本人 2026-11 当月 100.00",
		"某1956 19 甲院 2026-11 当月 1160.00")
	if b := d.batch(at(11)); b.Lines != 7 || b.Heads != 4 || b.Pays != 163000 || b.Held != 114050 {
		t.Errorf("totals %+v", b)
	}
	social := outcome(t, report, "区人社局").Batch
	d.want("区人社局", d.lines(social), "某1970 1 本人 2026-11 当月 2345.67")
	var doubts []string
	for _, f := range d.findings(d.batch(at(11)), payrun.Doubt) {
		doubts = append(doubts, f.Kind)
	}
	d.want("疑点", doubts, "户名不符")
	if n := d.number(`SELECT count(*) FROM journal WHERE rev = 2 AND action = '运行月份' AND subject = '2026-11' AND actor = 'os:tester'`); n != 1 {
		t.Error("the run is not in the journal")
	}
	if n := d.number(`SELECT count(*) FROM region WHERE opening_month = '2026-11-01'`); n != 1 {
		t.Error("the opening month is not set")
	}
	if err := d.db.VerifyChain(t.Context(), deskRegion); err != nil {
		t.Error(err)
	}
}

// TestRecompute replaces unsigned batches only (docs/interface.md §2.2).
func TestRecompute(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	first := outcome(t, d.run(at(11)), deskBureau).Batch

	d.learn(newSheet(everyColumn).people(resident(1943)).fact(idOf(1944), "暂停发放", since("核查", longAgo)))
	report := d.run(at(11))
	again := outcome(t, report, deskBureau)
	if again.Outcome != postgres.Remade || again.Batch.Number != first.Number || again.Batch.Revision != report.Revision || again.Batch.Digest == first.Digest {
		t.Errorf("made again: %+v, first %+v", again, first)
	}
	lines := d.lines(again.Batch)
	for _, line := range []string{"某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [暂停发放]"} {
		if !slices.Contains(lines, line) {
			t.Errorf("%s is missing among %v", line, lines)
		}
	}
	if n := d.number(`SELECT count(*) FROM batch`); n != int64(len(d.pack.File.Bureaus)) {
		t.Errorf("%d batches", n)
	}

	for _, state := range []payrun.State{payrun.Submitted, payrun.Reviewed} {
		t.Run(string(state), func(t *testing.T) {
			d.signTo(at(11), deskBureau, state)
			lines, before := d.lines(d.batch(at(11))), d.batch(at(11))
			d.learn(newSheet(everyColumn).people(resident(1942-len(state), paidTo(string(state)))))
			report := d.run(at(11))
			b := outcome(t, report, deskBureau)
			if b.Outcome != postgres.Untouched || b.Batch != before || !strings.Contains(b.Reason, before.State.Chinese()) || !strings.Contains(b.Reason, "没有改动") {
				t.Errorf("in signing: %+v", b)
			}
			if o := outcome(t, report, "区人社局").Outcome; o != postgres.Remade {
				t.Errorf("区人社局 waits: %s", o)
			}
			d.want("lines", d.lines(d.batch(at(11))), lines...)
			d.returnBatch(at(11))
			if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.Remade || b.Batch.State != payrun.Open || b.Batch.Lines != len(lines)+1 {
				t.Errorf("after its return: %+v", b)
			}
		})
	}
	if b := d.approve(at(11)); b.Round != 3 {
		t.Errorf("approved in round %d", b.Round)
	}
}

// TestRunAgainIsTheSame: the same knowledge gives the same lines, whoever runs when.
func TestRunAgainIsTheSame(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(11))
	lines, findings := d.lines(d.batch(at(11))), d.findings(d.batch(at(11)), payrun.Acknowledge)
	d.run(at(11))
	d.want("lines", d.lines(d.batch(at(11))), lines...)
	if again := d.findings(d.batch(at(11)), payrun.Acknowledge); !slices.Equal(again, findings) {
		t.Errorf("findings %+v, then %+v", findings, again)
	}
}

// TestSupplementary: approved and nothing new, no batch n+1; something due since, a
// batch with exactly the difference (docs/interface.md §2.2).
func TestSupplementary(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(11))
	d.approve(at(11))
	d.signTo(at(11), "区人社局", payrun.Approved)

	nothing := func(when string) {
		t.Helper()
		batches := d.number(`SELECT count(*) FROM batch`)
		report := d.run(at(11))
		for _, bureau := range []string{deskBureau, "区人社局"} {
			if b := outcome(t, report, bureau); b.Outcome != postgres.NothingDue || b.Batch.N != 1 || b.Batch.State != payrun.Approved {
				t.Errorf("%s: %+v", when, b)
			}
		}
		if n := d.number(`SELECT count(*) FROM batch`); n != batches {
			t.Errorf("%s: %d batches, %d before", when, n, batches)
		}
		if n := d.number(`SELECT count(*) FROM draft_line l JOIN batch b USING (region, batch) WHERE b.bureau IN ('区民政局', '区人社局')`) +
			d.number(`SELECT count(*) FROM draft_line l WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = l.batch)`); n != 0 {
			t.Errorf("%s: %d lines left over", when, n)
		}
		if n := d.number(`SELECT count(*) FROM finding f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`) +
			d.number(`SELECT count(*) FROM batch_item f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`) +
			d.number(`SELECT count(*) FROM debt f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`); n != 0 {
			t.Errorf("%s: %d rows of no batch", when, n)
		}
	}
	nothing("at once")
	d.learn(newSheet(everyColumn).people(resident(1944, func(p *roster.Person) { p.Phone = "0351" }), resident(1980)))
	nothing("after news that pay nothing")
	d.learn(newSheet(everyColumn).people(resident(1945, without, func(p *roster.Person) { p.Phone = "0351" })))
	nothing("after news of somebody held as before")

	// News that make a batch 2, and are taken back before anybody submits it.
	d.learn(newSheet(everyColumn).people(resident(1979)).fact(idOf(1944), "低保", since("是", longAgo)))
	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.Supplementary || b.Batch.Lines != 4 {
		t.Errorf("with the news: %+v", b)
	}
	d.learn(newSheet(everyColumn).fact(idOf(1944), "低保"))
	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.Remade || b.Batch.N != 2 || b.Batch.Lines != 3 || b.Batch.Pays != 0 {
		t.Errorf("without them: %+v", b)
	}

	// An account came, somebody was 低保 all the time, somebody died before the month.
	d.learn(newSheet(everyColumn).people(resident(1945)).fact(idOf(1944), "低保", since("是", day(2026, 11, 1))).people(resident(1926, diedOn(day(2026, 10, 31)))))
	report := d.run(at(11))
	b := outcome(t, report, deskBureau)
	if b.Outcome != postgres.Remade || b.Batch.N != 2 || b.Batch.State != payrun.Open {
		t.Fatalf("supplementary: %+v", b)
	}
	if b := outcome(t, report, "区人社局"); b.Outcome != postgres.NothingDue {
		t.Errorf("区人社局: %+v", b)
	}
	d.want("batch 2 has the difference and what is still held", d.lines(b.Batch),
		"某1945 11 本人 2026-11 当月 70.00",
		"某1944 13 本人 2026-11 当月 70.00",
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00 [疑点未决]")
	d.want("register", d.register(), "某1926 12 本人 2026-11 300.00")
	d.approve(at(11))

	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.NothingDue || b.Batch.N != 2 {
		t.Errorf("after batch 2: %+v", b)
	}
	d.decide(d.batch(at(11)), "户名不符", true)
	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.Supplementary || b.Batch.N != 3 {
		t.Errorf("after a decision: %+v", b)
	}
	d.want("batch 3", d.lines(d.batch(at(11))),
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00")
}

// TestOpeningMonth: the district's first run sets it, for ever; no month before it runs.
func TestOpeningMonth(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	o := func(m, opening month.Month) postgres.RunOrder {
		order := d.order(m)
		order.Opening = opening
		return order
	}
	_, err := d.tryRun(o(at(11), 0))
	saying(t, err, fault.Refused, "花名册是空的", "导入花名册")
	d.learn(newSheet(everyColumn).people(resident(1944)))
	before := d.snapshot()
	_, err = d.tryRun(o(at(11), at(12)))
	saying(t, err, fault.Invalid, "2026-11", "2026-12")
	d.unchanged(before)

	d.runOrder(o(at(11), at(9)))
	d.want("since the opening month", d.lines(d.batch(at(11))),
		"某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
	before = d.snapshot()
	_, err = d.tryRun(o(at(11), at(10)))
	saying(t, err, fault.Invalid, "期初月", "2026-09", "2026-10")
	_, err = d.tryRun(o(at(8), 0))
	saying(t, err, fault.Invalid, "2026-08", "期初月 2026-09")
	d.unchanged(before)
	d.runOrder(o(at(11), at(9))) // saying so again is no contradiction
	d.run(at(12))
	d.want("the next month", d.lines(d.batch(at(12))),
		"某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")

	_, err = d.db.Run(t.Context(), postgres.RunOrder{Region: 999999, Month: at(11), Pack: d.pack, By: runBy})
	saying(t, err, fault.NotFound, "999999")
}

// TestLaterMonthHasRun: what an earlier month owed is in the later one by then.
func TestLaterMonthHasRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(11))
	d.run(at(12))
	before := d.snapshot()
	_, err := d.tryRun(d.order(at(11)))
	saying(t, err, fault.Refused, "2026-12 已经运行过", "2026-11")
	d.unchanged(before)
}

// TestCarryOver: a month nobody submitted comes back as 补发 (docs/rules.md §5.9, 结转).
func TestCarryOver(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1945, without)))
	d.run(at(9))
	d.approve(at(9))
	d.run(at(10)) // nobody submits it
	d.run(at(11)) // returned by the 复核
	d.signTo(at(11), deskBureau, payrun.Submitted)
	d.returnBatch(at(11))

	report := d.run(at(12))
	var carried []string
	for _, b := range report.Carried {
		if b.State != payrun.CarriedOver {
			t.Errorf("carried %+v", b)
		}
		if b.Bureau == deskBureau {
			carried = append(carried, b.Month.String())
		}
	}
	d.want("carried now", carried, "2026-11")
	if b := d.batch(at(10)); b.State != payrun.CarriedOver {
		t.Errorf("October is %s", b.State)
	}
	d.want("December", d.lines(d.batch(at(12))),
		"某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00",
		"某1945 11 本人 2026-09 补发 70.00 [无账户]", "某1945 11 本人 2026-10 补发 70.00 [无账户]",
		"某1945 11 本人 2026-11 补发 70.00 [无账户]", "某1945 11 本人 2026-12 当月 70.00 [无账户]")
	d.approve(at(12))
	if b := outcome(t, d.run(at(12)), deskBureau); b.Outcome != postgres.NothingDue {
		t.Errorf("after all was paid: %+v", b)
	}
}

// TestSigningBlocksItsBureauOnly: no bureau waits for another (docs/rules.md §5.9).
func TestSigningBlocksItsBureauOnly(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(11))
	d.signTo(at(11), "区人社局", payrun.Approved)
	d.signTo(at(11), deskBureau, payrun.Reviewed)
	before := d.batch(at(11))

	report := d.run(at(12))
	blocked := outcome(t, report, deskBureau)
	if blocked.Outcome != postgres.Blocked || blocked.Batch != before || !strings.Contains(blocked.Reason, "区民政局2026年11月第1批") || !strings.Contains(blocked.Reason, "2026-12") {
		t.Errorf("the bureau that signs: %+v", blocked)
	}
	if d.batch(at(11)) != before {
		t.Errorf("its batch changed: %+v", d.batch(at(11)))
	}
	social := outcome(t, report, "区人社局")
	if social.Outcome != postgres.Made {
		t.Errorf("another bureau: %+v", social)
	}
	d.want("another bureau", d.lines(social.Batch), "某1970 1 本人 2026-12 当月 2345.67")
	if n := d.number(`SELECT count(*) FROM batch WHERE bureau = $1 AND month = '2026-12-01'`, deskBureau); n != 0 {
		t.Error("the bureau that signs has a batch of the later month")
	}
	// The batch in signing can still be approved; then its bureau catches up.
	s := by(approver, "")
	s.Month = at(11)
	if _, err := d.db.Approve(t.Context(), s, deskOrder); err != nil {
		t.Fatal(err)
	}
	if b := outcome(t, d.run(at(12)), deskBureau); b.Outcome != postgres.Made {
		t.Errorf("after the approval: %+v", b)
	}
}

// TestBureauCatchesUp: the bureau whose batch came back runs its month again though
// others are further on; theirs stay as they are.
func TestBureauCatchesUp(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(11))
	d.signTo(at(11), deskBureau, payrun.Submitted)
	d.run(at(12))
	d.returnBatch(at(11))
	social, err := d.db.LatestBatch(t.Context(), deskRegion, at(12), "区人社局")
	if err != nil {
		t.Fatal(err)
	}
	report := d.run(at(11))
	if b := outcome(t, report, deskBureau); b.Outcome != postgres.Remade || b.Batch.Month != at(11) {
		t.Errorf("the bureau that is behind: %+v", b)
	}
	if b := outcome(t, report, "区人社局"); b.Outcome != postgres.Blocked || b.Batch != social || !strings.Contains(b.Reason, "2026-12 已经运行过") {
		t.Errorf("one that is further on: %+v", b)
	}
	d.approve(at(11))
	report = d.run(at(12))
	if b := outcome(t, report, deskBureau); b.Outcome != postgres.Made {
		t.Errorf("caught up: %+v", b)
	}
	if b := outcome(t, report, "区人社局"); b.Outcome != postgres.Remade {
		t.Errorf("as before: %+v", b)
	}
}

// TestAnotherPack: a pack that changed is kept whole, and reaches settled months.
func TestAnotherPack(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	old := d.approve(at(10))
	before := d.pack
	d.pack = d.load("{from: 2024-01, value: 70, source: 清单第11项}", "{from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 80, source: 示例通知}")
	report := d.run(at(11))
	if report.Touched != 1 {
		t.Errorf("a new pack touches %d people", report.Touched)
	}
	d.want("lines", d.lines(d.batch(at(11))), "某1944 11 本人 2026-10 补发 10.00", "某1944 11 本人 2026-11 当月 80.00")
	for _, p := range []*policy.Pack{before, d.pack} {
		kept, err := d.db.Pack(t.Context(), deskRegion, p.Hash)
		if err != nil || string(kept.Body) != string(p.Body) {
			t.Errorf("pack %s: %v", p.Hash, err)
		}
	}
	if found, err := d.db.Judge(t.Context(), deskRegion, old.Number, before.File, nil); err != nil || len(found) > 0 {
		t.Errorf("October under its own pack: %v, %v", found, err)
	}
}
