package postgres_test

import (
	"strings"
	"testing"

	"disburse/internal/ledger"
)

// agree agrees instalments with somebody born in a year.
func (d *district) agree(year int, plan ledger.Plan) {
	d.t.Helper()
	if _, err := d.db.Agree(d.t.Context(), d.recover(clerk, year, 0), plan); err != nil {
		d.t.Fatal(err)
	}
}

// plannedFor is what the register says of agreements: "2026-09 70.00 分 40.00 逾 10.00".
func (d *district) plannedFor() []string {
	d.t.Helper()
	all, err := d.db.RecoveryRegister(d.t.Context(), deskRegion, d.pack, at(12))
	if err != nil {
		d.t.Fatal(err)
	}
	var said []string
	for _, o := range all {
		said = append(said, strings.Join([]string{o.Name, o.Month.String(), o.Amount.String(), o.Plan.String(), o.Overdue.String()}, " "))
	}
	return said
}

// twoDead are two records of one person who was paid after death in both.
func twoDead(t *testing.T) *district {
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1945), resident(1943)))
	d.paid(8, 9, 10)
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20))), resident(1945, diedOn(day(2026, 8, 20)))))
	d.run(at(11))
	return d
}

// TestMergeMovesPlan: the gone record's agreement is the kept one's, on the same terms
// about the same debts.
func TestMergeMovesPlan(t *testing.T) {
	t.Parallel()
	d := twoDead(t)
	plan := ledger.Plan{Sum: 10000, First: at(11), Months: 2}
	d.agree(1945, plan)
	d.want("before", d.plannedFor(), "某1944 2026-09 70.00  0.00", "某1944 2026-10 70.00  0.00",
		"某1945 2026-09 70.00 2026-11 起 2 期，每期 50.00 元 50.00", "某1945 2026-10 70.00 2026-11 起 2 期，每期 50.00 元 0.00")
	o := d.mergeOrder(idOf(1944), idOf(1945))
	o.DryRun = true
	before := d.snapshot()
	dry, err := d.db.MergePeople(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	d.unchanged(before)
	r := d.merge(1944, 1945)
	for _, x := range [][]string{{dry.Plans[0].Sentence()}, {r.Plans[0].Sentence()}} {
		d.want("said", x, "并入记录与区民政局的分期还款（100.00 元，2026-11 起 2 期，每期 50.00 元）转到保留记录，约定不变")
	}
	d.run(at(11))
	d.want("after", d.plannedFor(), "某1944 2026-08 70.00  0.00", "某1944 2026-09 140.00 2026-11 起 2 期，每期 50.00 元 50.00", "某1944 2026-10 140.00 2026-11 起 2 期，每期 50.00 元 0.00")
	if _, err := d.db.EndPlan(t.Context(), d.recover(clerk, 1945, 0)); err != nil {
		t.Errorf("the survivor's agreement by the old number: %v", err)
	}
	d.clean()
}

// TestMergeOfTwoPlans: the kept record's agreement stands, the other ends, and the report
// says what to do.
func TestMergeOfTwoPlans(t *testing.T) {
	t.Parallel()
	d := twoDead(t)
	d.agree(1944, ledger.Plan{Sum: 14000, First: at(11), Months: 7})
	d.agree(1945, ledger.Plan{Sum: 10000, First: at(11), Months: 2})
	r := d.merge(1944, 1945)
	if len(r.Plans) != 1 || !strings.Contains(r.Plans[0].Sentence(), "请与本人重新约定") || r.Plans[0].Own.Sum != 14000 {
		t.Errorf("%+v", r.Plans)
	}
	d.run(at(11))
	d.want("after", d.plannedFor(), "某1944 2026-08 70.00  0.00", "某1944 2026-09 140.00 2026-11 起 7 期，每期 20.00 元 20.00", "某1944 2026-10 140.00 2026-11 起 7 期，每期 20.00 元 0.00")
	if n := d.number(`SELECT count(*) FROM journal WHERE summary LIKE '%终止与区民政局的分期还款 100.00 元%'`); n != 1 {
		t.Errorf("%d entries of the journal say so", n)
	}
	d.agree(1944, ledger.Plan{Sum: 28000, First: at(12), Months: 4})
	d.clean()
}
