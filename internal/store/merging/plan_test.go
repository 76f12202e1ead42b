package merging_test

import (
	"strings"
	"testing"

	"disburse/internal/ledger"
	"disburse/internal/store/merging"
	"disburse/internal/store/recovery"
	"disburse/internal/store/storetest"
)

// plannedFor is what the register says of agreements: "2026-09 70.00 分 40.00 逾 10.00".
func plannedFor(d *storetest.District) []string {
	d.T.Helper()
	all, err := recovery.RegisterWithStatus(d.T.Context(), d.Db, storetest.DeskRegion, d.Pack, storetest.At(12))
	if err != nil {
		d.T.Fatal(err)
	}
	var said []string
	for _, o := range all {
		said = append(said, strings.Join([]string{o.Name, o.Month.String(), o.Amount.String(), o.Plan.String(), o.Overdue.String()}, " "))
	}
	return said
}

// twoDead are two records of one person who was paid after death in both.
func twoDead(t *testing.T) *storetest.District {
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945), storetest.Resident(1943)))
	d.Paid(8, 9, 10)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20))), storetest.Resident(1945, storetest.DiedOn(storetest.Day(2026, 8, 20)))))
	d.Run(storetest.At(11))
	return d
}

// TestMergeMovesPlan: the gone record's agreement is the kept one's, on the same terms
// about the same debts.
func TestMergeMovesPlan(t *testing.T) {
	t.Parallel()
	d := twoDead(t)
	plan := ledger.Plan{Sum: 10000, First: storetest.At(11), Months: 2}
	d.Agree(1945, plan)
	d.Want("before", plannedFor(d), "某1944 2026-09 70.00  0.00", "某1944 2026-10 70.00  0.00",
		"某1945 2026-09 70.00 2026-11 起 2 期，每期 50.00 元 50.00", "某1945 2026-10 70.00 2026-11 起 2 期，每期 50.00 元 0.00")
	o := d.MergeOrder(storetest.IdOf(1944), storetest.IdOf(1945))
	o.DryRun = true
	before := d.Snapshot()
	dry, err := merging.Merge(t.Context(), d.Db, o)
	if err != nil {
		t.Fatal(err)
	}
	d.Unchanged(before)
	r := d.Merge(1944, 1945)
	for _, x := range [][]string{{dry.Plans[0].Sentence()}, {r.Plans[0].Sentence()}} {
		d.Want("said", x, "并入记录与区民政局的分期还款（100.00 元，2026-11 起 2 期，每期 50.00 元）转到保留记录，约定不变")
	}
	d.Run(storetest.At(11))
	d.Want("after", plannedFor(d), "某1944 2026-08 70.00  0.00", "某1944 2026-09 140.00 2026-11 起 2 期，每期 50.00 元 50.00", "某1944 2026-10 140.00 2026-11 起 2 期，每期 50.00 元 0.00")
	if _, err := recovery.EndPlan(t.Context(), d.Db, d.Recover(storetest.Clerk, 1945, 0)); err != nil {
		t.Errorf("the survivor's agreement by the old number: %v", err)
	}
	d.Clean()
}

// TestMergeOfTwoPlans: the kept record's agreement stands, the other ends, and the report
// says what to do.
func TestMergeOfTwoPlans(t *testing.T) {
	t.Parallel()
	d := twoDead(t)
	d.Agree(1944, ledger.Plan{Sum: 14000, First: storetest.At(11), Months: 7})
	d.Agree(1945, ledger.Plan{Sum: 10000, First: storetest.At(11), Months: 2})
	r := d.Merge(1944, 1945)
	if len(r.Plans) != 1 || !strings.Contains(r.Plans[0].Sentence(), "请与本人重新约定") || r.Plans[0].Own.Sum != 14000 {
		t.Errorf("%+v", r.Plans)
	}
	d.Run(storetest.At(11))
	d.Want("after", plannedFor(d), "某1944 2026-08 70.00  0.00", "某1944 2026-09 140.00 2026-11 起 7 期，每期 20.00 元 20.00", "某1944 2026-10 140.00 2026-11 起 7 期，每期 20.00 元 0.00")
	if n := d.Number(`SELECT count(*) FROM journal WHERE summary LIKE '%终止与区民政局的分期还款 100.00 元%'`); n != 1 {
		t.Errorf("%d entries of the journal say so", n)
	}
	d.Agree(1944, ledger.Plan{Sum: 28000, First: storetest.At(12), Months: 4})
	d.Clean()
}
