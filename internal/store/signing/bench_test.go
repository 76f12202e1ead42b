package signing_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// BenchmarkSign measures two things about a large batch, each against a baseline of the
// same run: what became known later of every hundredth person, against one bare COPY out
// of the batch's lines; and the approval, against bare COPYs in of the lines, ledger
// entries and payments that it writes, with their primary keys.
func BenchmarkSign(b *testing.B) {
	d := &storetest.District{Desk: storetest.OpenDesk(b)}
	d.Exec(`UPDATE region SET opening_month = NULL`)
	d.Pack = d.Load()
	m := month.Of(2026, 11)
	storetest.FillRoster(b, d.Owner, d.Db, storetest.BenchPeople(b), m)
	for b.Loop() {
		if _, err := d.TryRun(d.Order(m)); err != nil {
			b.Fatal(err)
		}
		signingList := storetest.By(storetest.Clerk, "核对无误")
		signingList.Month = m
		if _, err := signing.Submit(b.Context(), d.Db, signingList, signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees}); err != nil {
			b.Fatal(err)
		}
		laterPhones(d, b)
		batch := d.Batch(m)
		base := timed(b, func() error {
			_, err := d.Owner.PgConn().CopyTo(b.Context(), io.Discard,
				fmt.Sprintf(`COPY (SELECT * FROM draft_line WHERE batch = %d) TO STDOUT (FORMAT binary)`, batch.Number))
			return err
		})
		news := timed(b, func() error {
			_, err := signing.LaterChanges(b.Context(), d.Db, storetest.DeskRegion, m, storetest.DeskBureau)
			return err
		})
		b.ReportMetric(news.Seconds()/base.Seconds(), "later/copy-out")
		signingList.User = storetest.Reviewer
		if _, err := signing.Review(b.Context(), d.Db, signingList); err != nil {
			b.Fatal(err)
		}
		signingList.User = storetest.Approver
		took := timed(b, func() error {
			approved, err := signing.Approve(b.Context(), d.Db, signingList, storetest.DeskOrder)
			if err == nil && approved.State != payrun.Approved {
				err = fmt.Errorf("left %s", approved.State)
			}
			return err
		})
		copied := copiedAgain(b, d.Owner)
		b.ReportMetric(took.Seconds()/copied.Seconds(), "approve/copy-in")
		b.ReportMetric(took.Seconds(), "approve-s")
		b.ReportMetric(float64(batch.Lines), "lines")
		b.ReportMetric(float64(storetest.BenchPeople(b)), "people")
	}
}

func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// laterPhones gives every hundredth person another telephone number.
func laterPhones(d *storetest.District, b *testing.B) {
	_, err := d.Db.Change(b.Context(), storetest.DeskRegion, storetest.RunBy, func(scope postgres.Scope) (journal.Entry, error) {
		_, err := scope.Tx.Exec(b.Context(), `INSERT INTO person SELECT region, person, $1, id_number, name, street, community, address, '0352', birth, moved_in,
			moved_out, died, bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE person % 100 = 0`, scope.Rev)
		return journal.Entry{Action: "导入花名册", Subject: "电话.xlsx"}, err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// copiedAgain times bare COPYs in of what the approval wrote, into tables of the same
// columns and keys. Reading them out is not part of it.
func copiedAgain(b *testing.B, conn *pgx.Conn) time.Duration {
	b.Helper()
	var all time.Duration
	for _, table := range []string{"line", "ledger", "payment"} {
		var rows bytes.Buffer
		if _, err := conn.PgConn().CopyTo(context.Background(), &rows, "COPY "+table+" TO STDOUT (FORMAT binary)"); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Exec(context.Background(), `CREATE TABLE bench_copy (LIKE `+table+` INCLUDING INDEXES)`); err != nil {
			b.Fatal(err)
		}
		all += timed(b, func() error {
			_, err := conn.PgConn().CopyFrom(context.Background(), &rows, "COPY bench_copy FROM STDIN (FORMAT binary)")
			return err
		})
		if _, err := conn.Exec(context.Background(), `DROP TABLE bench_copy`); err != nil {
			b.Fatal(err)
		}
	}
	return all
}
