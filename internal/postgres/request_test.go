package postgres_test

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
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// requests lists those that wait, or the others, by number: "1 某1944 621944→6200001 open".
func (d *district) requests(open bool) []string {
	d.t.Helper()
	all, err := d.db.AccountRequests(d.t.Context(), deskRegion, open, 0, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	slices.Reverse(all)
	var said []string
	for _, q := range all {
		said = append(said, fmt.Sprintf("%d %s %s→%s %s", q.N, q.Name, q.Old.Number, q.New.Number, q.State))
	}
	return said
}

// account is where somebody's money goes as known now.
func (d *district) account(id string) string {
	d.t.Helper()
	x, err := d.db.FindDossier(d.t.Context(), deskRegion, id, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return x.Account.Number
}

// audited insists that the chain and all rows are as they were written.
func (d *district) audited() {
	d.t.Helper()
	report, err := d.db.AuditVerify(d.t.Context(), deskRegion, nil, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range report.Problems {
		if p.Table != "account_user" { // the fixture's users were put straight into the table
			d.t.Errorf("audit: %+v", p)
		}
	}
}

// lineAccounts are where a batch's lines go, by name and item.
func (d *district) lineAccounts(m month.Month) []string {
	d.t.Helper()
	lines, err := d.db.Lines(d.t.Context(), deskRegion, d.batch(m), d.pack)
	if err != nil {
		d.t.Fatal(err)
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
	d := openDistrict(t)
	const many = 95
	people := func(prefix string) *sheet {
		s := newSheet(everyColumn)
		for i := range many {
			id := roster.MakeID("140213", day(1940, 6, 1)+month.Date(i), 1)
			s.people(roster.Person{ID: id, Birth: roster.BirthOf(id), Name: fmt.Sprintf("人%02d", i), Street: "永泰", Phone: "0352",
				Account: roster.Account{Bank: "示例银行", Number: fmt.Sprintf("%s%04d", prefix, i)}})
		}
		return s
	}
	d.learn(people("6200"))
	d.run(at(10))
	d.approve(at(10))

	changed := people("6299")
	if r := d.imports(&changed.in); r.Asked != many || r.Waiting != many || r.ChangedPeople != 0 || r.Rev == 0 {
		t.Fatalf("report %+v", r)
	}
	if r := d.imports(&people("6299").in); r.Rev != 0 || r.Asked != 0 || r.Waiting != many {
		t.Errorf("the same file again: %+v", r)
	}
	d.run(at(11)) // the judge looks on
	accounts := d.lineAccounts(at(11))
	if len(accounts) != many || slices.ContainsFunc(accounts, func(s string) bool { return strings.Contains(s, "6299") }) {
		t.Errorf("a run goes by what nobody confirmed: %q", accounts)
	}
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if open := d.requests(true); len(open) != 0 {
		t.Errorf("after confirming all wait %q", open)
	}
	d.run(at(11))
	if accounts = d.lineAccounts(at(11)); slices.ContainsFunc(accounts, func(s string) bool { return strings.Contains(s, "6200") }) {
		t.Errorf("a run does not go by what was confirmed: %q", accounts)
	}
	if r := d.imports(&people("6299").in); r.Rev != 0 || r.Waiting != 0 || r.Unchanged != many {
		t.Errorf("what is known once more: %+v", r)
	}
	d.audited()
}

// TestWhoseAccountWaits: who was paid before, and an institution that had an account; not
// who is new, nor who was never paid, nor an institution without one so far.
func TestWhoseAccountWaits(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	never, empty := resident(1990), resident(1945, without)
	d.learn(newSheet(everyColumn).people(resident(1944), empty, never).payee(house("甲院", "2001")).payee(roster.Payee{Name: "区医保局"}))
	d.run(at(10))
	d.approve(at(10))
	own := func(p *roster.Person) { p.Account.Holder = p.Name }
	for _, c := range []struct {
		name string
		who  *sheet
		asks bool
	}{
		{"never paid", newSheet(everyColumn).people(resident(1990, paidTo("6200001"))), false},
		{"a first account of somebody never paid", newSheet(everyColumn).people(resident(1945)), false},
		{"somebody new", newSheet(everyColumn).people(resident(1946)), false},
		{"an institution's first account", newSheet(everyColumn).payee(house("区医保局", "3001")), false},
		{"a new institution", newSheet(everyColumn).payee(house("乙院", "2003")), false},
		{"the person's own name as holder", newSheet(everyColumn).people(resident(1944, own)), false},
		{"paid before", newSheet(everyColumn).people(resident(1944, own, paidTo("6200002"))), true},
		{"another bank", newSheet(everyColumn).people(resident(1944, own, func(p *roster.Person) { p.Account.Bank = "晋商银行" })), true},
		{"another holder", newSheet(everyColumn).people(resident(1944, func(p *roster.Person) { p.Account.Holder = "别人" })), true},
		{"taken away", newSheet(everyColumn).people(resident(1944, without)), true},
		{"an institution", newSheet(everyColumn).payee(house("甲院", "2009")), true},
		{"an institution's that was set just now", newSheet(everyColumn).payee(house("区医保局", "3002")), true},
	} {
		want := 0
		if c.asks {
			want = 1
		}
		if r := d.imports(&c.who.in); r.Asked != want || r.Rev == 0 {
			t.Errorf("%s: report %+v", c.name, r)
		}
	}
	// One request a person: each newer one took the place of the one before.
	d.want("wait", d.requests(true), "4 某1944 621944→ open", "5 甲院 2001→2009 open", "6 区医保局 3001→3002 open")
	d.want("closed", d.requests(false), "1 某1944 621944→6200002 superseded", "2 某1944 621944→621944 superseded", "3 某1944 621944→621944 superseded")
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if r := d.imports(&newSheet(everyColumn).people(resident(1944, own)).in); r.Asked != 1 {
		t.Errorf("set again after it was taken away: %+v", r)
	}
	d.audited()
}

// TestWhoAnswers: a 复核 or 审批 who did not bring the change, each once, all or none.
func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945)))
	d.run(at(10))
	d.approve(at(10))
	s := newSheet(everyColumn).people(resident(1943, paidTo("6200043")))
	by := runBy
	by.Actor = reviewer.Name
	if _, err := d.db.ImportRoster(t.Context(), deskRegion, &s.in, by, false, nil); err != nil {
		t.Fatal(err)
	}
	d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200044")), resident(1945, paidTo("6200045"))).in)
	answer := func(who string, grant bool, reason string, numbers ...int) error {
		_, err := d.db.AnswerRequests(t.Context(), postgres.AnswerOrder{Region: deskRegion, Numbers: numbers, All: len(numbers) == 0, Grant: grant,
			By: journal.By{Actor: who, Origin: "主机", At: deskNow, Reason: reason}})
		return err
	}
	refused(t, answer(reviewer.Name, true, "", 1, 2), fault.Denied, "必须由另一个人")
	refused(t, answer(clerk.Name, true, "", 2), fault.Denied, "由复核或审批岗位")
	refused(t, answer(manager.Name, true, "", 2), fault.Denied, "由复核或审批岗位")
	refused(t, answer("os:tester", true, "", 2), fault.NotFound, "os:tester")
	refused(t, answer(approver.Name, false, " ", 2), fault.Invalid, "理由")
	refused(t, answer(approver.Name, true, "", 2, 99), fault.NotFound, "第 99 号")
	if got := d.account(idOf(1944)); got != "621944" {
		t.Fatalf("a refused answer changed the account to %s", got)
	}
	if err := answer(approver.Name, false, "与存折不符", 3); err != nil {
		t.Fatal(err)
	}
	if err := answer(reviewer.Name, true, ""); err != nil { // all but the own one
		t.Fatal(err)
	}
	d.want("waits for another", d.requests(true), "1 某1943 621943→6200043 open")
	d.want("answered", d.requests(false), "2 某1944 621944→6200044 granted", "3 某1945 621945→6200045 refused")
	refused(t, answer(reviewer.Name, true, ""), fault.Refused, "没有等待")
	refused(t, answer(approver.Name, true, "", 3), fault.Refused, "已经由丙审批答复（不同意）")
	for id, want := range map[string]string{idOf(1943): "621943", idOf(1944): "6200044", idOf(1945): "621945"} {
		if got := d.account(id); got != want {
			t.Errorf("the account of %s is %s, want %s", id, got, want)
		}
	}
	d.audited()
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
	silent := everyColumn
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
		"the account": {[]row{{reviewer.Name, everyColumn, []func(*roster.Person){paidTo("6200666")}}, {clerk.Name, everyColumn, []func(*roster.Person){heir("女某")}}},
			"2 某1944 621944→6200666 open", []string{reviewer.Name, clerk.Name}, approver.Name},
		"the account, twice": {[]row{{reviewer.Name, everyColumn, []func(*roster.Person){paidTo("6200666")}}, {clerk.Name, everyColumn, []func(*roster.Person){heir("女某")}},
			{"os:tester", everyColumn, []func(*roster.Person){heir("子某")}}}, "3 某1944 621944→6200666 open", []string{reviewer.Name}, approver.Name},
		"the heir": {[]row{{reviewer.Name, everyColumn, []func(*roster.Person){paidTo("6200666"), heir("女某")}}, {clerk.Name, silent, []func(*roster.Person){paidTo("6200777")}}},
			"2 某1944 621944→6200777 open", []string{reviewer.Name, clerk.Name}, approver.Name},
		"nothing": {[]row{{reviewer.Name, everyColumn, []func(*roster.Person){paidTo("6200666")}}, {clerk.Name, everyColumn, []func(*roster.Person){paidTo("6200777")}}},
			"2 某1944 621944→6200777 open", []string{clerk.Name}, reviewer.Name},
		"what both say": {[]row{{reviewer.Name, everyColumn, []func(*roster.Person){paidTo("6200666")}}, {clerk.Name, everyColumn, []func(*roster.Person){paidTo("6200666"), heir("女某")}}},
			"2 某1944 621944→6200666 open", []string{clerk.Name}, reviewer.Name},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDistrict(t)
			d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
			d.run(at(10))
			d.approve(at(10))
			for _, r := range c.rows {
				by := runBy
				by.Actor = r.who
				if report, err := d.db.ImportRoster(t.Context(), deskRegion, &newSheet(r.columns).people(resident(1944, r.with...)).in, by, false, nil); err != nil || report.Asked != 1 {
					t.Fatalf("%+v, %v", report, err)
				}
			}
			d.want("wait", d.requests(true), c.wants)
			n := len(c.rows)
			answer := func(who string, all bool) error {
				o := postgres.AnswerOrder{Region: deskRegion, Numbers: []int{n}, Grant: true, By: journal.By{Actor: who, Origin: "主机", At: deskNow}}
				if all {
					o.Numbers, o.All = nil, true
				}
				_, err := d.db.AnswerRequests(t.Context(), o)
				return err
			}
			for _, who := range c.none {
				refused(t, answer(who, false), fault.Denied, "必须由另一个人")
				refused(t, answer(who, true), fault.Refused, "没有等待")
				if open, own, err := d.db.OpenAccountRequests(t.Context(), deskRegion, who); open != 1 || own != 1 || err != nil {
					t.Errorf("%s: %d open, %d own, %v", who, open, own, err)
				}
			}
			if err := answer(c.may, true); err != nil {
				t.Errorf("%s: %v", c.may, err)
			}
			d.audited()
		})
	}
}

