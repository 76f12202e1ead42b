package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"disburse/internal/money"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// condition is an SQL condition on the column person. It is text, as COPY takes no
// parameters; it is built of numbers only, so it cannot be injected into.
type condition string

// Between selects the person numbers lo ≤ number < hi.
func Between(lo, hi int64) condition {
	return condition(fmt.Sprintf("person >= %d AND person < %d", lo, hi))
}

// Among selects the person numbers given in ascending order. The additional range makes the
// planner use the index even without statistics, as just after a first import.
func Among(numbers []int64) condition {
	if len(numbers) == 0 {
		return "false"
	}
	lo, hi := numbers[0], numbers[len(numbers)-1]
	if hi-lo == int64(len(numbers)-1) {
		return Between(lo, hi+1)
	}
	list := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		list = append(strconv.AppendInt(list, n, 10), ',')
	}
	return Between(lo, hi+1) + condition(" AND person = ANY ('{"+string(list[:len(list)-1])+"}'::bigint[])")
}

// PersonColumns are the columns of person in the order in which WritePerson writes them.
const PersonColumns = `person, rev, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
	bank, account, holder, deputy, deputy_relation, deputy_reason`

// EachPersonRow calls fn with every row of the selected people up to the scope's revision, by
// person number and revision: the last row of a person is the current one. fn may keep it.
func EachPersonRow(ctx context.Context, scope postgres.Scope, who condition, fn func(roster.Person) error) error {
	sql := fmt.Sprintf(`COPY (SELECT %s FROM person WHERE region = %d AND rev <= %d AND %s ORDER BY person, rev)
		TO STDOUT (FORMAT binary)`, PersonColumns, scope.Region, scope.Rev, who)
	words := intern{}
	return postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			p := roster.Person{Number: r.Int64(0), Rev: r.Int64(1), ID: r.Text(2), Name: r.Text(3),
				Street: words.text(r.Bytes(4)), Community: words.text(r.Bytes(5)), Address: r.Text(6), Phone: r.Text(7),
				Birth: r.Date(8), MovedIn: r.Date(9), MovedOut: r.Date(10), Died: r.Date(11),
				Account: roster.Account{Bank: words.text(r.Bytes(12)), Number: r.Text(13), Holder: r.Text(14)},
				Deputy:  roster.Deputy{Name: r.Text(15), Relation: words.text(r.Bytes(16)), Reason: words.text(r.Bytes(17))}}
			if err := fn(p); err != nil {
				return err
			}
		}
		return r.Err()
	})
}

// WritePerson encodes a row for COPY person (region, PersonColumns).
func WritePerson(w *postgres.RowWriter, region int32, p *roster.Person) {
	w.Row(19)
	w.Int32(region)
	w.Int64(p.Number)
	w.Int64(p.Rev)
	for _, s := range [...]string{p.ID, p.Name, p.Street, p.Community, p.Address, p.Phone} {
		w.Text(s)
	}
	w.Date(p.Birth)
	w.Date(p.MovedIn)
	w.Date(p.MovedOut)
	w.Date(p.Died)
	for _, s := range [...]string{p.Account.Bank, p.Account.Number, p.Account.Holder, p.Deputy.Name, p.Deputy.Relation, p.Deputy.Reason} {
		w.Text(s)
	}
}

// History is all records of one fact, or of the 核定金额 of one item, of one person, which a
// revision replaces as a whole. No records: there are none.
type History[R comparable] struct {
	Person  int64
	Name    string // of the fact, or the item's code
	Records []R
}

// HistoryTable maps a table of histories: how its rows are read, written and compared.
type HistoryTable[R comparable] struct {
	Table   string
	Name    string // the column of History.Name
	columns string // of a record, after region, person, name, rev, n
	width   int    // number of columns
	read    func(r *postgres.RowReader, at int, words intern) R
	write   func(w *postgres.RowWriter, record R)
	none    R                                        // for the placeholder row (n = 0), which says that there are no records
	bare    func(record R) R                         // without name and revision, for comparing
	dated   func(record R, name string, rev int64) R // with name and revision
}

