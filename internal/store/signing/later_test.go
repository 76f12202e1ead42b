package signing_test

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// changes are a report's people, each as "某1943 news [grave] pays +more +held +owed".
func changes(d *storetest.District) []string {
	d.T.Helper()
	r, err := signing.LaterChanges(d.T.Context(), d.Db, storetest.DeskRegion, storetest.At(11), storetest.DeskBureau)
	if err != nil {
		d.T.Fatal(err)
	}
	return changesOf(r)
}

func changesOf(r *signing.LaterReport) []string {
	var all []string
	for _, l := range r.People {
		s := l.Name + " " + strings.Join(l.News, "；")
		if len(l.Grave) > 0 {
			s += fmt.Sprint(" ", l.Grave)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %s", s, l.Pays, signing.Signed(l.PaysMore), signing.Signed(l.HeldMore), signing.Signed(l.OwedMore)))
	}
	return all
}

// submitting tries to sign November as 经办 and returns what was told of later changes.
func submitting(d *storetest.District) ([]string, error) {
	var told []string
	s := d.SigningOf(storetest.At(11), storetest.Clerk, "已看过")
	s.Later = func(r *signing.LaterReport) { told = changesOf(r) }
	_, err := signing.Submit(d.T.Context(), d.Db, s, signing.Submission{Judge: storetest.Agrees, AcknowledgeAll: true})
	return told, err
}

// november has four people of 80 and more, whose November is open. October was paid.
func november(t *testing.T) *storetest.District {
	t.Helper()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942), storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Send(storetest.At(10))
	d.Run(storetest.At(11))
	return d
}

// TestGraveChanges: a batch is not signed, by anybody, once somebody in it is known to
// have died, to be suspended, to have an account that a bank refused, or to be on a list;
// computed again it is, and nothing is said of somebody whose line is held anyway.
func TestGraveChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		news  func(d *storetest.District)
		grave string
		shown string
	}{
		{"a death", func(d *storetest.District) {
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 10, 3)))))
		},
			"2026-10-03 死亡", "某1943 死亡日期由 （无） 改为 2026-10-03 [2026-10-03 死亡] 70.00 -70.00 0.00 0.00"},
		{"暂停发放", func(d *storetest.District) {
			d.Learn(storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1943), "暂停发放", storetest.Since("核查", storetest.Day(2026, 11, 1))))
		}, "暂停发放", "某1943 情况“暂停发放”登记为 核查 自 2026-11-01 起 [暂停发放] 70.00 -70.00 +70.00 0.00"},
		{"a refused account", func(d *storetest.District) {
			b, err := batches.Latest(d.T.Context(), d.Db, storetest.DeskRegion, storetest.At(10), storetest.DeskBureau)
			if err != nil {
				d.T.Fatal(err)
			}
			d.Answer(d.Row(b, "621943", "3018"))
		}, "被银行退回", "某1943 收款账户被银行退回 [账号 **** 被银行退回] 70.00 -70.00 +140.00 0.00"},
		{"a hit on the list of deaths", func(d *storetest.District) {
			d.Match("死亡", storetest.Listing(storetest.ByNumber(1943, storetest.Day(2026, 10, 3))))
		},
			"死亡名单命中", "某1943 “死亡”名单有变 [死亡名单命中] 70.00 -70.00 +70.00 0.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := november(t)
			d.Want("nothing yet", changes(d))
			c.news(d)
			d.Want("shown", changes(d), c.shown)
			_, err := submitting(d)
			if c.name == "a refused account" { // what came back is in the ledger, and says so first
				storetest.Refused(t, err, fault.Refused, "重新运行")
			} else {
				storetest.Refused(t, err, fault.Refused, "得知 1 人不应照发：某1943（"+roster.MaskID(storetest.IdOf(1943))+"）")
				storetest.Refused(t, err, fault.Refused, c.grave)
			}
			d.Run(storetest.At(11))
			d.Want("known to the batch", changes(d))
			if told, err := submitting(d); err != nil || len(told) > 0 {
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
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 11, 3)))))
	d.Match("死亡", storetest.Listing(storetest.ByNumber(1944, storetest.Day(2026, 11, 20))))
	told, err := submitting(d)
	if err != nil {
		t.Fatal(err)
	}
	d.Want("told", told, "某1943 死亡日期由 （无） 改为 2026-11-03；死亡当月照发，2026年12月起停发 70.00 0.00 0.00 0.00",
		"某1944 “死亡”名单有变；某1944（"+roster.MaskID(storetest.IdOf(1944))+"） 在“死亡”名单上：身份证号相符，名单记载 某1944，"+roster.MaskID(storetest.IdOf(1944))+"，1944-06-15 出生，日期 2026-11-20；花名册没有死亡日期，请核实，属实的登记死亡日期；死亡当月照发，2026年12月起停发，可以决定发放 70.00 -70.00 +70.00 0.00")
	for _, sign := range []func() error{
		func() error {
			_, err := signing.Review(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Reviewer, ""))
			return err
		},
		func() error {
			_, err := signing.Approve(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Approver, ""), storetest.DeskOrder)
			return err
		},
	} {
		if err := sign(); err != nil {
			t.Fatal(err)
		}
	}
	d.Run(storetest.At(12))
	d.Want("the next month", d.Lines(d.Batch(storetest.At(12))), "某1942 11 本人 2026-12 当月 70.00", "某1944 11 本人 2026-12 当月 70.00 [疑点未决]", "某1945 11 本人 2026-12 当月 70.00")
}

