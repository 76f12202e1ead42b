package storetest

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	madeup "disburse/internal/population"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// BenchPeople is how many people the benchmarks use; the README's figures are for a million.
func BenchPeople(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchWorkbook is how many people the workbooks of benchmarks have: a district at most.
func BenchWorkbook(b *testing.B) int { return min(BenchPeople(b), 200_000) }

// ResetPeak forgets the process's peak memory so far (Linux).
func ResetPeak() {
	runtime.GC()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// PeakMB returns the process's peak resident memory in MB since ResetPeak; 0 where unknown.
func PeakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// FillRoster inserts a generated population directly by COPY, without workbooks, so that a million
// people take seconds.
func FillRoster(b *testing.B, conn *pgx.Conn, db *postgres.DB, people int, m month.Month) {
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
