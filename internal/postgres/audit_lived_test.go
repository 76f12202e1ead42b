package postgres_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// lived is a district to which everything has happened that leaves rows: every table that
// an audit compares has some.
func lived(t *testing.T) *district {
	t.Helper()
	d := openDistrict(t)
	d.staff("区人社局") // before the first change, which states whom it finds
	d.must(d.db.AddUser(t.Context(), deskRegion, approval.User{Name: "己审计", Post: approval.Auditor}, "又一个相当长的口令字句", runBy))
	d.must(d.db.SetHolidays(t.Context(), deskRegion, []postgres.Holiday{{Day: day(2026, 10, 1), Off: true, Name: "国庆节"}, {Day: day(2026, 10, 10), Name: "调休"}}, runBy))
	d.must(d.db.SetJob(t.Context(), deskRegion, postgres.JobSetting{Job: "备份", Enabled: true, Every: "每月", Day: 3, Shift: "不移", Lead: []int16{1},
		Parameters: map[string]string{"目录": "备份"}}, "", "", runBy))
	d.learn(newSheet(everyColumn).people(resident(1942), resident(1943), resident(1944), resident(1945), resident(1946, without), resident(1905)).
		payee(house("甲院", "2001")).fact(idOf(1945), "残疾等级", since("一级", longAgo)).
		fact(idOf(1943), "养老保险", since("职工", longAgo)).award(idOf(1943), "1", roster.Award{Amount: 30000, First: at(9)}))
	d.openings()
	d.paid(9)
	d.voided()
	d.paid(10)
	d.mistakes()
	d.debts()
	d.lists()
	d.run(at(11))
	d.approve(at(11))
	d.signTo(at(11), "区人社局", payrun.Reviewed)
	d.learn(newSheet(everyColumn).people(resident(1905, diedOn(day(2026, 8, 20)))))
	d.run(at(11)) // leaves a register behind the approved batch
	d.seal(2)
	d.looked(3)
	return d
}

func (d *district) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// openings are entries of the old system, for the month before the first.
func (d *district) openings() {
	d.t.Helper()
	in := &roster.OpeningImport{File: "期初.xlsx", SHA256: strings.Repeat("ef", 32), Rows: []roster.OpeningRow{
		{Place: roster.Place{Sheet: "期初", Row: 2}, ID: idOf(1943), Item: "11", Payee: roster.Myself, Month: at(8), Amount: -7000, Basis: "老系统"}}}
	_, err := d.db.ImportOpening(d.t.Context(), postgres.OpeningOrder{Region: deskRegion, In: in, Opening: at(9), By: runBy})
	d.must(err)
}

// voided is a batch that two people void before it is sent, and a neighbour who pays.
func (d *district) voided() {
	d.t.Helper()
	d.neighbour(1942)
	d.run(at(10))
	d.approve(at(10))
	for _, u := range []approval.User{reviewer, approver} {
		_, err := d.db.Void(d.t.Context(), d.signingOf(at(10), u, "重做"), 0)
		d.must(err)
	}
	d.paysThere(1942, at(10))
}

// mistakes are answers of the bank, an import undone, two records of one person, accounts
// that change, another pack.
func (d *district) mistakes() {
	d.t.Helper()
	b := d.batch(at(10))
	d.answer(d.row(b, "621943", "3004"), d.row(b, "621944", "0000"))
	d.undo(d.learn(newSheet(everyColumn).people(resident(1930))))
	d.merge(1944, 1945)
	person := d.number(`SELECT max(person) FROM person WHERE id_number = $1`, idOf(1943))
	ask := journal.By{Actor: clerk.Name, Origin: "主机", At: deskNow, Reason: "本人申请"}
	_, err := d.db.AskAccount(d.t.Context(), deskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, ask)
	d.must(err)
	_, err = d.db.AskAccount(d.t.Context(), deskRegion, person, roster.Account{Bank: "示例银行", Number: "629999"}, ask) // closes the first
	d.must(err)
	heir := resident(1943, func(p *roster.Person) { // takes the account over from the request that waits
		p.Deputy = roster.Deputy{Name: "女某", Relation: "女儿", Reason: "行动不便"}
	})
	_, err = d.db.ImportRoster(d.t.Context(), deskRegion, &newSheet(everyColumn).people(heir).in, runBy, false, nil)
	d.must(err)
	_, err = d.db.AnswerRequests(d.t.Context(), postgres.AnswerOrder{Region: deskRegion, All: true, Grant: true, By: byUser(approver)})
	d.must(err)
	pack := d.load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 75, source: 甲}")
	effect, _ := d.effect(pack)
	n, err := d.db.Propose(d.t.Context(), postgres.AdoptOrder{Region: deskRegion, Pack: pack, Effect: effect, User: clerk.Name, By: byUser(clerk)})
	d.must(err)
	effect, _ = d.effect(pack)
	d.must(d.db.Confirm(d.t.Context(), deskRegion, n, effect, byUser(approver)))
	d.pack = pack
}

// debts are of somebody who was paid after death: collected, waived and by instalments.
func (d *district) debts() {
	d.t.Helper()
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20)))))
	d.run(at(10))
	d.collect(d.recover(clerk, 1944, 1000))
	d.waived(d.recover(clerk, 1944, 500, of("11", at(9))))
	d.agree(1944, ledger.Plan{Sum: 5500, First: at(12), Months: 5})
}

// lists are match lists, and decisions on what they find.
func (d *district) lists() {
	d.t.Helper()
	d.match("死亡", listing(byNumber(1942, day(2026, 9, 3))))
	d.match("公安", listing(byNumber(1931, 0)))
	d.run(at(11))
	for _, f := range d.findings(d.batch(at(11)), payrun.Doubt) {
		d.must(d.db.Decide(d.t.Context(), deskRegion, f.ID, false, "待核实", clerk, runBy))
	}
}

// looked are entries of the access log that no seal covers yet.
func (d *district) looked(n int) {
	d.t.Helper()
	for range n {
		d.must(d.db.LogAccess(d.t.Context(), deskRegion, runBy, journal.Access{Action: journal.Exported, Subject: "花名册", Scope: "2026-11"}))
	}
}
