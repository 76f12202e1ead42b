package imports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/audit"
	"disburse/internal/store/batches"
	"disburse/internal/store/imports"
	"disburse/internal/store/merging"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
	"disburse/internal/store/requests"
	"disburse/internal/store/rules"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
)

// waitingList lists those that wait, or the others, by number: "1 某1944 621944→6200001 open".
func waitingList(d *storetest.District, open bool) []string {
	d.T.Helper()
	all, err := requests.List(d.T.Context(), d.Db, storetest.DeskRegion, open, 0, 0, 1000)
	if err != nil {
		d.T.Fatal(err)
	}
	slices.Reverse(all)
	var said []string
	for _, q := range all {
		said = append(said, fmt.Sprintf("%d %s %s→%s %s", q.N, q.Name, q.Old.Number, q.New.Number, q.State))
	}
	return said
}

// account is where somebody's money goes as known now.
func account(d *storetest.District, id string) string {
	d.T.Helper()
	x, err := people.FindDossier(d.T.Context(), d.Db, storetest.DeskRegion, id, 0)
	if err != nil {
		d.T.Fatal(err)
	}
	return x.Account.Number
}

// audited insists that the chain and all rows are as they were written.
func audited(d *storetest.District) {
	d.T.Helper()
	report, err := audit.Verify(d.T.Context(), d.Db, storetest.DeskRegion, nil, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, p := range report.Problems {
		if p.Table != "account_user" { // the fixture's users were put straight into the table
			d.T.Errorf("audit: %+v", p)
		}
	}
}

// lineAccounts are where a batch's lines go, by name and item.
func lineAccounts(d *storetest.District, m month.Month) []string {
	d.T.Helper()
	lines, err := batches.Lines(d.T.Context(), d.Db, storetest.DeskRegion, d.Batch(m), d.Pack)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%s %s %s", l.Name, l.Item, l.Account.Number))
	}
	return all
}

// TestAnImportChangesNoAccountAlone: 95 people who were paid have another account in one
// workbook. Nothing of it counts until a second person has confirmed; the same workbook
// again asks for nothing; the run, its lines and the judge go by what was known before.
func TestAnImportChangesNoAccountAlone(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	const many = 95
	people := func(prefix string) *storetest.Sheet {
		s := storetest.NewSheet(storetest.EveryColumn)
		for i := range many {
			id := roster.MakeID("140213", storetest.Day(1940, 6, 1)+month.Date(i), 1)
			s.People(roster.Person{ID: id, Birth: roster.BirthOf(id), Name: fmt.Sprintf("人%02d", i), Street: "永泰", Phone: "0352",
				Account: roster.Account{Bank: "示例银行", Number: fmt.Sprintf("%s%04d", prefix, i)}})
		}
		return s
	}
	d.Learn(people("6200"))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))

	changed := people("6299")
	if r := d.Imports(&changed.In); r.Asked != many || r.Waiting != many || r.ChangedPeople != 0 || r.Rev == 0 {
		t.Fatalf("report %+v", r)
	}
	if r := d.Imports(&people("6299").In); r.Rev != 0 || r.Asked != 0 || r.Waiting != many {
		t.Errorf("the same file again: %+v", r)
	}
	d.Run(storetest.At(11)) // the judge looks on
	accounts := lineAccounts(d, storetest.At(11))
	if len(accounts) != many || slices.ContainsFunc(accounts, func(s string) bool { return strings.Contains(s, "6299") }) {
		t.Errorf("a run goes by what nobody confirmed: %q", accounts)
	}
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if open := waitingList(d, true); len(open) != 0 {
		t.Errorf("after confirming all wait %q", open)
	}
	d.Run(storetest.At(11))
	if accounts = lineAccounts(d, storetest.At(11)); slices.ContainsFunc(accounts, func(s string) bool { return strings.Contains(s, "6200") }) {
		t.Errorf("a run does not go by what was confirmed: %q", accounts)
	}
	if r := d.Imports(&people("6299").In); r.Rev != 0 || r.Waiting != 0 || r.Unchanged != many {
		t.Errorf("what is known once more: %+v", r)
	}
	audited(d)
}