// Facts maps the table of facts (情况).
var Facts = HistoryTable[roster.Fact]{
	Table: "fact", Name: "fact", columns: "since, until, value, basis", width: 4,
	read: func(r *postgres.RowReader, at int, words intern) roster.Fact {
		return roster.Fact{Since: r.Date(at), Until: r.Date(at + 1), Value: words.text(r.Bytes(at + 2)), Basis: words.text(r.Bytes(at + 3))}
	},
	write: func(w *postgres.RowWriter, f roster.Fact) {
		w.Date(f.Since)
		w.Date(f.Until)
		w.Text(f.Value)
		w.Text(f.Basis)
	},
	bare:  func(f roster.Fact) roster.Fact { f.Name, f.Rev = "", 0; return f },
	dated: func(f roster.Fact, name string, rev int64) roster.Fact { f.Name, f.Rev = name, rev; return f },
}

// Awards maps the table of awards (核定金额).
var Awards = HistoryTable[roster.Award]{
	Table: "award", Name: "item", columns: "amount, first_month, last_month, payee, basis", width: 5,
	read: func(r *postgres.RowReader, at int, words intern) roster.Award {
		return roster.Award{Amount: money.Fen(r.Int64(at)), First: r.Month(at + 1), Last: r.Month(at + 2),
			Payee: words.text(r.Bytes(at + 3)), Basis: words.text(r.Bytes(at + 4))}
	},
	write: func(w *postgres.RowWriter, a roster.Award) {
		w.Int64(int64(a.Amount))
		w.Month(a.First)
		w.Month(a.Last)
		w.Text(a.Payee)
		w.Text(a.Basis)
	},
	bare:  func(a roster.Award) roster.Award { a.Item, a.Rev = "", 0; return a },
	dated: func(a roster.Award, item string, rev int64) roster.Award { a.Item, a.Rev = item, rev; return a },
}

// Each calls fn with the histories of the selected people as of the scope's revision, by
// person number and name. The records are valid until fn returns.
func (s *HistoryTable[R]) Each(ctx context.Context, scope postgres.Scope, who condition, fn func(History[R]) error) error {
	sql := fmt.Sprintf(`COPY (SELECT person, %[2]s, rev, n, %[3]s FROM %[1]s
		WHERE region = %[4]d AND rev <= %[5]d AND %[6]s ORDER BY person, %[2]s, rev, n)
		TO STDOUT (FORMAT binary)`, s.Table, s.Name, s.columns, scope.Region, scope.Rev, who)
	words := intern{}
	return postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		var h History[R]
		last := int64(0) // the revision of h.records
		for r.Next() {
			person, name, rev := r.Int64(0), words.text(r.Bytes(1)), r.Int64(2)
			if last > 0 && (person != h.Person || name != h.Name) {
				if err := fn(h); err != nil {
					return err
				}
				last = 0
			}
			if rev != last {
				h, last = History[R]{person, name, h.Records[:0]}, rev
			}
			if r.Int16(3) > 0 {
				h.Records = append(h.Records, s.dated(s.read(r, 4, words), name, rev))
			}
		}
		if err := r.Err(); err != nil {
			return err
		}
		if last == 0 {
			return nil
		}
		return fn(h)
	})
}

// Encode writes the rows of h at revision rev; without records, a placeholder row.
func (s *HistoryTable[R]) Encode(w *postgres.RowWriter, region int32, rev int64, h *History[R]) {
	row := func(n int, record R) {
		w.Row(5 + s.width)
		w.Int32(region)
		w.Int64(h.Person)
		w.Text(h.Name)
		w.Int64(rev)
		w.Int16(int16(n))
		s.write(w, record)
	}
	if len(h.Records) == 0 {
		row(0, s.none)
	}
	for i, record := range h.Records {
		row(i+1, record)
	}
}

// CopyIn returns the COPY statement for rows that Encode writes.
func (s *HistoryTable[R]) CopyIn() string {
	return fmt.Sprintf("COPY %s (region, person, %s, rev, n, %s) FROM STDIN (FORMAT binary)", s.Table, s.Name, s.columns)
}

// Same reports whether two histories have equal records, whatever their revisions.
func (s *HistoryTable[R]) Same(a, b []R) bool {
	return slices.EqualFunc(a, b, func(x, y R) bool { return s.bare(x) == s.bare(y) })
}

// intern deduplicates repeated strings, such as names of streets: it saves one allocation
// per row and field over a whole district.
type intern map[string]string

const maxInterned = 1 << 12

func (words intern) text(b []byte) string {
	if s, ok := words[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(words) < maxInterned {
		words[s] = s
	}
	return s
}
