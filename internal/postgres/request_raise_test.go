package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// histories lists the requests about facts and 核定金额 that wait: "1 某1944 低保".
func (d *district) histories() []string {
	d.t.Helper()
	all, err := d.db.AccountRequests(d.t.Context(), deskRegion, true, 0, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
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
	d := openDistrict(t)
	d.pack = d.load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	poor := since("是", longAgo)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1990)).fact(idOf(1943), "低保", poor)) // nothing is due yet
	if n := len(d.histories()); n != 0 {
		t.Fatalf("before the first month %d wait", n)
	}
	d.run(at(10))
	d.approve(at(10))
	news := func() *sheet {
		s := newSheet(everyColumn).people(resident(1946))
		s.fact(idOf(1944), "低保", poor)                                        // raises
		s.fact(idOf(1943), "低保", since("是", longAgo, day(2026, 9, 30)))       // lowers
		s.fact(idOf(1944), "行动不便", poor)                                      // grants nothing by itself
		s.fact(idOf(1946), "低保", poor)                                        // raises, of somebody new
		s.award(idOf(1944), "17", roster.Award{Amount: 30000, First: at(11)}) // pays only with 低保, which waits
		return s
	}
	r := d.imports(&news().in)
	if r.Asked != 2 || r.Raises != 2 || r.ChangedFacts != 2 || r.ChangedAwards != 1 || r.NewPeople != 1 {
		t.Errorf("report %+v", r)
	}
	d.want("waits", d.histories(), "1 某1944 fact 低保", "2 某1946 fact 低保")
	if r := d.imports(&news().in); r.Rev != 0 || r.Waiting != 2 || r.Raises != 2 {
		t.Errorf("the same once more: %+v", r)
	}
	d.run(at(11)) // the judge looks on
	d.want("November", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00",
		"某1946 11 本人 2026-10 补发 70.00", "某1946 11 本人 2026-11 当月 70.00")
	// What raises only together waits from where it does; a suspension that ends pays, too.
	d.imports(&newSheet(everyColumn).fact(idOf(1990), "暂停发放", since("核查", longAgo)).fact(idOf(1943), "暂停发放", since("核查", longAgo)).in)
	if r := d.imports(&newSheet(everyColumn).fact(idOf(1943), "暂停发放").fact(idOf(1990), "暂停发放").in); r.Asked != 1 || r.ChangedFacts != 1 {
		t.Errorf("a suspension ends: %+v", r)
	}
	d.want("waits", d.histories(), "1 某1944 fact 低保", "2 某1946 fact 低保", "3 某1943 fact 暂停发放")
	if _, err := d.replies(true, "", 1, 3); err != nil {
		t.Fatal(err)
	}
	x, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1944), 0)
	if err != nil || !slices.ContainsFunc(x.Facts, func(f roster.Fact) bool { return f.Name == "低保" && f.Since == longAgo && f.Value == "是" }) {
		t.Errorf("confirmed, 某1944 has %+v, %v", x, err)
	}
	// Something newer about the fact ends what waits.
	if r := d.imports(&newSheet(everyColumn).fact(idOf(1946), "低保", since("是", day(2027, 6, 1))).in); r.Asked != 1 {
		t.Errorf("another raise: %+v", r)
	}
	d.want("the newer one waits", d.histories(), "4 某1946 fact 低保")
	d.run(at(11))
	d.audited()
}

// TestNoRaiseWaitsByDefault: the built-in pack asks for no second person.
func TestNoRaiseWaitsByDefault(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	if r := d.imports(&newSheet(everyColumn).fact(idOf(1944), "低保", since("是", longAgo)).in); r.Asked != 0 || r.ChangedFacts != 1 {
		t.Errorf("report %+v", r)
	}
	_, err := d.db.AnswerRequests(t.Context(), postgres.AnswerOrder{Region: deskRegion, All: true, Grant: true, By: journal.By{Actor: reviewer.Name, Origin: "主机", At: deskNow}})
	refused(t, err, fault.Refused, "没有等待")
}

// TestUndoRaisesNothingAlone: to undo an import that lowers is to raise, and waits; what it
// lowers or leaves is restated at once.
func TestUndoRaisesNothingAlone(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.pack = d.load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	poor, award := since("是", longAgo), roster.Award{Amount: 30000, First: at(10)}
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)).fact(idOf(1943), "低保", poor).fact(idOf(1944), "低保", poor).award(idOf(1944), "17", award))
	d.run(at(10))
	d.approve(at(10))
	s := newSheet(everyColumn).fact(idOf(1943), "低保", since("是", longAgo, day(2026, 10, 31))).fact(idOf(1943), "行动不便", poor)
	lowers := d.imports(&s.award(idOf(1944), "17", roster.Award{Amount: 20000, First: at(10)}).in)
	if lowers.Asked != 0 || lowers.ChangedFacts != 2 || lowers.ChangedAwards != 1 {
		t.Fatalf("report %+v", lowers)
	}
	report, err := d.db.UndoImport(t.Context(), postgres.UndoOrder{Region: deskRegion, Rev: lowers.Rev, User: clerk, By: journal.By{Origin: "主机", At: deskNow, Reason: "导错了"}})
	if err != nil || report.Asked != 2 || report.Facts != 1 || report.Awards != 0 || !strings.Contains(report.Summary(), "另有变更 2 件要第二人确认才恢复") {
		t.Fatalf("undone %+v, %v", report, err)
	}
	d.want("waits", d.histories(), "1 某1943 fact 低保", "2 某1944 award 17")
	x, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1943), 0)
	if err != nil || len(x.Facts) != 1 || x.Facts[0].Until != day(2026, 10, 31) {
		t.Errorf("undone alone, 某1943 has %+v, %v", x.Facts, err)
	}
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if x, err = d.db.FindDossier(t.Context(), deskRegion, idOf(1943), 0); err != nil || len(x.Facts) != 1 || x.Facts[0].Until != 0 {
		t.Errorf("confirmed, 某1943 has %+v, %v", x.Facts, err)
	}
	if x, err = d.db.FindDossier(t.Context(), deskRegion, idOf(1944), 0); err != nil || len(x.Awards) != 1 || x.Awards[0].Amount != 30000 {
		t.Errorf("confirmed, 某1944 has %+v, %v", x.Awards, err)
	}
	d.audited()
}

// TestWhatEndsARequestSaysSo: who imports something else about a fact for which somebody
// waits is told that the request is over.
func TestWhatEndsARequestSaysSo(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.pack = d.load("language: 1\n", "language: 1\napproval: {second_for_raises: true}\n")
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	if r := d.imports(&newSheet(everyColumn).fact(idOf(1944), "低保", since("是", longAgo)).in); r.Asked != 1 || r.Closed != 0 {
		t.Fatalf("report %+v", r)
	}
	if r := d.imports(&newSheet(everyColumn).fact(idOf(1944), "低保", since("是", longAgo, longAgo+1)).in); r.Asked != 0 || r.ChangedFacts != 1 || r.Closed != 1 {
		t.Errorf("report %+v", r)
	}
	d.want("nothing waits", d.histories())
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '导入花名册' AND summary LIKE '%此前等待确认的变更了结 1 件'`); n != 1 {
		t.Errorf("%d entries say so", n)
	}
}
