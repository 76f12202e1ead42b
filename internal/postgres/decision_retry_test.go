package postgres_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
)

// retryID is the id of the one finding about a refused account in the latest batch.
func (d *district) retryID(b payrun.Batch) (id string) {
	d.t.Helper()
	err := d.owner.QueryRow(d.t.Context(), `SELECT DISTINCT id FROM finding WHERE batch = $1 AND kind = $2`, b.Number, payrun.RefusedAccount).Scan(&id)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// TestRefusedAccountTriedAgain: an account that a bank refused is paid again once
// somebody decides so, by engine and judge alike, and held again when it fails again.
func TestRefusedAccountTriedAgain(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	d.answer(d.row(b, "621942", "0000"), d.row(b, "621943", "3016"), d.row(b, "621944", "0000"), d.row(b, "621945", "0000"))
	d.run(at(11)) // the judge looks on, here and below
	held := []string{"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]"}
	others := func(of ...string) []string {
		return append(append([]string{"某1942 11 本人 2026-11 当月 70.00"}, of...), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	}
	d.want("refused", d.lines(d.batch(at(11))), others(held...)...)
	first := d.retryID(d.batch(at(11)))

	decide := func(id string, release bool) {
		t.Helper()
		if err := d.db.Decide(t.Context(), deskRegion, id, release, "本人已解除挂失", clerk, deskBy(deskNow)); err != nil {
			t.Fatal(err)
		}
	}
	decide(first, true)
	d.run(at(11))
	d.want("tried again", d.lines(d.batch(at(11))), others("某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00")...)
	decide(first, false)
	d.run(at(11))
	d.want("decided otherwise", d.lines(d.batch(at(11))),
		others("某1943 11 本人 2026-10 补发 70.00 [账户无效、决定暂缓]", "某1943 11 本人 2026-11 当月 70.00 [账户无效、决定暂缓]")...)
	decide(first, true)
	d.run(at(11))

	d.approve(at(11))
	again := d.send(at(11))
	d.answer(d.row(again, "621943", "3017"))
	d.run(at(12))
	d.want("failed again", d.lines(d.batch(at(12))), "某1942 11 本人 2026-12 当月 70.00",
		"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 补发 70.00 [账户无效]", "某1943 11 本人 2026-12 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-12 当月 70.00", "某1945 11 本人 2026-12 当月 70.00")
	second := d.retryID(d.batch(at(12)))
	if second == first {
		t.Errorf("another failure keeps id %s", first)
	}
	decide(second, true)
	d.run(at(12))
	if l := d.lines(d.batch(at(12)))[1]; l != "某1943 11 本人 2026-10 补发 70.00" {
		t.Errorf("tried a third time: %s", l)
	}
	if got := d.judge(again); len(got) > 0 {
		t.Errorf("the judge of the batch that tried again: %v", got)
	}
	refused(t, d.db.Decide(t.Context(), deskRegion, second, true, "", clerk, deskBy(deskNow)), fault.Invalid, "理由")
}
