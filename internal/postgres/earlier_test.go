package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// reasons are the batch's 补发 lines with why each is due.
func (d *district) reasons(b payrun.Batch) []string {
	d.t.Helper()
	var all []string
	for _, lines := range d.book(b).Lines {
		for _, l := range lines {
			if l.Kind == payrun.Arrears {
				all = append(all, fmt.Sprintf("%s %s %s %s", l.Name, l.Item, l.Month, l.Reason))
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestWhyArrears: a 补发 says what had become of its due: held in the batch before, carried
// over, of a month that nobody ran, voided, or paid to another institution.
func TestWhyArrears(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	home := func(name string) *sheet {
		return newSheet(everyColumn).fact(idOf(1956), "入住机构", since(name, longAgo))
	}
	d.learn(newSheet(everyColumn).people(resident(1941, without), resident(1943), resident(1956)).payee(house("甲院", "2001")).payee(house("乙院", "2002")).
		fact(idOf(1956), "特困", since("集中", longAgo)).fact(idOf(1956), "自理能力", since("全自理", longAgo)).fact(idOf(1956), "入住机构", since("甲院", longAgo)))
	order := d.order(at(9))
	order.Opening = at(8)
	d.runOrder(order) // August was never run
	d.want("nobody ran August", d.reasons(d.batch(at(9))),
		"某1941 11 2026-08 2026年8月应发 70.00 元，该月没有审批过的批次", "某1943 11 2026-08 2026年8月应发 70.00 元，该月没有审批过的批次",
		"某1956 19 2026-08 2026年8月应发 1060.00 元，该月没有审批过的批次")
	d.approve(at(9))
	d.run(at(10)) // nobody submits it
	d.learn(newSheet(everyColumn).people(resident(1941)))
	d.learn(home("乙院"))
	d.run(at(11))
	want := []string{
		"某1941 11 2026-08 2026年8月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1941 11 2026-09 2026年9月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1941 11 2026-10 2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1943 11 2026-10 2026年10月应发 70.00 元，2026年10月第1批没有提交，已结转",
		"某1956 19 2026-08 2026年8月应发 1060.00 元，原付甲院 1060.00 元，改付乙院，原付的扣回或列入追缴",
		"某1956 19 2026-09 2026年9月应发 1060.00 元，原付甲院 1060.00 元，改付乙院，原付的扣回或列入追缴",
		"某1956 19 2026-10 2026年10月应发 1060.00 元，该月没有审批过的批次"}
	b := d.batch(at(11))
	d.want("held, carried over, moved", d.reasons(b), want...)
	d.approve(at(11))
	d.void(at(11))
	d.want("a batch that is voided says what it said", d.reasons(d.batch(at(11))), want...)
	d.run(at(12))
	again := d.reasons(d.batch(at(12)))
	if !slices.Contains(again, "某1943 11 2026-11 2026年11月应发 70.00 元，2026年11月第1批已作废，重新发放") {
		t.Errorf("after it was voided: %q", again)
	}
}

func heldIn(name string) func(*roster.Person) {
	return func(p *roster.Person) { p.Account.Holder = name }
}

// TestKeptBack: a line that somebody decided to hold says so, and who; another decision
// and other evidence end that. What an earlier program signed stays right for the judge.
func TestKeptBack(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943, heldIn("别人")), resident(1945)))
	held := func(reason string) []string {
		return []string{"某1943 11 本人 2026-10 当月 70.00 [" + reason + "]", "某1945 11 本人 2026-10 当月 70.00"}
	}
	run := func(what string, want ...string) payrun.Batch {
		t.Helper()
		d.run(at(10))
		b := d.batch(at(10))
		d.want(what, d.lines(b), want...)
		return b
	}
	b := run("nobody has decided", held("疑点未决")...)
	d.decide(b, "户名不符", false)
	b = run("decided to hold", held("决定暂缓")...)
	if l := d.book(b).Lines["11"][0]; l.Kept != clerk.Name+" "+runBy.At.In(month.Shanghai).Format(time.DateOnly)+" 对“户名不符”决定暂缓：已核实" {
		t.Errorf("the decision reads %q", l.Kept)
	}
	d.learn(newSheet(everyColumn).people(resident(1943, heldIn("另一人"))))
	b = run("other evidence", held("疑点未决")...)
	if l := d.book(b).Lines["11"][0]; l.Kept != "" {
		t.Errorf("a decision of other evidence: %q", l.Kept)
	}
	d.decide(b, "户名不符", false)
	run("decided again", held("决定暂缓")...)
	d.decide(b, "户名不符", true)
	run("released", "某1943 11 本人 2026-10 当月 70.00", "某1945 11 本人 2026-10 当月 70.00")
	d.decide(b, "户名不符", false)
	b = run("held again", held("决定暂缓")...)

	// An open batch that has the old reason is not signed; an approved one is of its time.
	d.exec(`UPDATE draft_line SET hold = 16 WHERE batch = $1 AND hold = 32`, b.Number)
	if found := d.judge(b); len(found) != 1 {
		t.Errorf("the judge says of an open batch %q", found)
	}
	d.exec(`UPDATE draft_line SET hold = 32 WHERE batch = $1 AND hold = 16`, b.Number)
	b = d.approve(at(10))
	d.agrees(b)
	d.exec(`UPDATE line SET hold = 16 WHERE batch = $1 AND hold = 32`, b.Number)
	d.agrees(b)
}

// TestSharedNamesAll: a finding about several people names all of them, those without any
// line among them, and is one for all.
func TestSharedNamesAll(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	young := resident(1980) // gets nothing
	one := resident(1943)
	young.Account, young.Account.Holder = one.Account, ""
	other := resident(1945)
	other.Account = one.Account
	d.learn(newSheet(everyColumn).people(one, other, young))
	d.run(at(10))
	b := d.batch(at(10))
	var said []string
	for _, f := range d.findings(b, payrun.Doubt) {
		said = append(said, f.Sentence)
	}
	want := "账号 " + roster.MaskAccount(one.Account.Number) + " 有 3 人共用：某1943（" + roster.MaskID(idOf(1943)) + "）、某1945（" + roster.MaskID(idOf(1945)) + "）、某1980（" + roster.MaskID(idOf(1980)) + "），请核实是否本人账户"
	d.want("sentences", said, want, want)
	d.decide(b, "账户共用", true)
	d.run(at(10))
	d.want("decided once", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00", "某1945 11 本人 2026-10 当月 70.00")
}