// TestWhoseAccountWaits: who was paid before, and an institution that had an account; not
// who is new, nor who was never paid, nor an institution without one so far.
func TestWhoseAccountWaits(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	never, empty := storetest.Resident(1990), storetest.Resident(1945, storetest.Without)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), empty, never).Payee(storetest.House("甲院", "2001")).Payee(roster.Payee{Name: "区医保局"}))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	own := func(p *roster.Person) { p.Account.Holder = p.Name }
	for _, c := range []struct {
		name string
		who  *storetest.Sheet
		asks bool
	}{
		{"never paid", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1990, storetest.PaidTo("6200001"))), false},
		{"a first account of somebody never paid", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945)), false},
		{"somebody new", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1946)), false},
		{"an institution's first account", storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("区医保局", "3001")), false},
		{"a new institution", storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("乙院", "2003")), false},
		{"the person's own name as holder", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, own)), false},
		{"paid before", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, own, storetest.PaidTo("6200002"))), true},
		{"another bank", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, own, func(p *roster.Person) { p.Account.Bank = "晋商银行" })), true},
		{"another holder", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, func(p *roster.Person) { p.Account.Holder = "别人" })), true},
		{"taken away", storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.Without)), true},
		{"an institution", storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2009")), true},
		{"an institution's that was set just now", storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("区医保局", "3002")), true},
	} {
		want := 0
		if c.asks {
			want = 1
		}
		if r := d.Imports(&c.who.In); r.Asked != want || r.Rev == 0 {
			t.Errorf("%s: report %+v", c.name, r)
		}
	}
	// One request a person: each newer one took the place of the one before.
	d.Want("wait", waitingList(d, true), "4 某1944 621944→ open", "5 甲院 2001→2009 open", "6 区医保局 3001→3002 open")
	d.Want("closed", waitingList(d, false), "1 某1944 621944→6200002 superseded", "2 某1944 621944→621944 superseded", "3 某1944 621944→621944 superseded")
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, own)).In); r.Asked != 1 {
		t.Errorf("set again after it was taken away: %+v", r)
	}
	audited(d)
}

// TestWhoAnswers: a 复核 or 审批 who did not bring the change, each once, all or none.
func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200043")))
	by := storetest.RunBy
	by.Actor = storetest.Reviewer.Name
	if _, err := imports.ImportRoster(t.Context(), d.Db, storetest.DeskRegion, &s.In, by, false, nil); err != nil {
		t.Fatal(err)
	}
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200044")), storetest.Resident(1945, storetest.PaidTo("6200045"))).In)
	answer := func(who string, grant bool, reason string, numbers ...int) error {
		_, err := imports.AnswerRequests(t.Context(), d.Db, imports.AnswerOrder{Region: storetest.DeskRegion, Numbers: numbers, All: len(numbers) == 0, Grant: grant,
			By: journal.By{Actor: who, Origin: "主机", At: storetest.DeskNow, Reason: reason}})
		return err
	}
	storetest.Refused(t, answer(storetest.Reviewer.Name, true, "", 1, 2), fault.Denied, "必须由另一个人")
	storetest.Refused(t, answer(storetest.Clerk.Name, true, "", 2), fault.Denied, "由复核或审批岗位")
	storetest.Refused(t, answer(storetest.Manager.Name, true, "", 2), fault.Denied, "由复核或审批岗位")
	storetest.Refused(t, answer("os:tester", true, "", 2), fault.NotFound, "os:tester")
	storetest.Refused(t, answer(storetest.Approver.Name, false, " ", 2), fault.Invalid, "理由")
	storetest.Refused(t, answer(storetest.Approver.Name, true, "", 2, 99), fault.NotFound, "第 99 号")
	if got := account(d, storetest.IdOf(1944)); got != "621944" {
		t.Fatalf("a refused answer changed the account to %s", got)
	}
	if err := answer(storetest.Approver.Name, false, "与存折不符", 3); err != nil {
		t.Fatal(err)
	}
	if err := answer(storetest.Reviewer.Name, true, ""); err != nil { // all but the own one
		t.Fatal(err)
	}
	d.Want("waits for another", waitingList(d, true), "1 某1943 621943→6200043 open")
	d.Want("answered", waitingList(d, false), "2 某1944 621944→6200044 granted", "3 某1945 621945→6200045 refused")
	storetest.Refused(t, answer(storetest.Reviewer.Name, true, ""), fault.Refused, "没有等待")
	storetest.Refused(t, answer(storetest.Approver.Name, true, "", 3), fault.Refused, "已经由丙审批答复（不同意）")
	for id, want := range map[string]string{storetest.IdOf(1943): "621943", storetest.IdOf(1944): "6200044", storetest.IdOf(1945): "621945"} {
		if got := account(d, id); got != want {
			t.Errorf("the account of %s is %s, want %s", id, got, want)
		}
	}
	audited(d)
}

