package runs_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
	"disburse/internal/store/second"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestFirstRun checks a first month whole: lines, totals, findings, opening month,
// journal, and the batches of bureaus that only serve.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	report := d.Run(storetest.At(11))
	if report.Opening != storetest.At(11) || report.Revision != 1 || report.People != 7 || len(report.Carried) > 0 {
		t.Errorf("report %+v", report)
	}
	if len(report.Bureaus) != len(d.Pack.File.Bureaus) {
		t.Errorf("%d batches for %d bureaus", len(report.Bureaus), len(d.Pack.File.Bureaus))
	}
	for _, b := range report.Bureaus {
		if b.Outcome != runs.Made || b.Batch.State != payrun.Open || b.Batch.N != 1 || b.Batch.Revision != 1 || b.Batch.Pack != d.Pack.Hash {
			t.Errorf("bureau %+v", b)
		}
	}
	d.Want("区民政局", d.Lines(d.Batch(storetest.At(11))),
		"某1944 11 本人 2026-11 当月 70.00",
		"某1945 11 本人 2026-11 当月 70.00 [无账户]",
		"某1926 12 本人 2026-11 当月 300.00",
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00 [疑点未决]",
		"某1954 16 本人 2026-11 当月 100.00",
		"某1956 19 甲院 2026-11 当月 1160.00")
	if b := d.Batch(storetest.At(11)); b.Lines != 7 || b.Heads != 4 || b.Pays != 163000 || b.Held != 114050 {
		t.Errorf("totals %+v", b)
	}
	social := storetest.Outcome(t, report, "区人社局").Batch
	d.Want("区人社局", d.Lines(social), "某1970 1 本人 2026-11 当月 2345.67")
	var doubts []string
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Doubt) {
		doubts = append(doubts, f.Kind)
	}
	d.Want("疑点", doubts, "户名不符")
	if n := d.Number(`SELECT count(*) FROM journal WHERE rev = 2 AND action = '运行月份' AND subject = '2026-11' AND actor = 'os:tester'`); n != 1 {
		t.Error("the run is not in the journal")
	}
	if n := d.Number(`SELECT count(*) FROM region WHERE opening_month = '2026-11-01'`); n != 1 {
		t.Error("the opening month is not set")
	}
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
}

// TestRecompute replaces unsigned batches only (docs/interface.md §2.2).
func TestRecompute(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	first := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau).Batch

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943)).Fact(storetest.IdOf(1944), "暂停发放", storetest.Since("核查", storetest.LongAgo)))
	report := d.Run(storetest.At(11))
	again := storetest.Outcome(t, report, storetest.DeskBureau)
	if again.Outcome != runs.Remade || again.Batch.Number != first.Number || again.Batch.Revision != report.Revision || again.Batch.Digest == first.Digest {
		t.Errorf("made again: %+v, first %+v", again, first)
	}
	lines := d.Lines(again.Batch)
	for _, line := range []string{"某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [暂停发放]"} {
		if !slices.Contains(lines, line) {
			t.Errorf("%s is missing among %v", line, lines)
		}
	}
	if n := d.Number(`SELECT count(*) FROM batch`); n != int64(len(d.Pack.File.Bureaus)) {
		t.Errorf("%d batches", n)
	}

	for _, state := range []payrun.State{payrun.Submitted, payrun.Reviewed} {
		t.Run(string(state), func(t *testing.T) {
			d.SignTo(storetest.At(11), storetest.DeskBureau, state)
			lines, before := d.Lines(d.Batch(storetest.At(11))), d.Batch(storetest.At(11))
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942-len(state), storetest.PaidTo(string(state)))))
			report := d.Run(storetest.At(11))
			b := storetest.Outcome(t, report, storetest.DeskBureau)
			if b.Outcome != runs.Untouched || b.Batch != before || !strings.Contains(b.Reason, before.State.Chinese()) || !strings.Contains(b.Reason, "没有改动") {
				t.Errorf("in signing: %+v", b)
			}
			if o := storetest.Outcome(t, report, "区人社局").Outcome; o != runs.Remade {
				t.Errorf("区人社局 waits: %s", o)
			}
			d.Want("lines", d.Lines(d.Batch(storetest.At(11))), lines...)
			d.ReturnBatch(storetest.At(11))
			if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.Remade || b.Batch.State != payrun.Open || b.Batch.Lines != len(lines)+1 {
				t.Errorf("after its return: %+v", b)
			}
		})
	}
	if b := d.Approve(storetest.At(11)); b.Round != 3 {
		t.Errorf("approved in round %d", b.Round)
	}
}

