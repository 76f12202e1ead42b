package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
)

const (
	copyRowsIn  = "COPY r (a, b, c, d, e) FROM STDIN (FORMAT binary)"
	copyRowsOut = "COPY (SELECT a, b, c, d, e FROM r ORDER BY n) TO STDOUT (FORMAT binary)"
)

// row has every type the program copies.
type row struct {
	A int16
	B int32
	C int64
	D string
	E month.Date
}

func (r row) encode(w *postgres.RowWriter) {
	w.Row(5)
	w.Int16(r.A)
	w.Int32(r.B)
	w.Int64(r.C)
	w.Text(r.D)
	w.Date(r.E)
}

func decode(r *postgres.RowReader) row {
	return row{r.Int16(0), r.Int32(1), r.Int64(2), r.Text(3), r.Date(4)}
}

func rowsTable(t testing.TB) *postgres.DB {
	t.Helper()
	address := pgtest.Empty(t)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `
		CREATE TABLE r (n serial, a smallint, b integer, c bigint, d text, e date);
		GRANT ALL ON r, r_n_seq TO PUBLIC`)
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

var anyRow = rapid.Custom(func(t *rapid.T) row {
	return row{
		A: rapid.Int16().Draw(t, "a"), B: rapid.Int32().Draw(t, "b"), C: rapid.Int64().Draw(t, "c"),
		D: strings.ReplaceAll(rapid.String().Draw(t, "d"), "\x00", ""),
		E: month.Date(rapid.Int32Range(0, int32(month.DateOf(9999, 12, 31))).Draw(t, "e")),
	}
})

// What is written comes back, and PostgreSQL itself understands it the same way.
func TestCopyRoundTrip(t *testing.T) {
	t.Parallel()
	db := rowsTable(t)
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(anyRow, 0, 20).Draw(rt, "rows")
		var got []row
		var texts []string
		err := db.InTx(ctx, func(tx pgx.Tx) error {
			got, texts = nil, nil
			if _, err := tx.Exec(ctx, "DELETE FROM r"); err != nil {
				return err
			}
			var w postgres.RowWriter
			for _, r := range want {
				r.encode(&w)
			}
			n, err := postgres.CopyIn(ctx, tx.Conn().PgConn(), copyRowsIn, bytes.NewReader(w.Encoded()))
			if err != nil || n != int64(len(want)) {
				return fmt.Errorf("copied %d of %d: %w", n, len(want), err)
			}
			err = postgres.CopyOut(ctx, tx.Conn().PgConn(), copyRowsOut, func(r *postgres.RowReader) error {
				for r.Next() {
					got = append(got, decode(r))
				}
				return r.Err()
			})
			if err != nil {
				return err
			}
			rows, err := tx.Query(ctx, `SELECT concat_ws('|', a, b, c, d, coalesce(to_char(e, 'YYYY-MM-DD'), '')) FROM r ORDER BY n`)
			if err != nil {
				return err
			}
			texts, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatal(diff)
		}
		for i, r := range want {
			if w := fmt.Sprintf("%d|%d|%d|%s|%s", r.A, r.B, r.C, r.D, r.E); texts[i] != w {
				rt.Fatalf("PostgreSQL has %q for %q", texts[i], w)
			}
		}
	})
}

