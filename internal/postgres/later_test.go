package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// changes are a report's people, each as "某1943 news [grave] pays +more +held +owed".
func (d *district) changes() []string {
	d.t.Helper()
	r, err := d.db.LaterChanges(d.t.Context(), deskRegion, at(11), deskBureau)
	if err != nil {
		d.t.Fatal(err)
	}
	return changesOf(r)
}

func changesOf(r *postgres.LaterReport) []string {
	var all []string
	for _, l := range r.People {
		s := l.Name + " " + strings.Join(l.News, "；")
		if len(l.Grave) > 0 {
			s += fmt.Sprint(" ", l.Grave)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %s", s, l.Pays, postgres.Signed(l.PaysMore), postgres.Signed(l.HeldMore), postgres.Signed(l.OwedMore)))
	}
	return all
}

// submitting tries to sign November as 经办 and returns what was told of later changes.
func (d *district) submitting() ([]string, error) {
	var told []string
	s := d.signingOf(at(11), clerk, "已看过")
	s.Later = func(r *postgres.LaterReport) { told = changesOf(r) }
	_, err := d.db.Submit(d.t.Context(), s, postgres.Submission{Judge: agrees, AcknowledgeAll: true})
	return told, err
}

// november has four people of 80 and more, whose November is open. October was paid.
func november(t *testing.T) *district {
	t.Helper()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1942), resident(1943), resident(1944), resident(1945)))
	d.run(at(10))
	d.approve(at(10))
	d.send(at(10))
	d.run(at(11))
	return d
}

// TestGraveChanges: a batch is not signed, by anybody, once somebody in it is known to
// have died, to be suspended, to have an account that a bank refused, or to be on a list;
// computed again it is, and nothing is said of somebody whose line is held anyway.
func TestGraveChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		news  func(d *district)
		grave string
		shown string
	}{
		{"a death", func(d *district) { d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 10, 3))))) },
			"2026-10-03 死亡", "某1943 死亡日期由 （无） 改为 2026-10-03 [2026-10-03 死亡] 70.00 -70.00 0.00 0.00"},
		{"暂停发放", func(d *district) {
			d.learn(newSheet(everyColumn).fact(idOf(1943), "暂停发放", since("核查", day(2026, 11, 1))))
		}, "暂停发放", "某1943 情况“暂停发放”登记为 核查 自 2026-11-01 起 [暂停发放] 70.00 -70.00 +70.00 0.00"},
		{"a refused account", func(d *district) {
			b, err := d.db.LatestBatch(d.t.Context(), deskRegion, at(10), deskBureau)
			if err != nil {
				d.t.Fatal(err)
			}
			d.answer(d.row(b, "621943", "3018"))
		}, "被银行退回", "某1943 收款账户被银行退回 [账号 **** 被银行退回] 70.00 -70.00 +140.00 0.00"},
		{"a hit on the list of deaths", func(d *district) { d.match("死亡", listing(byNumber(1943, day(2026, 10, 3)))) },
			"死亡名单命中", "某1943 “死亡”名单有变 [死亡名单命中] 70.00 -70.00 +70.00 0.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := november(t)
			d.want("nothing yet", d.changes())
			c.news(d)
			d.want("shown", d.changes(), c.shown)
			_, err := d.submitting()
			if c.name == "a refused account" { // what came back is in the ledger, and says so first
				refused(t, err, fault.Refused, "重新运行")
			} else {
				refused(t, err, fault.Refused, "得知 1 人不应照发：某1943（"+roster.MaskID(idOf(1943))+"）")
				refused(t, err, fault.Refused, c.grave)
			}
			d.run(at(11))
			d.want("known to the batch", d.changes())
			if told, err := d.submitting(); err != nil || len(told) > 0 {
				t.Errorf("computed again: %v, %v", told, err)
			}
		})
	}
}

// TestDeathInThePaidMonth: the month of death is paid, so a death or a list's word of one
// in the batch's month, which is told with the rule, forbids no signature.
func TestDeathInThePaidMonth(t *testing.T) {
	t.Parallel()
	d := november(t)
	d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 11, 3)))))
	d.match("死亡", listing(byNumber(1944, day(2026, 11, 20))))
	told, err := d.submitting()
	if err != nil {
		t.Fatal(err)
	}
	d.want("told", told, "某1943 死亡日期由 （无） 改为 2026-11-03；死亡当月照发，2026年12月起停发 70.00 0.00 0.00 0.00",
		"某1944 “死亡”名单有变；某1944（"+roster.MaskID(idOf(1944))+"） 在“死亡”名单上：身份证号相符，名单记载 某1944，"+roster.MaskID(idOf(1944))+"，1944-06-15 出生，日期 2026-11-20；花名册没有死亡日期，请核实，属实的登记死亡日期；死亡当月照发，2026年12月起停发，可以决定发放 70.00 -70.00 +70.00 0.00")
	for _, sign := range []func() error{
		func() error { _, err := d.db.Review(t.Context(), d.signingOf(at(11), reviewer, "")); return err },
		func() error {
			_, err := d.db.Approve(t.Context(), d.signingOf(at(11), approver, ""), deskOrder)
			return err
		},
	} {
		if err := sign(); err != nil {
			t.Fatal(err)
		}
	}
	d.run(at(12))
	d.want("the next month", d.lines(d.batch(at(12))), "某1942 11 本人 2026-12 当月 70.00", "某1944 11 本人 2026-12 当月 70.00 [疑点未决]", "某1945 11 本人 2026-12 当月 70.00")
}