// TestRunAgainIsTheSame: the same knowledge gives the same lines, whoever runs when.
func TestRunAgainIsTheSame(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	lines, findings := d.Lines(d.Batch(storetest.At(11))), d.Findings(d.Batch(storetest.At(11)), payrun.Acknowledge)
	d.Run(storetest.At(11))
	d.Want("lines", d.Lines(d.Batch(storetest.At(11))), lines...)
	if again := d.Findings(d.Batch(storetest.At(11)), payrun.Acknowledge); !slices.Equal(again, findings) {
		t.Errorf("findings %+v, then %+v", findings, again)
	}
}

// TestSupplementary: approved and nothing new, no batch n+1; something due since, a
// batch with exactly the difference (docs/interface.md §2.2).
func TestSupplementary(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.SignTo(storetest.At(11), "区人社局", payrun.Approved)

	nothing := func(when string) {
		t.Helper()
		batches := d.Number(`SELECT count(*) FROM batch`)
		report := d.Run(storetest.At(11))
		for _, bureau := range []string{storetest.DeskBureau, "区人社局"} {
			if b := storetest.Outcome(t, report, bureau); b.Outcome != runs.NothingDue || b.Batch.N != 1 || b.Batch.State != payrun.Approved {
				t.Errorf("%s: %+v", when, b)
			}
		}
		if n := d.Number(`SELECT count(*) FROM batch`); n != batches {
			t.Errorf("%s: %d batches, %d before", when, n, batches)
		}
		if n := d.Number(`SELECT count(*) FROM draft_line l JOIN batch b USING (region, batch) WHERE b.bureau IN ('区民政局', '区人社局')`) +
			d.Number(`SELECT count(*) FROM draft_line l WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = l.batch)`); n != 0 {
			t.Errorf("%s: %d lines left over", when, n)
		}
		if n := d.Number(`SELECT count(*) FROM finding f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`) +
			d.Number(`SELECT count(*) FROM batch_item f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`) +
			d.Number(`SELECT count(*) FROM debt f WHERE NOT EXISTS (SELECT FROM batch b WHERE b.batch = f.batch)`); n != 0 {
			t.Errorf("%s: %d rows of no batch", when, n)
		}
	}
	nothing("at once")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, func(p *roster.Person) { p.Phone = "0351" }), storetest.Resident(1980)))
	nothing("after news that pay nothing")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945, storetest.Without, func(p *roster.Person) { p.Phone = "0351" })))
	nothing("after news of somebody held as before")

	// News that make a batch 2, and are taken back before anybody submits it.
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1979)).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.LongAgo)))
	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.Supplementary || b.Batch.Lines != 4 {
		t.Errorf("with the news: %+v", b)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保"))
	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.Remade || b.Batch.N != 2 || b.Batch.Lines != 3 || b.Batch.Pays != 0 {
		t.Errorf("without them: %+v", b)
	}

	// An account came, somebody was 低保 all the time, somebody died before the month.
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945)).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.Day(2026, 11, 1))).People(storetest.Resident(1926, storetest.DiedOn(storetest.Day(2026, 10, 31)))))
	report := d.Run(storetest.At(11))
	b := storetest.Outcome(t, report, storetest.DeskBureau)
	if b.Outcome != runs.Remade || b.Batch.N != 2 || b.Batch.State != payrun.Open {
		t.Fatalf("supplementary: %+v", b)
	}
	if b := storetest.Outcome(t, report, "区人社局"); b.Outcome != runs.NothingDue {
		t.Errorf("区人社局: %+v", b)
	}
	d.Want("batch 2 has the difference and what is still held", d.Lines(b.Batch),
		"某1945 11 本人 2026-11 当月 70.00",
		"某1944 13 本人 2026-11 当月 70.00",
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00 [疑点未决]")
	d.Want("register", d.Register(), "某1926 12 本人 2026-11 300.00")
	d.Approve(storetest.At(11))

	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.NothingDue || b.Batch.N != 2 {
		t.Errorf("after batch 2: %+v", b)
	}
	d.Decide(d.Batch(storetest.At(11)), "户名不符", true)
	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.Supplementary || b.Batch.N != 3 {
		t.Errorf("after a decision: %+v", b)
	}
	d.Want("batch 3", d.Lines(d.Batch(storetest.At(11))),
		"某1954 15 乙院 2026-11 当月 970.50 [无账户]",
		"某1950 16 本人 2026-11 当月 100.00")
}

