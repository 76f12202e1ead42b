package merging_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/merging"
	"disburse/internal/store/people"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// settledFor is what the ledger says of somebody, 分.
func settledFor(d *storetest.District, year int) int64 {
	d.T.Helper()
	return d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE person = (SELECT max(person) FROM person WHERE id_number = $1)`, storetest.IdOf(year))
}

// TestMerge: the second record of one person ends; what both were paid is owed back by
// the survivor and netted like any debt, and the months before still verify.
func TestMerge(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945)))
	d.Paid(9, 10)
	report := d.Merge(1943, 1944)
	if report.Entries != 2 || report.Settled != 14000 || report.Twice != 14000 || report.Waits != 2 || report.Kept.ID != storetest.IdOf(1943) {
		t.Errorf("reported %+v", report)
	}
	if got := [2]int64{settledFor(d, 1943), settledFor(d, 1944)}; got != [2]int64{28000, 0} {
		t.Errorf("settled %v", got)
	}
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
	r := d.Run(storetest.At(11))
	if r.Touched != 2 {
		t.Errorf("%d people touched, not survivor and gone", r.Touched)
	}
	november := []string{"某1943 11 本人 2026-09 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00"}
	d.Want("November", d.Lines(d.Batch(storetest.At(11))), november...)
	d.Want("register", d.Register(), "某1943 11 本人 2026-10 70.00")
	d.SameInFull(storetest.At(11))
	d.Approve(storetest.At(11))
	d.Run(storetest.At(12))
	d.Want("December", d.Lines(d.Batch(storetest.At(12))),
		"某1943 11 本人 2026-10 扣回 -70.00 从11", "某1943 11 本人 2026-12 当月 70.00", "某1945 11 本人 2026-12 当月 70.00")
	d.Want("all is netted", d.Register())
	d.SameInFull(storetest.At(12))
	for m := 9; m <= 11; m++ {
		d.Agrees(d.Batch(storetest.At(m))) // by what was known then
	}
}

// TestMergedNumbers: the gone record's numbers are old numbers of the survivor.
func TestMergedNumbers(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1946)))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1945), storetest.IdOf(1944))) // 1944 is 1945 now
	rev := d.Merge(1943, 1945).Rev
	for _, year := range []int{1943, 1944, 1945} {
		found, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(year), 0)
		if err != nil || found.ID != storetest.IdOf(1943) {
			t.Errorf("%d stands for %+v, %v", year, found, err)
		}
	}
	if found, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1945), rev-1); err != nil || found.ID != storetest.IdOf(1945) {
		t.Errorf("before the merge it stood for %+v, %v", found, err)
	}
	known := 0
	err := people.EachDossier(t.Context(), d.Db, storetest.DeskRegion, 0, func(*roster.Dossier) error { known++; return nil })
	if err != nil || known != 2 {
		t.Errorf("%d on the roster, %v", known, err)
	}

	masked := roster.MaskID(storetest.IdOf(1943))
	refusals := func(s *storetest.Sheet, words ...string) {
		t.Helper()
		report, err := imports.ImportRoster(t.Context(), d.Db, storetest.DeskRegion, &s.In, storetest.RunBy, true, nil)
		if err != nil || len(report.Problems) != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, w := range words {
			if reason := report.Problems[0].Reason; !strings.Contains(reason, w) {
				t.Errorf("%q does not say %q", reason, w)
			}
		}
	}
	refusals(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945)), "旧号码", masked)
	refusals(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)), "旧号码", masked)
	refusals((&storetest.Sheet{}).Fact(storetest.IdOf(1945), "低保", storetest.Since("是", storetest.LongAgo)), "旧号码", masked)
	refusals(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1950), storetest.IdOf(1945)), "原身份证号已经是旧号码", masked)
	refusals(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1943), storetest.IdOf(1946)), "同一个人",
		"保留 "+storetest.IdOf(1943)+"，并入 "+storetest.IdOf(1946))

	// The survivor may turn out to have the number that ended.
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1945), storetest.IdOf(1943)))
	if found, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1943), 0); err != nil || found.ID != storetest.IdOf(1945) {
		t.Errorf("stands for %+v, %v", found, err)
	}
}

// TestMergedResults: money that comes back of payments to the gone record is due to the
// survivor, also where both were paid by one file, and along a chain of merges.
func TestMergedResults(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	d.Merge(1943, 1942)
	d.Merge(1944, 1943)
	if got := settledFor(d, 1944); got != 21000 {
		t.Errorf("%d 分 settled for the last of the chain", got)
	}
	if r := d.Answer(d.Row(b, "621942", "3009"), d.Row(b, "621943", "3009")); r.Undone != 2 {
		t.Errorf("%+v", r)
	}
	if got := [3]int64{settledFor(d, 1942), settledFor(d, 1943), settledFor(d, 1944)}; got != [3]int64{0, 0, 7000} {
		t.Errorf("settled %v", got)
	}
	d.Run(storetest.At(11))
	d.Want("one person, paid once", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.Want("register", d.Register())
	d.Answer(d.Row(b, "621944", "失败"))
	d.Run(storetest.At(11))
	d.Want("none of the three came in", d.Lines(d.Batch(storetest.At(11))),
		"某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00")
	d.SameInFull(storetest.At(11))
}

// TestMergedVoid: a voided batch gives the survivor back what both were to be paid.
func TestMergedVoid(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Merge(1943, 1944)
	for _, u := range []approval.User{storetest.Reviewer, storetest.Approver} {
		if _, err := signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(10), u, "重做"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if got := [2]int64{settledFor(d, 1943), settledFor(d, 1944)}; got != [2]int64{0, 0} {
		t.Errorf("settled %v", got)
	}
	d.Run(storetest.At(10))
	d.Want("again", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00")
}

// TestMergeWaived: what was waived of the gone record's debt is not asked of the survivor.
func TestMergeWaived(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Paid(9, 10)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 31)))))
	d.Later(`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		SELECT 140213, person, '11', '本人', '2026-09-01', $1, 7000, '甲经办', '丙审批', '困难' FROM person WHERE name = '某1944' LIMIT 1`)
	if r := d.Merge(1943, 1944); r.Waived != 7000 {
		t.Errorf("%+v", r)
	}
	d.Run(storetest.At(11))
	d.Want("only October is netted", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-10 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00")
	d.Want("register", d.Register())
	d.SameInFull(storetest.At(11))
}

// TestMergeRefused: every reason for which two records stay two, and nothing is left.
func TestMergeRefused(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	auditor := approval.User{Name: "戊审计", Post: approval.Auditor, Active: true}
	d.AddUser(auditor)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945), storetest.Resident(1946)))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1947), storetest.IdOf(1946)))
	d.Merge(1943, 1944)
	d.Run(storetest.At(10))
	before := d.Snapshot()
	refuse := func(code fault.Code, o merging.Order, words ...string) {
		t.Helper()
		_, err := merging.Merge(t.Context(), d.Db, o)
		storetest.Saying(t, err, code, words...)
		d.Unchanged(before)
	}
	refuse(fault.Invalid, d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1943)), "同一个号码")
	refuse(fault.NotFound, d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1960)), "没有身份证号")
	refuse(fault.Refused, d.MergeOrder(storetest.IdOf(1945), storetest.IdOf(1944)), "旧号码", roster.MaskID(storetest.IdOf(1943)))
	refuse(fault.Refused, d.MergeOrder(storetest.IdOf(1944), storetest.IdOf(1945)), "旧号码")
	refuse(fault.Refused, d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1946)), "旧号码", roster.MaskID(storetest.IdOf(1947)))
	o := d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1945))
	o.By.Reason = " "
	refuse(fault.Invalid, o, "理由")
	o = d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1945))
	o.User = auditor
	refuse(fault.Denied, o, "审计")
	o = d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1945))
	o.DryRun = true
	if r, err := merging.Merge(t.Context(), d.Db, o); err != nil || r.Gone.ID != storetest.IdOf(1945) {
		t.Errorf("dry run: %+v, %v", r, err)
	}
	d.Unchanged(before)

	d.SignTo(storetest.At(10), storetest.DeskBureau, payrun.Submitted)
	before = d.Snapshot()
	refuse(fault.Refused, d.MergeOrder(storetest.IdOf(1943), storetest.IdOf(1945)), "正在签批", "先审批通过或退回")
	d.ReturnBatch(storetest.At(10))
	d.Merge(1943, 1945)
	_, err := signing.Submit(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Clerk, "看过"), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
	storetest.Saying(t, err, fault.Refused, "某1943", "合并", "重新运行")
}

// TestMergeKeepsWhatListsSay: a hit on the gone record is one on the survivor, once, until
// a newer list; and the account that the gone record was last paid to is the last one.
func TestMergeKeepsWhatListsSay(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945)))
	d.Paid(10)
	d.Later(`INSERT INTO match_list (region, kind, rev, file, digest, rows) VALUES (140213, '死亡', $1, '名单', 'x', 1)`,
		`INSERT INTO match_hit (region, kind, person, rev, n, how, id_number, name, birth, dated, street, note)
		 SELECT 140213, '死亡', person, $1, 1, 3, '', '某人', NULL, '2026-10-20', '', '' FROM person WHERE name IN ('某1943', '某1944')`)
	d.Merge(1943, 1944)
	d.Run(storetest.At(11))
	doubts := d.Findings(d.Batch(storetest.At(11)), payrun.Doubt)
	if len(doubts) != 1 || doubts[0].Kind != "死亡名单命中" {
		t.Errorf("%+v", doubts)
	}
	d.Want("held", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00 [疑点未决]", "某1945 11 本人 2026-11 当月 70.00")
	d.Decide(d.Batch(storetest.At(11)), "死亡名单命中", true)
	d.Run(storetest.At(11))
	d.Want("released", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-10 扣回 -70.00 从11",
		"某1943 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")

	e := storetest.OpenDistrict(t)
	e.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.Without), storetest.Resident(1944)))
	e.Paid(10)
	e.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6299999"))))
	e.Merge(1943, 1944)
	e.Run(storetest.At(11))
	var kinds []string
	for _, f := range e.Findings(e.Batch(storetest.At(11)), payrun.Acknowledge) {
		kinds = append(kinds, f.Kind)
	}
	e.Want("another account than the gone record's", kinds, "账户变更")
}
