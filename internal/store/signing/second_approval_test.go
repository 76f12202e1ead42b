package signing_test

import (
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// conduct is the built-in pack with keys that it does not have.
func conduct(d *storetest.District, keys string) {
	d.T.Helper()
	d.Pack = d.Load("\nsuspension:", "\n"+keys+"suspension:", "\nfacts:\n", "\nfacts:\n  - {name: 生存认证, type: flag}\n")
}

// TestFreeze: in the frozen days nothing is signed, voided or sent; the day is that of
// the moment in Shanghai. A return is possible: it vouches for nothing.
func TestFreeze(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	conduct(d, "freezes: [{from: 2026-12-25, to: 2026-12-31, why: 年终关账}]\n")
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: storetest.DeskBureau, Active: true}
	d.AddUser(second)
	signingList := func(u approval.User, when time.Time) signing.Order {
		s := storetest.By(u, "核对无误")
		s.Month, s.By.At = storetest.At(11), when
		return s
	}
	before := time.Date(2026, 12, 24, 15, 59, 59, 0, time.UTC) // 23:59:59 in Shanghai
	inside, last := before.Add(time.Second), time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC)
	after := last.Add(time.Second)
	ctx := t.Context()
	submit := func(when time.Time) error {
		_, err := signing.Submit(ctx, d.Db, signingList(storetest.Clerk, when), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
		return err
	}
	review := func(when time.Time) error {
		_, err := signing.Review(ctx, d.Db, signingList(storetest.Reviewer, when))
		return err
	}
	approve := func(when time.Time) error {
		_, err := signing.Approve(ctx, d.Db, signingList(storetest.Approver, when), d.PayOrder(storetest.DeskBureau))
		return err
	}
	void := func(u approval.User) func(time.Time) error {
		return func(when time.Time) error { _, err := signing.Void(ctx, d.Db, signingList(u, when), 0); return err }
	}
	sent := func(when time.Time) error {
		_, err := signing.MarkSent(ctx, d.Db, signingList(storetest.Clerk, when), 0)
		return err
	}
	back := func(when time.Time) error {
		_, err := signing.Return(ctx, d.Db, signingList(storetest.Reviewer, when))
		return err
	}

	step := func(what string, do func(time.Time) error, free time.Time) {
		t.Helper()
		kept := d.Snapshot()
		for _, when := range []time.Time{inside, last} {
			storetest.Saying(t, do(when), fault.Refused, "现在不能"+what, "年终关账", "2026-12-31（含）")
		}
		d.Unchanged(kept)
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
	step("作废", void(storetest.Approver), after)
	step("作废", void(second), before)
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	step("登记送银行", sent, after)
}

// TestFinalSignatureInTheSchema: the constraints alone keep a 终审 from coming first, from
// being the first 审批 again, and from being given twice.
func TestFinalSignatureInTheSchema(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	conduct(d, "approval: {second_above: \"1\"}\n")
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: storetest.DeskBureau, Active: true}
	d.AddUser(second)
	b := d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
	insert := func(post, actor string) error {
		_, err := d.Owner.Exec(t.Context(), `INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
			VALUES ($1, $2, 1, $3, $4, now(), 99, 'd', '')`, storetest.DeskRegion, b.Number, post, actor)
		return err
	}
	if err := insert("终审", second.Name); postgres.SQLState(err) != postgres.ForeignKeyViolation {
		t.Errorf("终审 without 审批: %v", err)
	}
	if b = endorse(d, storetest.At(11), storetest.Approver); b.State != payrun.Endorsed {
		t.Fatalf("after the first 审批: %s", b.State)
	}
	for _, actor := range []string{storetest.Clerk.Name, storetest.Reviewer.Name, storetest.Approver.Name} {
		if err := insert("终审", actor); postgres.SQLState(err) != postgres.UniqueViolation {
			t.Errorf("终审 by %s: %v", actor, err)
		}
	}
	if n := d.Number(`SELECT count(*) FROM ledger`) + d.Number(`SELECT count(*) FROM payment`); n != 0 {
		t.Errorf("the first of two has settled something: %d rows", n)
	}
	if b = endorse(d, storetest.At(11), second); b.State != payrun.Approved {
		t.Fatalf("after the second: %s", b.State)
	}
	if err := insert("终审", second.Name); postgres.SQLState(err) != postgres.UniqueViolation {
		t.Errorf("终审 twice: %v", err)
	}
	signed, err := batches.Signatures(t.Context(), d.Db, storetest.DeskRegion, b.Number)
	if err != nil || len(approval.Unsigned(b, signed, true)) > 0 || len(signed) != 4 {
		t.Errorf("signatures %+v, %v", signed, err)
	}
}

// TestBandOfTheAdoptedPack: a month run under a pack that asks for no second 审批 takes
// one all the same where the adopted pack does; a batch approved before keeps its three.
func TestBandOfTheAdoptedPack(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(10))
	first := d.Approve(storetest.At(10))
	plain := d.Pack
	conduct(d, "approval: {second_above: \"1\"}\n")
	d.Run(storetest.At(11)) // keeps the pack
	d.Later(`INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason) VALUES (140213, $1, '` + d.Pack.Hash + `', '甲', '', false, '采用')`)
	d.Pack = plain
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
	b := endorse(d, storetest.At(11), storetest.Approver)
	if b.State != payrun.Endorsed || b.Pack != plain.Hash {
		t.Errorf("one signature makes it %s, under pack %s", b.State, b.Pack)
	}
	for batch, want := range map[payrun.Batch]bool{first: false, b: true} {
		if second, err := signing.NeedsSecond(t.Context(), d.Db, storetest.DeskRegion, batch); err != nil || second != want {
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
			d := storetest.OpenDistrict(t)
			conduct(d, "approval: {second_above: \"1\"}\n")
			d.Learn(storetest.SomeTown())
			d.Run(storetest.At(11))
			second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: storetest.DeskBureau, Active: true}
			d.AddUser(second)
			d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
			endorse(d, storetest.At(11), storetest.Approver)
			d.Exec(sql)
			kept := d.Snapshot()
			s := storetest.By(second, "同意")
			s.Month = storetest.At(11)
			_, err := signing.Approve(t.Context(), d.Db, s, d.PayOrder(storetest.DeskBureau))
			storetest.Saying(t, err, fault.Refused, "一致")
			d.Unchanged(kept)
		})
	}
}

// endorse is one signature as 审批, the first or the second.
func endorse(d *storetest.District, m month.Month, u approval.User) payrun.Batch {
	d.T.Helper()
	s := storetest.By(u, "同意")
	s.Month = m
	b, err := signing.Approve(d.T.Context(), d.Db, s, d.PayOrder(storetest.DeskBureau))
	if err != nil {
		d.T.Fatal(err)
	}
	return b
}