// TestOpeningMonth: the district's first run sets it, for ever; no month before it runs.
func TestOpeningMonth(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	o := func(m, opening month.Month) runs.Order {
		order := d.Order(m)
		order.Opening = opening
		return order
	}
	_, err := d.TryRun(o(storetest.At(11), 0))
	storetest.Saying(t, err, fault.Refused, "花名册是空的", "导入花名册")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	before := d.Snapshot()
	_, err = d.TryRun(o(storetest.At(11), storetest.At(12)))
	storetest.Saying(t, err, fault.Invalid, "2026-11", "2026-12")
	d.Unchanged(before)

	d.RunOrder(o(storetest.At(11), storetest.At(9)))
	d.Want("since the opening month", d.Lines(d.Batch(storetest.At(11))),
		"某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
	before = d.Snapshot()
	_, err = d.TryRun(o(storetest.At(11), storetest.At(10)))
	storetest.Saying(t, err, fault.Invalid, "期初月", "2026-09", "2026-10")
	_, err = d.TryRun(o(storetest.At(8), 0))
	storetest.Saying(t, err, fault.Invalid, "2026-08", "期初月 2026-09")
	d.Unchanged(before)
	d.RunOrder(o(storetest.At(11), storetest.At(9))) // saying so again is no contradiction
	d.Run(storetest.At(12))
	d.Want("the next month", d.Lines(d.Batch(storetest.At(12))),
		"某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")

	_, err = runs.Run(t.Context(), d.Db, runs.Order{Region: 999999, Month: storetest.At(11), Pack: d.Pack, By: storetest.RunBy})
	storetest.Saying(t, err, fault.NotFound, "999999")
}

// TestLaterMonthHasRun: what an earlier month owed is in the later one by then.
func TestLaterMonthHasRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(11))
	d.Run(storetest.At(12))
	before := d.Snapshot()
	_, err := d.TryRun(d.Order(storetest.At(11)))
	storetest.Saying(t, err, fault.Refused, "2026-12 已经运行过", "2026-11")
	d.Unchanged(before)
}

// TestCarryOver: a month nobody submitted comes back as 补发 (docs/rules.md §5.9, 结转).
func TestCarryOver(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945, storetest.Without)))
	d.Run(storetest.At(9))
	d.Approve(storetest.At(9))
	d.Run(storetest.At(10)) // nobody submits it
	d.Run(storetest.At(11)) // returned by the 复核
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
	d.ReturnBatch(storetest.At(11))

	report := d.Run(storetest.At(12))
	var carried []string
	for _, b := range report.Carried {
		if b.State != payrun.CarriedOver {
			t.Errorf("carried %+v", b)
		}
		if b.Bureau == storetest.DeskBureau {
			carried = append(carried, b.Month.String())
		}
	}
	d.Want("carried now", carried, "2026-11")
	if b := d.Batch(storetest.At(10)); b.State != payrun.CarriedOver {
		t.Errorf("October is %s", b.State)
	}
	d.Want("December", d.Lines(d.Batch(storetest.At(12))),
		"某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00",
		"某1945 11 本人 2026-09 补发 70.00 [无账户]", "某1945 11 本人 2026-10 补发 70.00 [无账户]",
		"某1945 11 本人 2026-11 补发 70.00 [无账户]", "某1945 11 本人 2026-12 当月 70.00 [无账户]")
	d.Approve(storetest.At(12))
	if b := storetest.Outcome(t, d.Run(storetest.At(12)), storetest.DeskBureau); b.Outcome != runs.NothingDue {
		t.Errorf("after all was paid: %+v", b)
	}
}

