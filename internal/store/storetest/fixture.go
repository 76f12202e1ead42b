package storetest

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
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/imports"
	"disburse/internal/store/recovery"
	"disburse/internal/store/requests"
	"disburse/internal/store/runs"
	"disburse/internal/store/second"
	"disburse/internal/store/signing"
)

const Pingcheng = 140213

// EveryColumn is a workbook with all columns.
var EveryColumn = roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true,
	MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true,
	PayeeBank: true, PayeeNumber: true, PayeeHolder: true}

// Sheet is a roster workbook as it comes out of the reader.
type Sheet struct{ In roster.Import }

func NewSheet(columns roster.Columns) *Sheet {
	return &Sheet{roster.Import{File: "花名册.xlsx", SHA256: strings.Repeat("ab", 32), Columns: columns}}
}

// Person adds a row of 人员; former is the 原身份证号.
func (s *Sheet) Person(p roster.Person, former string) *Sheet {
	s.In.People = append(s.In.People, roster.PersonRow{
		Place: roster.Place{Sheet: "人员", Row: len(s.In.People) + len(s.In.RefusedPeople) + 2}, Person: p, Former: former})
	return s
}

// People adds rows of 人员 without 原身份证号.
func (s *Sheet) People(people ...roster.Person) *Sheet {
	for _, p := range people {
		s.Person(p, "")
	}
	return s
}

// Fact adds the whole history of a fact; no records: never held.
func (s *Sheet) Fact(id, name string, records ...roster.Fact) *Sheet {
	place := roster.Place{Sheet: "情况", Row: 2}
	for _, h := range s.In.Facts {
		place.Row += len(h.Rows)
	}
	h := roster.FactHistory{Place: place, ID: id, Fact: name, Facts: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Name = name
	}
	s.In.Facts = append(s.In.Facts, h)
	return s
}

// Award adds the whole history of an item's 核定金额; no awards: none.
func (s *Sheet) Award(id, item string, records ...roster.Award) *Sheet {
	place := roster.Place{Sheet: "核定金额", Row: 2}
	for _, h := range s.In.Awards {
		place.Row += len(h.Rows)
	}
	h := roster.AwardHistory{Place: place, ID: id, Item: item, Awards: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Item = item
	}
	s.In.Awards = append(s.In.Awards, h)
	return s
}

func (s *Sheet) Payee(p roster.Payee) *Sheet {
	s.In.Payees = append(s.In.Payees, roster.PayeeRow{Place: roster.Place{Sheet: "收款单位", Row: len(s.In.Payees) + 2}, Payee: p})
	return s
}

// IdOf is a made-up number of somebody born in a year.
func IdOf(year int) string { return roster.MakeID("140213", month.DateOf(year, 6, 15), 1) }

// Somebody is a made-up person with a number of the year.
func Somebody(year int, name string) roster.Person {
	return roster.Person{ID: IdOf(year), Name: name, Street: "永泰", Birth: month.DateOf(year, 6, 15)}
}

func Day(y, m, d int) month.Date { return month.DateOf(y, m, d) }

// District is a region as it begins: people and packs, no month run yet.
type District struct {
	*Desk
	Pack *policy.Pack
}

func OpenDistrict(t testing.TB) *District {
	t.Helper()
	d := &District{Desk: OpenDesk(t)}
	d.Exec(`UPDATE region SET opening_month = NULL`)
	d.Pack = d.Load()
	return d
}

// Load is the built-in pack, with texts replaced: pairs of old and new.
func (d *District) Load(changes ...string) *policy.Pack {
	d.T.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			d.T.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.LoadOnce([]byte(body))
	if err != nil {
		d.T.Fatal(err)
	}
	return p
}

var RunBy = journal.By{Actor: "os:tester", Origin: "主机", At: DeskNow}

