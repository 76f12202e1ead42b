package postgres_test

import (
	"strings"
	"testing"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// discarding runs a month and takes away what was run of later ones.
func (d *district) discarding(m month.Month) (*postgres.RunReport, error) {
	o := d.order(m)
	o.DiscardLater, o.By.Reason = true, "月份写错"
	return d.tryRun(o)
}

// TestMistypedMonth: a later month that was run by mistake is taken away with all it
// carried over, and in its time it is run again, as number 1, and pays once.
func TestMistypedMonth(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	d.run(at(11))
	d.run(at(13))
	_, err := d.tryRun(d.order(at(11)))
	saying(t, err, fault.Refused, "请计算 2026-11 并选择撤销以后月份")

	o := d.order(at(11))
	o.DiscardLater = true
	_, err = d.tryRun(o)
	saying(t, err, fault.Invalid, "必须写明理由")

	report, err := d.discarding(at(11))
	if err != nil {
		t.Fatal(err)
	}
	d.sound(report)
	if len(report.Discarded) == 0 || report.Discarded[0].Month != at(13) {
		t.Errorf("discarded %+v", report.Discarded)
	}
	b, gone := d.batch(at(11)), d.batch(at(13))
	if b.State != payrun.Open || b.N != 1 || gone.State != payrun.CarriedOver || gone.Lines != 0 || gone.Pays != 0 {
		t.Errorf("%+v, discarded %+v", b, gone)
	}
	if digest, err := d.db.StoredDigest(t.Context(), deskRegion, gone); err != nil || digest != gone.Digest {
		t.Errorf("an emptied batch has digest %s, %v, its lines %s", gone.Digest, err, digest)
	}
	d.want("November", d.lines(b), "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
	var said string
	err = d.db.Journal(t.Context(), deskRegion, time.Time{}, time.Time{}, func(l journal.Link) error {
		said = l.Summary + l.Reason
		return nil
	})
	if err != nil || !strings.Contains(said, "撤销 区民政局2027年1月第1批") || !strings.Contains(said, "月份写错") {
		t.Errorf("the journal says %q, %v", said, err)
	}
	d.approve(at(11))
	d.run(at(12))
	d.approve(at(12))
	d.run(at(13))
	b = d.batch(at(13))
	if b.N != 1 || b.State != payrun.Open {
		t.Errorf("%+v", b)
	}
	d.want("in its time", d.lines(b), "某1944 11 本人 2027-01 当月 70.00")
	d.approve(at(13))
	if paid := d.number(`SELECT sum(amount) FROM ledger`); paid != 4*7000 {
		t.Errorf("%d 分 paid for four months", paid)
	}
}

// TestWithdrawnMonthIsNoMonth: after a mistyped month was taken back behind an approved
// one, the approved one is the latest wherever that is asked.
func TestWithdrawnMonthIsNoMonth(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1945)))
	d.run(at(11))
	d.approve(at(11))
	d.run(at(13))
	if _, err := d.discarding(at(11)); err != nil {
		t.Fatal(err)
	}
	if gone := d.batch(at(13)); !gone.Withdrawn() {
		t.Fatalf("not withdrawn: %+v", gone)
	}
	ctx := t.Context()
	person := d.number(`SELECT person FROM line ORDER BY person LIMIT 1`)
	file, err := d.db.PersonFile(ctx, deskRegion, person)
	if err != nil || file.Last != at(11) {
		t.Errorf("the person's months go to %s, %v", file.Last, err)
	}
	then, err := d.db.PersonMonth(ctx, deskRegion, file.Now.ID, at(11))
	if approved := then.Approvals[deskBureau]; err != nil || len(approved) != 1 || approved[0].Month != at(11) {
		t.Errorf("%s has approved %+v, %v", deskBureau, approved, err)
	}
	packs, err := d.db.StoredPacks(ctx, deskRegion)
	approved := d.number(`SELECT count(*) FROM batch WHERE month = '2026-11-01'`)
	if err != nil || len(packs) == 0 {
		t.Fatal(err)
	}
	if used := packs[len(packs)-1]; used.Hash != d.pack.Hash || used.Last != at(11) || int64(used.Batches) != approved {
		t.Errorf("packs %+v, %v; %d batches", packs, err, approved)
	}
	standing, err := d.db.BatchStandings(ctx, deskRegion, at(13))
	if err != nil || len(standing) > 0 {
		t.Errorf("the withdrawn month stands at %+v, %v", standing, err)
	}
	proof, err := d.db.ProveFull(ctx, d.order(0))
	if err != nil || proof.Month != at(11) {
		t.Errorf("proved %+v, %v", proof, err)
	}
	change := newSheet(everyColumn).people(resident(1944, diedOn(month.DateOf(2026, 10, 15))))
	trial, err := d.db.TryRoster(ctx, deskRegion, &change.in, d.pack, runBy, nil)
	if err != nil {
		t.Fatal(err)
	}
	var owed, grave int64
	for _, e := range trial.Effects {
		if e.Batch.Month != at(11) {
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
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(11))
	d.run(at(12))
	d.signTo(at(12), deskBureau, payrun.Submitted)
	_, err := d.discarding(at(11))
	saying(t, err, fault.Refused, "区民政局2026年12月第1批待复核，不能撤销")
	d.returnBatch(at(12))
	_, err = d.discarding(at(11))
	saying(t, err, fault.Refused, "区民政局2026年12月第1批曾经提交签批，不能撤销")
	d.approve(at(12))
	_, err = d.discarding(at(11))
	saying(t, err, fault.Refused, "区民政局2026年12月第1批已审批，不能撤销")
}

// TestMistypedFirstMonth: the opening month that a discarded first run set is set again.
func TestMistypedFirstMonth(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(23))
	_, err := d.tryRun(d.order(at(11)))
	saying(t, err, fault.Invalid, "早于期初月")
	report, err := d.discarding(at(11))
	if err != nil {
		t.Fatal(err)
	}
	d.sound(report)
	if report.Opening != at(11) || d.batch(at(11)).Opening != at(11) {
		t.Errorf("opening month %s", report.Opening)
	}
	d.want("November", d.lines(d.batch(at(11))), "某1944 11 本人 2026-11 当月 70.00")
}

// TestMonthFarAhead: five years ahead is a slip; without a time there is no present.
func TestMonthFarAhead(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	now := at(11)
	_, err := d.tryRun(d.order(now + 61))
	saying(t, err, fault.Invalid, "2031-12 比现在的 2026-11 晚 61 个月")
	o := d.order(now + 60)
	if _, err := d.tryRun(o); err != nil {
		t.Error(err)
	}
	o = d.order(now + 61)
	o.By.At = time.Time{}
	if _, err := d.db.Try(t.Context(), o); err != nil {
		t.Error(err)
	}
}
