package runs_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

func doubtAbroad(d *storetest.District, m month.Month) []payrun.Finding {
	d.T.Helper()
	return slices.DeleteFunc(d.Findings(d.Batch(m), payrun.Doubt), func(f payrun.Finding) bool { return f.Kind != payrun.PaidElsewhere })
}

// TestPaidElsewhereMeanwhile: what another region approves between the run and a signature
// stops the signature, whichever it is; run again, the line waits.
func TestPaidElsewhereMeanwhile(t *testing.T) {
	t.Parallel()
	for signed, name := range []string{"submit", "review", "approve"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
			d.Neighbour(1944)
			d.Run(storetest.At(10))
			for _, step := range signatures(d, storetest.At(10))[:signed] {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			d.PaysThere(1944, storetest.At(10))
			storetest.Saying(t, signatures(d, storetest.At(10))[signed](), fault.Refused, "跨区重复（项目 11 的 2026-10 区划 140299 已发放）")
			if signed > 0 {
				d.ReturnBatch(storetest.At(10))
			}
			d.Run(storetest.At(10))
			d.Want("it waits", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]")
			d.Approve(storetest.At(10))
		})
	}
}

// signatures are the three that a batch of the month gets, in order.
func signatures(d *storetest.District, m month.Month) []func() error {
	s := func(u approval.User) signing.Order {
		by := storetest.RunBy
		by.Reason = "核对无误"
		return signing.Order{Region: storetest.DeskRegion, Month: m, Bureau: storetest.DeskBureau, User: u, By: by}
	}
	return []func() error{
		func() error {
			_, err := signing.Submit(d.T.Context(), d.Db, s(storetest.Clerk), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
			return err
		},
		func() error { _, err := signing.Review(d.T.Context(), d.Db, s(storetest.Reviewer)); return err },
		func() error {
			_, err := signing.Approve(d.T.Context(), d.Db, s(storetest.Approver), storetest.DeskOrder)
			return err
		},
	}
}

// TestPaidTwiceAlready: where both regions approved unseen by each other, the next runs say
// so, the item waits until somebody decides, and every further month is a new question.
func TestPaidTwiceAlready(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Neighbour(1944)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.PaysThere(1944, storetest.At(10))

	report := d.Run(storetest.At(10))
	i := slices.IndexFunc(report.Bureaus, func(b runs.BureauRun) bool { return b.Bureau == storetest.DeskBureau })
	if b := report.Bureaus[i]; b.Outcome != runs.NothingDue || !strings.Contains(b.Reason, "跨区重复 1 项") {
		t.Errorf("run again: %s %q", b.Outcome, b.Reason)
	}
	d.Run(storetest.At(11))
	d.Want("the item waits", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [疑点未决]")
	first := doubtAbroad(d, storetest.At(11))
	if len(first) != 1 || !strings.Contains(first[0].Sentence, "140299 发了 2026-10（共 70.00 元）；其中 2026-10 本区（140213）也已发放（共 70.00 元）") {
		t.Fatalf("%+v", first)
	}
	d.SameInFull(storetest.At(11))
	d.Decide(d.Batch(storetest.At(11)), payrun.PaidElsewhere, true)
	d.Run(storetest.At(11))
	d.Want("released", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.Approve(storetest.At(11))

	d.PaysThere(1944, storetest.At(11))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 11, 30)))))
	d.Run(storetest.At(12))
	second := doubtAbroad(d, storetest.At(12)) // although there is no line of theirs any more
	if len(second) != 1 || second[0].ID == first[0].ID || !strings.Contains(second[0].Sentence, "其中 2026-10 至 2026-11 本区") {
		t.Errorf("%+v", second)
	}
	d.Exec(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT 140299, 5, '11', '本人', m, 20, '11', 4, -7000, 0 FROM unnest(ARRAY['2026-10-01', '2026-11-01']::date[]) m`)
	d.Run(storetest.At(12))
	if left := doubtAbroad(d, storetest.At(12)); len(left) > 0 {
		t.Errorf("after they got it back: %+v", left)
	}
}
