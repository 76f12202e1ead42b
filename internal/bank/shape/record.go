package shape

import (
	"strconv"

	"disburse/internal/bank/field"
	"disburse/internal/money"
)

// Kind says what a record is.
type Kind int

// The kinds of records.
const (
	Header Kind = iota
	Heading
	Row
	Trailer
)

// Each hands over the part's records in their order; values is used again for the next.
func (p *Part) Each(fn func(kind Kind, values []field.Value) error) error {
	var values []field.Value
	fill := func(columns []column, d *field.Data) []field.Value {
		values = values[:0]
		for i := range columns {
			values = append(values, p.shape.value(&columns[i], d))
		}
		return values
	}
	d := &field.Data{Head: &p.head, Rows: p.Rows, Sum: p.Amount, Memo: p.shape.def.MemoOf}
	if len(p.shape.header) > 0 {
		if err := fn(Header, fill(p.shape.header, d)); err != nil {
			return err
		}
	}
	if p.shape.Headed() {
		for i := range p.columns {
			values = append(values[:i], field.Value{Text: p.shape.mapped(p.columns[i].Title())})
		}
		if err := fn(Heading, values); err != nil {
			return err
		}
	}
	for i := range p.payments {
		d.Payment = &p.payments[i]
		if err := fn(Row, fill(p.columns, d)); err != nil {
			return err
		}
	}
	if len(p.trailer) > 0 {
		return fn(Trailer, fill(p.trailer, d))
	}
	return nil
}

// value fills one column of one record, with its characters mapped. Figures are not
// mapped: a map that changed a digit would change what is paid.
func (s *Shape) value(c *column, d *field.Data) field.Value {
	v := field.Value{Text: c.Text.Value}
	if c.field != nil {
		v = c.field.Value(d)
	}
	switch v.Kind {
	case field.Amount:
		v.Text = s.amount(v.Amount)
	case field.Count:
	default:
		v.Text = s.mapped(v.Text)
	}
	return v
}

// InFen reports whether amounts are whole numbers of 分.
func (s *Shape) InFen() bool { return s.def.Amount.Value == "分" }

func (s *Shape) amount(a money.Fen) string {
	if s.InFen() {
		return strconv.FormatInt(int64(a), 10)
	}
	return a.String()
}

// Headed reports whether a row of headings stands before the payments.
func (s *Shape) Headed() bool { return s.def.Heading.Value }