// TestGraveBetweenSignatures: what becomes known between two signatures stops the next.
func TestGraveBetweenSignatures(t *testing.T) {
	t.Parallel()
	for name, news := range map[string]func(d *storetest.District){
		"死亡": func(d *storetest.District) {
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 10, 3)))))
		},
		"被银行退回": func(d *storetest.District) { d.Answer(d.Row(d.Batch(storetest.At(10)), "621943", "3018")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := november(t)
			if _, err := submitting(d); err != nil {
				t.Fatal(err)
			}
			news(d)
			review := func() error {
				_, err := signing.Review(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Reviewer, ""))
				return err
			}
			approve := func() error {
				_, err := signing.Approve(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Approver, ""), storetest.DeskOrder)
				return err
			}
			storetest.Refused(t, review(), fault.Refused, name)
			storetest.Refused(t, review(), fault.Refused, "请先退回，再重新运行")
			d.Exec(`INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
				SELECT region, batch, round, '复核', $1, now(), 1, digest, '' FROM batch WHERE month = '2026-11-01' AND state = 'submitted'`, storetest.Reviewer.Name)
			d.Exec(`UPDATE batch SET state = 'reviewed' WHERE month = '2026-11-01' AND state = 'submitted'`)
			storetest.Refused(t, approve(), fault.Refused, name)
			if _, err := signing.Return(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Approver, "有新情况")); err != nil {
				t.Errorf("a return: %v", err)
			}
		})
	}
}

