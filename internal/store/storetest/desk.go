package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
	"disburse/internal/store/signing"
)

const (
	DeskRegion   = int32(140213)
	DeskBureau   = "区民政局"
	DeskPassword = "一个相当长的口令字"
)

var (
	DeskMonth = month.Of(2026, 11)
	DeskNow   = time.Date(2026, 11, 20, 9, 30, 0, 0, time.FixedZone("CST", 8*3600))
	DeskOrder = signing.PayOrder{Code: "MZ", Items: []string{"11", "12", "15", "18-2", "2"}, Streets: []string{"永泰", "古城", "新旺"}}

	Clerk    = approval.User{Name: "甲经办", Post: approval.Clerk, Bureau: DeskBureau, Active: true}
	Reviewer = approval.User{Name: "乙复核", Post: approval.Reviewer, Bureau: DeskBureau, Active: true}
	Approver = approval.User{Name: "丙审批", Post: approval.Approver, Bureau: DeskBureau, Active: true}
	Manager  = approval.User{Name: "丁管理", Post: approval.Manager, Active: true}
)

// Desk is a region with users, ready for batches to be signed. Owner is a connection of the
// database's owner, with which tests do what the program's role may not.
type Desk struct {
	T     testing.TB
	Url   string
	Db    *postgres.DB
	Owner *pgx.Conn
}

func OpenDesk(t testing.TB) *Desk {
	t.Helper()
	d := &Desk{T: t, Url: pgtest.New(t)}
	d.Db = d.Open()
	var err error
	if d.Owner, err = pgx.Connect(t.Context(), d.Url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Owner.Close(context.Background()) })
	if err := d.Db.EnsureRegion(t.Context(), DeskRegion, "平城区"); err != nil {
		t.Fatal(err)
	}
	d.Exec(`UPDATE region SET opening_month = '2026-10-01'`)
	d.Exec(`INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'packhash', 1, 'language: 1')`, DeskRegion)
	for _, u := range []approval.User{Clerk, Reviewer, Approver, Manager} {
		d.AddUser(u)
	}
	return d
}

// Open opens another connection pool, as another process of the program has.
func (d *Desk) Open() *postgres.DB {
	d.T.Helper()
	db, err := postgres.Open(d.T.Context(), d.Url)
	if err != nil {
		d.T.Fatal(err)
	}
	d.T.Cleanup(db.Close)
	return db
}

// AddUser inserts a user with DeskPassword, hashed at a cost that does not slow the tests.
func (d *Desk) AddUser(u approval.User) {
	d.T.Helper()
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(DeskPassword), salt, 1, 64, 1, 32)
	b64 := base64.RawStdEncoding
	phc := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", b64.EncodeToString(salt), b64.EncodeToString(key))
	d.Exec(`INSERT INTO account_user (region, name, post, bureau, password, active) VALUES ($1, $2, $3, $4, $5, $6)`,
		DeskRegion, u.Name, string(u.Post), u.Bureau, phc, u.Active)
}

func (d *Desk) Exec(sql string, args ...any) {
	d.T.Helper()
	if _, err := d.Owner.Exec(context.WithoutCancel(d.T.Context()), sql, args...); err != nil {
		d.T.Fatalf("%s: %v", sql, err)
	}
}

// Number reads one number with the owner's connection.
func (d *Desk) Number(sql string, args ...any) (n int64) {
	d.T.Helper()
	if err := d.Owner.QueryRow(d.T.Context(), sql, args...).Scan(&n); err != nil {
		d.T.Fatalf("%s: %v", sql, err)
	}
	return n
}

// Line returns a line of 70 yuan for person n, changed by with.
func Line(n int64, item string, with ...func(*payrun.Line)) payrun.Line {
	l := payrun.Line{
		Person: n, Item: item, Payee: roster.Myself, Month: DeskMonth, Kind: payrun.Current, Amount: 7000, Against: item,
		Name: fmt.Sprintf("某人%d", n), ID: fmt.Sprintf("1402131940%08d", n), Street: "古城", Community: "一社区",
		Account: roster.Account{Bank: "晋商银行", Number: fmt.Sprintf("6200%d", n)},
	}
	for _, f := range with {
		f(&l)
	}
	return l
}

