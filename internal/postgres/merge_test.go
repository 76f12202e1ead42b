package postgres_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

func (d *district) mergeOrder(kept, gone string) postgres.MergeOrder {
	return postgres.MergeOrder{Region: deskRegion, Kept: kept, Gone: gone, User: clerk,
		By: journal.By{Origin: "主机", At: deskNow, Reason: "户籍核对，同一个人"}}
}

// merge merges the records of two years of birth, and insists that nothing that was
// settled is gained or lost.
func (d *district) merge(kept, gone int) *postgres.MergeReport {
	d.t.Helper()
	before := d.settledInAll()
	report, err := d.db.MergePeople(d.t.Context(), d.mergeOrder(idOf(kept), idOf(gone)))
	if err != nil {
		d.t.Fatal(err)
	}
	if after := d.settledInAll(); after != before {
		d.t.Errorf("%d 分 settled before the merge, %d after", before, after)
	}
	return report
}

func (d *district) settledInAll() int64 {
	return d.number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger`)
}

// settledFor is what the ledger says of somebody, 分.
func (d *district) settledFor(year int) int64 {
	d.t.Helper()
	return d.number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE person = (SELECT max(person) FROM person WHERE id_number = $1)`, idOf(year))
}

// paid runs and approves months, and sends their files.
func (d *district) paid(months ...int) {
	d.t.Helper()
	for _, m := range months {
		d.run(at(m))
		d.approve(at(m))
		d.send(at(m))
	}
}

// sameInFull insists that a run that looks at everybody gives the same lines.
func (d *district) sameInFull(m month.Month) {
	d.t.Helper()
	lines, register := d.lines(d.batch(m)), d.register()
	order := d.order(m)
	order.Full = true
	d.runOrder(order)
	d.want("run --full", d.lines(d.batch(m)), lines...)
	d.want("register of run --full", d.register(), register...)
}

// TestMerge: the second record of one person ends; what both were paid is owed back by
// the survivor and netted like any debt, and the months before still verify.
func TestMerge(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945)))
	d.paid(9, 10)
	report := d.merge(1943, 1944)
	if report.Entries != 2 || report.Settled != 14000 || report.Twice != 14000 || report.Waits != 2 || report.Kept.ID != idOf(1943) {
		t.Errorf("reported %+v", report)
	}
	if got := [2]int64{d.settledFor(1943), d.settledFor(1944)}; got != [2]int64{28000, 0} {
		t.Errorf("settled %v", got)
	}
	if err := d.db.VerifyChain(t.Context(), deskRegion); err != nil {
		t.Error(err)
	}
	r := d.run(at(11))
	if r.Touched != 2 {
		t.Errorf("%d people touched, not survivor and gone", r.Touched)
	}
	november := []string{"某1943 11 本人 2026-09 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00"}
	d.want("November", d.lines(d.batch(at(11))), november...)
	d.want("register", d.register(), "某1943 11 本人 2026-10 70.00")
	d.sameInFull(at(11))
	d.approve(at(11))
	d.run(at(12))
	d.want("December", d.lines(d.batch(at(12))),
		"某1943 11 本人 2026-10 扣回 -70.00 从11", "某1943 11 本人 2026-12 当月 70.00", "某1945 11 本人 2026-12 当月 70.00")
	d.want("all is netted", d.register())
	d.sameInFull(at(12))
	for m := 9; m <= 11; m++ {
		d.agrees(d.batch(at(m))) // by what was known then
	}
}