// TestUndoneImportAsksNoMore: what an import asked for goes with it; confirmed, it cannot be undone any more. An undoing that would
// bring back another account than somebody is paid to waits itself.
func TestUndoneImportAsksNoMore(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)).payee(house("甲院", "2001")))
	first := d.learn(newSheet(everyColumn).people(resident(1944, paidTo("6200010"))).payee(house("乙院", "2005"))) // never paid: at once
	d.run(at(10))
	d.approve(at(10))
	undo := func(rev int64) (*postgres.UndoReport, error) {
		return d.db.UndoImport(t.Context(), postgres.UndoOrder{Region: deskRegion, Rev: rev, User: clerk, By: journal.By{Origin: "主机", At: deskNow, Reason: "导错了"}})
	}
	d.imports(&newSheet(everyColumn).people(resident(1943, paidTo("6200001"))).in)
	second := d.imports(&newSheet(everyColumn).people(resident(1943, paidTo("6200002"))).in).Rev
	if r, err := undo(second); err != nil || r.Withdrawn != 1 || r.Lost != 1 || r.Asked != 0 {
		t.Fatalf("undone %+v, %v", r, err)
	}
	d.want("nothing waits", d.requests(true))
	d.want("withdrawn", d.requests(false), "1 某1943 621943→6200001 superseded", "2 某1943 621943→6200002 withdrawn")

	if r, err := undo(first); err != nil || r.People != 1 || r.Payees != 1 || r.Asked != 1 {
		t.Fatalf("undone %+v, %v", r, err)
	}
	if got := d.account(idOf(1944)); got != "6200010" {
		t.Errorf("undoing alone changed the account of somebody paid to %s", got)
	}
	d.want("asked by undoing", d.requests(true), "3 某1944 6200010→621944 open")
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if got := d.account(idOf(1944)); got != "621944" {
		t.Errorf("the account of 某1944 is %s", got)
	}
	third := d.imports(&newSheet(everyColumn).people(resident(1943, paidTo("6200003"))).in).Rev
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	_, err := undo(third)
	refused(t, err, fault.Refused, "已经由第二人确认")
	// What only an undone import brought never had an account.
	if r := d.imports(&newSheet(everyColumn).payee(house("乙院", "2006")).in); r.Asked != 0 || r.ChangedPayees != 1 {
		t.Errorf("an institution once more: %+v", r)
	}
	d.audited()
}

