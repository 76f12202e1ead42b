package imports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/requests"
	"disburse/internal/store/storetest"
)

// histories lists the requests about facts and 核定金额 that wait: "1 某1944 低保".
func histories(d *storetest.District) []string {
	d.T.Helper()
	all, err := requests.List(d.T.Context(), d.Db, storetest.DeskRegion, true, 0, 0, 1000)
	if err != nil {
		d.T.Fatal(err)
	}
	slices.Reverse(all)
	var said []string
	for _, q := range all {
		said = append(said, fmt.Sprintf("%d %s %s %s", q.N, q.Name, q.About, q.Part))
	}
	return said
}

// TestRaisesTakeTwo: where the pack asks for it, a fact or 核定金额 by which somebody is due
// more waits for a second person once a month was run; one that takes money away does not,
// nor one that leaves it as it is.
func TestRaisesTakeTwo(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Pack = d.Load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	poor := storetest.Since("是", storetest.LongAgo)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1990)).Fact(storetest.IdOf(1943), "低保", poor)) // nothing is due yet
	if n := len(histories(d)); n != 0 {
		t.Fatalf("before the first month %d wait", n)
	}
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	news := func() *storetest.Sheet {
		s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1946))
		s.Fact(storetest.IdOf(1944), "低保", poor)                                                                // raises
		s.Fact(storetest.IdOf(1943), "低保", storetest.Since("是", storetest.LongAgo, storetest.Day(2026, 9, 30))) // lowers
		s.Fact(storetest.IdOf(1944), "行动不便", poor)                                                              // grants nothing by itself
		s.Fact(storetest.IdOf(1946), "低保", poor)                                                                // raises, of somebody new
		s.Award(storetest.IdOf(1944), "17", roster.Award{Amount: 30000, First: storetest.At(11)})               // pays only with 低保, which waits
		return s
	}
	r := d.Imports(&news().In)
	if r.Asked != 2 || r.Raises != 2 || r.ChangedFacts != 2 || r.ChangedAwards != 1 || r.NewPeople != 1 {
		t.Errorf("report %+v", r)
	}
	d.Want("waits", histories(d), "1 某1944 fact 低保", "2 某1946 fact 低保")
	if r := d.Imports(&news().In); r.Rev != 0 || r.Waiting != 2 || r.Raises != 2 {
		t.Errorf("the same once more: %+v", r)
	}
	d.Run(storetest.At(11)) // the judge looks on
	d.Want("November", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00",
		"某1946 11 本人 2026-10 补发 70.00", "某1946 11 本人 2026-11 当月 70.00")
	// What raises only together waits from where it does; a suspension that ends pays, too.
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1990), "暂停发放", storetest.Since("核查", storetest.LongAgo)).Fact(storetest.IdOf(1943), "暂停发放", storetest.Since("核查", storetest.LongAgo)).In)
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1943), "暂停发放").Fact(storetest.IdOf(1990), "暂停发放").In); r.Asked != 1 || r.ChangedFacts != 1 {
		t.Errorf("a suspension ends: %+v", r)
	}
	d.Want("waits", histories(d), "1 某1944 fact 低保", "2 某1946 fact 低保", "3 某1943 fact 暂停发放")
	if _, err := d.Replies(true, "", 1, 3); err != nil {
		t.Fatal(err)
	}
	x, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 0)
	if err != nil || !slices.ContainsFunc(x.Facts, func(f roster.Fact) bool {
		return f.Name == "低保" && f.Since == storetest.LongAgo && f.Value == "是"
	}) {
		t.Errorf("confirmed, 某1944 has %+v, %v", x, err)
	}
	// Something newer about the fact ends what waits.
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1946), "低保", storetest.Since("是", storetest.Day(2027, 6, 1))).In); r.Asked != 1 {
		t.Errorf("another raise: %+v", r)
	}
	d.Want("the newer one waits", histories(d), "4 某1946 fact 低保")
	d.Run(storetest.At(11))
	audited(d)
}

// TestNoRaiseWaitsByDefault: the built-in pack asks for no second person.
func TestNoRaiseWaitsByDefault(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.LongAgo)).In); r.Asked != 0 || r.ChangedFacts != 1 {
		t.Errorf("report %+v", r)
	}
	_, err := imports.AnswerRequests(t.Context(), d.Db, imports.AnswerOrder{Region: storetest.DeskRegion, All: true, Grant: true, By: journal.By{Actor: storetest.Reviewer.Name, Origin: "主机", At: storetest.DeskNow}})
	storetest.Refused(t, err, fault.Refused, "没有等待")
}

// TestUndoRaisesNothingAlone: to undo an import that lowers is to raise, and waits; what it
// lowers or leaves is restated at once.
func TestUndoRaisesNothingAlone(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Pack = d.Load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	poor, award := storetest.Since("是", storetest.LongAgo), roster.Award{Amount: 30000, First: storetest.At(10)}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)).Fact(storetest.IdOf(1943), "低保", poor).Fact(storetest.IdOf(1944), "低保", poor).Award(storetest.IdOf(1944), "17", award))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	s := storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1943), "低保", storetest.Since("是", storetest.LongAgo, storetest.Day(2026, 10, 31))).Fact(storetest.IdOf(1943), "行动不便", poor)
	lowers := d.Imports(&s.Award(storetest.IdOf(1944), "17", roster.Award{Amount: 20000, First: storetest.At(10)}).In)
	if lowers.Asked != 0 || lowers.ChangedFacts != 2 || lowers.ChangedAwards != 1 {
		t.Fatalf("report %+v", lowers)
	}
	report, err := imports.UndoImport(t.Context(), d.Db, imports.UndoOrder{Region: storetest.DeskRegion, Rev: lowers.Rev, User: storetest.Clerk, By: journal.By{Origin: "主机", At: storetest.DeskNow, Reason: "导错了"}})
	if err != nil || report.Asked != 2 || report.Facts != 1 || report.Awards != 0 || !strings.Contains(report.Summary(), "另有变更 2 件要第二人确认才恢复") {
		t.Fatalf("undone %+v, %v", report, err)
	}
	d.Want("waits", histories(d), "1 某1943 fact 低保", "2 某1944 award 17")
	x, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1943), 0)
	if err != nil || len(x.Facts) != 1 || x.Facts[0].Until != storetest.Day(2026, 10, 31) {
		t.Errorf("undone alone, 某1943 has %+v, %v", x.Facts, err)
	}
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if x, err = people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1943), 0); err != nil || len(x.Facts) != 1 || x.Facts[0].Until != 0 {
		t.Errorf("confirmed, 某1943 has %+v, %v", x.Facts, err)
	}
	if x, err = people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 0); err != nil || len(x.Awards) != 1 || x.Awards[0].Amount != 30000 {
		t.Errorf("confirmed, 某1944 has %+v, %v", x.Awards, err)
	}
	audited(d)
}

// TestWhatEndsARequestSaysSo: who imports something else about a fact for which somebody
// waits is told that the request is over.
func TestWhatEndsARequestSaysSo(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Pack = d.Load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.LongAgo)).In); r.Asked != 1 || r.Closed != 0 {
		t.Fatalf("report %+v", r)
	}
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.LongAgo, storetest.LongAgo+1)).In); r.Asked != 0 || r.ChangedFacts != 1 || r.Closed != 1 {
		t.Errorf("report %+v", r)
	}
	d.Want("nothing waits", histories(d))
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '导入花名册' AND summary LIKE '%此前等待确认的变更了结 1 件'`); n != 1 {
		t.Errorf("%d entries say so", n)
	}
}