func TestCopyNullsAndMonths(t *testing.T) {
	t.Parallel()
	db := rowsTable(t)
	ctx := t.Context()
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		var w postgres.RowWriter
		w.Row(5)
		for range 5 {
			w.Null()
		}
		w.Row(5)
		w.Null()
		w.Null()
		w.Null()
		w.Bytes([]byte("岁"))
		w.Month(month.Of(2026, 11))
		if _, err := postgres.CopyIn(ctx, tx.Conn().PgConn(), copyRowsIn, bytes.NewReader(w.Encoded())); err != nil {
			return err
		}
		return postgres.CopyOut(ctx, tx.Conn().PgConn(), copyRowsOut, func(r *postgres.RowReader) error {
			if !r.Next() {
				return r.Err()
			}
			for i := range r.Len() {
				if !r.Null(i) || r.Bytes(i) != nil {
					t.Errorf("field %d is not NULL", i)
				}
			}
			if got := decode(r); got != (row{}) || r.Month(4) != 0 {
				t.Errorf("NULLs read as %v", got)
			}
			if !r.Next() {
				return r.Err()
			}
			if got := r.Month(4); got != month.Of(2026, 11) || string(r.Bytes(3)) != "岁" || r.Null(3) {
				t.Errorf("month %s, text %q", got, r.Bytes(3))
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Many rows from a goroutine, larger than every buffer in between; the
// connection goes on afterwards, also when the reader leaves rows unread.
func TestCopyManyRows(t *testing.T) {
	t.Parallel()
	db := rowsTable(t)
	ctx := t.Context()
	const rows = 60000
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		conn := tx.Conn().PgConn()
		n, err := postgres.CopyInFunc(ctx, conn, copyRowsIn, func(out io.Writer) error { return writeRows(out, rows) })
		if err != nil || n != rows {
			return fmt.Errorf("copied %d: %w", n, err)
		}
		var sum, count int64
		err = postgres.CopyOut(ctx, conn, copyRowsOut, func(r *postgres.RowReader) error {
			for r.Next() {
				sum += r.Int64(2)
				count++
				if want := strings.Repeat("数", int(r.Int64(2))%200); r.Text(3) != want {
					t.Fatalf("row %d has %q", count, r.Text(3))
				}
			}
			return r.Err()
		})
		if err != nil {
			return err
		}
		if count != rows || sum != rows*(rows-1)/2 {
			t.Errorf("%d rows with sum %d", count, sum)
		}
		err = postgres.CopyOut(ctx, conn, copyRowsOut, func(r *postgres.RowReader) error {
			r.Next()
			return nil
		})
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT count(*) FROM r").Scan(&count)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func writeRows(out io.Writer, rows int) error {
	var w postgres.RowWriter
	for i := range rows {
		row{C: int64(i), D: strings.Repeat("数", i%200)}.encode(&w)
		if w.Len() > 64<<10 || i == rows-1 {
			if _, err := out.Write(w.Encoded()); err != nil {
				return err
			}
			w.Reset()
		}
	}
	return nil
}

func TestCopyFails(t *testing.T) {
	t.Parallel()
	db := rowsTable(t)
	ctx := t.Context()
	mine := errors.New("mine")
	in := func(sql string, fill func(io.Writer) error) error {
		return db.InTx(ctx, func(tx pgx.Tx) error {
			_, err := postgres.CopyInFunc(ctx, tx.Conn().PgConn(), sql, fill)
			return err
		})
	}
	out := func(ctx context.Context, sql string, read func(*postgres.RowReader) error) error {
		return db.Read(ctx, func(tx pgx.Tx) error {
			return postgres.CopyOut(ctx, tx.Conn().PgConn(), sql, read)
		})
	}
	all := func(r *postgres.RowReader) error {
		for r.Next() {
			continue
		}
		return r.Err()
	}
	if err := in(copyRowsIn, func(w io.Writer) error { return errors.Join(writeRows(w, 10), mine) }); !errors.Is(err, mine) {
		t.Errorf("source fails: %v", err)
	}
	// The server refuses at the first row; the writing side has much more to say.
	if err := in("COPY r (a) FROM STDIN (FORMAT binary)", func(w io.Writer) error { return writeRows(w, 1000000) }); postgres.SQLState(err) != "22P04" {
		t.Errorf("server refuses: %v", err)
	}
	if err := in(copyRowsIn, func(w io.Writer) error { _, err := w.Write([]byte{0, 6, 0}); return err }); postgres.SQLState(err) != "22P04" {
		t.Errorf("cut row: %v", err)
	}
	if err := in("COPY nowhere FROM STDIN (FORMAT binary)", func(io.Writer) error { return nil }); postgres.SQLState(err) != "42P01" {
		t.Errorf("no table: %v", err)
	}
	many := "COPY (SELECT i::bigint FROM generate_series(1, 10000000) AS i) TO STDOUT (FORMAT binary)"
	if err := out(ctx, many, func(r *postgres.RowReader) error { r.Next(); return mine }); !errors.Is(err, mine) {
		t.Errorf("reader stops: %v", err)
	}
	broken := "COPY (SELECT 1 / (i - 50000) FROM generate_series(1, 100000) AS i) TO STDOUT (FORMAT binary)"
	if err := out(ctx, broken, all); postgres.SQLState(err) != "22012" {
		t.Errorf("server fails half-way: %v", err)
	}
	if err := out(ctx, broken, func(r *postgres.RowReader) error { r.Next(); return nil }); postgres.SQLState(err) != "22012" {
		t.Errorf("server fails after the reader was content: %v", err)
	}
	asText := "COPY (SELECT 1) TO STDOUT"
	if err := out(ctx, asText, all); err == nil {
		t.Error("a text COPY was read as a binary one")
	}
	cancelled, cancel := context.WithCancel(ctx)
	err := out(cancelled, many, func(r *postgres.RowReader) error { cancel(); return all(r) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// None of this spoilt the pool.
	if err := in(copyRowsIn, func(w io.Writer) error { return writeRows(w, 10) }); err != nil {
		t.Error(err)
	}
}

// Two streams on two connections, merged by key.
func TestCopyOutNested(t *testing.T) {
	t.Parallel()
	db := rowsTable(t)
	ctx := t.Context()
	stream := func(step int, read func(*postgres.RowReader) error) error {
		return db.Read(ctx, func(tx pgx.Tx) error {
			return postgres.CopyOut(ctx, tx.Conn().PgConn(),
				fmt.Sprintf("COPY (SELECT i FROM generate_series(0, 90000, %d) AS i) TO STDOUT (FORMAT binary)", step), read)
		})
	}
	common := 0
	err := stream(2, func(a *postgres.RowReader) error {
		return stream(3, func(b *postgres.RowReader) error {
			more := b.Next()
			for a.Next() {
				for more && b.Int32(0) < a.Int32(0) {
					more = b.Next()
				}
				if more && b.Int32(0) == a.Int32(0) {
					common++
				}
			}
			return errors.Join(a.Err(), b.Err())
		})
	})
	if err != nil || common != 15001 {
		t.Errorf("%d in common, %v", common, err)
	}
}