// TestMergedNumbers: the gone record's numbers are old numbers of the survivor.
func TestMergedNumbers(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1946)))
	d.learn(newSheet(everyColumn).person(resident(1945), idOf(1944))) // 1944 is 1945 now
	rev := d.merge(1943, 1945).Rev
	for _, year := range []int{1943, 1944, 1945} {
		found, err := d.db.FindDossier(t.Context(), deskRegion, idOf(year), 0)
		if err != nil || found.ID != idOf(1943) {
			t.Errorf("%d stands for %+v, %v", year, found, err)
		}
	}
	if found, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1945), rev-1); err != nil || found.ID != idOf(1945) {
		t.Errorf("before the merge it stood for %+v, %v", found, err)
	}
	known := 0
	err := d.db.Dossiers(t.Context(), deskRegion, 0, func(*roster.Dossier) error { known++; return nil })
	if err != nil || known != 2 {
		t.Errorf("%d on the roster, %v", known, err)
	}

	masked := roster.MaskID(idOf(1943))
	refusals := func(s *sheet, words ...string) {
		t.Helper()
		report, err := d.db.ImportRoster(t.Context(), deskRegion, &s.in, runBy, true, nil)
		if err != nil || len(report.Problems) != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, w := range words {
			if reason := report.Problems[0].Reason; !strings.Contains(reason, w) {
				t.Errorf("%q does not say %q", reason, w)
			}
		}
	}
	refusals(newSheet(everyColumn).people(resident(1945)), "旧号码", masked)
	refusals(newSheet(everyColumn).people(resident(1944)), "旧号码", masked)
	refusals((&sheet{}).fact(idOf(1945), "低保", since("是", longAgo)), "旧号码", masked)
	refusals(newSheet(everyColumn).person(resident(1950), idOf(1945)), "原身份证号已经是旧号码", masked)
	refusals(newSheet(everyColumn).person(resident(1943), idOf(1946)), "同一个人",
		"保留 "+idOf(1943)+"，并入 "+idOf(1946))

	// The survivor may turn out to have the number that ended.
	d.learn(newSheet(everyColumn).person(resident(1945), idOf(1943)))
	if found, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1943), 0); err != nil || found.ID != idOf(1945) {
		t.Errorf("stands for %+v, %v", found, err)
	}
}