// TestGraveBetweenSignatures: what becomes known between two signatures stops the next.
func TestGraveBetweenSignatures(t *testing.T) {
	t.Parallel()
	for name, news := range map[string]func(d *district){
		"死亡":    func(d *district) { d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 10, 3))))) },
		"被银行退回": func(d *district) { d.answer(d.row(d.batch(at(10)), "621943", "3018")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := november(t)
			if _, err := d.submitting(); err != nil {
				t.Fatal(err)
			}
			news(d)
			review := func() error { _, err := d.db.Review(t.Context(), d.signingOf(at(11), reviewer, "")); return err }
			approve := func() error {
				_, err := d.db.Approve(t.Context(), d.signingOf(at(11), approver, ""), deskOrder)
				return err
			}
			refused(t, review(), fault.Refused, name)
			refused(t, review(), fault.Refused, "请先退回，再重新运行")
			d.exec(`INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
				SELECT region, batch, round, '复核', $1, now(), 1, digest, '' FROM batch WHERE month = '2026-11-01' AND state = 'submitted'`, reviewer.Name)
			d.exec(`UPDATE batch SET state = 'reviewed' WHERE month = '2026-11-01' AND state = 'submitted'`)
			refused(t, approve(), fault.Refused, name)
			if _, err := d.db.Return(t.Context(), d.signingOf(at(11), approver, "有新情况")); err != nil {
				t.Errorf("a return: %v", err)
			}
		})
	}
}

// TestOtherChanges are shown with their effect, also in the journal, and stop nothing.
func TestOtherChanges(t *testing.T) {
	t.Parallel()
	d := november(t)
	d.learn(newSheet(everyColumn).people(resident(1942, paidTo("6200042")), resident(1944, func(p *roster.Person) { p.Street = "新旺" }), resident(1946)).
		fact(idOf(1943), "低保", since("是", day(2026, 10, 1))))
	want := []string{
		"某1942 账户已更正（现为 示例银行 ****） 70.00 0.00 0.00 0.00",
		"某1943 情况“低保”登记为 是 自 2026-10-01 起 70.00 +140.00 0.00 0.00",
		"某1944 街道由 永泰 改为 新旺 70.00 0.00 0.00 0.00",
	}
	d.want("shown", d.changes(), want...)
	told, err := d.submitting()
	if err != nil {
		t.Fatal(err)
	}
	d.want("told", told, want...)
	var summary string
	if err := d.owner.QueryRow(t.Context(), `SELECT summary FROM journal ORDER BY rev DESC LIMIT 1`).Scan(&summary); err != nil || !strings.Contains(summary, "以后的变更 3 人，影响可发 +140.00 元") {
		t.Errorf("journal says %q, %v", summary, err)
	}
	for _, sign := range []func() error{
		func() error { _, err := d.db.Review(t.Context(), d.signingOf(at(11), reviewer, "")); return err },
		func() error {
			_, err := d.db.Approve(t.Context(), d.signingOf(at(11), approver, ""), deskOrder)
			return err
		},
	} {
		if err := sign(); err != nil {
			t.Fatal(err)
		}
	}
	d.want("after approval: what the next run brings", d.changes(), want...)
}

// TestHeldLinesNeedNoRefusal: a death of somebody whose lines are held is shown and
// stops nothing.
func TestHeldLinesNeedNoRefusal(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943, without), resident(1944)))
	d.run(at(11))
	d.learn(newSheet(everyColumn).people(resident(1943, without, diedOn(day(2026, 10, 3)))))
	d.want("shown", d.changes(), "某1943 死亡日期由 （无） 改为 2026-10-03 0.00 0.00 -70.00 0.00")
	if _, err := d.submitting(); err != nil {
		t.Error(err)
	}
}

// TestManyGraveChanges names five people and counts the others.
func TestManyGraveChanges(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	var before, after []roster.Person
	for year := 1930; year < 1938; year++ {
		before = append(before, resident(year))
		after = append(after, resident(year, diedOn(day(2026, 10, 3))))
	}
	d.learn(newSheet(everyColumn).people(before...))
	d.run(at(11))
	d.learn(newSheet(everyColumn).people(after...))
	_, err := d.submitting()
	refused(t, err, fault.Refused, "得知 8 人不应照发")
	refused(t, err, fault.Refused, "，另有 3 人；")
	if n := strings.Count(err.Error(), "死亡"); n != 5 {
		t.Errorf("%d people named in %q", n, err)
	}
}

// TestDecisionTakenBack: somebody decides to hold after all, or that a refused account is
// tried again.
func TestDecisionTakenBack(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943, func(p *roster.Person) { p.Account.Holder = "乙某" }), resident(1944)))
	d.run(at(11))
	var id string
	if err := d.owner.QueryRow(t.Context(), `SELECT id FROM finding WHERE kind = '户名不符'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	decide := func(release bool) {
		t.Helper()
		if err := d.db.Decide(t.Context(), deskRegion, id, release, "查过", clerk, deskBy(deskNow)); err != nil {
			t.Fatal(err)
		}
	}
	decide(true)
	d.want("released", d.changes(), "某1943 疑点有新的决定 0.00 +70.00 -70.00 0.00")
	d.run(at(11))
	d.want("known", d.changes())
	decide(false)
	d.want("taken back", d.changes(), "某1943 疑点有新的决定 70.00 -70.00 +70.00 0.00")
}

// TestChangesOfNothing: batches that pay nothing have no later changes.
func TestChangesOfNothing(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	changes := func(bureau string) error {
		_, err := d.db.LaterChanges(t.Context(), deskRegion, at(10), bureau)
		return err
	}
	refused(t, changes(deskBureau), fault.NotFound, "还没有批次")
	d.run(at(10))
	d.run(at(11))
	refused(t, changes(deskBureau), fault.Refused, payrun.CarriedOver.Chinese())
	b := d.batch(at(11))
	if got := approval.Title(b); got != "区民政局2026年11月第1批" {
		t.Fatal(got)
	}
}
