package audit_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/audit"
	"disburse/internal/store/calendar"
	"disburse/internal/store/imports"
	"disburse/internal/store/recovery"
	"disburse/internal/store/rules"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
)

// lived is a district to which everything has happened that leaves rows: every table that
// an audit compares has some.
func lived(t *testing.T) *storetest.District {
	t.Helper()
	d := storetest.OpenDistrict(t)
	d.Staff("区人社局") // before the first change, which states whom it finds
	d.Must(users.Add(t.Context(), d.Db, storetest.DeskRegion, approval.User{Name: "己审计", Post: approval.Auditor}, "又一个相当长的口令字句", storetest.RunBy))
	d.Must(calendar.SetHolidays(t.Context(), d.Db, storetest.DeskRegion, []calendar.Holiday{{Day: storetest.Day(2026, 10, 1), Off: true, Name: "国庆节"}, {Day: storetest.Day(2026, 10, 10), Name: "调休"}}, storetest.RunBy))
	d.Must(calendar.SetJob(t.Context(), d.Db, storetest.DeskRegion, calendar.JobSetting{Job: "备份", Enabled: true, Every: "每月", Day: 3, Shift: "不移", Lead: []int16{1},
		Parameters: map[string]string{"目录": "备份"}}, "", "", storetest.RunBy))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942), storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945), storetest.Resident(1946, storetest.Without), storetest.Resident(1905)).
		Payee(storetest.House("甲院", "2001")).Fact(storetest.IdOf(1945), "残疾等级", storetest.Since("一级", storetest.LongAgo)).
		Fact(storetest.IdOf(1943), "养老保险", storetest.Since("职工", storetest.LongAgo)).Award(storetest.IdOf(1943), "1", roster.Award{Amount: 30000, First: storetest.At(9)}))
	openings(d)
	d.Paid(9)
	voided(d)
	d.Paid(10)
	mistakes(d)
	debts(d)
	lists(d)
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.SignTo(storetest.At(11), "区人社局", payrun.Reviewed)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1905, storetest.DiedOn(storetest.Day(2026, 8, 20)))))
	d.Run(storetest.At(11)) // leaves a register behind the approved batch
	seal(d, 2)
	looked(d, 3)
	return d
}

// openings are entries of the old system, for the month before the first.
func openings(d *storetest.District) {
	d.T.Helper()
	in := &roster.OpeningImport{File: "期初.xlsx", SHA256: strings.Repeat("ef", 32), Rows: []roster.OpeningRow{
		{Place: roster.Place{Sheet: "期初", Row: 2}, ID: storetest.IdOf(1943), Item: "11", Payee: roster.Myself, Month: storetest.At(8), Amount: -7000, Basis: "老系统"}}}
	_, err := recovery.ImportOpening(d.T.Context(), d.Db, recovery.OpeningOrder{Region: storetest.DeskRegion, In: in, Opening: storetest.At(9), By: storetest.RunBy})
	d.Must(err)
}

// voided is a batch that two people void before it is sent, and a neighbour who pays.
func voided(d *storetest.District) {
	d.T.Helper()
	d.Neighbour(1942)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	for _, u := range []approval.User{storetest.Reviewer, storetest.Approver} {
		_, err := signing.Void(d.T.Context(), d.Db, d.SigningOf(storetest.At(10), u, "重做"), 0)
		d.Must(err)
	}
	d.PaysThere(1942, storetest.At(10))
}

// mistakes are answers of the bank, an import undone, two records of one person, accounts
// that change, another pack.
func mistakes(d *storetest.District) {
	d.T.Helper()
	b := d.Batch(storetest.At(10))
	d.Answer(d.Row(b, "621943", "3004"), d.Row(b, "621944", "0000"))
	d.Undo(d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1930))))
	d.Merge(1944, 1945)
	person := d.Number(`SELECT max(person) FROM person WHERE id_number = $1`, storetest.IdOf(1943))
	ask := journal.By{Actor: storetest.Clerk.Name, Origin: "主机", At: storetest.DeskNow, Reason: "本人申请"}
	_, err := imports.RequestAccount(d.T.Context(), d.Db, storetest.DeskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, ask)
	d.Must(err)
	_, err = imports.RequestAccount(d.T.Context(), d.Db, storetest.DeskRegion, person, roster.Account{Bank: "示例银行", Number: "629999"}, ask) // closes the first
	d.Must(err)
	heir := storetest.Resident(1943, func(p *roster.Person) { // takes the account over from the request that waits
		p.Deputy = roster.Deputy{Name: "女某", Relation: "女儿", Reason: "行动不便"}
	})
	_, err = imports.ImportRoster(d.T.Context(), d.Db, storetest.DeskRegion, &storetest.NewSheet(storetest.EveryColumn).People(heir).In, storetest.RunBy, false, nil)
	d.Must(err)
	_, err = imports.AnswerRequests(d.T.Context(), d.Db, imports.AnswerOrder{Region: storetest.DeskRegion, All: true, Grant: true, By: storetest.ByUser(storetest.Approver)})
	d.Must(err)
	pack := d.Load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 75, source: 甲}")
	effect, _ := d.Effect(pack)
	n, err := rules.Propose(d.T.Context(), d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: pack, Effect: effect, User: storetest.Clerk.Name, By: storetest.ByUser(storetest.Clerk)})
	d.Must(err)
	effect, _ = d.Effect(pack)
	d.Must(rules.Confirm(d.T.Context(), d.Db, storetest.DeskRegion, n, effect, storetest.ByUser(storetest.Approver)))
	d.Pack = pack
}

// debts are of somebody who was paid after death: collected, waived and by instalments.
func debts(d *storetest.District) {
	d.T.Helper()
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20)))))
	d.Run(storetest.At(10))
	d.Collect(d.Recover(storetest.Clerk, 1944, 1000))
	d.Waived(d.Recover(storetest.Clerk, 1944, 500, storetest.Of("11", storetest.At(9))))
	d.Agree(1944, ledger.Plan{Sum: 5500, First: storetest.At(12), Months: 5})
}

// lists are match lists, and decisions on what they find.
func lists(d *storetest.District) {
	d.T.Helper()
	d.Match("死亡", storetest.Listing(storetest.ByNumber(1942, storetest.Day(2026, 9, 3))))
	d.Match("公安", storetest.Listing(storetest.ByNumber(1931, 0)))
	d.Run(storetest.At(11))
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Doubt) {
		d.Must(signing.Decide(d.T.Context(), d.Db, storetest.DeskRegion, f.ID, false, "待核实", storetest.Clerk, storetest.RunBy))
	}
}

// looked are entries of the access log that no seal covers yet.
func looked(d *storetest.District, n int) {
	d.T.Helper()
	for range n {
		d.Must(audit.LogAccess(d.T.Context(), d.Db, storetest.DeskRegion, storetest.RunBy, journal.Access{Action: journal.Exported, Subject: "花名册", Scope: "2026-11"}))
	}
}
