package signing_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// retryID is the id of the one finding about a refused account in the latest batch.
func retryID(d *storetest.District, b payrun.Batch) (id string) {
	d.T.Helper()
	err := d.Owner.QueryRow(d.T.Context(), `SELECT DISTINCT id FROM finding WHERE batch = $1 AND kind = $2`, b.Number, payrun.RefusedAccount).Scan(&id)
	if err != nil {
		d.T.Fatal(err)
	}
	return id
}

// TestRefusedAccountTriedAgain: an account that a bank refused is paid again once
// somebody decides so, by engine and judge alike, and held again when it fails again.
func TestRefusedAccountTriedAgain(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	d.Answer(d.Row(b, "621942", "0000"), d.Row(b, "621943", "3016"), d.Row(b, "621944", "0000"), d.Row(b, "621945", "0000"))
	d.Run(storetest.At(11)) // the judge looks on, here and below
	held := []string{"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]"}
	others := func(of ...string) []string {
		return append(append([]string{"某1942 11 本人 2026-11 当月 70.00"}, of...), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	}
	d.Want("refused", d.Lines(d.Batch(storetest.At(11))), others(held...)...)
	first := retryID(d, d.Batch(storetest.At(11)))

	decide := func(id string, release bool) {
		t.Helper()
		if err := signing.Decide(t.Context(), d.Db, storetest.DeskRegion, id, release, "本人已解除挂失", storetest.Clerk, storetest.DeskBy(storetest.DeskNow)); err != nil {
			t.Fatal(err)
		}
	}
	decide(first, true)
	d.Run(storetest.At(11))
	d.Want("tried again", d.Lines(d.Batch(storetest.At(11))), others("某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00")...)
	decide(first, false)
	d.Run(storetest.At(11))
	d.Want("decided otherwise", d.Lines(d.Batch(storetest.At(11))),
		others("某1943 11 本人 2026-10 补发 70.00 [账户无效、决定暂缓]", "某1943 11 本人 2026-11 当月 70.00 [账户无效、决定暂缓]")...)
	decide(first, true)
	d.Run(storetest.At(11))

	d.Approve(storetest.At(11))
	again := d.Send(storetest.At(11))
	d.Answer(d.Row(again, "621943", "3017"))
	d.Run(storetest.At(12))
	d.Want("failed again", d.Lines(d.Batch(storetest.At(12))), "某1942 11 本人 2026-12 当月 70.00",
		"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 补发 70.00 [账户无效]", "某1943 11 本人 2026-12 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-12 当月 70.00", "某1945 11 本人 2026-12 当月 70.00")
	second := retryID(d, d.Batch(storetest.At(12)))
	if second == first {
		t.Errorf("another failure keeps id %s", first)
	}
	decide(second, true)
	d.Run(storetest.At(12))
	if l := d.Lines(d.Batch(storetest.At(12)))[1]; l != "某1943 11 本人 2026-10 补发 70.00" {
		t.Errorf("tried a third time: %s", l)
	}
	if got := d.Judge(again); len(got) > 0 {
		t.Errorf("the judge of the batch that tried again: %v", got)
	}
	storetest.Refused(t, signing.Decide(t.Context(), d.Db, storetest.DeskRegion, second, true, "", storetest.Clerk, storetest.DeskBy(storetest.DeskNow)), fault.Invalid, "理由")
}
