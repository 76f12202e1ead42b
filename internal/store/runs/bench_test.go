package runs_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/runs"
	"disburse/internal/store/storetest"
)

// BenchmarkRun computes one month for everybody and prints how long that takes against
// one baseline measured in the same run: a bare COPY out of as many people of 208 bytes
// and a bare COPY in of 1.2 times as many lines with their primary key.
func BenchmarkRun(b *testing.B) {
	ctx, people := context.Background(), storetest.BenchPeople(b)
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
	storetest.FillRoster(b, conn, db, people, m)
	fillBaseline(b, conn, people)
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		base := baseline(b, conn, people)
		storetest.ResetPeak()
		start := time.Now()
		report, err := runs.Run(ctx, db, runs.Order{Region: 140213, Month: m, Pack: pack, By: journal.By{Actor: "bench", Origin: "bench", At: start}})
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
		b.ReportMetric(storetest.PeakMB(), "peak-MB")
		b.ReportMetric(float64(lines), "lines")
		b.ReportMetric(float64(people), "people")
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
