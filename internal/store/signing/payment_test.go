package signing_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/storetest"
)

func held(h payrun.Hold) func(*payrun.Line) { return func(l *payrun.Line) { l.Hold = h } }

func bank(name string) func(*payrun.Line) { return func(l *payrun.Line) { l.Account.Bank = name } }

func earlier(months int, amount money.Fen) func(*payrun.Line) {
	return func(l *payrun.Line) {
		l.Month, l.Kind, l.Amount = l.Month.Add(-months), payrun.Arrears, amount
		if amount < 0 {
			l.Kind = payrun.Recovery
		}
	}
}

func institution(name string) func(*payrun.Line) {
	return func(l *payrun.Line) {
		l.Payee, l.Account = name, roster.Account{Bank: "建设银行", Number: "100" + fmt.Sprint(len(name))}
	}
}

func against(item string) func(*payrun.Line) { return func(l *payrun.Line) { l.Against = item } }

func TestPaymentsOfABatch(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	noBank := bank("")
	lines := []payrun.Line{
		storetest.Line(1, "11"),                    // paid with the two below: 70 + 140 − 30
		storetest.Line(1, "11", earlier(1, 14000)), // arrears
		storetest.Line(1, "11", earlier(2, -3000)), // netted
		storetest.Line(2, "12", earlier(1, 30000)), // reclassified: 12 carries what 11 must give back
		storetest.Line(2, "11", earlier(1, -7000), against("12")),
		storetest.Line(3, "11"), // netted to nothing: no payment, but settled
		storetest.Line(3, "11", earlier(1, -7000)),
		storetest.Line(4, "11", held(payrun.NoAccount), func(l *payrun.Line) { l.Account = roster.Account{} }),
		storetest.Line(5, "11", noBank, func(l *payrun.Line) { l.Account.Holder = "某人五之女" }),
		storetest.Line(6, "15", institution("某养老院")), // one payment for both people
		storetest.Line(7, "15", institution("某养老院"), earlier(1, 5000)),
		storetest.Line(7, "18-2", institution("某养老院")), // another item: another payment
		storetest.Line(8, "11", func(l *payrun.Line) { l.Street = "永泰" }),
		storetest.Line(9, "11", func(l *payrun.Line) { l.Street = "别处" }),
	}
	d.Draft(lines...)
	b := d.UpTo(payrun.Approved)
	if diff := cmp.Diff(expectedPayments(lines), d.Payments(b)); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
	files, err := batches.PaymentFiles(t.Context(), d.Db, storetest.DeskRegion, b.Number)
	if err != nil {
		t.Fatal(err)
	}
	want := []approval.PaymentFile{
		{Batch: b.Number, File: 1, Number: "140213-202611-MZ-1-001", Bank: "", Rows: 1, Amount: 7000},
		{Batch: b.Number, File: 2, Number: "140213-202611-MZ-1-002", Bank: "建设银行", Rows: 2, Amount: 19000},
		{Batch: b.Number, File: 3, Number: "140213-202611-MZ-1-003", Bank: "晋商银行", Rows: 4, Amount: 55000},
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for person, want := range map[int64]int64{1: 3, 2: 2, 3: 0, 4: 0, 7: 2} {
		if got := d.Number(`SELECT count(*) FROM line WHERE person = $1 AND file IS NOT NULL`, person); got != want {
			t.Errorf("%d lines of person %d are in payments, want %d", got, person, want)
		}
	}
	if got := d.Number(`SELECT count(*) FROM ledger WHERE person = 3`); got != 2 {
		t.Errorf("netted to nothing, but %d ledger entries in place of 2", got)
	}
}

func TestFilesAreCutAtTheRowLimit(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	var lines []payrun.Line
	for i := range int64(2*approval.RowsPerFile + 1) {
		lines = append(lines, storetest.Line(i+1, "11"))
	}
	lines = append(lines, storetest.Line(20001, "11", bank("中国银行")))
	d.Draft(lines...)
	b := d.UpTo(payrun.Approved)
	if diff := cmp.Diff(expectedPayments(lines), d.Payments(b)); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
	files, err := batches.PaymentFiles(t.Context(), d.Db, storetest.DeskRegion, b.Number)
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for _, f := range files {
		rows = append(rows, f.Rows)
	}
	if diff := cmp.Diff([]int{1, approval.RowsPerFile, approval.RowsPerFile, 1}, rows); diff != "" {
		t.Errorf("rows a file (-want +got):\n%s", diff)
	}
}

// Whatever the lines are: payments are positive, sum to the lines that are not held,
// and every such line is in at most one payment, which equals its lines.
func TestPaymentsAddUp(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	netted := 0
	rapid.Check(t, func(r *rapid.T) {
		lines := drawLines(r)
		drafted := d.Draft(lines...)
		b := d.UpTo(payrun.Approved)
		want := expectedPayments(lines)
		if diff := cmp.Diff(want, d.Payments(b)); diff != "" {
			r.Fatalf("payments (-want +got):\n%s", diff)
		}
		var sum money.Fen
		for _, p := range want {
			sum += p.Amount
		}
		if sum != drafted.Pays {
			r.Fatalf("payments are %s, lines %s", sum, drafted.Pays)
		}
		if n := d.Number(`SELECT count(*) FROM line WHERE batch = $1`, b.Number); n != int64(len(lines)) {
			r.Fatalf("%d lines kept of %d", n, len(lines))
		}
		if n := d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger WHERE batch = $1`, b.Number); n != int64(sum) {
			r.Fatalf("ledger has %d, lines %d", n, sum)
		}
		wrong := d.Number(`
			SELECT count(*) FROM (SELECT file, seq, sum(amount) AS amount FROM line WHERE batch = $1 AND file IS NOT NULL GROUP BY 1, 2) l
			FULL JOIN (SELECT * FROM payment WHERE batch = $1) p USING (file, seq)
			WHERE p.amount IS DISTINCT FROM l.amount OR p.amount <= 0`, b.Number)
		if wrong != 0 {
			r.Fatalf("%d payments do not equal their lines", wrong)
		}
		netted += int(d.Number(`SELECT count(*) FROM line WHERE batch = $1 AND hold = 0 AND file IS NULL`, b.Number))
	})
	if netted == 0 {
		t.Error("no lines netted to nothing: the case was not tested")
	}
}

// drawLines draws lines as a run makes them: a 扣回 has room in the payment that
// carries it.
func drawLines(r *rapid.T) []payrun.Line {
	var lines []payrun.Line
	banks := []string{"", "晋商银行", "中国银行"}
	for person := range int64(rapid.IntRange(0, 6).Draw(r, "people")) {
		base := storetest.Line(person+1, "", bank(rapid.SampledFrom(banks).Draw(r, "bank")))
		base.Street = rapid.SampledFrom([]string{"永泰", "新旺", "别处", "他处"}).Draw(r, "street")
		for _, item := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"11", "12", "15", "99"}), 0, 3, rapid.ID).Draw(r, "items") {
			l := base
			l.Item, l.Against = item, item
			if rapid.Bool().Draw(r, "to an institution") {
				institution(rapid.SampledFrom([]string{"甲养老院", "乙院"}).Draw(r, "payee"))(&l)
			}
			lines = append(lines, drawItem(r, l)...)
		}
	}
	return lines
}

func drawItem(r *rapid.T, l payrun.Line) []payrun.Line {
	var lines []payrun.Line
	var room money.Fen
	for back := range rapid.IntRange(1, 3).Draw(r, "months") {
		m := l
		earlier(back, money.Fen(rapid.IntRange(1, 3).Draw(r, "amount")*3500))(&m)
		if rapid.IntRange(0, 3).Draw(r, "hold") == 0 {
			m.Hold = payrun.Suspended
		} else {
			room += m.Amount
		}
		lines = append(lines, m)
	}
	if room > 0 && rapid.Bool().Draw(r, "recovery") {
		m := l
		part := rapid.SampledFrom([]money.Fen{room, room, 1, 3500}).Draw(r, "netted")
		earlier(7, -min(part, room))(&m)
		m.Item = rapid.SampledFrom([]string{l.Item, "13"}).Draw(r, "of item")
		m.Account = roster.Account{} // its own account is of no account
		lines = append(lines, m)
	}
	return lines
}

// A batch whose lines cannot be paid as they stand is not approved in part.
func TestUnpayableBatchIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]payrun.Line{
		"more taken than given": {storetest.Line(1, "11"), storetest.Line(2, "11", earlier(1, -7000)), storetest.Line(3, "11")},
		"two accounts":          {storetest.Line(1, "11"), storetest.Line(1, "11", earlier(1, 7000), func(l *payrun.Line) { l.Account.Number = "6299" })},
		"two banks":             {storetest.Line(1, "11"), storetest.Line(1, "11", earlier(1, 7000), bank("中国银行"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDesk(t)
			d.Draft(lines...)
			d.UpTo(payrun.Reviewed)
			_, err := d.Approve()
			storetest.Refused(t, err, fault.Refused, "区民政局2026年11月第1批")
			unapproved(d, len(lines))
		})
	}
}

// unapproved insists that nothing of an approval was left behind.
func unapproved(d *storetest.Desk, drafts int) {
	d.T.Helper()
	for table, want := range map[string]int{"draft_line": drafts, "line": 0, "ledger": 0, "payment": 0, "payment_file": 0,
		"(SELECT FROM batch WHERE state = 'approved' OR approved_rev IS NOT NULL) b": 0,
		"(SELECT FROM signature WHERE post = '审批') s":                                0} {
		if got := d.Number(`SELECT count(*) FROM ` + table); got != int64(want) {
			d.T.Errorf("%s has %d rows, want %d", table, got, want)
		}
	}
}
