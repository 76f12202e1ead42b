package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// district is a region as it begins: people and packs, no month run yet.
type district struct {
	*desk
	pack *policy.Pack
}

func openDistrict(t testing.TB) *district {
	t.Helper()
	d := &district{desk: openDesk(t)}
	d.exec(`UPDATE region SET opening_month = NULL`)
	d.pack = d.load()
	return d
}

// load is the built-in pack, with texts replaced: pairs of old and new.
func (d *district) load(changes ...string) *policy.Pack {
	d.t.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			d.t.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.LoadOnce([]byte(body))
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

var runBy = journal.By{Actor: "os:tester", Origin: "主机", At: deskNow}

// learn imports a workbook in which nothing may be refused, and has the 复核 confirm what
// waits for a second person.
func (d *district) learn(s *sheet) int64 {
	d.t.Helper()
	return d.confirmed(d.imports(&s.in))
}

// imports imports a workbook in which nothing may be refused.
func (d *district) imports(in *roster.Import) *roster.Report {
	d.t.Helper()
	report, err := d.db.ImportRoster(d.t.Context(), deskRegion, in, runBy, false, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(report.Problems) > 0 {
		d.t.Fatalf("refused: %+v", report.Problems)
	}
	return report
}

// confirmed has the 复核 confirm all that waits, and returns the import's revision.
func (d *district) confirmed(report *roster.Report) int64 {
	d.t.Helper()
	if report.Asked > 0 {
		if _, err := d.replies(true, ""); err != nil {
			d.t.Fatal(err)
		}
	}
	return report.Rev
}

// answer2 has the 复核 answer what waits: those numbered, or all.
func (d *district) replies(grant bool, reason string, numbers ...int) ([]postgres.AccountRequest, error) {
	return d.db.AnswerRequests(d.t.Context(), postgres.AnswerOrder{Region: deskRegion, Numbers: numbers, All: len(numbers) == 0, Grant: grant,
		By: journal.By{Actor: reviewer.Name, Origin: "主机", At: deskNow, Reason: reason}})
}

// resident is somebody born in June of a year, with an account of their own.
func resident(year int, with ...func(*roster.Person)) roster.Person {
	p := somebody(year, fmt.Sprintf("某%d", year))
	p.Phone, p.Account = "0352", roster.Account{Bank: "示例银行", Number: fmt.Sprintf("62%d", year)}
	for _, f := range with {
		f(&p)
	}
	return p
}

func without(p *roster.Person) { p.Account = roster.Account{} }

func diedOn(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.Died = d } }

func paidTo(number string) func(*roster.Person) {
	return func(p *roster.Person) { p.Account.Number = number }
}

// since is the one record of a fact: a value from a day on, perhaps up to another.
func since(value string, from month.Date, until ...month.Date) roster.Fact {
	f := roster.Fact{Value: value, Since: from}
	if len(until) > 0 {
		f.Until = until[0]
	}
	return f
}

var longAgo = day(2020, 1, 1)

func house(name, number string) roster.Payee {
	return roster.Payee{Name: name, Account: roster.Account{Bank: "示例银行", Number: number}}
}

// order asks for a month under the district's pack.
func (d *district) order(m month.Month) postgres.RunOrder {
	return postgres.RunOrder{Region: deskRegion, Month: m, Pack: d.pack, By: runBy}
}

func (d *district) tryRun(o postgres.RunOrder) (*postgres.RunReport, error) {
	return d.db.Run(d.t.Context(), o)
}

// run runs a month and insists that what is stored is what the run says, and that the
// judge agrees with it.
func (d *district) run(m month.Month) *postgres.RunReport {
	d.t.Helper()
	return d.runOrder(d.order(m))
}

func (d *district) runOrder(o postgres.RunOrder) *postgres.RunReport {
	d.t.Helper()
	report, err := d.tryRun(o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.sound(report)
	return report
}

// sound checks every batch of a report: digest, totals, findings, judge.
func (d *district) sound(report *postgres.RunReport) {
	d.t.Helper()
	for _, b := range report.Bureaus {
		if b.Batch.Number == 0 || (b.Outcome != postgres.Made && b.Outcome != postgres.Remade && b.Outcome != postgres.Supplementary) {
			continue
		}
		stored, err := d.db.Batch(d.t.Context(), deskRegion, b.Batch.Number)
		if err != nil || stored != b.Batch {
			d.t.Errorf("stored %+v, %v, reported %+v", stored, err, b.Batch)
		}
		if digest, err := d.db.StoredDigest(d.t.Context(), deskRegion, stored); err != nil || digest != stored.Digest {
			d.t.Errorf("%s: lines have digest %s, %v, the batch %s", approval.Title(stored), digest, err, stored.Digest)
		}
		if d.pack.Pays(stored.Bureau) {
			d.agrees(stored)
		}
	}
}

func (d *district) judge(b payrun.Batch) []string {
	d.t.Helper()
	found, err := d.db.Judge(d.t.Context(), deskRegion, b.Number, d.pack.File, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for i := range found {
		all = append(all, found[i].Sentence())
	}
	return all
}

func (d *district) agrees(b payrun.Batch) {
	d.t.Helper()
	for _, s := range d.judge(b) {
		d.t.Errorf("judge of %s: %s", approval.Title(b), s)
	}
}

// outcome is what a report says of one bureau.
func outcome(t testing.TB, report *postgres.RunReport, bureau string) postgres.BureauRun {
	t.Helper()
	i := slices.IndexFunc(report.Bureaus, func(b postgres.BureauRun) bool { return b.Bureau == bureau })
	if i < 0 {
		t.Fatalf("no %s in %+v", bureau, report.Bureaus)
	}
	return report.Bureaus[i]
}

// batch is the latest of 区民政局 in a month.
func (d *district) batch(m month.Month) payrun.Batch {
	d.t.Helper()
	b, err := d.db.LatestBatch(d.t.Context(), deskRegion, m, deskBureau)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// lines are a batch's, each as "某1944 11 本人 2026-11 当月 70.00 [暂缓]".
func (d *district) lines(b payrun.Batch) []string {
	d.t.Helper()
	lines, err := d.db.Lines(d.t.Context(), deskRegion, b, d.pack)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, l := range lines {
		s := fmt.Sprintf("%s %s %s %s %s %s", l.Name, l.Item, l.Payee, l.Month, l.Kind, l.Amount)
		if l.Kind == payrun.Recovery {
			s += " 从" + l.Against
		}
		if l.Hold != 0 {
			s += " [" + l.Hold.String() + "]"
		}
		all = append(all, s)
	}
	return all
}

// register is the recovery register as it is now.
func (d *district) register() []string {
	d.t.Helper()
	debts, err := d.db.Register(d.t.Context(), deskRegion)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, x := range debts {
		all = append(all, fmt.Sprintf("%s %s %s %s %s", x.Name, x.Item, x.Payee, x.Month, x.Amount))
	}
	slices.Sort(all)
	return all
}

func (d *district) want(what string, got []string, expected ...string) {
	d.t.Helper()
	if diff := cmp.Diff(expected, got, cmpopts.EquateEmpty()); diff != "" {
		d.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// findings are those of a batch and level.
func (d *district) findings(b payrun.Batch, level payrun.Level) []payrun.Finding {
	d.t.Helper()
	all, err := d.db.Findings(d.t.Context(), deskRegion, b.Number)
	if err != nil {
		d.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f payrun.Finding) bool { return f.Level != level })
}

// staff are the three users of a bureau; those of 区民政局 are the desk's.
func (d *district) staff(bureau string) [3]approval.User {
	d.t.Helper()
	if bureau == deskBureau {
		return [3]approval.User{clerk, reviewer, approver}
	}
	var users [3]approval.User
	for i, post := range []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver} {
		users[i] = approval.User{Name: string(post) + bureau, Post: post, Bureau: bureau, Active: true}
		if d.number(`SELECT count(*) FROM account_user WHERE name = $1`, users[i].Name) == 0 {
			d.addUser(users[i])
		}
	}
	return users
}

// signTo takes a bureau's latest batch of a month up to a state, the judge looking on.
func (d *district) signTo(m month.Month, bureau string, state payrun.State) payrun.Batch {
	d.t.Helper()
	ctx, users := d.t.Context(), d.staff(bureau)
	signing := func(i int) postgres.Signing {
		return postgres.Signing{Region: deskRegion, Month: m, Bureau: bureau, User: users[i],
			By: journal.By{Actor: users[i].Name, Origin: "主机", At: deskNow, Reason: "核对无误"}}
	}
	judge := func(ctx context.Context, batch int32) ([]string, error) {
		found, err := d.db.Judge(ctx, deskRegion, batch, d.pack.File, nil)
		var all []string
		for i := range found {
			all = append(all, found[i].Sentence())
		}
		return all, err
	}
	b, err := d.db.Submit(ctx, signing(0), postgres.Submission{AcknowledgeAll: true, Judge: judge})
	if err == nil && state != payrun.Submitted {
		b, err = d.db.Review(ctx, signing(1))
	}
	if err == nil && state == payrun.Approved {
		b, err = d.db.Approve(ctx, signing(2), d.payOrder(bureau))
	}
	if err != nil {
		d.t.Fatalf("%s %s: %v", bureau, m, err)
	}
	return b
}

func (d *district) payOrder(bureau string) postgres.PayOrder {
	d.t.Helper()
	b, err := d.pack.Bureau(bureau)
	if err != nil {
		d.t.Fatal(err)
	}
	return postgres.PayOrder{Code: b.Code.Value, Items: deskOrder.Items, Streets: deskOrder.Streets}
}

// approve takes the batch of 区民政局 through all posts.
func (d *district) approve(m month.Month) payrun.Batch {
	d.t.Helper()
	return d.signTo(m, deskBureau, payrun.Approved)
}

// returnBatch sends a batch that is being signed back to its 经办.
func (d *district) returnBatch(m month.Month) {
	d.t.Helper()
	s := by(reviewer, "有误")
	s.Month = m
	if _, err := d.db.Return(d.t.Context(), s); err != nil {
		d.t.Fatal(err)
	}
}

// decide settles the one 疑点 of a kind in a batch.
func (d *district) decide(b payrun.Batch, kind string, release bool) {
	d.t.Helper()
	for _, f := range d.findings(b, payrun.Doubt) {
		if f.Kind == kind {
			if err := d.db.Decide(d.t.Context(), deskRegion, f.ID, release, "已核实", clerk, runBy); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no 疑点 %s in %s", kind, approval.Title(b))
}

// later writes one revision past the program, as commands of later stages will: sql's
// $1 is the revision.
func (d *district) later(statements ...string) {
	d.t.Helper()
	rev := d.number(`SELECT head FROM region`) + 1
	for _, sql := range statements {
		d.exec(sql, rev)
	}
	d.exec(`UPDATE region SET head = $1`, rev)
}

// snapshot is everything that a run may write, as text.
func (d *district) snapshot() string {
	d.t.Helper()
	var all []string
	for _, table := range []string{"region", "journal", "pack", "batch", "batch_item", "draft_line", "line", "debt", "later_register", "later_debt", "finding", "ledger", "payment"} {
		var s string
		if err := d.owner.QueryRow(d.t.Context(), `SELECT coalesce(string_agg(r, E'\n' ORDER BY r), '') FROM (SELECT t::text AS r FROM `+table+` t) all_rows`).Scan(&s); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, table+":\n"+s)
	}
	return strings.Join(all, "\n")
}

// unchanged insists that nothing was written since.
func (d *district) unchanged(before string) {
	d.t.Helper()
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		d.t.Errorf("something was left behind:\n%s", diff)
	}
}

// saying insists on a fault of a code that says all of the words.
func saying(t testing.TB, err error, code fault.Code, words ...string) {
	t.Helper()
	if err == nil || !fault.Is(err, code) {
		t.Fatalf("got %v (%s), want %s", err, fault.CodeOf(err), code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func at(m int) month.Month { return month.Of(2026, m) }

func num(b payrun.Batch) string { return fmt.Sprint(b.Number) }