// Learn imports a workbook in which nothing may be refused, and has the 复核 confirm what
// waits for a second person.
func (d *District) Learn(s *Sheet) int64 {
	d.T.Helper()
	return d.confirmed(d.Imports(&s.In))
}

// Imports imports a workbook in which nothing may be refused.
func (d *District) Imports(in *roster.Import) *roster.Report {
	d.T.Helper()
	report, err := imports.ImportRoster(d.T.Context(), d.Db, DeskRegion, in, RunBy, false, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	if len(report.Problems) > 0 {
		d.T.Fatalf("refused: %+v", report.Problems)
	}
	return report
}

// confirmed has the 复核 confirm all that waits, and returns the import's revision.
func (d *District) confirmed(report *roster.Report) int64 {
	d.T.Helper()
	if report.Asked > 0 {
		if _, err := d.Replies(true, ""); err != nil {
			d.T.Fatal(err)
		}
	}
	return report.Rev
}

// answer2 has the 复核 answer what waits: those numbered, or all.
func (d *District) Replies(grant bool, reason string, numbers ...int) ([]requests.Request, error) {
	return imports.AnswerRequests(d.T.Context(), d.Db, imports.AnswerOrder{Region: DeskRegion, Numbers: numbers, All: len(numbers) == 0, Grant: grant,
		By: journal.By{Actor: Reviewer.Name, Origin: "主机", At: DeskNow, Reason: reason}})
}

// Resident is somebody born in June of a year, with an account of their own.
func Resident(year int, with ...func(*roster.Person)) roster.Person {
	p := Somebody(year, fmt.Sprintf("某%d", year))
	p.Phone, p.Account = "0352", roster.Account{Bank: "示例银行", Number: fmt.Sprintf("62%d", year)}
	for _, f := range with {
		f(&p)
	}
	return p
}

func Without(p *roster.Person) { p.Account = roster.Account{} }

func DiedOn(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.Died = d } }

func PaidTo(number string) func(*roster.Person) {
	return func(p *roster.Person) { p.Account.Number = number }
}

// Since is the one record of a fact: a value from a day on, perhaps up to another.
func Since(value string, from month.Date, until ...month.Date) roster.Fact {
	f := roster.Fact{Value: value, Since: from}
	if len(until) > 0 {
		f.Until = until[0]
	}
	return f
}

var LongAgo = Day(2020, 1, 1)

func House(name, number string) roster.Payee {
	return roster.Payee{Name: name, Account: roster.Account{Bank: "示例银行", Number: number}}
}

// Order asks for a month under the district's pack.
func (d *District) Order(m month.Month) runs.Order {
	return runs.Order{Region: DeskRegion, Month: m, Pack: d.Pack, By: RunBy}
}

func (d *District) TryRun(o runs.Order) (*runs.Report, error) {
	return runs.Run(d.T.Context(), d.Db, o)
}

// Run runs a month and insists that what is stored is what the run says, and that the
// judge agrees with it.
func (d *District) Run(m month.Month) *runs.Report {
	d.T.Helper()
	return d.RunOrder(d.Order(m))
}

func (d *District) RunOrder(o runs.Order) *runs.Report {
	d.T.Helper()
	report, err := d.TryRun(o)
	if err != nil {
		d.T.Fatal(err)
	}
	d.Sound(report)
	return report
}

// Sound checks every batch of a report: digest, totals, findings, judge.
func (d *District) Sound(report *runs.Report) {
	d.T.Helper()
	for _, b := range report.Bureaus {
		if b.Batch.Number == 0 || (b.Outcome != runs.Made && b.Outcome != runs.Remade && b.Outcome != runs.Supplementary) {
			continue
		}
		stored, err := batches.Get(d.T.Context(), d.Db, DeskRegion, b.Batch.Number)
		if err != nil || stored != b.Batch {
			d.T.Errorf("stored %+v, %v, reported %+v", stored, err, b.Batch)
		}
		if digest, err := batches.StoredDigest(d.T.Context(), d.Db, DeskRegion, stored); err != nil || digest != stored.Digest {
			d.T.Errorf("%s: lines have digest %s, %v, the batch %s", approval.Title(stored), digest, err, stored.Digest)
		}
		if d.Pack.Pays(stored.Bureau) {
			d.Agrees(stored)
		}
	}
}