// TestMergeChangesNoAccountAlone: only the gone record was paid, so its account counts on.
func TestMergeChangesNoAccountAlone(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944)))
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1946, paidTo("6200666"))))
	d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200001"))).in)
	merge := func(kept, gone string) *postgres.MergeReport {
		t.Helper()
		r, err := d.db.MergePeople(t.Context(), postgres.MergeOrder{Region: deskRegion, Kept: kept, Gone: gone, User: clerk,
			By: journal.By{Origin: "主机", At: deskNow, Reason: "同一人"}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := merge(idOf(1946), idOf(1944)); r.Closed != 1 || r.Asked != 1 {
		t.Errorf("merged %+v", r)
	}
	if got := d.account(idOf(1946)); got != "621944" {
		t.Errorf("merging alone sends the money to %s", got)
	}
	d.want("waits", d.requests(true), "2 某1946 621944→6200666 open")
	d.want("closed", d.requests(false), "1 某1944 621944→6200001 merged")
	if _, err := d.replies(false, "不是本人的", 2); err != nil {
		t.Fatal(err)
	}
	if r := d.imports(&newSheet(everyColumn).people(resident(1946, paidTo("6200667"))).in); r.Asked != 1 {
		t.Errorf("paid under the merged record: %+v", r)
	}
	// Both were paid: the kept one's is known and stays.
	if r := merge(idOf(1943), idOf(1946)); r.Closed != 1 || r.Asked != 0 {
		t.Errorf("merged %+v", r)
	}
	if got := d.account(idOf(1943)); got != "621943" {
		t.Errorf("the kept one's account is %s", got)
	}
	d.audited()
}

// TestSigningNamesWhatWaits: who signs is told whose account waits, and the journal has it.
func TestSigningNamesWhatWaits(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1990)).payee(house("甲院", "2001")))
	d.run(at(10))
	d.approve(at(10))
	d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200001"))).payee(house("甲院", "2009")).in) // nobody is in 甲院
	d.run(at(11))
	var told []string
	s := postgres.Signing{Region: deskRegion, Month: at(11), Bureau: deskBureau, User: clerk, By: journal.By{Actor: clerk.Name, Origin: "主机", At: deskNow, Reason: "已核对"},
		Waiting: func(all []postgres.AccountRequest) {
			for _, q := range all {
				told = append(told, q.Name)
			}
		}}
	if _, err := d.db.Submit(t.Context(), s, postgres.Submission{AcknowledgeAll: true, Judge: agrees}); err != nil {
		t.Fatal(err)
	}
	d.want("told", told, "某1944")
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '提交批次' AND summary LIKE '%等待第二人确认的变更 1 件'`); n != 1 {
		t.Errorf("%d entries say so", n)
	}
}

// TestRefusedAccountWithAnotherWaiting: until somebody confirms it, the new account of who
// was refused changes nothing; the line is held, and says that it waits.
func TestRefusedAccountWithAnotherWaiting(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	d.bankRefuses(d.approve(at(10)), "621944")
	d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200001"))).in)
	d.run(at(11))
	d.want("held", d.lines(d.batch(at(11))), "某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]")
	said := false
	for _, f := range d.findings(d.batch(at(11)), payrun.Information) {
		said = said || f.Kind == payrun.RefusedAccount && strings.Contains(f.Sentence, "新账户的变更（第 1 号）正在等待第二人确认")
	}
	if !said {
		t.Error("nothing says that an account waits")
	}
	d.want("waits", d.requests(true), "1 某1944 621944→6200001 open")
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	d.run(at(11))
	d.want("paid", d.lines(d.batch(at(11))), "某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00")
}

// TestHeirWaitsWithTheAccount: a 代领人 who comes with another account, or while one waits,
// waits with it: named alone, what waits for an heir would go to the account of the dead.
func TestHeirWaitsWithTheAccount(t *testing.T) {
	t.Parallel()
	heir := func(p *roster.Person) {
		p.Died, p.Deputy = day(2026, 10, 20), roster.Deputy{Name: "女某", Relation: "女儿", Reason: "本人去世"}
		p.Account = roster.Account{Bank: "示例银行", Number: "6200777", Holder: "女某"}
	}
	noAccount := func(p *roster.Person) { heir(p); p.Account = resident(1944).Account }
	held := []string{"某1944 11 本人 2026-10 补发 70.00 [已故待领]"}
	for name, steps := range map[string][]func(*roster.Person){
		"in one workbook":       {heir},
		"the account first":     {func(p *roster.Person) { heir(p); p.Deputy = roster.Deputy{} }, noAccount},
		"once more in the same": {heir, heir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDistrict(t)
			d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
			d.run(at(9))
			d.approve(at(9))
			for _, step := range steps {
				d.imports(&newSheet(everyColumn).people(resident(1944, step)).in)
			}
			d.run(at(11))
			got := slices.DeleteFunc(d.lines(d.batch(at(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
			d.want("waits for an heir", got, held...)
			if _, err := d.replies(true, ""); err != nil {
				t.Fatal(err)
			}
			d.run(at(11))
			got = slices.DeleteFunc(d.lines(d.batch(at(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
			d.want("goes to the heir", got, "某1944 11 本人 2026-10 补发 70.00")
			if accounts := d.lineAccounts(at(11)); !slices.Contains(accounts, "某1944 11 6200777") {
				t.Errorf("paid to %q", accounts)
			}
			if x, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1944), 0); err != nil || x.Deputy.Name != "女某" {
				t.Errorf("the 代领人 is %+v, %v", x.Deputy, err)
			}
			d.audited()
		})
	}
}

// TestAFirstPaymentInSigning: who is paid for the first time by a batch that is being signed
// was paid, as far as another account is concerned; once it is returned, they were not.
func TestAFirstPaymentInSigning(t *testing.T) {
	t.Parallel()
	for _, state := range []payrun.State{payrun.Submitted, payrun.Reviewed} {
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1944), resident(1945, without)).payee(house("甲院", "2001")))
		d.run(at(10))
		d.signTo(at(10), deskBureau, state)
		if r := d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200001")), resident(1945)).in); r.Asked != 1 || r.ChangedPeople != 1 {
			t.Errorf("%s: report %+v", state, r)
		}
		d.want("waits", d.requests(true), "1 某1944 621944→6200001 open")
		if got := d.account(idOf(1944)); got != "621944" {
			t.Errorf("%s: the account is %s", state, got)
		}
		d.returnBatch(at(10))
		if r := d.imports(&newSheet(everyColumn).people(resident(1944, paidTo("6200001"))).in); r.Asked != 0 || r.ChangedPeople != 1 || r.Closed != 1 {
			t.Errorf("%s, returned: report %+v", state, r)
		}
		d.want("what it asked for is known", d.requests(false), "1 某1944 621944→6200001 known")
		d.audited()
	}
}

// TestAnInstitutionInSigning: an import undone is as if it had not been, but not for an
// institution that a batch in signing pays.
func TestAnInstitutionInSigning(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1956)).fact(idOf(1956), "特困", since("集中", longAgo)).
		fact(idOf(1956), "入住机构", since("甲院", longAgo)).fact(idOf(1956), "自理能力", since("全自理", longAgo)))
	brought := d.learn(newSheet(everyColumn).payee(house("甲院", "2001")))
	d.run(at(10))
	d.signTo(at(10), deskBureau, payrun.Submitted)
	d.undo(brought)
	d.want("waits", d.requests(true), "1 甲院 2001→ open")
	if r := d.imports(&newSheet(everyColumn).payee(house("甲院", "2009")).in); r.Asked != 1 || r.ChangedPayees != 0 {
		t.Errorf("report %+v", r)
	}
}

// TestTwoAccountsOfOneHandAnswerNothing: where the only 管理 has the password of everybody,
// nobody is the second person until an independent one has confirmed the accounts.
func TestTwoAccountsOfOneHandAnswerNothing(t *testing.T) {
	t.Parallel()
	d, ctx := deadSinceAugust(t), t.Context()
	for _, u := range []approval.User{clerk, reviewer, approver} {
		d.must(d.db.SetPassword(ctx, deskRegion, u.Name, handed, asUser(manager.Name, "忘记口令")))
		d.must(d.db.SetPassword(ctx, deskRegion, u.Name, own, asUser(u.Name, "")))
	}
	const says = "可能是同一个人"
	w, err := d.db.AskWaiver(ctx, d.recover(clerk, 1944, 3000, of("11", at(9))))
	d.must(err)
	_, err = d.settleWaiver(approver, w.N, true, "")
	saying(t, err, fault.Denied, says)
	pack := d.load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-10, value: 75, source: 甲}")
	effect, _ := d.effect(pack)
	n, err := d.db.Propose(ctx, postgres.AdoptOrder{Region: deskRegion, Pack: pack, Effect: effect, User: clerk.Name, By: byUser(clerk)})
	d.must(err)
	effect, _ = d.effect(pack)
	saying(t, d.db.Confirm(ctx, deskRegion, n, effect, byUser(approver)), fault.Denied, says)
	_, err = d.db.Void(ctx, d.signingOf(at(10), reviewer, "重做"), 0)
	d.must(err)
	_, err = d.db.Void(ctx, d.signingOf(at(10), approver, "重做"), 0)
	saying(t, err, fault.Denied, says)
	person := d.number(`SELECT max(person) FROM person WHERE id_number = $1`, idOf(1943))
	for range 2 {
		_, err = d.db.AskAccount(ctx, deskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, asUser(clerk.Name, "本人申请"))
		d.must(err)
		_, err = d.replies(true, "")
		saying(t, err, fault.Denied, says)
		if _, err = d.replies(false, "与存折不符"); err != nil { // which changes nothing
			t.Fatal(err)
		}
	}
	_, err = d.db.AskAccount(ctx, deskRegion, person, roster.Account{Bank: "示例银行", Number: "629998"}, asUser(clerk.Name, "本人申请"))
	d.must(err)
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	d.must(d.confirms(clerk.Name, asUser(auditor.Name, "当面核实")))
	if _, err = d.replies(true, ""); err != nil {
		t.Error(err)
	}
	_, err = d.settleWaiver(approver, w.N, true, "")
	d.must(err)
	d.audited()
}

// TestNumbersNobodyHas: a number too large for its column is one that there is not.
func TestNumbersNobodyHas(t *testing.T) {
	t.Parallel()
	d, ctx := openDistrict(t), t.Context()
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	d.approve(at(10))
	const none = 9_999_999_999
	_, err := d.replies(true, "", none)
	refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = d.settleWaiver(approver, none, true, "")
	refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = d.db.Proposal(ctx, deskRegion, none)
	refused(t, err, fault.NotFound, "第 9999999999 号")
	_, err = d.db.Sent(ctx, d.signingOf(at(10), clerk, ""), none)
	refused(t, err, fault.NotFound, "没有第9999999999批")
}

// TestFirstHeirWaits: the first 代领人 of somebody dead who was paid waits by themselves, too:
// known at once, what is held would go to the account of the dead.
func TestFirstHeirWaits(t *testing.T) {
	t.Parallel()
	heir := roster.Deputy{Name: "女某", Relation: "女儿", Reason: "本人去世"}
	named := func(p *roster.Person) { p.Died, p.Deputy = day(2026, 10, 20), heir }
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
	d.run(at(9))
	d.approve(at(9))
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 10, 20)))))
	held := func() []string {
		d.run(at(11))
		return slices.DeleteFunc(d.lines(d.batch(at(11))), func(s string) bool { return !strings.HasPrefix(s, "某1944") })
	}
	if r := d.imports(&newSheet(everyColumn).people(resident(1944, named), resident(1946, named)).in); r.Asked != 1 || r.NewPeople != 1 || r.ChangedPeople != 0 {
		t.Errorf("named alone: %+v", r)
	}
	if r := d.imports(&newSheet(everyColumn).people(resident(1944, named)).in); r.Rev != 0 || r.Asked != 0 || r.Waiting != 1 {
		t.Errorf("once more: %+v", r)
	}
	d.want("waits", d.requests(true), "1 某1944 621944→621944 open")
	d.want("waits for an heir", held(), "某1944 11 本人 2026-10 补发 70.00 [已故待领]")
	// With an account that comes later the 代领人 stays asked for.
	person := d.number(`SELECT max(person) FROM person WHERE id_number = $1`, idOf(1944))
	_, err := d.db.AskAccount(t.Context(), deskRegion, person, roster.Account{Bank: "示例银行", Number: "6200777", Holder: "女某"}, asUser(clerk.Name, "继承公证"))
	d.must(err)
	if _, err := d.replies(true, ""); err != nil {
		t.Fatal(err)
	}
	if x, err := d.db.FindDossier(t.Context(), deskRegion, idOf(1944), 0); err != nil || x.Deputy != heir || x.Account.Number != "6200777" {
		t.Errorf("known %+v, %v", x.Person, err)
	}
	d.want("goes to the heir", held(), "某1944 11 本人 2026-10 补发 70.00")
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '账户变更' AND summary LIKE '%代领人 无 改为 女某%'`); n != 1 {
		t.Errorf("%d entries name the 代领人", n)
	}
	d.audited()
}
