package books_test

import (
	"fmt"
	"testing"
	"time"

	"disburse/internal/store/books"
	"disburse/internal/store/storetest"
)

// BenchmarkYear reads a year of twelve approved months: everybody has a line a month, one
// in ten a second one, one payment in a hundred failed.
func BenchmarkYear(b *testing.B) {
	d, people := storetest.OpenDistrict(b), storetest.BenchPeople(b)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	for m := 1; m <= 12; m++ {
		fillMonth(d.Desk, m, 1, people)
	}
	d.Exec(`ANALYZE`)
	order := books.YearOrder{Region: storetest.DeskRegion, Year: 2026, Bureau: storetest.DeskBureau, Items: storetest.DeskOrder.Items, Streets: storetest.DeskOrder.Streets}
	for b.Loop() {
		storetest.ResetPeak()
		began, rows := time.Now(), 0
		if _, err := books.Year(b.Context(), d.Db, order, func(*books.YearRow) error { rows++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(storetest.PeakMB(), "peak-MB")
		b.ReportMetric(float64(people), "people")
		b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows/s")
	}
}

// fillMonth writes an approved batch of a month past the program, for the people of the
// numbers first to last. Numbers are multiplied as bigint: as integer they overflow from
// person 271,177 on, which benchmarks of few people do not see.
func fillMonth(d *storetest.Desk, m, first, last int) {
	d.T.Helper()
	d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
		VALUES ($1, $2, $3, $4, 1, 'approved', 1, 'packhash', '', 0, 0, 0, 0, 1)`, storetest.DeskRegion, m, fmt.Sprintf("2026-%02d-01", m), storetest.DeskBureau)
	d.Exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
		SELECT $1::int, $2::int, p, i, '本人', $3::date, i, 1, 7000, 0, '1402' || (100000000000000 + (p::bigint * 7919) % 99999999999), '某某', ($4::text[])[1 + p % 3], '一社区',
		       '示例银行', '62' || p, '', 1, 2 * p + (i = '16')::int
		FROM generate_series($5::int, $6::int) p, (VALUES ('11'), ('16')) AS items (i) WHERE i = '11' OR p % 10 = 0
		ORDER BY p`, storetest.DeskRegion, m, fmt.Sprintf("2026-%02d-01", m), storetest.DeskOrder.Streets[:3], first, last)
	d.Exec(`INSERT INTO payment (region, batch, file, seq, person, payee, item, amount, bank, account, holder, id_number)
		SELECT region, batch, file, seq, person, payee, item, amount, bank, account, name, id_number FROM line WHERE batch = $1`, m)
	d.Exec(`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
		SELECT region, batch, file, seq, 2, CASE WHEN seq % 100 = 0 THEN 2 ELSE 1 END, '', '', account FROM payment WHERE batch = $1`, m)
}

// The benchmark's months can be filled for its default of a million people, which CI's
// smaller run does not show.
func TestYearOfTheMillionthPerson(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	fillMonth(d.Desk, 1, 999_991, 1_000_000)
	if n := d.Number(`SELECT count(*) FROM payment_result WHERE batch = 1`); n != 11 {
		t.Errorf("%d answers, want 11: ten people, one of them with two payments", n)
	}
}