// TestWhoBroughtPartOfARequest: a newer request takes the account, or the 代领人, over from the
// one that waits. Who brought that answers it as little as who brought the rest.
func TestWhoBroughtPartOfARequest(t *testing.T) {
	t.Parallel()
	heir := func(name string) func(*roster.Person) {
		return func(p *roster.Person) {
			p.Deputy = roster.Deputy{Name: name, Relation: "女儿", Reason: "行动不便"}
		}
	}
	silent := storetest.EveryColumn
	silent.Deputy, silent.DeputyRelation, silent.DeputyReason = false, false, false
	type row struct {
		who     string
		columns roster.Columns
		with    []func(*roster.Person)
	}
	for name, c := range map[string]struct {
		rows  []row
		wants string // the request that waits at last
		none  []string
		may   string
	}{
		"the account": {[]row{{storetest.Reviewer.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666")}}, {storetest.Clerk.Name, storetest.EveryColumn, []func(*roster.Person){heir("女某")}}},
			"2 某1944 621944→6200666 open", []string{storetest.Reviewer.Name, storetest.Clerk.Name}, storetest.Approver.Name},
		"the account, twice": {[]row{{storetest.Reviewer.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666")}}, {storetest.Clerk.Name, storetest.EveryColumn, []func(*roster.Person){heir("女某")}},
			{"os:tester", storetest.EveryColumn, []func(*roster.Person){heir("子某")}}}, "3 某1944 621944→6200666 open", []string{storetest.Reviewer.Name}, storetest.Approver.Name},
		"the heir": {[]row{{storetest.Reviewer.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666"), heir("女某")}}, {storetest.Clerk.Name, silent, []func(*roster.Person){storetest.PaidTo("6200777")}}},
			"2 某1944 621944→6200777 open", []string{storetest.Reviewer.Name, storetest.Clerk.Name}, storetest.Approver.Name},
		"nothing": {[]row{{storetest.Reviewer.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666")}}, {storetest.Clerk.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200777")}}},
			"2 某1944 621944→6200777 open", []string{storetest.Clerk.Name}, storetest.Reviewer.Name},
		"what both say": {[]row{{storetest.Reviewer.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666")}}, {storetest.Clerk.Name, storetest.EveryColumn, []func(*roster.Person){storetest.PaidTo("6200666"), heir("女某")}}},
			"2 某1944 621944→6200666 open", []string{storetest.Clerk.Name}, storetest.Reviewer.Name},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
			d.Run(storetest.At(10))
			d.Approve(storetest.At(10))
			for _, r := range c.rows {
				by := storetest.RunBy
				by.Actor = r.who
				if report, err := imports.ImportRoster(t.Context(), d.Db, storetest.DeskRegion, &storetest.NewSheet(r.columns).People(storetest.Resident(1944, r.with...)).In, by, false, nil); err != nil || report.Asked != 1 {
					t.Fatalf("%+v, %v", report, err)
				}
			}
			d.Want("wait", waitingList(d, true), c.wants)
			n := len(c.rows)
			answer := func(who string, all bool) error {
				o := imports.AnswerOrder{Region: storetest.DeskRegion, Numbers: []int{n}, Grant: true, By: journal.By{Actor: who, Origin: "主机", At: storetest.DeskNow}}
				if all {
					o.Numbers, o.All = nil, true
				}
				_, err := imports.AnswerRequests(t.Context(), d.Db, o)
				return err
			}
			for _, who := range c.none {
				storetest.Refused(t, answer(who, false), fault.Denied, "必须由另一个人")
				storetest.Refused(t, answer(who, true), fault.Refused, "没有等待")
				if open, own, err := requests.CountOpen(t.Context(), d.Db, storetest.DeskRegion, who); open != 1 || own != 1 || err != nil {
					t.Errorf("%s: %d open, %d own, %v", who, open, own, err)
				}
			}
			if err := answer(c.may, true); err != nil {
				t.Errorf("%s: %v", c.may, err)
			}
			audited(d)
		})
	}
}

// TestUndoneImportAsksNoMore: what an import asked for goes with it; confirmed, it cannot be undone any more. An undoing that would
// bring back another account than somebody is paid to waits itself.
func TestUndoneImportAsksNoMore(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)).Payee(storetest.House("甲院", "2001")))
	first := d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200010"))).Payee(storetest.House("乙院", "2005"))) // never paid: at once
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	undo := func(rev int64) (*imports.UndoReport, error) {
		return imports.UndoImport(t.Context(), d.Db, imports.UndoOrder{Region: storetest.DeskRegion, Rev: rev, User: storetest.Clerk, By: journal.By{Origin: "主机", At: storetest.DeskNow, Reason: "导错了"}})
	}
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200001"))).In)
	second := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200002"))).In).Rev
	if r, err := undo(second); err != nil || r.Withdrawn != 1 || r.Lost != 1 || r.Asked != 0 {
		t.Fatalf("undone %+v, %v", r, err)
	}
	d.Want("nothing waits", waitingList(d, true))
	d.Want("withdrawn", waitingList(d, false), "1 某1943 621943→6200001 superseded", "2 某1943 621943→6200002 withdrawn")

	if r, err := undo(first); err != nil || r.People != 1 || r.Payees != 1 || r.Asked != 1 {
		t.Fatalf("undone %+v, %v", r, err)
	}
	if got := account(d, storetest.IdOf(1944)); got != "6200010" {
		t.Errorf("undoing alone changed the account of somebody paid to %s", got)
	}
	d.Want("asked by undoing", waitingList(d, true), "3 某1944 6200010→621944 open")
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if got := account(d, storetest.IdOf(1944)); got != "621944" {
		t.Errorf("the account of 某1944 is %s", got)
	}
	third := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200003"))).In).Rev
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	_, err := undo(third)
	storetest.Refused(t, err, fault.Refused, "已经由第二人确认")
	// What only an undone import brought never had an account.
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("乙院", "2006")).In); r.Asked != 0 || r.ChangedPayees != 1 {
		t.Errorf("an institution once more: %+v", r)
	}
	audited(d)
}

