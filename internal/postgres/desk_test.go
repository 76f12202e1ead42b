package postgres_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

const (
	deskRegion   = int32(140213)
	deskBureau   = "区民政局"
	deskPassword = "一个相当长的口令字"
)

var (
	deskMonth = month.Of(2026, 11)
	deskNow   = time.Date(2026, 11, 20, 9, 30, 0, 0, time.FixedZone("CST", 8*3600))
	deskOrder = postgres.PayOrder{Code: "MZ", Items: []string{"11", "12", "15", "18-2", "2"}, Streets: []string{"永泰", "古城", "新旺"}}

	clerk    = approval.User{Name: "甲经办", Post: approval.Clerk, Bureau: deskBureau, Active: true}
	reviewer = approval.User{Name: "乙复核", Post: approval.Reviewer, Bureau: deskBureau, Active: true}
	approver = approval.User{Name: "丙审批", Post: approval.Approver, Bureau: deskBureau, Active: true}
	manager  = approval.User{Name: "丁管理", Post: approval.Manager, Active: true}
)

// desk is a region with users, ready for batches to be signed. owner is the database's
// owner, past the program: it may do what the program's role may not.
type desk struct {
	t     testing.TB
	url   string
	db    *postgres.DB
	owner *pgx.Conn
}

func openDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, url: pgtest.New(t)}
	d.db = d.open()
	var err error
	if d.owner, err = pgx.Connect(t.Context(), d.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.owner.Close(context.Background()) })
	if err := d.db.EnsureRegion(t.Context(), deskRegion, "平城区"); err != nil {
		t.Fatal(err)
	}
	d.exec(`UPDATE region SET opening_month = '2026-10-01'`)
	d.exec(`INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'packhash', 1, 'language: 1')`, deskRegion)
	for _, u := range []approval.User{clerk, reviewer, approver, manager} {
		d.addUser(u)
	}
	return d
}

