package bankfiles

import (
	"context"
	"fmt"

	"disburse/internal/approval"
	"disburse/internal/bank/field"
	"disburse/internal/bank/shape"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// Parts reads the payments of one file and divides them among the files on disk
// that the bank's shape makes of it. It fails when rows and amount are not those of
// the approval. What the payments come to by fund is added to paid.
func Parts(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, f *approval.PaymentFile, paid *payrun.Funds) (*shape.Shape, []shape.Part, error) {
	pays := make([]field.Payment, 0, f.Rows)
	sum := money.Fen(0)
	err := src.Payments(ctx, f.Number, func(p *approval.Payment) error {
		if len(pays)&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if p.Seq != len(pays)+1 || p.Amount <= 0 {
			return fmt.Errorf("file %s: payment %d is number %d of %s", f.Number, len(pays)+1, p.Seq, p.Amount)
		}
		sum = sum.Add(p.Amount)
		paid.Line(cat.Funds[p.Item], cat.Funds[p.Item], p.Amount)
		pays = append(pays, payment(cat, p))
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(pays) != f.Rows {
		return nil, nil, control.Disagree("银行文件 "+f.Number+" 付款笔数", len(pays), f.Rows)
	}
	if sum != f.Amount {
		return nil, nil, control.Disagree("银行文件 "+f.Number+" 金额（元）", sum, f.Amount)
	}
	s := shape.Of(is.Pack, f.Bank)
	return s, s.Parts(field.Head{
		Number: f.Number, Region: is.Pack.Region.Value, Bureau: is.Batch.Bureau, Month: is.Batch.Month, Date: is.Date(),
	}, pays), nil
}

// payment adds what the pack knows to a payment.
func payment(cat *source.Catalogue, p *approval.Payment) field.Payment {
	pay := field.Payment{Seq: p.Seq, Amount: p.Amount, ID: p.ID, Item: p.Item, ItemName: cat.PaidAs(p.Item), Account: p.Account}
	if b := cat.File.BankOf(p.Account.Bank); b != nil {
		pay.Code = b.Code.Value
	}
	return pay
}

// Book makes a workbook that a bank loads: nothing but the shape's records on one
// sheet, which is named after the file's number.
func Book(is *source.Issue, cat *source.Catalogue, number string, s *shape.Shape, part *shape.Part, dir string) (*workbook.Book, error) {
	p, err := sheet.NewPaper(is, cat, dir, "代发 "+number)
	if err != nil {
		return nil, err
	}
	if err := fillSheet(p, number, s, part); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p.Book, nil
}

// fillSheet writes the records. Amounts have no separators: machines read them.
func fillSheet(p *sheet.Paper, number string, s *shape.Shape, part *shape.Part) error {
	amount, err := p.Style(workbook.Look{Size: 10, Format: workbook.Plain, Align: "right", Indent: 1, Border: true})
	if err != nil {
		return err
	}
	var rows *workbook.Sheet
	layout := workbook.Layout{Landscape: true, Footer: p.Issue.Batch.Bureau + "　" + number}
	for _, width := range part.Widths() {
		layout.Widths = append(layout.Widths, columnWidth(width))
	}
	row := 0
	return part.Each(func(kind shape.Kind, values []field.Value) error {
		row++
		if rows == nil {
			if s.Headed() {
				head := row
				if kind == shape.Header {
					head++
				}
				layout.Frozen, layout.Repeat = head, [2]int{1, head}
			}
			rows = p.Sheet(number, layout)
		}
		if kind == shape.Heading {
			rows.Row(22)
		} else {
			rows.Row(0)
		}
		for i := range values {
			writeCell(p, rows, kind, &values[i], s.InFen(), amount)
		}
		return rows.Err()
	})
}

// columnWidth is a column's width in characters.
func columnWidth(width int) float64 {
	if width == 0 {
		return 18
	}
	return float64(width)
}

func writeCell(p *sheet.Paper, s *workbook.Sheet, kind shape.Kind, v *field.Value, inFen bool, amount workbook.Style) {
	st := &p.Styles
	switch {
	case kind == shape.Heading:
		s.Text(st.Head, v.Text)
	case v.Kind == field.Amount && inFen:
		s.Int(st.Count, int(v.Amount))
	case v.Kind == field.Amount:
		s.Amount(amount, v.Amount)
	case v.Kind == field.Count:
		s.Int(st.Count, v.Number)
	case v.Kind == field.Digits:
		s.Text(st.ID, v.Text)
	case v.Text == "" && kind != shape.Row:
		s.Blank(st.Text, 1)
	default:
		s.Text(st.Text, v.Text)
	}
}