// TestMergeChangesNoAccountAlone: only the gone record was paid, so its account counts on.
func TestMergeChangesNoAccountAlone(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1946, storetest.PaidTo("6200666"))))
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001"))).In)
	merge := func(kept, gone string) *merging.Report {
		t.Helper()
		r, err := merging.Merge(t.Context(), d.Db, merging.Order{Region: storetest.DeskRegion, Kept: kept, Gone: gone, User: storetest.Clerk,
			By: journal.By{Origin: "主机", At: storetest.DeskNow, Reason: "同一人"}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := merge(storetest.IdOf(1946), storetest.IdOf(1944)); r.Closed != 1 || r.Asked != 1 {
		t.Errorf("merged %+v", r)
	}
	if got := account(d, storetest.IdOf(1946)); got != "621944" {
		t.Errorf("merging alone sends the money to %s", got)
	}
	d.Want("waits", waitingList(d, true), "2 某1946 621944→6200666 open")
	d.Want("closed", waitingList(d, false), "1 某1944 621944→6200001 merged")
	if _, err := d.Replies(false, "不是本人的", 2); err != nil {
		t.Fatal(err)
	}
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1946, storetest.PaidTo("6200667"))).In); r.Asked != 1 {
		t.Errorf("paid under the merged record: %+v", r)
	}
	// Both were paid: the kept one's is known and stays.
	if r := merge(storetest.IdOf(1943), storetest.IdOf(1946)); r.Closed != 1 || r.Asked != 0 {
		t.Errorf("merged %+v", r)
	}
	if got := account(d, storetest.IdOf(1943)); got != "621943" {
		t.Errorf("the kept one's account is %s", got)
	}
	audited(d)
}

