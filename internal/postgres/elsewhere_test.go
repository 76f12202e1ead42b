package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

const nextRegion = int32(140299)

// neighbour is a second region in the same database, where somebody of ours, of the same
// ID number, is paid too. What it pays is written past the program: what it does with its
// own batches is the first region's story over again.
func (d *district) neighbour(year int) {
	d.t.Helper()
	d.exec(`INSERT INTO region (region, name, head_hash, head) VALUES ($1, '邻区', '\x00', 9)`, nextRegion)
	d.exec(`INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'x', 1, 'x')`, nextRegion)
	d.exec(`INSERT INTO person SELECT $1, 5, 1, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE region = 140213 AND id_number = $2`, nextRegion, idOf(year))
}

// paysThere has the neighbour approve 70 yuan of item 11 for the month.
func (d *district) paysThere(year int, m month.Month) {
	d.t.Helper()
	first, batch := m.First().Time(), int32(m)
	d.exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
		VALUES ($1, $2, $3, '区民政局', 1, 'approved', 1, 'x', '', 1, 1, 7000, 0, 2)`, nextRegion, batch, first)
	d.exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
		VALUES ($1, $2, 5, '11', '本人', $3, '11', 1, 7000, 0, $4, '某', '', '', '', '1', '', 1, 1)`, nextRegion, batch, first, idOf(year))
}

func (d *district) doubtAbroad(m month.Month) []payrun.Finding {
	d.t.Helper()
	return slices.DeleteFunc(d.findings(d.batch(m), payrun.Doubt), func(f payrun.Finding) bool { return f.Kind != payrun.ElsewhereKind })
}

// TestPaidElsewhereMeanwhile: what another region approves between the run and a signature
// stops the signature, whichever it is; run again, the line waits.
func TestPaidElsewhereMeanwhile(t *testing.T) {
	t.Parallel()
	for signed, name := range []string{"submit", "review", "approve"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDistrict(t)
			d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
			d.neighbour(1944)
			d.run(at(10))
			for _, step := range d.signatures(at(10))[:signed] {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			d.paysThere(1944, at(10))
			saying(t, d.signatures(at(10))[signed](), fault.Refused, "跨区重复（项目 11 的 2026-10 区划 140299 已发放）")
			if signed > 0 {
				d.returnBatch(at(10))
			}
			d.run(at(10))
			d.want("it waits", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00 [疑点未决]")
			d.approve(at(10))
		})
	}
}

// signatures are the three that a batch of the month gets, in order.
func (d *district) signatures(m month.Month) []func() error {
	s := func(u approval.User) postgres.Signing {
		by := runBy
		by.Reason = "核对无误"
		return postgres.Signing{Region: deskRegion, Month: m, Bureau: deskBureau, User: u, By: by}
	}
	return []func() error{
		func() error {
			_, err := d.db.Submit(d.t.Context(), s(clerk), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
			return err
		},
		func() error { _, err := d.db.Review(d.t.Context(), s(reviewer)); return err },
		func() error { _, err := d.db.Approve(d.t.Context(), s(approver), deskOrder); return err },
	}
}

// TestPaidTwiceAlready: where both regions approved unseen by each other, the next runs say
// so, the item waits until somebody decides, and every further month is a new question.
func TestPaidTwiceAlready(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.neighbour(1944)
	d.run(at(10))
	d.approve(at(10))
	d.paysThere(1944, at(10))

	report := d.run(at(10))
	i := slices.IndexFunc(report.Bureaus, func(b postgres.BureauRun) bool { return b.Bureau == deskBureau })
	if b := report.Bureaus[i]; b.Outcome != postgres.NothingDue || !strings.Contains(b.Reason, "跨区重复 1 项") {
		t.Errorf("run again: %s %q", b.Outcome, b.Reason)
	}
	d.run(at(11))
	d.want("the item waits", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00 [疑点未决]")
	first := d.doubtAbroad(at(11))
	if len(first) != 1 || !strings.Contains(first[0].Sentence, "140299 发了 2026-10（共 70.00 元）；其中 2026-10 本区（140213）也已发放（共 70.00 元）") {
		t.Fatalf("%+v", first)
	}
	d.sameInFull(at(11))
	d.decide(d.batch(at(11)), payrun.ElsewhereKind, true)
	d.run(at(11))
	d.want("released", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00", "某1944 11 本人 2026-11 当月 70.00")
	d.approve(at(11))

	d.paysThere(1944, at(11))
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 11, 30)))))
	d.run(at(12))
	second := d.doubtAbroad(at(12)) // although there is no line of theirs any more
	if len(second) != 1 || second[0].ID == first[0].ID || !strings.Contains(second[0].Sentence, "其中 2026-10 至 2026-11 本区") {
		t.Errorf("%+v", second)
	}
	d.exec(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT 140299, 5, '11', '本人', m, 20, '11', 4, -7000, 0 FROM unnest(ARRAY['2026-10-01', '2026-11-01']::date[]) m`)
	d.run(at(12))
	if left := d.doubtAbroad(at(12)); len(left) > 0 {
		t.Errorf("after they got it back: %+v", left)
	}
}
