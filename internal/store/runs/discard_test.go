package runs_test

import (
	"strings"
	"testing"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/audit"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/calendar"
	"disburse/internal/store/rules"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// discarding runs a month and takes away what was run of later ones.
func discarding(d *storetest.District, m month.Month) (*runs.Report, error) {
	o := d.Order(m)
	o.DiscardLater, o.By.Reason = true, "月份写错"
	return d.TryRun(o)
}

// TestMistypedMonth: a later month that was run by mistake is taken away with all it
// carried over, and in its time it is run again, as number 1, and pays once.
func TestMistypedMonth(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Run(storetest.At(11))
	d.Run(storetest.At(13))
	_, err := d.TryRun(d.Order(storetest.At(11)))
	storetest.Saying(t, err, fault.Refused, "请计算 2026-11 并选择撤销以后月份")

	o := d.Order(storetest.At(11))
	o.DiscardLater = true
	_, err = d.TryRun(o)
	storetest.Saying(t, err, fault.Invalid, "必须写明理由")

	report, err := discarding(d, storetest.At(11))
	if err != nil {
		t.Fatal(err)
	}
	d.Sound(report)
	if len(report.Discarded) == 0 || report.Discarded[0].Month != storetest.At(13) {
		t.Errorf("discarded %+v", report.Discarded)
	}
	b, gone := d.Batch(storetest.At(11)), d.Batch(storetest.At(13))
	if b.State != payrun.Open || b.N != 1 || gone.State != payrun.CarriedOver || gone.Lines != 0 || gone.Pays != 0 {
		t.Errorf("%+v, discarded %+v", b, gone)
	}
	if digest, err := batches.StoredDigest(t.Context(), d.Db, storetest.DeskRegion, gone); err != nil || digest != gone.Digest {
		t.Errorf("an emptied batch has digest %s, %v, its lines %s", gone.Digest, err, digest)
	}
	d.Want("November", d.Lines(b), "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
	var said string
	err = audit.Journal(t.Context(), d.Db, storetest.DeskRegion, time.Time{}, time.Time{}, func(l journal.Link) error {
		said = l.Summary + l.Reason
		return nil
	})
	if err != nil || !strings.Contains(said, "撤销 区民政局2027年1月第1批") || !strings.Contains(said, "月份写错") {
		t.Errorf("the journal says %q, %v", said, err)
	}
	d.Approve(storetest.At(11))
	d.Run(storetest.At(12))
	d.Approve(storetest.At(12))
	d.Run(storetest.At(13))
	b = d.Batch(storetest.At(13))
	if b.N != 1 || b.State != payrun.Open {
		t.Errorf("%+v", b)
	}
	d.Want("in its time", d.Lines(b), "某1944 11 本人 2027-01 当月 70.00")
	d.Approve(storetest.At(13))
	if paid := d.Number(`SELECT sum(amount) FROM ledger`); paid != 4*7000 {
		t.Errorf("%d 分 paid for four months", paid)
	}
}

// TestWithdrawnMonthIsNoMonth: after a mistyped month was taken back behind an approved
// one, the approved one is the latest wherever that is asked.
func TestWithdrawnMonthIsNoMonth(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945)))
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.Run(storetest.At(13))
	if _, err := discarding(d, storetest.At(11)); err != nil {
		t.Fatal(err)
	}
	if gone := d.Batch(storetest.At(13)); !gone.Withdrawn() {
		t.Fatalf("not withdrawn: %+v", gone)
	}
	ctx := t.Context()
	person := d.Number(`SELECT person FROM line ORDER BY person LIMIT 1`)
	file, err := books.ReadPersonFile(ctx, d.Db, storetest.DeskRegion, person)
	if err != nil || file.Last != storetest.At(11) {
		t.Errorf("the person's months go to %s, %v", file.Last, err)
	}
	then, err := books.ReadPersonMonth(ctx, d.Db, storetest.DeskRegion, file.Now.ID, storetest.At(11))
	if approved := then.Approvals[storetest.DeskBureau]; err != nil || len(approved) != 1 || approved[0].Month != storetest.At(11) {
		t.Errorf("%s has approved %+v, %v", storetest.DeskBureau, approved, err)
	}
	packs, err := rules.StoredPacks(ctx, d.Db, storetest.DeskRegion)
	approved := d.Number(`SELECT count(*) FROM batch WHERE month = '2026-11-01'`)
	if err != nil || len(packs) == 0 {
		t.Fatal(err)
	}
	if used := packs[len(packs)-1]; used.Hash != d.Pack.Hash || used.Last != storetest.At(11) || int64(used.Batches) != approved {
		t.Errorf("packs %+v, %v; %d batches", packs, err, approved)
	}
	standing, err := calendar.BatchStatuses(ctx, d.Db, storetest.DeskRegion, storetest.At(13))
	if err != nil || len(standing) > 0 {
		t.Errorf("the withdrawn month stands at %+v, %v", standing, err)
	}
	proof, err := runs.ProveFull(ctx, d.Db, d.Order(0))
	if err != nil || proof.Month != storetest.At(11) {
		t.Errorf("proved %+v, %v", proof, err)
	}
	change := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(month.DateOf(2026, 10, 15))))
	trial, err := signing.TryRoster(ctx, d.Db, storetest.DeskRegion, &change.In, d.Pack, storetest.RunBy, nil)
	if err != nil {
		t.Fatal(err)
	}
	var owed, grave int64
	for _, e := range trial.Effects {
		if e.Batch.Month != storetest.At(11) {
			t.Errorf("compared with %+v", e.Batch)
		}
		owed, grave = owed+int64(e.Owed), grave+int64(e.Grave)
	}
	if len(trial.Effects) == 0 || owed != 7000 || grave != 1 {
		t.Errorf("the effect of a death: %+v", trial.Effects)
	}
}