// TestSigningNamesWhatWaits: who signs is told whose account waits, and the journal has it.
func TestSigningNamesWhatWaits(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1990)).Payee(storetest.House("甲院", "2001")))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001"))).Payee(storetest.House("甲院", "2009")).In) // nobody is in 甲院
	d.Run(storetest.At(11))
	var told []string
	s := signing.Order{Region: storetest.DeskRegion, Month: storetest.At(11), Bureau: storetest.DeskBureau, User: storetest.Clerk, By: journal.By{Actor: storetest.Clerk.Name, Origin: "主机", At: storetest.DeskNow, Reason: "已核对"},
		Waiting: func(all []requests.Request) {
			for _, q := range all {
				told = append(told, q.Name)
			}
		}}
	if _, err := signing.Submit(t.Context(), d.Db, s, signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees}); err != nil {
		t.Fatal(err)
	}
	d.Want("told", told, "某1944")
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '提交批次' AND summary LIKE '%等待第二人确认的变更 1 件'`); n != 1 {
		t.Errorf("%d entries say so", n)
	}
}

// TestRefusedAccountWithAnotherWaiting: until somebody confirms it, the new account of who
// was refused changes nothing; the line is held, and says that it waits.
func TestRefusedAccountWithAnotherWaiting(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.BankRefuses(d.Approve(storetest.At(10)), "621944")
	d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001"))).In)
	d.Run(storetest.At(11))
	d.Want("held", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]")
	said := false
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Information) {
		said = said || f.Kind == payrun.RefusedAccount && strings.Contains(f.Sentence, "新账户的变更（第 1 号）正在等待第二人确认")
	}
	if !said {
		t.Error("nothing says that an account waits")
	}
	d.Want("waits", waitingList(d, true), "1 某1944 621944→6200001 open")
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	d.Run(storetest.At(11))
	d.Want("paid", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
}

// TestHeirWaitsWithTheAccount: a 代领人 who comes with another account, or while one waits,
// waits with it: named alone, what waits for an heir would go to the account of the dead.
func TestHeirWaitsWithTheAccount(t *testing.T) {
	t.Parallel()
	heir := func(p *roster.Person) {
		p.Died, p.Deputy = storetest.Day(2026, 10, 20), roster.Deputy{Name: "女某", Relation: "女儿", Reason: "本人去世"}
		p.Account = roster.Account{Bank: "示例银行", Number: "6200777", Holder: "女某"}
	}
	noAccount := func(p *roster.Person) { heir(p); p.Account = storetest.Resident(1944).Account }
	held := []string{"某1944 11 本人 2026-10 补发 70.00 [已故待领]"}
	for name, steps := range map[string][]func(*roster.Person){
		"in one workbook":       {heir},
		"the account first":     {func(p *roster.Person) { heir(p); p.Deputy = roster.Deputy{} }, noAccount},
		"once more in the same": {heir, heir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943)))
			d.Run(storetest.At(9))
			d.Approve(storetest.At(9))
			for _, step := range steps {
				d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, step)).In)
			}
			d.Run(storetest.At(11))
			got := slices.DeleteFunc(d.Lines(d.Batch(storetest.At(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
			d.Want("waits for an heir", got, held...)
			if _, err := d.Replies(true, ""); err != nil {
				t.Fatal(err)
			}
			d.Run(storetest.At(11))
			got = slices.DeleteFunc(d.Lines(d.Batch(storetest.At(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
			d.Want("goes to the heir", got, "某1944 11 本人 2026-10 补发 70.00")
			if accounts := lineAccounts(d, storetest.At(11)); !slices.Contains(accounts, "某1944 11 6200777") {
				t.Errorf("paid to %q", accounts)
			}
			if x, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 0); err != nil || x.Deputy.Name != "女某" {
				t.Errorf("the 代领人 is %+v, %v", x.Deputy, err)
			}
			audited(d)
		})
	}
}

// TestAFirstPaymentInSigning: who is paid for the first time by a batch that is being signed
// was paid, as far as another account is concerned; once it is returned, they were not.
func TestAFirstPaymentInSigning(t *testing.T) {
	t.Parallel()
	for _, state := range []payrun.State{payrun.Submitted, payrun.Reviewed} {
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945, storetest.Without)).Payee(storetest.House("甲院", "2001")))
		d.Run(storetest.At(10))
		d.SignTo(storetest.At(10), storetest.DeskBureau, state)
		if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001")), storetest.Resident(1945)).In); r.Asked != 1 || r.ChangedPeople != 1 {
			t.Errorf("%s: report %+v", state, r)
		}
		d.Want("waits", waitingList(d, true), "1 某1944 621944→6200001 open")
		if got := account(d, storetest.IdOf(1944)); got != "621944" {
			t.Errorf("%s: the account is %s", state, got)
		}
		d.ReturnBatch(storetest.At(10))
		if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001"))).In); r.Asked != 0 || r.ChangedPeople != 1 || r.Closed != 1 {
			t.Errorf("%s, returned: report %+v", state, r)
		}
		d.Want("what it asked for is known", waitingList(d, false), "1 某1944 621944→6200001 known")
		audited(d)
	}
}

// TestAnInstitutionInSigning: an import undone is as if it had not been, but not for an
// institution that a batch in signing pays.
func TestAnInstitutionInSigning(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1956)).Fact(storetest.IdOf(1956), "特困", storetest.Since("集中", storetest.LongAgo)).
		Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)))
	brought := d.Learn(storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2001")))
	d.Run(storetest.At(10))
	d.SignTo(storetest.At(10), storetest.DeskBureau, payrun.Submitted)
	d.Undo(brought)
	d.Want("waits", waitingList(d, true), "1 甲院 2001→ open")
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2009")).In); r.Asked != 1 || r.ChangedPayees != 0 {
		t.Errorf("report %+v", r)
	}
}

// TestTwoAccountsOfOneHandAnswerNothing: where the only 管理 has the password of everybody,
// nobody is the second person until an independent one has confirmed the accounts.
func TestTwoAccountsOfOneHandAnswerNothing(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.DeadSinceAugust(t), t.Context()
	for _, u := range []approval.User{storetest.Clerk, storetest.Reviewer, storetest.Approver} {
		d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, u.Name, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "忘记口令")))
		d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, u.Name, storetest.Own, storetest.AsUser(u.Name, "")))
	}
	const says = "可能是同一个人"
	w, err := recovery.AskWaiver(ctx, d.Db, d.Recover(storetest.Clerk, 1944, 3000, storetest.Of("11", storetest.At(9))))
	d.Must(err)
	_, err = d.SettleWaiver(storetest.Approver, w.N, true, "")
	storetest.Saying(t, err, fault.Denied, says)
	pack := d.Load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 75, source: 甲}")
	effect, _ := d.Effect(pack)
	n, err := rules.Propose(ctx, d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: pack, Effect: effect, User: storetest.Clerk.Name, By: storetest.ByUser(storetest.Clerk)})
	d.Must(err)
	effect, _ = d.Effect(pack)
	storetest.Saying(t, rules.Confirm(ctx, d.Db, storetest.DeskRegion, n, effect, storetest.ByUser(storetest.Approver)), fault.Denied, says)
	_, err = signing.Void(ctx, d.Db, d.SigningOf(storetest.At(10), storetest.Reviewer, "重做"), 0)
	d.Must(err)
	_, err = signing.Void(ctx, d.Db, d.SigningOf(storetest.At(10), storetest.Approver, "重做"), 0)
	storetest.Saying(t, err, fault.Denied, says)
	person := d.Number(`SELECT max(person) FROM person WHERE id_number = $1`, storetest.IdOf(1943))
	for range 2 {
		_, err = imports.RequestAccount(ctx, d.Db, storetest.DeskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, storetest.AsUser(storetest.Clerk.Name, "本人申请"))
		d.Must(err)
		_, err = d.Replies(true, "")
		storetest.Saying(t, err, fault.Denied, says)
		if _, err = d.Replies(false, "与存折不符"); err != nil { // which changes nothing
			t.Fatal(err)
		}
	}
	_, err = imports.RequestAccount(ctx, d.Db, storetest.DeskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, storetest.AsUser(storetest.Clerk.Name, "本人申请"))
	d.Must(err)
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Must(d.Confirms(storetest.Clerk.Name, storetest.AsUser(storetest.Auditor.Name, "当面核实")))
	if _, err = d.Replies(true, ""); err != nil {
		t.Error(err)
	}
	_, err = d.SettleWaiver(storetest.Approver, w.N, true, "")
	d.Must(err)
	audited(d)
}

// TestNumbersNobodyHas: a number too large for its column is one that there is not.
func TestNumbersNobodyHas(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDistrict(t), t.Context()
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	const none = 9_999_999_999
	_, err := d.Replies(true, "", none)
	storetest.Refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = d.SettleWaiver(storetest.Approver, none, true, "")
	storetest.Refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = rules.ReadProposal(ctx, d.Db, storetest.DeskRegion, none)
	storetest.Refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = signing.MarkSent(ctx, d.Db, d.SigningOf(storetest.At(10), storetest.Clerk, ""), none)
	storetest.Refused(t, err, fault.NotFound, "没有第9999999999批")
}

// TestFirstHeirWaits: the first 代领人 of somebody dead who was paid waits by themselves, too:
// known at once, what is held would go to the account of the dead.
func TestFirstHeirWaits(t *testing.T) {
	t.Parallel()
	heir := roster.Deputy{Name: "女某", Relation: "女儿", Reason: "本人去世"}
	named := func(p *roster.Person) { p.Died, p.Deputy = storetest.Day(2026, 10, 20), heir }
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943)))
	d.Run(storetest.At(9))
	d.Approve(storetest.At(9))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 10, 20)))))
	held := func() []string {
		d.Run(storetest.At(11))
		return slices.DeleteFunc(d.Lines(d.Batch(storetest.At(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
	}
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, named), storetest.Resident(1946, named)).In); r.Asked != 1 || r.NewPeople != 1 || r.ChangedPeople != 0 {
		t.Errorf("named alone: %+v", r)
	}
	if r := d.Imports(&storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, named)).In); r.Rev != 0 || r.Asked != 0 || r.Waiting != 1 {
		t.Errorf("once more: %+v", r)
	}
	d.Want("waits", waitingList(d, true), "1 某1944 621944→621944 open")
	d.Want("waits for an heir", held(), "某1944 11 本人 2026-10 补发 70.00 [已故待领]")
	// With an account that comes later the 代领人 stays asked for.
	person := d.Number(`SELECT max(person) FROM person WHERE id_number = $1`, storetest.IdOf(1944))
	_, err := imports.RequestAccount(t.Context(), d.Db, storetest.DeskRegion, person, roster.Account{Bank: "示例银行", Number: "6200777", Holder: "女某"}, storetest.AsUser(storetest.Clerk.Name, "继承公证"))
	d.Must(err)
	if _, err := d.Replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if x, err := people.FindDossier(t.Context(), d.Db, storetest.DeskRegion, storetest.IdOf(1944), 0); err != nil || x.Deputy != heir || x.Account.Number != "6200777" {
		t.Errorf("known %+v, %v", x.Person, err)
	}
	d.Want("goes to the heir", held(), "某1944 11 本人 2026-10 补发 70.00")
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '账户变更' AND summary LIKE '%代领人 无 改为 女某%'`); n != 1 {
		t.Errorf("%d entries name the 代领人", n)
	}
	audited(d)
}