// TestMergedResults: money that comes back of payments to the gone record is due to the
// survivor, also where both were paid by one file, and along a chain of merges.
func TestMergedResults(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	d.merge(1943, 1942)
	d.merge(1944, 1943)
	if got := d.settledFor(1944); got != 21000 {
		t.Errorf("%d 分 settled for the last of the chain", got)
	}
	if r := d.answer(d.row(b, "621942", "3009"), d.row(b, "621943", "3009")); r.Undone != 2 {
		t.Errorf("%+v", r)
	}
	if got := [3]int64{d.settledFor(1942), d.settledFor(1943), d.settledFor(1944)}; got != [3]int64{0, 0, 7000} {
		t.Errorf("settled %v", got)
	}
	d.run(at(11))
	d.want("one person, paid once", d.lines(d.batch(at(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.want("register", d.register())
	d.answer(d.row(b, "621944", "失败"))
	d.run(at(11))
	d.want("none of the three came in", d.lines(d.batch(at(11))),
		"某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00")
	d.sameInFull(at(11))
}

// TestMergedVoid: a voided batch gives the survivor back what both were to be paid.
func TestMergedVoid(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.run(at(10))
	d.approve(at(10))
	d.merge(1943, 1944)
	for _, u := range []approval.User{reviewer, approver} {
		if _, err := d.db.Void(t.Context(), d.signingOf(at(10), u, "重做"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if got := [2]int64{d.settledFor(1943), d.settledFor(1944)}; got != [2]int64{0, 0} {
		t.Errorf("settled %v", got)
	}
	d.run(at(10))
	d.want("again", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00")
}

// TestMergeWaived: what was waived of the gone record's debt is not asked of the survivor.
func TestMergeWaived(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.paid(9, 10)
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 31)))))
	d.later(`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		SELECT 140213, person, '11', '本人', '2026-09-01', $1, 7000, '甲经办', '丙审批', '困难' FROM person WHERE name = '某1944' LIMIT 1`)
	if r := d.merge(1943, 1944); r.Waived != 7000 {
		t.Errorf("%+v", r)
	}
	d.run(at(11))
	d.want("only October is netted", d.lines(d.batch(at(11))), "某1943 11 本人 2026-10 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00")
	d.want("register", d.register())
	d.sameInFull(at(11))
}

// TestMergeRefused: every reason for which two records stay two, and nothing is left.
func TestMergeRefused(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	auditor := approval.User{Name: "戊审计", Post: approval.Auditor, Active: true}
	d.addUser(auditor)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945), resident(1946)))
	d.learn(newSheet(everyColumn).person(resident(1947), idOf(1946)))
	d.merge(1943, 1944)
	d.run(at(10))
	before := d.snapshot()
	refuse := func(code fault.Code, o postgres.MergeOrder, words ...string) {
		t.Helper()
		_, err := d.db.MergePeople(t.Context(), o)
		saying(t, err, code, words...)
		d.unchanged(before)
	}
	refuse(fault.Invalid, d.mergeOrder(idOf(1943), idOf(1943)), "同一个号码")
	refuse(fault.NotFound, d.mergeOrder(idOf(1943), idOf(1960)), "没有身份证号")
	refuse(fault.Refused, d.mergeOrder(idOf(1945), idOf(1944)), "旧号码", roster.MaskID(idOf(1943)))
	refuse(fault.Refused, d.mergeOrder(idOf(1944), idOf(1945)), "旧号码")
	refuse(fault.Refused, d.mergeOrder(idOf(1943), idOf(1946)), "旧号码", roster.MaskID(idOf(1947)))
	o := d.mergeOrder(idOf(1943), idOf(1945))
	o.By.Reason = " "
	refuse(fault.Invalid, o, "理由")
	o = d.mergeOrder(idOf(1943), idOf(1945))
	o.User = auditor
	refuse(fault.Denied, o, "审计")
	o = d.mergeOrder(idOf(1943), idOf(1945))
	o.DryRun = true
	if r, err := d.db.MergePeople(t.Context(), o); err != nil || r.Gone.ID != idOf(1945) {
		t.Errorf("dry run: %+v, %v", r, err)
	}
	d.unchanged(before)

	d.signTo(at(10), deskBureau, payrun.Submitted)
	before = d.snapshot()
	refuse(fault.Refused, d.mergeOrder(idOf(1943), idOf(1945)), "正在签批", "先审批通过或退回")
	d.returnBatch(at(10))
	d.merge(1943, 1945)
	_, err := d.db.Submit(t.Context(), d.signingOf(at(10), clerk, "看过"), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
	saying(t, err, fault.Refused, "某1943", "合并", "重新运行")
}

// TestMergeKeepsWhatListsSay: a hit on the gone record is one on the survivor, once, until
// a newer list; and the account that the gone record was last paid to is the last one.
func TestMergeKeepsWhatListsSay(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945)))
	d.paid(10)
	d.later(`INSERT INTO match_list (region, kind, rev, file, digest, rows) VALUES (140213, '死亡', $1, '名单', 'x', 1)`,
		`INSERT INTO match_hit (region, kind, person, rev, n, how, id_number, name, birth, dated, street, note)
		 SELECT 140213, '死亡', person, $1, 1, 3, '', '某人', NULL, '2026-10-20', '', '' FROM person WHERE name IN ('某1943', '某1944')`)
	d.merge(1943, 1944)
	d.run(at(11))
	doubts := d.findings(d.batch(at(11)), payrun.Doubt)
	if len(doubts) != 1 || doubts[0].Kind != "死亡名单命中" {
		t.Errorf("%+v", doubts)
	}
	d.want("held", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00 [疑点未决]", "某1945 11 本人 2026-11 当月 70.00")
	d.decide(d.batch(at(11)), "死亡名单命中", true)
	d.run(at(11))
	d.want("released", d.lines(d.batch(at(11))), "某1943 11 本人 2026-10 扣回 -70.00 从11",
		"某1943 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")

	e := openDistrict(t)
	e.learn(newSheet(everyColumn).people(resident(1943, without), resident(1944)))
	e.paid(10)
	e.learn(newSheet(everyColumn).people(resident(1943, paidTo("6299999"))))
	e.merge(1943, 1944)
	e.run(at(11))
	var kinds []string
	for _, f := range e.findings(e.batch(at(11)), payrun.Acknowledge) {
		kinds = append(kinds, f.Kind)
	}
	e.want("another account than the gone record's", kinds, "账户变更")
}