// TestOtherChanges are shown with their effect, also in the journal, and stop nothing.
func TestOtherChanges(t *testing.T) {
	t.Parallel()
	d := november(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942, storetest.PaidTo("6200042")), storetest.Resident(1944, func(p *roster.Person) { p.Street = "新旺" }), storetest.Resident(1946)).
		Fact(storetest.IdOf(1943), "低保", storetest.Since("是", storetest.Day(2026, 10, 1))))
	want := []string{
		"某1942 账户已更正（现为 示例银行 ****） 70.00 0.00 0.00 0.00",
		"某1943 情况“低保”登记为 是 自 2026-10-01 起 70.00 +140.00 0.00 0.00",
		"某1944 街道由 永泰 改为 新旺 70.00 0.00 0.00 0.00",
	}
	d.Want("shown", changes(d), want...)
	told, err := submitting(d)
	if err != nil {
		t.Fatal(err)
	}
	d.Want("told", told, want...)
	var summary string
	if err := d.Owner.QueryRow(t.Context(), `SELECT summary FROM journal ORDER BY rev DESC LIMIT 1`).Scan(&summary); err != nil || !strings.Contains(summary, "以后的变更 3 人，影响可发 +140.00 元") {
		t.Errorf("journal says %q, %v", summary, err)
	}
	for _, sign := range []func() error{
		func() error {
			_, err := signing.Review(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Reviewer, ""))
			return err
		},
		func() error {
			_, err := signing.Approve(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Approver, ""), storetest.DeskOrder)
			return err
		},
	} {
		if err := sign(); err != nil {
			t.Fatal(err)
		}
	}
	d.Want("after approval: what the next run brings", changes(d), want...)
}

// TestHeldLinesNeedNoRefusal: a death of somebody whose lines are held is shown and
// stops nothing.
func TestHeldLinesNeedNoRefusal(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.Without), storetest.Resident(1944)))
	d.Run(storetest.At(11))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.Without, storetest.DiedOn(storetest.Day(2026, 10, 3)))))
	d.Want("shown", changes(d), "某1943 死亡日期由 （无） 改为 2026-10-03 0.00 0.00 -70.00 0.00")
	if _, err := submitting(d); err != nil {
		t.Error(err)
	}
}

// TestManyGraveChanges names five people and counts the others.
func TestManyGraveChanges(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	var before, after []roster.Person
	for year := 1930; year < 1938; year++ {
		before = append(before, storetest.Resident(year))
		after = append(after, storetest.Resident(year, storetest.DiedOn(storetest.Day(2026, 10, 3))))
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(before...))
	d.Run(storetest.At(11))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(after...))
	_, err := submitting(d)
	storetest.Refused(t, err, fault.Refused, "得知 8 人不应照发")
	storetest.Refused(t, err, fault.Refused, "，另有 3 人；")
	if n := strings.Count(err.Error(), "死亡"); n != 5 {
		t.Errorf("%d people named in %q", n, err)
	}
}

// TestDecisionTakenBack: somebody decides to hold after all, or that a refused account is
// tried again.
func TestDecisionTakenBack(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, func(p *roster.Person) { p.Account.Holder = "乙某" }), storetest.Resident(1944)))
	d.Run(storetest.At(11))
	var id string
	if err := d.Owner.QueryRow(t.Context(), `SELECT id FROM finding WHERE kind = '户名不符'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	decide := func(release bool) {
		t.Helper()
		if err := signing.Decide(t.Context(), d.Db, storetest.DeskRegion, id, release, "查过", storetest.Clerk, storetest.DeskBy(storetest.DeskNow)); err != nil {
			t.Fatal(err)
		}
	}
	decide(true)
	d.Want("released", changes(d), "某1943 疑点有新的决定 0.00 +70.00 -70.00 0.00")
	d.Run(storetest.At(11))
	d.Want("known", changes(d))
	decide(false)
	d.Want("taken back", changes(d), "某1943 疑点有新的决定 70.00 -70.00 +70.00 0.00")
}

// TestChangesOfNothing: batches that pay nothing have no later changes.
func TestChangesOfNothing(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	changes := func(bureau string) error {
		_, err := signing.LaterChanges(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), bureau)
		return err
	}
	storetest.Refused(t, changes(storetest.DeskBureau), fault.NotFound, "还没有批次")
	d.Run(storetest.At(10))
	d.Run(storetest.At(11))
	storetest.Refused(t, changes(storetest.DeskBureau), fault.Refused, payrun.CarriedOver.Chinese())
	b := d.Batch(storetest.At(11))
	if got := approval.Title(b); got != "区民政局2026年11月第1批" {
		t.Fatal(got)
	}
}