// TestSigningBlocksItsBureauOnly: no bureau waits for another (docs/rules.md §5.9).
func TestSigningBlocksItsBureauOnly(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), "区人社局", payrun.Approved)
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
	before := d.Batch(storetest.At(11))

	report := d.Run(storetest.At(12))
	blocked := storetest.Outcome(t, report, storetest.DeskBureau)
	if blocked.Outcome != runs.Blocked || blocked.Batch != before || !strings.Contains(blocked.Reason, "区民政局2026年11月第1批") || !strings.Contains(blocked.Reason, "2026-12") {
		t.Errorf("the bureau that signs: %+v", blocked)
	}
	if d.Batch(storetest.At(11)) != before {
		t.Errorf("its batch changed: %+v", d.Batch(storetest.At(11)))
	}
	social := storetest.Outcome(t, report, "区人社局")
	if social.Outcome != runs.Made {
		t.Errorf("another bureau: %+v", social)
	}
	d.Want("another bureau", d.Lines(social.Batch), "某1970 1 本人 2026-12 当月 2345.67")
	if n := d.Number(`SELECT count(*) FROM batch WHERE bureau = $1 AND month = '2026-12-01'`, storetest.DeskBureau); n != 0 {
		t.Error("the bureau that signs has a batch of the later month")
	}
	// The batch in signing can still be approved; then its bureau catches up.
	s := storetest.By(storetest.Approver, "")
	s.Month = storetest.At(11)
	if _, err := signing.Approve(t.Context(), d.Db, s, storetest.DeskOrder); err != nil {
		t.Fatal(err)
	}
	if b := storetest.Outcome(t, d.Run(storetest.At(12)), storetest.DeskBureau); b.Outcome != runs.Made {
		t.Errorf("after the approval: %+v", b)
	}
}

// TestBureauCatchesUp: the bureau whose batch came back runs its month again though
// others are further on; theirs stay as they are.
func TestBureauCatchesUp(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
	d.Run(storetest.At(12))
	d.ReturnBatch(storetest.At(11))
	social, err := batches.Latest(t.Context(), d.Db, storetest.DeskRegion, storetest.At(12), "区人社局")
	if err != nil {
		t.Fatal(err)
	}
	report := d.Run(storetest.At(11))
	if b := storetest.Outcome(t, report, storetest.DeskBureau); b.Outcome != runs.Remade || b.Batch.Month != storetest.At(11) {
		t.Errorf("the bureau that is behind: %+v", b)
	}
	if b := storetest.Outcome(t, report, "区人社局"); b.Outcome != runs.Blocked || b.Batch != social || !strings.Contains(b.Reason, "2026-12 已经运行过") {
		t.Errorf("one that is further on: %+v", b)
	}
	d.Approve(storetest.At(11))
	report = d.Run(storetest.At(12))
	if b := storetest.Outcome(t, report, storetest.DeskBureau); b.Outcome != runs.Made {
		t.Errorf("caught up: %+v", b)
	}
	if b := storetest.Outcome(t, report, "区人社局"); b.Outcome != runs.Remade {
		t.Errorf("as before: %+v", b)
	}
}

// TestAnotherPack: a pack that changed is kept whole, and reaches settled months.
func TestAnotherPack(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	old := d.Approve(storetest.At(10))
	before := d.Pack
	d.Pack = d.Load("{from: 2024-01, value: 70, source: 清单第11项}", "{from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 80, source: 示例通知}")
	report := d.Run(storetest.At(11))
	if report.Touched != 1 {
		t.Errorf("a new pack touches %d people", report.Touched)
	}
	d.Want("lines", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-10 补发 10.00", "某1944 11 本人 2026-11 当月 80.00")
	for _, p := range []*policy.Pack{before, d.Pack} {
		kept, err := batches.Pack(t.Context(), d.Db, storetest.DeskRegion, p.Hash)
		if err != nil || string(kept.Body) != string(p.Body) {
			t.Errorf("pack %s: %v", p.Hash, err)
		}
	}
	if found, err := second.Judge(t.Context(), d.Db, storetest.DeskRegion, old.Number, before.File, nil); err != nil || len(found) > 0 {
		t.Errorf("October under its own pack: %v, %v", found, err)
	}
}