// TestSignedMonthIsNotDiscarded, whether it was approved or only submitted once.
func TestSignedMonthIsNotDiscarded(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(11))
	d.Run(storetest.At(12))
	d.SignTo(storetest.At(12), storetest.DeskBureau, payrun.Submitted)
	_, err := discarding(d, storetest.At(11))
	storetest.Saying(t, err, fault.Refused, "区民政局2026年12月第1批待复核，不能撤销")
	d.ReturnBatch(storetest.At(12))
	_, err = discarding(d, storetest.At(11))
	storetest.Saying(t, err, fault.Refused, "区民政局2026年12月第1批曾经提交签批，不能撤销")
	d.Approve(storetest.At(12))
	_, err = discarding(d, storetest.At(11))
	storetest.Saying(t, err, fault.Refused, "区民政局2026年12月第1批已审批，不能撤销")
}

// TestMistypedFirstMonth: the opening month that a discarded first run set is set again.
func TestMistypedFirstMonth(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(23))
	_, err := d.TryRun(d.Order(storetest.At(11)))
	storetest.Saying(t, err, fault.Invalid, "早于期初月")
	report, err := discarding(d, storetest.At(11))
	if err != nil {
		t.Fatal(err)
	}
	d.Sound(report)
	if report.Opening != storetest.At(11) || d.Batch(storetest.At(11)).Opening != storetest.At(11) {
		t.Errorf("opening month %s", report.Opening)
	}
	d.Want("November", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-11 当月 70.00")
}

// TestMonthFarAhead: five years ahead is a slip; without a time there is no present.
func TestMonthFarAhead(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	now := storetest.At(11)
	_, err := d.TryRun(d.Order(now + 61))
	storetest.Saying(t, err, fault.Invalid, "2031-12 比现在的 2026-11 晚 61 个月")
	o := d.Order(now + 60)
	if _, err := d.TryRun(o); err != nil {
		t.Error(err)
	}
	o = d.Order(now + 61)
	o.By.At = time.Time{}
	if _, err := runs.Try(t.Context(), d.Db, o); err != nil {
		t.Error(err)
	}
}