// Draft inserts a batch as a run does, computed at the region's present revision: the bureau's
// next of the month.
func (d *Desk) Draft(lines ...payrun.Line) payrun.Batch {
	d.T.Helper()
	b := payrun.Batch{Month: DeskMonth, Bureau: DeskBureau, State: payrun.Open, Round: 1, Pack: "packhash", Lines: len(lines)}
	b.Revision = d.Number(`SELECT head FROM region`)
	b.Number = int32(d.Number(`SELECT coalesce(max(batch), 0) + 1 FROM batch`))
	b.N = int(d.Number(`SELECT count(*) + 1 FROM batch WHERE bureau = $1`, DeskBureau))
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
	d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, round, revision, pack, digest, lines, heads, pays, held)
		VALUES ($1, $2, $3, $4, $5, 'open', 1, $6, $7, '', $8, $9, $10, $11)`, DeskRegion, b.Number, DeskMonth.First().Time(),
		b.Bureau, b.N, b.Revision, b.Pack, b.Lines, b.Heads, b.Pays, b.Held)
	d.copyLines(b.Number, lines)
	d.insertItems(b.Number, lines)
	b.Digest = d.Digest(b, "draft_line")
	d.Exec(`UPDATE batch SET digest = $2 WHERE batch = $1`, b.Number, b.Digest)
	return b
}

func (d *Desk) copyLines(batch int32, lines []payrun.Line) {
	d.T.Helper()
	columns := []string{"region", "batch", "person", "item", "payee", "month", "against", "kind", "amount", "hold", "id_number",
		"name", "street", "community", "bank", "account", "holder"}
	_, err := d.Owner.CopyFrom(d.T.Context(), pgx.Identifier{"draft_line"}, columns, pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
		l := lines[i]
		return []any{DeskRegion, batch, l.Person, l.Item, l.Payee, l.Month.First().Time(), l.Against, int16(l.Kind), int64(l.Amount),
			int16(l.Hold), l.ID, l.Name, l.Street, l.Community, l.Account.Bank, l.Account.Number, l.Account.Holder}, nil
	}))
	if err != nil {
		d.T.Fatal(err)
	}
}

func (d *Desk) insertItems(batch int32, lines []payrun.Line) {
	d.T.Helper()
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
		d.Exec(`INSERT INTO batch_item (region, batch, item, heads, current, arrears, recovery, held) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			DeskRegion, batch, item, len(s.heads), s.paid[1], s.paid[2], s.paid[3], s.held)
	}
}

// Digest is an independent implementation of a batch's digest: the whole COPY stream without
// header and trailer.
func (d *Desk) Digest(b payrun.Batch, table string) string {
	d.T.Helper()
	var stream bytes.Buffer
	_, err := d.Owner.PgConn().CopyTo(d.T.Context(), &stream, fmt.Sprintf(`COPY (SELECT person, item, payee, month, against, kind, amount,
		hold, id_number, name, street, community, bank, account, holder FROM %s WHERE batch = %d
		ORDER BY person, item, payee, month, against) TO STDOUT (FORMAT binary)`, table, b.Number))
	if err != nil {
		d.T.Fatal(err)
	}
	header := fmt.Sprintf("disburse-batch-v1\n140213\n2026-11\n%s\n%d\n%d\n%s\n", b.Bureau, b.N, b.Revision, b.Pack)
	sum := sha256.Sum256(append([]byte(header), stream.Bytes()[19:stream.Len()-2]...))
	return hex.EncodeToString(sum[:])
}

const SignatureColumns = `region, batch, round, post, actor, at, rev, digest, reason`