// open is one more process's connection.
func (d *desk) open() *postgres.DB {
	d.t.Helper()
	db, err := postgres.Open(d.t.Context(), d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(db.Close)
	return db
}

// addUser stores a user with deskPassword at a cost that does not slow the tests.
func (d *desk) addUser(u approval.User) {
	d.t.Helper()
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(deskPassword), salt, 1, 64, 1, 32)
	b64 := base64.RawStdEncoding
	phc := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", b64.EncodeToString(salt), b64.EncodeToString(key))
	d.exec(`INSERT INTO account_user (region, name, post, bureau, password, active) VALUES ($1, $2, $3, $4, $5, $6)`,
		deskRegion, u.Name, string(u.Post), u.Bureau, phc, u.Active)
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.owner.Exec(context.WithoutCancel(d.t.Context()), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

// number reads one number past the program.
func (d *desk) number(sql string, args ...any) (n int64) {
	d.t.Helper()
	if err := d.owner.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// line is a line of 70 yuan for person n, changed by with.
func line(n int64, item string, with ...func(*payrun.Line)) payrun.Line {
	l := payrun.Line{
		Person: n, Item: item, Payee: roster.Myself, Month: deskMonth, Kind: payrun.Current, Amount: 7000, Against: item,
		Name: fmt.Sprintf("某人%d", n), ID: fmt.Sprintf("1402131940%08d", n), Street: "古城", Community: "一社区",
		Account: roster.Account{Bank: "晋商银行", Number: fmt.Sprintf("6200%d", n)},
	}
	for _, f := range with {
		f(&l)
	}
	return l
}

// draft stores a batch as a run leaves it, computed at the region's present revision:
// the bureau's next of the month.
func (d *desk) draft(lines ...payrun.Line) payrun.Batch {
	d.t.Helper()
	b := payrun.Batch{Month: deskMonth, Bureau: deskBureau, State: payrun.Open, Round: 1, Pack: "packhash", Lines: len(lines)}
	b.Revision = d.number(`SELECT head FROM region`)
	b.Number = int32(d.number(`SELECT coalesce(max(batch), 0) + 1 FROM batch`))
	b.N = int(d.number(`SELECT count(*) + 1 FROM batch WHERE bureau = $1`, deskBureau))
	heads := map[int64]bool{}
	for _, l := range lines {
		if l.Hold != 0 {
			b.Held += l.Amount
			continue
		}
		b.Pays += l.Amount
		heads[l.Person] = true
	}
	b.Heads = len(heads)
	d.exec(`INSERT INTO batch (region, batch, month, bureau, n, state, round, revision, pack, digest, lines, heads, pays, held)
		VALUES ($1, $2, $3, $4, $5, 'open', 1, $6, $7, '', $8, $9, $10, $11)`, deskRegion, b.Number, deskMonth.First().Time(),
		b.Bureau, b.N, b.Revision, b.Pack, b.Lines, b.Heads, b.Pays, b.Held)
	d.copyLines(b.Number, lines)
	d.insertItems(b.Number, lines)
	b.Digest = d.digest(b, "draft_line")
	d.exec(`UPDATE batch SET digest = $2 WHERE batch = $1`, b.Number, b.Digest)
	return b
}

func (d *desk) copyLines(batch int32, lines []payrun.Line) {
	d.t.Helper()
	columns := []string{"region", "batch", "person", "item", "payee", "month", "against", "kind", "amount", "hold", "id_number",
		"name", "street", "community", "bank", "account", "holder"}
	_, err := d.owner.CopyFrom(d.t.Context(), pgx.Identifier{"draft_line"}, columns, pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
		l := lines[i]
		return []any{deskRegion, batch, l.Person, l.Item, l.Payee, l.Month.First().Time(), l.Against, int16(l.Kind), int64(l.Amount),
			int16(l.Hold), l.ID, l.Name, l.Street, l.Community, l.Account.Bank, l.Account.Number, l.Account.Holder}, nil
	}))
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) insertItems(batch int32, lines []payrun.Line) {
	d.t.Helper()
	type sums struct {
		heads map[int64]bool
		paid  [4]money.Fen // by kind
		held  money.Fen
	}
	items := map[string]*sums{}
	for _, l := range lines {
		s := items[l.Item]
		if s == nil {
			s = &sums{heads: map[int64]bool{}}
			items[l.Item] = s
		}
		if l.Hold != 0 {
			s.held += l.Amount
			continue
		}
		s.heads[l.Person] = true
		s.paid[l.Kind] += l.Amount
	}
	for item, s := range items {
		d.exec(`INSERT INTO batch_item (region, batch, item, heads, current, arrears, recovery, held) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			deskRegion, batch, item, len(s.heads), s.paid[1], s.paid[2], s.paid[3], s.held)
	}
}

// digest is a second implementation: the whole COPY stream less its ends.
func (d *desk) digest(b payrun.Batch, table string) string {
	d.t.Helper()
	var stream bytes.Buffer
	_, err := d.owner.PgConn().CopyTo(d.t.Context(), &stream, fmt.Sprintf(`COPY (SELECT person, item, payee, month, against, kind, amount,
		hold, id_number, name, street, community, bank, account, holder FROM %s WHERE batch = %d
		ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, table, b.Number))
	if err != nil {
		d.t.Fatal(err)
	}
	header := fmt.Sprintf("disburse-batch-v1\n140213\n2026-11\n%s\n%d\n%d\n%s\n", b.Bureau, b.N, b.Revision, b.Pack)
	sum := sha256.Sum256(append([]byte(header), stream.Bytes()[19:stream.Len()-2]...))
	return hex.EncodeToString(sum[:])
}

func (d *desk) finding(b payrun.Batch, id string, level int, sentence string) {
	d.t.Helper()
	d.exec(`INSERT INTO finding (region, batch, id, person, level, kind, item, sentence) VALUES ($1, $2, $3, 0, $4, '试', '', $5)`,
		deskRegion, b.Number, id, level, sentence)
}

const signatureColumns = `region, batch, round, post, actor, at, rev, digest, reason`

// keep copies the tables that tests spoil and returns what puts them back.
func (d *desk) keep() (restore func()) {
	d.t.Helper()
	// Foreign keys are not looked at while rows are on their way.
	put := []string{`SET session_replication_role = replica`}
	for _, table := range []string{"region", "journal", "pack", "batch", "batch_item", "draft_line", "finding", "account_user",
		"signature", "acknowledgement", "ledger", "waiver", "row_change", "row_digest", "row_mark"} {
		d.exec(`DROP TABLE IF EXISTS kept_` + table)
		d.exec(`CREATE TABLE kept_` + table + ` AS TABLE ` + table)
		columns, rows := "", `TABLE kept_`+table
		if table == "signature" { // its last column is generated
			columns, rows = ` (`+signatureColumns+`) `, `SELECT `+signatureColumns+` FROM kept_signature`
		}
		put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+columns+` `+rows)
	}
	put = append(put, `RESET session_replication_role`)
	return func() { d.exec(strings.Join(put, "; ")) }
}

// by is user's signing of the bureau's latest batch.
func by(user approval.User, reason string) postgres.Signing {
	return postgres.Signing{Region: deskRegion, Month: deskMonth, Bureau: deskBureau, User: user,
		By: journal.By{Actor: "os:tester", Origin: "主机", At: deskNow, Reason: reason}}
}

func agrees(context.Context, int32) ([]string, error) { return nil, nil }

func (d *desk) submit() (payrun.Batch, error) {
	return d.db.Submit(d.t.Context(), by(clerk, ""), postgres.Submission{Judge: agrees})
}

func (d *desk) review() (payrun.Batch, error) {
	return d.db.Review(d.t.Context(), by(reviewer, ""))
}

func (d *desk) approve() (payrun.Batch, error) {
	return d.db.Approve(d.t.Context(), by(approver, ""), deskOrder)
}

func (d *desk) giveBack(reason string) (payrun.Batch, error) {
	return d.db.Return(d.t.Context(), by(reviewer, reason))
}

// upTo signs until the batch is in the state.
func (d *desk) upTo(state payrun.State) payrun.Batch {
	d.t.Helper()
	var b payrun.Batch
	for _, step := range []struct {
		to payrun.State
		do func() (payrun.Batch, error)
	}{{payrun.Submitted, d.submit}, {payrun.Reviewed, d.review}, {payrun.Approved, d.approve}} {
		var err error
		if b, err = step.do(); err != nil {
			d.t.Fatalf("on the way to %s: %v", step.to, err)
		}
		if step.to == state {
			break
		}
	}
	return b
}

// refused insists on a fault of the code whose sentence holds says.
func refused(t testing.TB, err error, code fault.Code, says string) {
	t.Helper()
	if err == nil || !fault.Is(err, code) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v (%s), want %s saying %q", err, fault.CodeOf(err), code, says)
	}
}

