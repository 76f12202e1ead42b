package postgres_test

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
)

// BenchmarkSign measures two things about a large batch, each against a baseline of the
// same run: what became known later of every hundredth person, against one bare COPY out
// of the batch's lines; and the approval, against bare COPYs in of the lines, ledger
// entries and payments that it writes, with their primary keys.
func BenchmarkSign(b *testing.B) {
	d := &district{desk: openDesk(b)}
	d.exec(`UPDATE region SET opening_month = NULL`)
	d.pack = d.load()
	m := month.Of(2026, 11)
	fillRoster(b, d.owner, d.db, benchPeople(b), m)
	for b.Loop() {
		if _, err := d.tryRun(d.order(m)); err != nil {
			b.Fatal(err)
		}
		signing := by(clerk, "核对无误")
		signing.Month = m
		if _, err := d.db.Submit(b.Context(), signing, postgres.Submission{AcknowledgeAll: true, Judge: agrees}); err != nil {
			b.Fatal(err)
		}
		d.laterPhones(b)
		batch := d.batch(m)
		base := timed(b, func() error {
			_, err := d.owner.PgConn().CopyTo(b.Context(), io.Discard,
				fmt.Sprintf(`COPY (SELECT * FROM draft_line WHERE batch = %d) TO STDOUT (FORMAT binary)`, batch.Number))
			return err
		})
		news := timed(b, func() error {
			_, err := d.db.LaterChanges(b.Context(), deskRegion, m, deskBureau)
			return err
		})
		b.ReportMetric(news.Seconds()/base.Seconds(), "later/copy-out")
		signing.User = reviewer
		if _, err := d.db.Review(b.Context(), signing); err != nil {
			b.Fatal(err)
		}
		signing.User = approver
		took := timed(b, func() error {
			approved, err := d.db.Approve(b.Context(), signing, deskOrder)
			if err == nil && approved.State != payrun.Approved {
				err = fmt.Errorf("left %s", approved.State)
			}
			return err
		})
		copied := copiedAgain(b, d.owner)
		b.ReportMetric(took.Seconds()/copied.Seconds(), "approve/copy-in")
		b.ReportMetric(took.Seconds(), "approve-s")
		b.ReportMetric(float64(batch.Lines), "lines")
		b.ReportMetric(float64(benchPeople(b)), "people")
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
func (d *district) laterPhones(b *testing.B) {
	_, err := d.db.Change(b.Context(), deskRegion, runBy, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		_, err := tx.Exec(b.Context(), `INSERT INTO person SELECT region, person, $1, id_number, name, street, community, address, '0352', birth, moved_in,
			moved_out, died, bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE person % 100 = 0`, rev)
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
