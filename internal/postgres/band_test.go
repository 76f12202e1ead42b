package postgres_test

import (
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// conduct is the built-in pack with keys that it does not have.
func (d *district) conduct(keys string) {
	d.t.Helper()
	d.pack = d.load("\nsuspension:", "\n"+keys+"suspension:", "\nfacts:\n", "\nfacts:\n  - {name: 生存认证, type: flag}\n")
}

// TestFreeze: in the frozen days nothing is signed, voided or sent; the day is that of
// the moment in Shanghai. A return is possible: it vouches for nothing.
func TestFreeze(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.conduct("freezes: [{from: 2026-12-25, to: 2026-12-31, why: 年终关账}]\n")
	d.learn(someTown())
	d.run(at(11))
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: deskBureau, Active: true}
	d.addUser(second)
	signing := func(u approval.User, when time.Time) postgres.Signing {
		s := by(u, "核对无误")
		s.Month, s.By.At = at(11), when
		return s
	}
	before := time.Date(2026, 12, 24, 15, 59, 59, 0, time.UTC) // 23:59:59 in Shanghai
	inside, last := before.Add(time.Second), time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC)
	after := last.Add(time.Second)
	ctx := t.Context()
	submit := func(when time.Time) error {
		_, err := d.db.Submit(ctx, signing(clerk, when), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
		return err
	}
	review := func(when time.Time) error { _, err := d.db.Review(ctx, signing(reviewer, when)); return err }
	approve := func(when time.Time) error {
		_, err := d.db.Approve(ctx, signing(approver, when), d.payOrder(deskBureau))
		return err
	}
	void := func(u approval.User) func(time.Time) error {
		return func(when time.Time) error { _, err := d.db.Void(ctx, signing(u, when), 0); return err }
	}
	sent := func(when time.Time) error { _, err := d.db.Sent(ctx, signing(clerk, when), 0); return err }
	back := func(when time.Time) error { _, err := d.db.Return(ctx, signing(reviewer, when)); return err }

	step := func(what string, do func(time.Time) error, free time.Time) {
		t.Helper()
		kept := d.snapshot()
		for _, when := range []time.Time{inside, last} {
			saying(t, do(when), fault.Refused, "现在不能"+what, "年终关账", "2026-12-31（含）")
		}
		d.unchanged(kept)
		if err := do(free); err != nil {
			t.Fatalf("%s at %s: %v", what, free, err)
		}
	}
	step("提交", submit, before)
	if err := back(inside); err != nil {
		t.Errorf("return in frozen days: %v", err)
	}
	step("提交", submit, after)
	step("复核", review, before)
	step("审批", approve, after)
	step("作废", void(approver), after)
	step("作废", void(second), before)
	d.run(at(11))
	d.approve(at(11))
	step("登记送银行", sent, after)
}

// TestFinalSignatureInTheSchema: the constraints alone keep a 终审 from coming first, from
// being the first 审批 again, and from being given twice.
func TestFinalSignatureInTheSchema(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.conduct("approval: {second_above: \"1\"}\n")
	d.learn(someTown())
	d.run(at(11))
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: deskBureau, Active: true}
	d.addUser(second)
	b := d.signTo(at(11), deskBureau, payrun.Reviewed)
	insert := func(post, actor string) error {
		_, err := d.owner.Exec(t.Context(), `INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
			VALUES ($1, $2, 1, $3, $4, now(), 99, 'd', '')`, deskRegion, b.Number, post, actor)
		return err
	}
	if err := insert("终审", second.Name); postgres.State(err) != postgres.ForeignKeyViolation {
		t.Errorf("终审 without 审批: %v", err)
	}
	if b = d.endorse(at(11), approver); b.State != payrun.Endorsed {
		t.Fatalf("after the first 审批: %s", b.State)
	}
	for _, actor := range []string{clerk.Name, reviewer.Name, approver.Name} {
		if err := insert("终审", actor); postgres.State(err) != postgres.UniqueViolation {
			t.Errorf("终审 by %s: %v", actor, err)
		}
	}
	if n := d.number(`SELECT count(*) FROM ledger`) + d.number(`SELECT count(*) FROM payment`); n != 0 {
		t.Errorf("the first of two has settled something: %d rows", n)
	}
	if b = d.endorse(at(11), second); b.State != payrun.Approved {
		t.Fatalf("after the second: %s", b.State)
	}
	if err := insert("终审", second.Name); postgres.State(err) != postgres.UniqueViolation {
		t.Errorf("终审 twice: %v", err)
	}
	signed, err := d.db.Signatures(t.Context(), deskRegion, b.Number)
	if err != nil || len(approval.Unsigned(b, signed, true)) > 0 || len(signed) != 4 {
		t.Errorf("signatures %+v, %v", signed, err)
	}
}

// TestBandOfTheAdoptedPack: a month run under a pack that asks for no second 审批 takes
// one all the same where the adopted pack does; a batch approved before keeps its three.
func TestBandOfTheAdoptedPack(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(10))
	first := d.approve(at(10))
	plain := d.pack
	d.conduct("approval: {second_above: \"1\"}\n")
	d.run(at(11)) // keeps the pack
	d.later(`INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason) VALUES (140213, $1, '` + d.pack.Hash + `', '甲', '', false, '采用')`)
	d.pack = plain
	d.run(at(11))
	d.signTo(at(11), deskBureau, payrun.Reviewed)
	b := d.endorse(at(11), approver)
	if b.State != payrun.Endorsed || b.Pack != plain.Hash {
		t.Errorf("one signature makes it %s, under pack %s", b.State, b.Pack)
	}
	for batch, want := range map[payrun.Batch]bool{first: false, b: true} {
		if second, err := d.db.NeedsSecond(t.Context(), deskRegion, batch); err != nil || second != want {
			t.Errorf("%s takes a second 审批: %v, %v", approval.Title(batch), second, err)
		}
	}
}

// TestTamperedBetweenTwoApprovals: what the second 审批 settles is what the first signed.
func TestTamperedBetweenTwoApprovals(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"an amount and its totals": `WITH l AS (UPDATE draft_line SET amount = amount + 100 WHERE name = '某1944' RETURNING item)
			, i AS (UPDATE batch_item SET current = current + 100 WHERE item IN (SELECT item FROM l)) UPDATE batch SET pays = pays + 100`,
		"an account": `UPDATE draft_line SET account = '999' WHERE name = '某1944'`,
		"the digest": `UPDATE batch SET digest = repeat('a', 64)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDistrict(t)
			d.conduct("approval: {second_above: \"1\"}\n")
			d.learn(someTown())
			d.run(at(11))
			second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: deskBureau, Active: true}
			d.addUser(second)
			d.signTo(at(11), deskBureau, payrun.Reviewed)
			d.endorse(at(11), approver)
			d.exec(sql)
			kept := d.snapshot()
			s := by(second, "同意")
			s.Month = at(11)
			_, err := d.db.Approve(t.Context(), s, d.payOrder(deskBureau))
			saying(t, err, fault.Refused, "一致")
			d.unchanged(kept)
		})
	}
}

// endorse is one signature as 审批, the first or the second.
func (d *district) endorse(m month.Month, u approval.User) payrun.Batch {
	d.t.Helper()
	s := by(u, "同意")
	s.Month = m
	b, err := d.db.Approve(d.t.Context(), s, d.payOrder(deskBureau))
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}