// payments reads all payments of a batch, file after file.
func (d *desk) payments(b payrun.Batch) []approval.Payment {
	d.t.Helper()
	files, err := d.db.PaymentFiles(d.t.Context(), deskRegion, b.Number)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []approval.Payment
	for _, f := range files {
		rows, sum := 0, money.Fen(0)
		err := d.db.Payments(d.t.Context(), deskRegion, f, func(p approval.Payment) error {
			rows++
			sum += p.Amount
			if p.File != f.File || p.Seq != rows || p.Account.Bank != f.Bank {
				d.t.Errorf("payment %+v stands at row %d of file %+v", p, rows, f)
			}
			all = append(all, p)
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
		if rows != f.Rows || sum != f.Amount || rows > approval.RowsPerFile {
			d.t.Errorf("file %+v holds %d rows, %s yuan", f, rows, sum)
		}
	}
	return all
}

// expectedPayments is the bank rule of docs/interface.md §5.3, done naively.
func expectedPayments(lines []payrun.Line) []approval.Payment {
	type key struct {
		item, payee string
		person      int64
	}
	type group struct {
		approval.Payment
		street string
	}
	groups := map[key]*group{}
	for _, l := range lines {
		if l.Hold != 0 {
			continue
		}
		k, name, id, street := key{l.Against, l.Payee, 0}, l.Payee, "", ""
		if l.Payee == roster.Myself {
			k.person, name, id, street = l.Person, l.Name, l.ID, l.Street
		}
		g := groups[k]
		if g == nil {
			g = &group{approval.Payment{Person: k.person, Payee: l.Payee, Item: l.Against, ID: id}, street}
			groups[k] = g
		}
		g.Amount += l.Amount
		if l.Kind != payrun.Recovery {
			g.Account = l.Account
			g.Account.Holder = cmp.Or(l.Account.Holder, name)
		}
	}
	var sorted []*group
	for _, g := range groups {
		if g.Amount != 0 {
			sorted = append(sorted, g)
		}
	}
	place := func(all []string, s string) int {
		if i := slices.Index(all, s); i >= 0 {
			return i
		}
		return len(all)
	}
	slices.SortFunc(sorted, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.Account.Bank, b.Account.Bank),
			cmp.Compare(place(deskOrder.Items, a.Item), place(deskOrder.Items, b.Item)), strings.Compare(a.Item, b.Item),
			cmp.Compare(place(deskOrder.Streets, a.street), place(deskOrder.Streets, b.street)), strings.Compare(a.street, b.street),
			strings.Compare(a.ID, b.ID), strings.Compare(a.Payee, b.Payee))
	})
	var payments []approval.Payment
	for i, g := range sorted {
		g.File, g.Seq = 1, 1
		if i > 0 {
			last := payments[i-1]
			g.File, g.Seq = last.File, last.Seq+1
			if last.Account.Bank != g.Account.Bank || last.Seq == approval.RowsPerFile {
				g.File, g.Seq = last.File+1, 1
			}
		}
		payments = append(payments, g.Payment)
	}
	return payments
}
