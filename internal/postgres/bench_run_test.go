package postgres_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	madeup "disburse/internal/population"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

// BenchmarkRun computes one month for everybody and prints how long that takes against
// one baseline measured in the same run: a bare COPY out of as many people of 208 bytes
// and a bare COPY in of 1.2 times as many lines with their primary key.
func BenchmarkRun(b *testing.B) {
	ctx, people := context.Background(), benchPeople(b)
	url := pgtest.New(b)
	db, err := postgres.Open(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	m := month.Of(2026, 11)
	fillRoster(b, conn, db, people, m)
	fillBaseline(b, conn, people)
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		base := baseline(b, conn, people)
		resetPeak()
		start := time.Now()
		report, err := db.Run(ctx, postgres.RunOrder{Region: 140213, Month: m, Pack: pack, By: journal.By{Actor: "bench", Origin: "bench", At: start}})
		if err != nil {
			b.Fatal(err)
		}
		took, lines := time.Since(start), 0
		for _, r := range report.Bureaus {
			lines += r.Batch.Lines
		}
		b.ReportMetric(took.Seconds()/base.Seconds(), "run/baseline")
		b.ReportMetric(took.Seconds(), "run-s")
		b.ReportMetric(base.Seconds(), "baseline-s")
		b.ReportMetric(peakMB(), "peak-MB")
		b.ReportMetric(float64(lines), "lines")
		b.ReportMetric(float64(people), "people")
	}
}

// fillRoster stores a believable population without going through workbooks.
func fillRoster(b *testing.B, conn *pgx.Conn, db *postgres.DB, people int, m month.Month) {
	ctx := context.Background()
	if err := db.EnsureRegion(ctx, 140213, "平城区"); err != nil {
		b.Fatal(err)
	}
	p, err := madeup.Generate(madeup.Options{People: people, Seed: 1, Month: m})
	if err != nil {
		b.Fatal(err)
	}
	var persons, facts, awards postgres.RowWriter
	number := int64(0)
	flush := func() {
		for _, part := range []struct {
			w   *postgres.RowWriter
			sql string
		}{
			{&persons, "person"}, {&facts, "fact"}, {&awards, "award"},
		} {
			copyRows(b, conn, part.sql, part.w)
		}
	}
	err = p.Each(func(d *roster.Dossier) error {
		number++
		writePerson(&persons, number, d)
		writeHistories(&facts, &awards, number, d)
		if number%50_000 == 0 {
			flush()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	flush()
	for _, payee := range p.Payees() {
		_, err := conn.Exec(ctx, `INSERT INTO payee VALUES (140213, $1, 1, $2, $3, $4)`, payee.Name, payee.Account.Bank, payee.Account.Number, payee.Account.Holder)
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := conn.Exec(ctx, `UPDATE region SET next_person = $1, head = 1`, number+1); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(ctx, `VACUUM ANALYZE person, fact, award`); err != nil {
		b.Fatal(err)
	}
}

func copyRows(b *testing.B, conn *pgx.Conn, table string, w *postgres.RowWriter) {
	_, err := postgres.CopyIn(context.Background(), conn.PgConn(), "COPY "+table+" FROM STDIN (FORMAT binary)", strings.NewReader(string(w.Encoded())))
	if err != nil {
		b.Fatal(err)
	}
	w.Reset()
}

func writePerson(w *postgres.RowWriter, number int64, d *roster.Dossier) {
	w.Row(19)
	w.Int32(140213)
	w.Int64(number)
	w.Int64(1)
	for _, s := range []string{d.ID, d.Name, d.Street, d.Community, d.Address, d.Phone} {
		w.Text(s)
	}
	for _, day := range []month.Date{d.Birth, d.MovedIn, d.MovedOut, d.Died} {
		w.Date(day)
	}
	for _, s := range []string{d.Account.Bank, d.Account.Number, d.Account.Holder, d.Deputy.Name, d.Deputy.Relation, d.Deputy.Reason} {
		w.Text(s)
	}
}

func writeHistories(facts, awards *postgres.RowWriter, number int64, d *roster.Dossier) {
	last, n := "", int16(0)
	for _, f := range d.Facts {
		if f.Name != last {
			last, n = f.Name, 0
		}
		n++
		facts.Row(9)
		facts.Int32(140213)
		facts.Int64(number)
		facts.Text(f.Name)
		facts.Int64(1)
		facts.Int16(n)
		facts.Date(f.Since)
		facts.Date(f.Until)
		facts.Text(f.Value)
		facts.Text(f.Basis)
	}
	last, n = "", 0
	for _, a := range d.Awards {
		if a.Item != last {
			last, n = a.Item, 0
		}
		n++
		awards.Row(10)
		awards.Int32(140213)
		awards.Int64(number)
		awards.Text(a.Item)
		awards.Int64(1)
		awards.Int16(n)
		awards.Int64(int64(a.Amount))
		awards.Month(a.First)
		awards.Month(a.Last)
		awards.Text(a.Payee)
		awards.Text(a.Basis)
	}
}

// fillBaseline makes people of 208 bytes.
func fillBaseline(b *testing.B, conn *pgx.Conn, people int) {
	for _, sql := range []string{
		`CREATE TABLE bench_person (region integer, person bigint, row text, PRIMARY KEY (region, person))`,
		fmt.Sprintf(`INSERT INTO bench_person SELECT 140213, n, repeat('x', 196) FROM generate_series(1, %d) n`, people),
		`CREATE TABLE bench_line (region integer, batch integer, person bigint, item text, month date, kind smallint, amount bigint,
			hold smallint, id_number text, name text, street text, account text, PRIMARY KEY (region, batch, person, item))`,
		`VACUUM ANALYZE bench_person`,
	} {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

// baseline times the two bare copies. Encoding the lines is not part of it.
func baseline(b *testing.B, conn *pgx.Conn, people int) time.Duration {
	ctx := context.Background()
	if _, err := conn.Exec(ctx, `TRUNCATE bench_line`); err != nil {
		b.Fatal(err)
	}
	lines := people * 12 / 10
	block := func(from, to int) []byte {
		var w postgres.RowWriter
		for i := from; i < to; i++ {
			w.Row(12)
			w.Int32(140213)
			w.Int32(1)
			w.Int64(int64(i))
			w.Text("11")
			w.Int32(9801)
			w.Int16(1)
			w.Int64(7000)
			w.Int16(0)
			w.Text("140203194611301234")
			w.Text("张某某")
			w.Text("水泊寺")
			w.Text("6217000000000000000")
		}
		return w.Encoded()
	}
	const step = 20_000
	var blocks [][]byte
	for from := 0; from < lines; from += step {
		blocks = append(blocks, block(from, min(from+step, lines)))
	}
	start := time.Now()
	if _, err := conn.PgConn().CopyTo(ctx, io.Discard, `COPY bench_person TO STDOUT (FORMAT binary)`); err != nil {
		b.Fatal(err)
	}
	_, err := postgres.CopyInFunc(ctx, conn.PgConn(), `COPY bench_line FROM STDIN (FORMAT binary)`, func(w io.Writer) error {
		for _, rows := range blocks {
			if _, err := w.Write(rows); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