func (d *District) Judge(b payrun.Batch) []string {
	d.T.Helper()
	found, err := second.Judge(d.T.Context(), d.Db, DeskRegion, b.Number, d.Pack.File, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for i := range found {
		all = append(all, found[i].Sentence())
	}
	return all
}

func (d *District) Agrees(b payrun.Batch) {
	d.T.Helper()
	for _, s := range d.Judge(b) {
		d.T.Errorf("judge of %s: %s", approval.Title(b), s)
	}
}

// Outcome is what a report says of one bureau.
func Outcome(t testing.TB, report *runs.Report, bureau string) runs.BureauRun {
	t.Helper()
	i := slices.IndexFunc(report.Bureaus, func(b runs.BureauRun) bool { return b.Bureau == bureau })
	if i < 0 {
		t.Fatalf("no %s in %+v", bureau, report.Bureaus)
	}
	return report.Bureaus[i]
}

// Batch is the latest of 区民政局 in a month.
func (d *District) Batch(m month.Month) payrun.Batch {
	d.T.Helper()
	b, err := batches.Latest(d.T.Context(), d.Db, DeskRegion, m, DeskBureau)
	if err != nil {
		d.T.Fatal(err)
	}
	return b
}

// Lines are a batch's, each as "某1944 11 本人 2026-11 当月 70.00 [暂缓]".
func (d *District) Lines(b payrun.Batch) []string {
	d.T.Helper()
	lines, err := batches.Lines(d.T.Context(), d.Db, DeskRegion, b, d.Pack)
	if err != nil {
		d.T.Fatal(err)
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

// Register is the recovery register as it is now.
func (d *District) Register() []string {
	d.T.Helper()
	debts, err := recovery.Register(d.T.Context(), d.Db, DeskRegion)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, x := range debts {
		all = append(all, fmt.Sprintf("%s %s %s %s %s", x.Name, x.Item, x.Payee, x.Month, x.Amount))
	}
	slices.Sort(all)
	return all
}

func (d *District) Want(what string, got []string, expected ...string) {
	d.T.Helper()
	if diff := cmp.Diff(expected, got, cmpopts.EquateEmpty()); diff != "" {
		d.T.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Findings are those of a batch and level.
func (d *District) Findings(b payrun.Batch, level payrun.Level) []payrun.Finding {
	d.T.Helper()
	all, err := batches.Findings(d.T.Context(), d.Db, DeskRegion, b.Number)
	if err != nil {
		d.T.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f payrun.Finding) bool { return f.Level != level })
}

// Staff are the three users of a bureau; those of 区民政局 are the desk's.
func (d *District) Staff(bureau string) [3]approval.User {
	d.T.Helper()
	if bureau == DeskBureau {
		return [3]approval.User{Clerk, Reviewer, Approver}
	}
	var users [3]approval.User
	for i, post := range []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver} {
		users[i] = approval.User{Name: string(post) + bureau, Post: post, Bureau: bureau, Active: true}
		if d.Number(`SELECT count(*) FROM account_user WHERE name = $1`, users[i].Name) == 0 {
			d.AddUser(users[i])
		}
	}
	return users
}

// SignTo takes a bureau's latest batch of a month up to a state, the judge looking on.
func (d *District) SignTo(m month.Month, bureau string, state payrun.State) payrun.Batch {
	d.T.Helper()
	ctx, users := d.T.Context(), d.Staff(bureau)
	signingList := func(i int) signing.Order {
		return signing.Order{Region: DeskRegion, Month: m, Bureau: bureau, User: users[i],
			By: journal.By{Actor: users[i].Name, Origin: "主机", At: DeskNow, Reason: "核对无误"}}
	}
	judge := func(ctx context.Context, batch int32) ([]string, error) {
		found, err := second.Judge(ctx, d.Db, DeskRegion, batch, d.Pack.File, nil)
		var all []string
		for i := range found {
			all = append(all, found[i].Sentence())
		}
		return all, err
	}
	b, err := signing.Submit(ctx, d.Db, signingList(0), signing.Submission{AcknowledgeAll: true, Judge: judge})
	if err == nil && state != payrun.Submitted {
		b, err = signing.Review(ctx, d.Db, signingList(1))
	}
	if err == nil && state == payrun.Approved {
		b, err = signing.Approve(ctx, d.Db, signingList(2), d.PayOrder(bureau))
	}
	if err != nil {
		d.T.Fatalf("%s %s: %v", bureau, m, err)
	}
	return b
}

func (d *District) PayOrder(bureau string) signing.PayOrder {
	d.T.Helper()
	b, err := d.Pack.Bureau(bureau)
	if err != nil {
		d.T.Fatal(err)
	}
	return signing.PayOrder{Code: b.Code.Value, Items: DeskOrder.Items, Streets: DeskOrder.Streets}
}

// Approve takes the batch of 区民政局 through all posts.
func (d *District) Approve(m month.Month) payrun.Batch {
	d.T.Helper()
	return d.SignTo(m, DeskBureau, payrun.Approved)
}

// ReturnBatch sends a batch that is being signed back to its 经办.
func (d *District) ReturnBatch(m month.Month) {
	d.T.Helper()
	s := By(Reviewer, "有误")
	s.Month = m
	if _, err := signing.Return(d.T.Context(), d.Db, s); err != nil {
		d.T.Fatal(err)
	}
}

// Decide settles the one 疑点 of a kind in a batch.
func (d *District) Decide(b payrun.Batch, kind string, release bool) {
	d.T.Helper()
	for _, f := range d.Findings(b, payrun.Doubt) {
		if f.Kind == kind {
			if err := signing.Decide(d.T.Context(), d.Db, DeskRegion, f.ID, release, "已核实", Clerk, RunBy); err != nil {
				d.T.Fatal(err)
			}
			return
		}
	}
	d.T.Fatalf("no 疑点 %s in %s", kind, approval.Title(b))
}

// Later writes one revision past the program, as commands of later stages will: sql's
// $1 is the revision.
func (d *District) Later(statements ...string) {
	d.T.Helper()
	rev := d.Number(`SELECT head FROM region`) + 1
	for _, sql := range statements {
		d.Exec(sql, rev)
	}
	d.Exec(`UPDATE region SET head = $1`, rev)
}

// Snapshot is everything that a run may write, as text.
func (d *District) Snapshot() string {
	d.T.Helper()
	var all []string
	for _, table := range []string{"region", "journal", "pack", "batch", "batch_item", "draft_line", "line", "debt", "later_register", "later_debt", "finding", "ledger", "payment"} {
		var s string
		if err := d.Owner.QueryRow(d.T.Context(), `SELECT coalesce(string_agg(r, E'\n' ORDER BY r), '') FROM (SELECT t::text AS r FROM `+table+` t) all_rows`).Scan(&s); err != nil {
			d.T.Fatal(err)
		}
		all = append(all, table+":\n"+s)
	}
	return strings.Join(all, "\n")
}

// Unchanged insists that nothing was written since.
func (d *District) Unchanged(before string) {
	d.T.Helper()
	if diff := cmp.Diff(before, d.Snapshot()); diff != "" {
		d.T.Errorf("something was left behind:\n%s", diff)
	}
}

// Saying insists on a fault of a code that says all of the words.
func Saying(t testing.TB, err error, code fault.Code, words ...string) {
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

func At(m int) month.Month { return month.Of(2026, m) }

func Num(b payrun.Batch) string { return fmt.Sprint(b.Number) }
