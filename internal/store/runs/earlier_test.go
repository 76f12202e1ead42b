package runs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// reasons are the batch's 补发 lines with why each is due.
func reasons(d *storetest.District, b payrun.Batch) []string {
	d.T.Helper()
	var all []string
	for _, lines := range d.Book(b).Lines {
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
	d := storetest.OpenDistrict(t)
	home := func(name string) *storetest.Sheet {
		return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1956), "入住机构", storetest.Since(name, storetest.LongAgo))
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1941, storetest.Without), storetest.Resident(1943), storetest.Resident(1956)).Payee(storetest.House("甲院", "2001")).Payee(storetest.House("乙院", "2002")).
		Fact(storetest.IdOf(1956), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo)))
	order := d.Order(storetest.At(9))
	order.Opening = storetest.At(8)
	d.RunOrder(order) // August was never run
	d.Want("nobody ran August", reasons(d, d.Batch(storetest.At(9))),
		"某1941 11 2026-08 2026年8月应发 70.00 元，该月没有审批过的批次", "某1943 11 2026-08 2026年8月应发 70.00 元，该月没有审批过的批次",
		"某1956 19 2026-08 2026年8月应发 1060.00 元，该月没有审批过的批次")
	d.Approve(storetest.At(9))
	d.Run(storetest.At(10)) // nobody submits it
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1941)))
	d.Learn(home("乙院"))
	d.Run(storetest.At(11))
	want := []string{
		"某1941 11 2026-08 2026年8月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1941 11 2026-09 2026年9月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1941 11 2026-10 2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1943 11 2026-10 2026年10月应发 70.00 元，2026年10月第1批没有提交，已结转",
		"某1956 19 2026-08 2026年8月应发 1060.00 元，原付甲院 1060.00 元，改付乙院，原付的扣回或列入追缴",
		"某1956 19 2026-09 2026年9月应发 1060.00 元，原付甲院 1060.00 元，改付乙院，原付的扣回或列入追缴",
		"某1956 19 2026-10 2026年10月应发 1060.00 元，该月没有审批过的批次"}
	b := d.Batch(storetest.At(11))
	d.Want("held, carried over, moved", reasons(d, b), want...)
	d.Approve(storetest.At(11))
	void(d, storetest.At(11))
	d.Want("a batch that is voided says what it said", reasons(d, d.Batch(storetest.At(11))), want...)
	d.Run(storetest.At(12))
	again := reasons(d, d.Batch(storetest.At(12)))
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
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, heldIn("别人")), storetest.Resident(1945)))
	held := func(reason string) []string {
		return []string{"某1943 11 本人 2026-10 当月 70.00 [" + reason + "]", "某1945 11 本人 2026-10 当月 70.00"}
	}
	run := func(what string, want ...string) payrun.Batch {
		t.Helper()
		d.Run(storetest.At(10))
		b := d.Batch(storetest.At(10))
		d.Want(what, d.Lines(b), want...)
		return b
	}
	b := run("nobody has decided", held("疑点未决")...)
	d.Decide(b, "户名不符", false)
	b = run("decided to hold", held("决定暂缓")...)
	if l := d.Book(b).Lines["11"][0]; l.Kept != storetest.Clerk.Name+" "+storetest.RunBy.At.In(month.Shanghai).Format(time.DateOnly)+" 对“户名不符”决定暂缓：已核实" {
		t.Errorf("the decision reads %q", l.Kept)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, heldIn("另一人"))))
	b = run("other evidence", held("疑点未决")...)
	if l := d.Book(b).Lines["11"][0]; l.Kept != "" {
		t.Errorf("a decision of other evidence: %q", l.Kept)
	}
	d.Decide(b, "户名不符", false)
	run("decided again", held("决定暂缓")...)
	d.Decide(b, "户名不符", true)
	run("released", "某1943 11 本人 2026-10 当月 70.00", "某1945 11 本人 2026-10 当月 70.00")
	d.Decide(b, "户名不符", false)
	b = run("held again", held("决定暂缓")...)

	// An open batch that has the old reason is not signed; an approved one is of its time.
	d.Exec(`UPDATE draft_line SET hold = 16 WHERE batch = $1 AND hold = 32`, b.Number)
	if found := d.Judge(b); len(found) != 1 {
		t.Errorf("the judge says of an open batch %q", found)
	}
	d.Exec(`UPDATE draft_line SET hold = 32 WHERE batch = $1 AND hold = 16`, b.Number)
	b = d.Approve(storetest.At(10))
	d.Agrees(b)
	d.Exec(`UPDATE line SET hold = 16 WHERE batch = $1 AND hold = 32`, b.Number)
	d.Agrees(b)
}

// TestSharedNamesAll: a finding about several people names all of them, those without any
// line among them, and is one for all.
func TestSharedNamesAll(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	young := storetest.Resident(1980) // gets nothing
	one := storetest.Resident(1943)
	young.Account, young.Account.Holder = one.Account, ""
	other := storetest.Resident(1945)
	other.Account = one.Account
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(one, other, young))
	d.Run(storetest.At(10))
	b := d.Batch(storetest.At(10))
	var said []string
	for _, f := range d.Findings(b, payrun.Doubt) {
		said = append(said, f.Sentence)
	}
	want := "账号 " + roster.MaskAccount(one.Account.Number) + " 有 3 人共用：某1943（" + roster.MaskID(storetest.IdOf(1943)) + "）、某1945（" + roster.MaskID(storetest.IdOf(1945)) + "）、某1980（" + roster.MaskID(storetest.IdOf(1980)) + "），请核实是否本人账户"
	d.Want("sentences", said, want, want)
	d.Decide(b, "账户共用", true)
	d.Run(storetest.At(10))
	d.Want("decided once", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00", "某1945 11 本人 2026-10 当月 70.00")
}
