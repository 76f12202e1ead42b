package explain_test

import (
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/payrun/payruntest"
)

// TestEarlier: a 补发 says what had become of its due, to staff and to the person.
func TestEarlier(t *testing.T) {
	t.Parallel()
	october := payruntest.Month("2026-10")
	for _, c := range []struct {
		name         string
		paid         string // before
		earlier      explain.Earlier
		staff, plain string
	}{
		{"nothing known", "", explain.Earlier{}, "2026年10月应发 70.00 元，此前未发放", "2026年10月应发 70.00 元，此前未发放"},
		{"held", "", explain.Earlier{Missed: explain.MissedHeld, Month: october, N: 2, Hold: payrun.NoAccount | payrun.KeptBack},
			"2026年10月应发 70.00 元，2026年10月第2批暂缓（无账户、决定暂缓）", "2026年10月应发 70.00 元，2026年10月第2批暂缓（无账户、决定暂缓）"},
		{"carried over", "", explain.Earlier{Missed: explain.MissedCarried, Month: october, N: 1},
			"2026年10月应发 70.00 元，2026年10月第1批没有提交，已结转", "2026年10月应发 70.00 元，当时没有发放"},
		{"voided", "", explain.Earlier{Missed: explain.MissedVoided, Month: october, N: 1},
			"2026年10月应发 70.00 元，2026年10月第1批已作废，重新发放", "2026年10月应发 70.00 元，2026年10月第1批已作废，重新发放"},
		{"skipped", "", explain.Earlier{Missed: explain.MissedSkipped},
			"2026年10月应发 70.00 元，该月没有审批过的批次", "2026年10月应发 70.00 元，当时没有发放"},
		{"paid in part, the rest held", "11 2026-10 3000", explain.Earlier{Missed: explain.MissedHeld, Month: october, N: 1, Hold: payrun.Suspended},
			"2026年10月应发 70.00 元，此前已发 30.00 元，其余2026年10月第1批暂缓（暂停发放）", "2026年10月应发 70.00 元，此前已发 30.00 元，其余2026年10月第1批暂缓（暂停发放）"},
		{"paid to another", "", explain.Earlier{Moved: "甲院", Amount: 7000},
			"2026年10月应发 70.00 元，原付甲院 70.00 元，改付本人，原付的扣回或列入追缴", "2026年10月应发 70.00 元，原付甲院 70.00 元，改付本人"},
		{"paid to another, and held for this one", "", explain.Earlier{Missed: explain.MissedHeld, Month: october, N: 1, Hold: payrun.NoAccount, Moved: "甲院", Amount: 7000},
			"2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）；原付甲院 70.00 元，改付本人，原付的扣回或列入追缴", "2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）；原付甲院 70.00 元，改付本人"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			who := payruntest.Person(payruntest.Eighty)
			if c.paid != "" {
				payruntest.Settled(c.paid)(who)
			}
			got, err := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil).Detail(who.Dossier, payruntest.Compute(t, payruntest.Plan(t, "2026-10"), who).Lines[0], c.earlier)
			if err != nil {
				t.Fatal(err)
			}
			if got.Reason != c.staff || got.Plain != c.plain {
				t.Errorf("%q and %q, want %q and %q", got.Reason, got.Plain, c.staff, c.plain)
			}
		})
	}
}
