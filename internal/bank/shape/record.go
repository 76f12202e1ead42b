package shape

import (
	"strconv"

	"disburse/internal/money"
	"disburse/internal/policy"
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

// Cell is one cell of a record, with its characters mapped.
type Cell struct {
	Field  string    // empty: fixed words, or an empty cell
	Text   string    // of every cell: as it stands in a text file, before padding
	Amount money.Fen // of 金额 and 总金额
	Number int       // of 序号 and 笔数
}

// Each hands over the part's records in their order; cells is used again for the next.
func (p *Part) Each(fn func(kind Kind, cells []Cell) error) error {
	var cells []Cell
	if len(p.shape.def.Header) > 0 {
		if err := fn(Header, p.totals(p.shape.def.Header)); err != nil {
			return err
		}
	}
	if p.shape.def.Heading.Value {
		for i := range p.columns {
			cells = append(cells, Cell{Text: p.shape.mapped(p.columns[i].Title())})
		}
		if err := fn(Heading, cells); err != nil {
			return err
		}
	}
	for i := range p.payments {
		cells = cells[:0]
		for j := range p.columns {
			cells = append(cells, p.cell(&p.columns[j], &p.payments[i]))
		}
		if err := fn(Row, cells); err != nil {
			return err
		}
	}
	if len(p.trailer) > 0 {
		return fn(Trailer, p.totals(p.trailer))
	}
	return nil
}

// cell fills one column of one payment.
func (p *Part) cell(col *policy.Cell, pay *Payment) Cell {
	c := Cell{Field: col.Field.Value}
	switch c.Field {
	case "序号":
		c.Number, c.Text = pay.Seq, strconv.Itoa(pay.Seq)
	case "金额":
		c.Amount, c.Text = pay.Amount, p.shape.amount(pay.Amount)
	case "户名":
		c.Text = pay.Account.Holder
	case "账号":
		c.Text = pay.Account.Number
	case "开户行":
		c.Text = pay.Account.Bank
	case "联行号":
		c.Text = pay.Code
	case "证件号码":
		c.Text = pay.ID
	case "摘要":
		c.Text = p.shape.def.MemoOf(pay.Item, pay.ItemName, p.head.Month)
	case "项目":
		c.Text = pay.ItemName
	default:
		c.Text = p.shared(col)
	}
	c.Text = p.shape.mapped(c.Text)
	return c
}

// shared is what a field says that is the same in the whole file.
func (p *Part) shared(col *policy.Cell) string {
	switch col.Field.Value {
	case "文件号":
		return p.head.Number
	case "日期":
		return compact(p.head.Date)
	case "月份":
		return p.head.Month.Compact()
	case "单位":
		return p.head.Bureau
	case "区划":
		return p.head.Region
	}
	return col.Text.Value
}

// totals fills a header or trailer record.
func (p *Part) totals(record []policy.Cell) []Cell {
	cells := make([]Cell, len(record))
	for i := range record {
		c := Cell{Field: record[i].Field.Value}
		switch c.Field {
		case "笔数":
			c.Number, c.Text = p.Rows, strconv.Itoa(p.Rows)
		case "总金额":
			c.Amount, c.Text = p.Amount, p.shape.amount(p.Amount)
		default:
			c.Text = p.shape.mapped(p.shared(&record[i]))
		}
		cells[i] = c
	}
	return cells
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
